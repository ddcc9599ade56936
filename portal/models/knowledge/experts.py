"""Whom to ask: the people who know a field, in the order of RULES 4.5 as far as it can be told today."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from peewee import Case, fn

from portal import clock
from portal.i18n import Phrase
from portal.models.company.topics import Topic
from portal.models.expertise.expertise import KINDS, Expertise, best_proved, expertise, faded_in_steps
from portal.models.knowledge.articles import Article
from portal.models.knowledge.questions import Answer, BestAnswer, Question
from portal.models.knowledge.yellow_pages import entries
from portal.models.people.people import Person

ASKED = 3
"""So many are named (RULES 4.5)."""
ANSWER = 2.0
"""What any answer in the field counts beside the evidence."""
HALF_LIFE = timedelta(days=90)
"""Of an answer and of activity."""
LONG_AGO = 8 * HALF_LIFE
"""What is older than this counts less than a two hundredth."""
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

    @property
    def evidence(self) -> list[tuple[Phrase, int]]:
        """The kinds of evidence with how many of each; which reviews somebody gave is told to nobody."""
        told = {piece.id: piece.kind_of for one in self.known for piece in one.told}
        counted = Counter(told.values())
        return [(KINDS[kind], counted[kind]) for kind in KINDS if counted[kind] and kind != "wrong answer"]


def whom_to_ask(
    topics: Collection[int], *, like: Sequence[int] = (), but: Person | None = None, size: int = ASKED
) -> list[Knower]:
    """Those who know these topics or answered questions `like` the one asked (ids, the likest first), best
    first; `but` is who asks. R = Ê + L + A (RULES 4.5): everyone here counts as available and as speaking the
    asker's language, and nobody as having questions open.
    """
    at, below = clock.now(), sorted(Topic.with_descendants(topics))
    present = Person.deactivated_at.is_null()
    if but is not None:
        present &= Person.id != but.id
    proved, known = defaultdict[int, float](float), defaultdict[int, list[Expertise]](list)
    alike, answered = _alike(like, present)
    for author, faded in _answers_of_field(below, present, at) if below else ():
        proved[author] += ANSWER * faded
    asked = {*_best(proved), *_best(alike)}
    if below:
        asked |= set(best_proved(below, present, at, size=CONSIDERED))
    evidence = defaultdict[int, float](float)
    for one in expertise(people=sorted(asked), topics=below, here=True) if below and asked else ():
        known[one.person_id].append(one)
        evidence[one.person_id] += one.score if one.topic_id in topics else 0.0
    for person, score in evidence.items():
        proved[person] += max(score, 0.0)
    asked = {person for person in asked if proved[person] > 0 or person in alike}
    worth = _together(asked, proved, alike, _activity(asked, at))
    first = sorted(worth, key=lambda person: (-worth[person], person))[:size]
    here = {person.id: person for person in _here(first)}
    return [Knower(here[who], known[who], answered[who]) for who in first if who in here]


def _best(measure: Mapping[int, float]) -> list[int]:
    """Those of whom a measure says most: whoever comes behind so many is not among the three."""
    return sorted(measure, key=lambda person: (-measure[person], person))[:CONSIDERED]


def _answers_of_field(topics: list[int], present: Any, at: datetime) -> list[tuple[int, float]]:
    """By author what the newest answers in the field come to, each fading by half in 90 days."""
    newest = (
        Answer.select(Answer.author.alias("author"), Answer.created_at.alias("at"))
        .join(Question)
        .where(
            Question.topic.in_(topics) & Question.archived_at.is_null() & (Answer.created_at > at - LONG_AGO)
        )
        .switch(Answer)
        .join(Person, on=Answer.author)
        .where(present)
        .order_by(Answer.created_at.desc())
        .limit(MOST_ANSWERS)
        .alias("newest")
    )
    total: Any = fn.SUM(_fading(newest.c.at, at))
    rows = Answer.select(newest.c.author, total).from_(newest).group_by(newest.c.author)
    best: Any = rows.order_by(total.desc(), newest.c.author).limit(CONSIDERED).tuples()
    return [(author, float(faded)) for author, faded in best]


def _alike(like: Sequence[int], present: Any) -> tuple[dict[int, float], defaultdict[int, list[int]]]:
    """By author what their answers to the like questions count, by vote and nearness, and to which."""
    alike, answered = defaultdict[int, float](float), defaultdict[int, list[int]](list)
    if like:
        chosen = fn.EXISTS(BestAnswer.select().where(BestAnswer.answer == Answer.id))
        rows: Any = (
            Answer.select(Answer.author, Answer.question, Case(None, [(chosen, 2)], 1))
            .join(Question)
            .where(Question.id.in_(list(like)) & Question.archived_at.is_null())
            .switch(Answer)
            .join(Person, on=Answer.author)
            .where(present)
            .order_by(Answer.id.desc())
            .limit(MOST_ANSWERS)
            .tuples()
        )
        for author, question, vote in rows:
            alike[author] += vote / (1 + like.index(question))
            answered[author].append(question)
    return dict(alike), answered


def _activity(people: Collection[int], at: datetime) -> dict[int, float]:
    """What people lately answered and published, each piece fading by half in 90 days; none of very many."""
    if not people:
        return {}
    of = list(people)
    answers = (
        Answer.select(Answer.author.alias("who"), fn.SUM(_fading(Answer.created_at, at)))
        .where(Answer.author.in_(of) & (Answer.created_at > at - LONG_AGO))
        .group_by(Answer.author)
    )
    articles = (
        Article.select(Article.author.alias("who"), fn.SUM(_fading(Article.published_at, at)))
        .where(
            Article.author.in_(of) & (Article.state == "published") & (Article.published_at > at - LONG_AGO)
        )
        .group_by(Article.author)
    )
    found: defaultdict[int, float] = defaultdict(float)
    rows: Any = answers.union_all(articles).tuples()
    for person, faded in rows:
        found[person] += float(faded)
    return dict(found)


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


def _here(people: Sequence[int]) -> list[Person]:
    return list(entries().where(Person.id.in_(people))) if people else []


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
