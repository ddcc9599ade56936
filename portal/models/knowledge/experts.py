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
from portal.models.expertise.expertise import (
    KINDS,
    Expertise,
    best_proved,
    expertise,
    faded_in_steps,
)
from portal.models.expertise.own_topics import OwnTopic, Sort
from portal.models.knowledge import precedence
from portal.models.knowledge.articles import Article, ArticleTopic
from portal.models.knowledge.asks import Ask
from portal.models.knowledge.precedence import INSTEAD, Precedence, compared
from portal.models.knowledge.questions import Answer, BestAnswer, Question, QuestionTopic
from portal.models.knowledge.words import AskState
from portal.models.knowledge.yellow_pages import entries
from portal.models.people.absences import Absence
from portal.models.people.people import Person, auditors, reviewers_of

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
IGNORED, IGNORED_SINCE = 3, timedelta(days=30)
"""Who left so many questions without a word in so long is half as available (RULES 4.5)."""
MOST_ANSWERS = 5_000
"""So many answers of a field are summed up, the newest: a search waits for it."""
OF_OTHERS = Question.asker != Answer.author
"""The condition on answers, with their questions, that they were given to somebody else (RULES 4.5)."""


@dataclass
class Knower:
    """Someone who may be asked, and why: what they proved to know and what they answered of the kind."""

    person: Person
    known: list[Expertise] = field(default_factory=list)
    answered: list[int] = field(default_factory=list)
    """Ids of questions like the one asked that they answered, the likest first."""
    precedence: Precedence | None = None
    """Why they come before others; None of whom is named for want of others."""
    instead: str = ""
    """Why they are named for want of others: a key of INSTEAD."""

    @property
    def is_known(self) -> bool:
        """Whether they proved or answered anything of the kind."""
        return self.precedence is not None

    @property
    def reason(self) -> Phrase:
        """Why they are named for want of others, in a sentence."""
        return INSTEAD[self.instead]

    @property
    def evidence(self) -> list[tuple[Phrase, int]]:
        """The kinds of evidence with how many of each; which reviews somebody gave is told to nobody."""
        counted = sum((one.pieces for one in self.known), Counter[str]())
        untold = ("wrong answer", "review done")
        return [(KINDS[kind], counted[kind]) for kind in KINDS if counted[kind] and kind not in untold]


def whom_to_ask(
    topics: Collection[int],
    *,
    like: Sequence[int] = (),
    but: Person | None = None,
    without: Collection[int] = (),
    size: int = ASKED,
    least: int | None = None,
    present: bool = True,
) -> list[Knower]:
    """Those who know these topics or answered questions `like` the one asked (ids, the likest first), best
    first; `but` is who asks, `without` are ids of those asked already. The order is R of RULES 4.5; who is
    away, or does not speak the language of who asks, has none; not `present`: those who are away too, for
    whom someone may stand in.

    `least`, as many as `size` unless said, are always named where so many are here who may answer: where too
    few are known for it, those who lately wrote in the field, then who proved something in the topics above
    or reviews them, then the most active, then anyone.
    """
    at, below = clock.now(), sorted(Topic.with_descendants(topics))
    left_out = {*without, *([but.id] if but is not None else [])}
    may = may_answer(left_out, topics, present=present)
    answering, known = defaultdict[int, float](float), defaultdict[int, list[Expertise]](list)
    alike, answered = defaultdict[int, float](float), defaultdict[int, list[int]](list)
    places = {question: place for place, question in enumerate(like, start=1)}
    asked = set[int]()
    for measure, person, value, question in _measured(below, list(like), may, at):
        if measure == EVIDENCE:
            asked.add(person)
        elif measure == ANSWERS:
            answering[person] = ANSWER * value
        else:
            alike[person] += value / places[question]
            answered[person].append(question)
    asked |= {*_best(answering), *_best(alike)}
    parts = {person: Counter({precedence.ANSWERS: answering[person]}) for person in asked}
    for one in expertise(people=sorted(asked), topics=below, here=True, at=at) if below and asked else ():
        known[one.person_id].append(one)
        if one.topic_id in topics:
            parts[one.person_id].update(precedence.parts_of(one))
    here = [each for each in _here(asked, at) if but is None or each.speaks(but.locale)]
    precedences = {
        person.id: Precedence.of(
            parts[person.id],
            alike=alike[person.id],
            active=person.answering + person.publishing,
            ignored=person.ignored,
            open_questions=person.open_questions,
            availability=precedence.HALF if person.ignored >= IGNORED else 1.0,
        )
        for person in here
    }
    people: dict[int, Person] = {person.id: person for person in here}
    precedences = compared(
        {who: each for who, each in precedences.items() if each.proved > 0 or each.alike > 0}
    )
    asked_lately = {person.id: person.asked_lately for person in here}
    first = sorted(precedences, key=lambda who: (*precedences[who].place, asked_lately[who], who))[:size]
    found = [
        Knower(people[who], known[who], sorted(set(answered[who]), key=places.__getitem__), precedences[who])
        for who in first
    ]
    least = size if least is None else least
    if len(found) < least:
        found += _others(topics, below, left_out | set(first), at, least - len(found))
    return found


def may_answer(left_out: Collection[int], topics: Collection[int], *, present: bool = True) -> Any:
    """The condition on people: here today, no auditor (they stay out of it), none of these, and nobody who
    hides all the topics asked for.
    """
    today = clock.today()
    days = (Absence.first_day <= today) & (Absence.last_day >= today)
    away = Absence.select(Absence.person).where(days)
    may = Person.deactivated_at.is_null() & Person.id.not_in(auditors())
    may = may & Person.id.not_in(away) if present else may
    if topics:
        hides = (OwnTopic.sort == Sort.HIDDEN) & OwnTopic.topic.in_(sorted(topics))
        hidden = OwnTopic.select(OwnTopic.person).where(hides).group_by(OwnTopic.person)
        may &= Person.id.not_in(hidden.having(fn.COUNT(OwnTopic.id) == len(set(topics))))
    return may & Person.id.not_in(sorted(left_out)) if left_out else may


def _others(
    topics: Collection[int], below: list[int], left_out: set[int], at: datetime, size: int
) -> list[Knower]:
    """So many more, of whom nothing is known in the field, in the order of INSTEAD: the database is asked
    once for all of them.
    """
    present = may_answer(left_out, topics)
    above = sorted(Topic.with_ancestors(topics) - set(below))
    filed = ArticleTopic.select(ArticleTopic.article).where(ArticleTopic.topic.in_(below))
    published = (Article.state == "published") & present
    in_field = published & Article.id.in_(filed) & _hides_none_of(below, Article.author)
    measures = {
        "wrote": _most(Article, Article.published_at, in_field, at, size),
        "above": best_proved(above, present, at, size=size) if above else None,
        "reviews": _reviewing(topics, present, size) if topics else None,
        "answers": _most(Answer, Answer.created_at, present, at, size),
        "writes": _most(Article, Article.published_at, published, at, size),
        "here": _least_asked(present, size * len(INSTEAD)),
    }
    parts: list[Any] = []
    for place, name in enumerate(INSTEAD):
        if (measure := measures[name]) is not None:
            each = measure.alias(name)
            parts.append(Person.select(Value(place), each.c.who, each.c.total).from_(each))
    rows: Any = reduce(lambda some, more: some.union_all(more), parts).tuples()
    why: dict[int, str] = {}
    for place, who, _ in sorted(rows, key=lambda row: (row[0], -row[2], row[1])):
        why.setdefault(who, list(INSTEAD)[place])
    chosen = list(why)[:size]
    people = {person.id: person for person in entries().where(Person.id.in_(chosen))}
    return [Knower(people[who], instead=why[who]) for who in chosen]


def _reviewing(topics: Collection[int], present: Any, size: int) -> Any:
    """Whoever reviews what is written of these topics."""
    who = reviewers_of(topics).select(Person.id.alias("who"), Value(0.0).alias("total"))
    return who.where(present).limit(size)


def _least_asked(present: Any, size: int) -> Any:
    """Anyone, those first whom the fewest questions wait for."""
    waiting = Ask.select(fn.COUNT(Ask.id)).where((Ask.person == Person.id) & (Ask.state == AskState.OPEN))
    who = Person.select(Person.id.alias("who"), (Value(0.0) - waiting).alias("total"))
    return who.where(present).order_by(waiting, Person.id).limit(size)


def _most(written: Any, since: Any, among: Any, at: datetime, size: int) -> Any:
    """Whose newest writings of a kind come to most, each fading by half in 90 days; `among` is a condition on
    them and on their authors. Whoever answers what they asked themselves shows nothing by it.
    """
    lately = written.select(written.author.alias("who"), since.alias("at")).join(Person, on=written.author)
    if written is Answer:
        lately = lately.join_from(Answer, Question).where(OF_OTHERS)
    newest = (
        lately.where(among & (since > at - LONG_AGO))
        .order_by(since.desc())
        .limit(MOST_ANSWERS)
        .alias("newest")
    )
    total: Any = fn.SUM(_fading(newest.c.at, at))
    rows = written.select(newest.c.who.alias("who"), total.alias("total")).from_(newest)
    return rows.group_by(newest.c.who).order_by(total.desc(), newest.c.who).limit(size)


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
    """By author what the newest answers in the field come to, each fading by half in 90 days; nothing of who
    hides a topic of it.
    """
    asked = Question.select(Question.id).where(Question.under(topics) & Question.archived_at.is_null())
    shown = Answer.question.in_(asked) & _hides_none_of(topics, Answer.author)
    return _most(Answer, Answer.created_at, shown & present, at, CONSIDERED)


def _hides_none_of(topics: Iterable[int], author: Any) -> Any:
    """The condition that an author, given as a column, hides none of these topics."""
    hides = (OwnTopic.sort == Sort.HIDDEN) & OwnTopic.topic.in_(sorted(topics))
    return author.not_in(OwnTopic.select(OwnTopic.person).where(hides))


def _answers_alike(like: list[int], present: Any) -> ModelSelect[Answer]:
    """Who answered the like questions, each with a vote: two where it is the best answer; not who hides a
    topic of it.
    """
    chosen = fn.EXISTS(BestAnswer.select().where(BestAnswer.answer == Answer.id))
    vote = Case(None, [(chosen, 2.0)], 1.0).alias("vote")
    further = QuestionTopic.select(QuestionTopic.topic).where(QuestionTopic.question == Question.id)
    of_it = (OwnTopic.topic == Question.topic) | OwnTopic.topic.in_(further)
    mine = (OwnTopic.person == Answer.author) & (OwnTopic.sort == Sort.HIDDEN)
    shown = ~fn.EXISTS(OwnTopic.select(OwnTopic.id).where(mine & of_it))
    return (
        Answer.select(Answer.author.alias("who"), vote, Answer.question.alias("question"))
        .join(Question)
        .where(Question.id.in_(like) & Question.archived_at.is_null() & OF_OTHERS & shown)
        .switch(Answer)
        .join(Person, on=Answer.author)
        .where(present)
        .order_by(Answer.id.desc())
        .limit(MOST_ANSWERS)
    )


def _fading(since: Any, at: datetime) -> Any:
    """What something counts by its age, in steps of 15 days: 1, and half of it after 90."""
    return faded_in_steps(since, at, HALF_LIFE, steps=LONG_AGO // HALF_LIFE * 6, each=HALF_LIFE / 6)


def _here(people: Collection[int], at: datetime) -> list[Any]:
    """These people, few, with what they lately answered and published, each fading by half in 90 days,
    and how many questions wait for them, were left by them, or were put to them in the last 30 days.
    """
    if not people:
        return []
    answers = Answer.select(fn.COALESCE(fn.SUM(_fading(Answer.created_at, at)), 0.0)).join(Question)
    answers = answers.where((Answer.author == Person.id) & (Answer.created_at > at - LONG_AGO) & OF_OTHERS)
    articles = Article.select(fn.COALESCE(fn.SUM(_fading(Article.published_at, at)), 0.0)).where(
        (Article.author == Person.id)
        & (Article.state == "published")
        & (Article.published_at > at - LONG_AGO)
    )
    found = entries().where(Person.id.in_(sorted(people)))
    mine = Ask.select(fn.COUNT(Ask.id)).where(Ask.person == Person.id)
    waiting = mine.where(Ask.state == AskState.OPEN).alias("open_questions")
    ignored = mine.where(Ask.ignored_at >= at - IGNORED_SINCE).alias("ignored")
    asked = mine.where(Ask.created_at >= at - IGNORED_SINCE).alias("asked_lately")
    lately = (answers.alias("answering"), articles.alias("publishing"), asked)
    return list(found.select_extend(*lately, waiting, ignored))


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
