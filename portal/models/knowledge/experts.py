"""Whom to ask: the people who know a field, in the order of RULES 4.5 as far as it can be told today."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from portal import clock
from portal.i18n import Phrase
from portal.models.company.topics import Topic
from portal.models.expertise.expertise import KINDS, Expertise, expertise
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
    at, below = clock.now(), set(Topic.with_descendants(topics))
    known: defaultdict[int, list[Expertise]] = defaultdict(list)
    proved: defaultdict[int, float] = defaultdict(float)
    for one in expertise(topics=below, here=True) if below else ():
        known[one.person_id].append(one)
        proved[one.person_id] += one.score if one.topic_id in topics else 0.0
    proved = defaultdict(float, {person: score for person, score in proved.items() if score > 0})
    answers = _answers(below, like, at)
    best = {row.answer_id for row in BestAnswer.select().where(BestAnswer.question.in_(list(like)))}
    alike: defaultdict[int, float] = defaultdict(float)
    answered: defaultdict[int, list[int]] = defaultdict(list)
    for answer in answers:
        if answer.question.topic_id in below:
            proved[answer.author_id] += ANSWER * _faded(answer.created_at, at)
        if answer.question_id in like:
            vote = 2 if answer.id in best else 1
            alike[answer.author_id] += vote / (1 + like.index(answer.question_id))
            answered[answer.author_id].append(answer.question_id)
    asked = {*proved, *alike} - {but.id if but else 0}
    worth = _together(asked, proved, alike, _activity(asked, at))
    first = sorted(worth, key=lambda person: (-worth[person], person))
    here = {person.id: person for person in _here(first[: 4 * size])}
    found = [Knower(here[who], known[who], answered[who]) for who in first if who in here]
    return found[:size]


def _answers(topics: Iterable[int], like: Iterable[int], at: datetime) -> list[Any]:
    on_topic = Question.topic.in_(list(topics)) & (Answer.created_at > at - LONG_AGO)
    among = (on_topic | Question.id.in_(list(like))) & Question.archived_at.is_null()
    found = Answer.select(Answer.id, Answer.author, Answer.created_at, Question.id, Question.topic)
    return list(found.join(Question).where(among))


def _activity(people: Collection[int], at: datetime) -> dict[int, float]:
    """What people lately answered and published, each piece fading by half in 90 days."""
    answers = Answer.select(Answer.author, Answer.created_at).where(
        Answer.author.in_(list(people)) & (Answer.created_at > at - LONG_AGO)
    )
    articles = Article.select(Article.author, Article.published_at).where(
        Article.author.in_(list(people))
        & (Article.state == "published")
        & (Article.published_at > at - LONG_AGO)
    )
    found: defaultdict[int, float] = defaultdict(float)
    for row in answers:
        found[row.author_id] += _faded(row.created_at, at)
    for each in articles:
        found[each.author_id] += _faded(each.published_at or at, at)
    return dict(found)


def _faded(since: datetime, at: datetime) -> float:
    return float(2 ** (-max((at - since) / HALF_LIFE, 0.0)))


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
