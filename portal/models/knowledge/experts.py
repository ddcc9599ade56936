"""Whom to ask: the people who know a field, in the order of RULES 4.5 as far as it can be told today."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import reduce
from typing import Any

from peewee import Case, ModelSelect, Value, fn

from portal import clock
from portal.i18n import Phrase
from portal.models.company.topics import Topic
from portal.models.expertise.expertise import KINDS, Expertise, best_proved, expertise, faded_in_steps
from portal.models.knowledge.articles import Article, ArticleTopic
from portal.models.knowledge.questions import Answer, BestAnswer, Question
from portal.models.knowledge.yellow_pages import entries
from portal.models.people.people import Person, Role, RoleGrant

ASKED = 3
"""So many are named (RULES 4.5)."""
ANSWER = 2.0
"""What any answer in the field counts beside the evidence."""
HALF_LIFE = timedelta(days=90)
"""Of an answer and of activity."""
LONG_AGO = 8 * HALF_LIFE
"""What is older than this counts less than a two hundredth."""
EVIDENCE, ANSWERS, ALIKE = range(3)
"""The measures of who may be asked, as they are read together."""
CONSIDERED = 50
"""So many of each measure are looked at more closely."""
MOST_ANSWERS = 5_000
"""So many answers of a field are summed up, the newest: a search waits for it."""


@dataclass
class Knower:
    """Someone who may be asked, and why: what they proved to know and what they answered of the kind."""

    person: Person
    known: list[Expertise] = field(default_factory=list)
    answered: list[int] = field(default_factory=list)
    """Ids of questions like the one asked that they answered."""
    is_known: bool = True
    """Whether they proved or answered anything of the kind, and are not named for want of others."""

    @property
    def evidence(self) -> list[tuple[Phrase, int]]:
        """The kinds of evidence with how many of each; which reviews somebody gave is told to nobody."""
        told = {piece.id: piece.kind_of for one in self.known for piece in one.told}
        counted = Counter(told.values())
        return [(KINDS[kind], counted[kind]) for kind in KINDS if counted[kind] and kind != "wrong answer"]


def whom_to_ask(
    topics: Collection[int],
    *,
    like: Sequence[int] = (),
    but: Person | None = None,
    without: Collection[int] = (),
    size: int = ASKED,
) -> list[Knower]:
    """Those who know these topics or answered questions `like` the one asked (ids, the likest first), best
    first; `but` is who asks, `without` are ids of those asked already. R = Ê + L + A (RULES 4.5): everyone
    here counts as available and as speaking the asker's language, and nobody as having questions open.

    So many are always named where so many are here who may answer: where too few are known for it, those
    who lately wrote in the field, then who proved something in the topics above, then the most active.
    """
    at, below = clock.now(), sorted(Topic.with_descendants(topics))
    left_out = {*without, *([but.id] if but is not None else [])}
    present = _may_answer(left_out)
    proved, known = defaultdict[int, float](float), defaultdict[int, list[Expertise]](list)
    alike, answered = defaultdict[int, float](float), defaultdict[int, list[int]](list)
    asked = set[int]()
    for measure, person, value, question in _measured(below, list(like), present, at):
        if measure == EVIDENCE:
            asked.add(person)
        elif measure == ANSWERS:
            proved[person] += ANSWER * value
        else:
            alike[person] += value / (1 + like.index(question))
            answered[person].append(question)
    asked |= {*_best(proved), *_best(alike)}
    evidence = defaultdict[int, float](float)
    for one in expertise(people=sorted(asked), topics=below, here=True) if below and asked else ():
        known[one.person_id].append(one)
        evidence[one.person_id] += one.score if one.topic_id in topics else 0.0
    for person, score in evidence.items():
        proved[person] += max(score, 0.0)
    asked = {person for person in asked if proved[person] > 0 or person in alike}
    here = {person.id: person for person in _here(asked, at)}
    activity = {ident: each.answering + each.publishing for ident, each in here.items()}
    worth = _together(here, proved, alike, activity)
    first = sorted(worth, key=lambda person: (-worth[person], person))[:size]
    found = [Knower(here[who], known[who], answered[who]) for who in first]
    if len(found) < size:
        found += _others(topics, below, left_out | set(first), at, size - len(found))
    return found


def _may_answer(left_out: Collection[int]) -> Any:
    """The condition on people: here, no auditor (they stay out of it), and none of these."""
    auditors = RoleGrant.select(RoleGrant.person).where(RoleGrant.role == Role.AUDITOR)
    may = Person.deactivated_at.is_null() & Person.id.not_in(auditors)
    return may & Person.id.not_in(sorted(left_out)) if left_out else may


def _others(
    topics: Collection[int], below: list[int], left_out: set[int], at: datetime, size: int
) -> list[Knower]:
    """So many more, of whom nothing is known in the field: who wrote in it lately, who proved something in
    the topics above it, who is active at all, who is here. The database is asked once for all of them.
    """
    present = _may_answer(left_out)
    above = sorted(Topic.with_ancestors(topics) - set(below))
    filed = ArticleTopic.select(ArticleTopic.article).where(ArticleTopic.topic.in_(below))
    published = (Article.state == "published") & present
    measures = [
        _most(Article, Article.published_at, published & Article.id.in_(filed), at, size),
        best_proved(above, present, at, size=size) if above else None,
        _most(Answer, Answer.created_at, present, at, size),
        _most(Article, Article.published_at, published, at, size),
        _being_here(present, 5 * size),
    ]
    parts: list[Any] = [
        Person.select(Value(n), query.c.who, query.c.total).from_(query)
        for n, query in enumerate(
            each.alias(f"most_{n}") for n, each in enumerate(measures) if each is not None
        )
    ]
    rows: Any = reduce(lambda some, more: some.union_all(more), parts).tuples()
    first = sorted(rows, key=lambda row: (row[0], -row[2], row[1]))
    chosen = list(dict.fromkeys(who for _, who, _ in first))[:size]
    people = {person.id: person for person in entries().where(Person.id.in_(chosen))}
    return [Knower(people[who], is_known=False) for who in chosen]


def _most(written: Any, since: Any, among: Any, at: datetime, size: int) -> Any:
    """Whose newest writings of a kind come to most, each fading by half in 90 days; `among` is a condition on
    them and on their authors.
    """
    newest = (
        written.select(written.author.alias("who"), since.alias("at"))
        .join(Person, on=written.author)
        .where(among & (since > at - LONG_AGO))
        .order_by(since.desc())
        .limit(MOST_ANSWERS)
        .alias("newest")
    )
    total: Any = fn.SUM(_fading(newest.c.at, at))
    rows = written.select(newest.c.who.alias("who"), total.alias("total")).from_(newest)
    return rows.group_by(newest.c.who).order_by(total.desc(), newest.c.who).limit(size)


def _being_here(present: Any, size: int) -> Any:
    """Anyone, the longest known first."""
    who = Person.select(Person.id.alias("who"), Value(0.0).alias("total"))
    return who.where(present).order_by(Person.id).limit(size)


def _best(measure: Mapping[int, float]) -> list[int]:
    """Those of whom a measure says most: whoever comes behind so many is not among the three."""
    return sorted(measure, key=lambda person: (-measure[person], person))[:CONSIDERED]


def _measured(
    topics: list[int], like: list[int], present: Any, at: datetime
) -> Iterable[tuple[int, int, float, int]]:
    """Which measure, whose, how much, and of which question: the database is asked once for all three."""
    parts: list[Any] = []
    if topics:
        proved = best_proved(topics, present, at, size=CONSIDERED).alias("proved")
        parts.append(Answer.select(Value(EVIDENCE), proved.c.who, proved.c.total, Value(0)).from_(proved))
        field = _answers_of_field(topics, present, at).alias("field")
        parts.append(Answer.select(Value(ANSWERS), field.c.who, field.c.total, Value(0)).from_(field))
    if like:
        alike = _answers_alike(like, present).alias("alike")
        parts.append(Answer.select(Value(ALIKE), alike.c.who, alike.c.vote, alike.c.question).from_(alike))
    return list(reduce(lambda some, more: some.union_all(more), parts).tuples()) if parts else []


def _answers_of_field(topics: list[int], present: Any, at: datetime) -> Any:
    """By author what the newest answers in the field come to, each fading by half in 90 days."""
    asked = Question.select(Question.id).where(Question.under(topics) & Question.archived_at.is_null())
    return _most(Answer, Answer.created_at, Answer.question.in_(asked) & present, at, CONSIDERED)


def _answers_alike(like: list[int], present: Any) -> ModelSelect[Answer]:
    """Who answered the like questions, each with a vote: two where it is the best answer."""
    chosen = fn.EXISTS(BestAnswer.select().where(BestAnswer.answer == Answer.id))
    vote = Case(None, [(chosen, 2.0)], 1.0).alias("vote")
    return (
        Answer.select(Answer.author.alias("who"), vote, Answer.question.alias("question"))
        .join(Question)
        .where(Question.id.in_(like) & Question.archived_at.is_null())
        .switch(Answer)
        .join(Person, on=Answer.author)
        .where(present)
        .order_by(Answer.id.desc())
        .limit(MOST_ANSWERS)
    )


def _fading(since: Any, at: datetime) -> Any:
    """What something counts by its age, in steps of 15 days: 1, and half of it after 90."""
    return faded_in_steps(since, at, HALF_LIFE, steps=LONG_AGO // HALF_LIFE * 6, each=HALF_LIFE / 6)


def _together(people: Iterable[int], *measures: Mapping[int, float]) -> dict[int, float]:
    """The sum of the measures for each of the people, each divided by its largest among them."""
    who = list(people)
    worth = dict.fromkeys(who, 0.0)
    for measure in measures:
        largest = max((measure.get(person, 0.0) for person in who), default=0.0)
        if largest > 0:
            for person in who:
                worth[person] += max(measure.get(person, 0.0), 0.0) / largest
    return worth


def _here(people: Collection[int], at: datetime) -> list[Any]:
    """These people, few, with what they lately answered and published, each fading by half in 90 days."""
    if not people:
        return []
    answers = Answer.select(fn.COALESCE(fn.SUM(_fading(Answer.created_at, at)), 0.0)).where(
        (Answer.author == Person.id) & (Answer.created_at > at - LONG_AGO)
    )
    articles = Article.select(fn.COALESCE(fn.SUM(_fading(Article.published_at, at)), 0.0)).where(
        (Article.author == Person.id)
        & (Article.state == "published")
        & (Article.published_at > at - LONG_AGO)
    )
    found = entries().where(Person.id.in_(sorted(people)))
    return list(found.select_extend(answers.alias("answering"), articles.alias("publishing")))


def most_telling(topics: Collection[int]) -> list[int]:
    """Of topics those below which none of the others lies: with a field and one in it the latter is meant."""
    parents = Topic.parents()
    above = set[int]()
    for topic in topics:
        up = parents.get(topic)
        while up is not None and up not in above:
            above.add(up)
            up = parents.get(up)
    return [topic for topic in topics if topic not in above]
