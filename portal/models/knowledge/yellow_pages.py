"""The yellow pages: who is here, what each knows, and the proof of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

from peewee import JOIN, ModelSelect, Value, fn

from portal import clock, i18n
from portal.models.base.database import db
from portal.models.base.record import Event, names_of, noun_tables
from portal.models.base.undoing import FOR
from portal.models.company.departments import Department
from portal.models.company.topics import Topic
from portal.models.expertise.endorsements import Endorsement
from portal.models.expertise.expertise import Expertise, expertise
from portal.models.expertise.own_topics import OwnTopic, Sort
from portal.models.knowledge.articles import Article
from portal.models.knowledge.badges import Badge
from portal.models.knowledge.questions import Answer, Question
from portal.models.knowledge.shelves import published
from portal.models.people.absences import Absence
from portal.models.people.people import Person


def entries() -> ModelSelect[Person]:
    """Colleagues who are here, with their departments."""
    return (
        Person.select(Person, Department)
        .join(Department, JOIN.LEFT_OUTER, on=Person.department)
        .where(Person.deactivated_at.is_null())
    )


def with_place(people: ModelSelect[Person]) -> ModelSelect[Person]:
    """The same people with department and manager read along."""
    boss = Person.alias()
    return (
        people.select(Person, Department, boss)
        .join(Department, JOIN.LEFT_OUTER, on=Person.department)
        .switch(Person)
        .join(boss, JOIN.LEFT_OUTER, on=(Person.manager == boss.id), attr="manager")
    )


def known_for(
    people: Iterable[Person], topics: dict[int, Topic], size: int = 3
) -> dict[int, list[tuple[Topic, Expertise]]]:
    """The topics that each of these people knows best, by person's id, best first."""
    known = expertise(people=[person.id for person in people])
    found: defaultdict[int, list[tuple[Topic, Expertise]]] = defaultdict(list)
    for one in known:
        if one.pieces and one.score > 0 and len(found[one.person_id]) < size:
            found[one.person_id].append((topics[one.topic_id], one))
    return found


def who_knows(
    topic: Topic, people: ModelSelect[Person], topics: dict[int, Topic], size: int = 50
) -> list[tuple[Person, Expertise]]:
    """Those of these people who know a topic, best first."""
    found = expertise(topics=[topic.id])
    known = {one.person_id: one for one in found if one.score > 0}
    ids, best = list(known), list[tuple[Person, Expertise]]()
    for some in (ids[: 2 * size], ids[2 * size :]):  # as a rule the first are enough
        if some and len(best) < size:
            here = {person.id: person for person in people.where(Person.id.in_(some))}
            best += [(here[ident], known[ident]) for ident in some if ident in here]
    return best[:size]


class Proof(NamedTuple):
    """What a piece of evidence rests on: its name and where it is read; no address for a colleague's word."""

    title: str
    url: str


def proofs(known: Iterable[tuple[Topic, Expertise]]) -> dict[int, Proof]:
    """What each piece of evidence rests on, by the evidence's id; only what everyone may read."""
    pieces = [piece for _, one in known for piece in one.evidence]
    by_kind: defaultdict[str, set[int]] = defaultdict(set)
    for piece in pieces:
        by_kind[piece.subject_kind].add(piece.subject)
    titles: dict[tuple[str, int], Proof] = {}
    for kind, ident, title, origin_kind, origin, place in _told_of(by_kind):
        titles[kind, ident] = proof = Proof(title, _PLACES[kind].format(id=ident, place=place))
        if origin is not None:
            titles[origin_kind, origin] = proof
    return {
        piece.id: titles[piece.subject_kind, piece.subject]
        for piece in pieces
        if (piece.subject_kind, piece.subject) in titles
    }


_PLACES = {
    "article": "/articles/{id}",
    "answer": "/questions/{place}#answer-{id}",
    "endorsement": "/people/{place}",
    "certificate": "/certificates/{id}",
}
"""Where what evidence rests on is read, by its noun."""


def _told_of(by_kind: Mapping[str, set[int]]) -> Iterable[tuple[str, int, str, str, int | None, int]]:
    """Noun, id and title of what evidence rests on, where an article came from, and the id of its place: all
    in one question. Articles are found by either index, and whether they are published is seen afterwards:
    SQLite would read all that are.
    """
    none, nothing, open_ = Value(None), Value(""), Value("published")
    columns = Value("article"), Article.id, Article.title, Article.origin_kind, Article.origin, Value(0)
    articles = Article.select(*columns, Article.state).where(Article.id.in_(by_kind["article"]))
    from_experience = (Article.origin_kind == "experience") & Article.origin.in_(by_kind["experience"])
    told = Article.select(*columns, Article.state).where(from_experience)
    answers = (
        Answer.select(Value("answer"), Answer.id, Question.text, nothing, none, Question.id, open_)
        .join(Question)
        .where(Answer.id.in_(by_kind["answer"]))
    )
    english = fn.COALESCE(fn.NULLIF(Person.name_en, ""), Person.name)
    name = english if i18n.current() == "en" else Person.name
    words = (
        Endorsement.select(Value("endorsement"), Endorsement.id, name, nothing, none, Endorsement.by, open_)
        .join(Person, on=Endorsement.by)
        .where(Endorsement.id.in_(by_kind["endorsement"]))
    )
    held: Any = noun_tables()["certificate"]  # a wing above this one
    certificates = held.select(
        Value("certificate"), held.id, held.number, nothing, none, Value(0), open_
    ).where(held.id.in_(by_kind["certificate"]))
    found = articles.union_all(told).union_all(answers).union_all(words).union_all(certificates).tuples()
    return [tuple(row) for *row, state in found if state == "published"]


class Thanks(NamedTuple):
    """What a person's knowledge did for others."""

    uses: int
    articles: int
    best_answers: int


def written_by(person: Person, size: int) -> list[Article]:
    """The newest of what a person published; each says of them all how many they are, and their uses."""
    mine: list[Article] = list(
        published()
        .select_extend(
            fn.SUM(Article.uses).over().alias("all_uses"), fn.COUNT(Article.id).over().alias("all")
        )
        .where(Article.author == person)
        .order_by(Article.published_at.desc(), Article.id.desc())
        .limit(size)
    )
    return mine


def thanks(written: list[Any], known: Iterable[tuple[Topic, Expertise]]) -> Thanks:
    """How often a person's knowledge worked for others, how much is published, how many answers are best."""
    uses, articles = (written[0].all_uses, written[0].all) if written else (0, 0)
    best = {piece.subject for _, one in known for piece in one.evidence if piece.kind_of == "best answer"}
    return Thanks(int(uses), int(articles), len(best))


class Marks(NamedTuple):
    """The small things that a person's page shows to somebody."""

    absences: list[Absence]
    """That of today and those to come."""
    said: dict[Sort, list[int]]
    """Ids of topics, by what the person says of them."""
    given: list[int]
    """Ids of topics for which who looks endorsed the person."""
    acted: bool
    """Whether who looks did something to this person that a click may still undo."""
    badges: list[Badge]
    """All that the person has."""


def marks(person: Person, viewer: Person) -> Marks:
    """All of them, in one question."""
    # the first part says of which type each column is
    away = (
        Absence.select(
            Value("away"), Absence.id, Absence.first_day, Absence.last_day, *names_of(Person), Value(0)
        )
        .join(Person, JOIN.LEFT_OUTER, on=Absence.substitute)
        .where((Absence.person == person) & (Absence.last_day >= clock.today()))
    )
    none = [Value(None)] * 5
    said = OwnTopic.select(OwnTopic.sort, OwnTopic.topic, *none, Value(0)).where(OwnTopic.person == person)
    mine = (Endorsement.by == viewer) & (Endorsement.person == person)
    given = Endorsement.select(Value("given"), Endorsement.topic, *none, Value(0)).where(mine)
    lately = (Event.at > clock.now() - FOR) & (Event.actor == viewer.id)
    acted = (
        Event.about(person).where(lately).order_by().select(Value("acted"), fn.MAX(Event.id), *none, Value(0))
    )
    without = [Value(None)] * 3
    held = Badge.select(Value("badge"), Badge.grade, *without, Badge.sort, Value(None), Value(0))
    held = held.where(Badge.person == person)
    found = Marks([], {sort: [] for sort in Sort}, [], False, [])
    parts = away.union_all(said).union_all(given).union_all(acted).union_all(held)
    for sort, ident, *facts in parts.tuples():
        if sort == "away":
            first, last, who, name, english, _ = facts
            stands_in = Person(id=who, name=name, name_en=english) if who else None
            days = {"first_day": first, "last_day": last}
            found.absences.append(Absence(id=ident, person=person, substitute=stands_in, **days))
        elif sort == "badge":
            found.badges.append(Badge(person=person, sort=facts[3], grade=ident))
        elif sort == "given":
            found.given.append(ident)
        elif sort == "acted":
            found = found._replace(acted=ident is not None)
        else:
            found.said[Sort(sort)].append(ident)
    found.absences.sort(key=lambda each: each.first_day)
    return found


def say(person: Person, *, languages: Collection[str], wanted: list[Topic], declared: list[Topic]) -> bool:
    """Say of oneself which languages one speaks, what one would like to learn, and what one knows without
    having proved it.
    """
    with db.atomic():
        person.edit(by=person, languages=" ".join(languages))
        OwnTopic.say(Sort.WANTED, wanted, by=person)
        OwnTopic.say(Sort.DECLARED, declared, by=person)
    return True
