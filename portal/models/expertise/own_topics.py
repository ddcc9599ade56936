"""What a person says of topics of their own: that one is shown nowhere, that they know one, would learn one.

None of it counts as knowledge: whoever could say so of themselves could forge it (RULES 4.5).
"""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum
from typing import Any

from peewee import CharField, Check, ForeignKeyField, fn

from portal import clock
from portal.models.base.database import db
from portal.models.base.record import Event, Invalid, Record, SearchOutbox
from portal.models.base.undoing import MEANWHILE, undoes
from portal.models.company.topics import Topic
from portal.models.people.people import Person


class Sort(StrEnum):
    """What is said of a topic."""

    HIDDEN = "hidden"
    DECLARED = "declared"
    WANTED = "wanted"


class OwnTopic(Record):
    """A topic of which a person says something, once in each sort."""

    person = ForeignKeyField(Person, on_delete="CASCADE", index=False)
    person_id: int
    topic = ForeignKeyField(Topic, on_delete="CASCADE")
    topic_id: int
    sort = CharField(20)

    class Meta:
        indexes = ((("person", "sort", "topic"), True),)
        constraints = [Check("sort IN ('hidden', 'declared', 'wanted')")]

    @classmethod
    def of(cls, person: Person) -> dict[Sort, list[int]]:
        """Ids of the topics of which a person says something, by what they say."""
        found: dict[Sort, list[int]] = {sort: [] for sort in Sort}
        for row in cls.select().where(cls.person == person).order_by(cls.topic):
            found[Sort(row.sort)].append(row.topic_id)
        return found

    @classmethod
    def is_shown(cls, person: Any, topic: Any) -> Any:
        """The condition that a person, given as a column, did not hide a topic."""
        mine = (cls.person == person) & (cls.topic == topic) & (cls.sort == Sort.HIDDEN)
        return ~fn.EXISTS(cls.select(cls.id).where(mine))

    @staticmethod
    def may_see_hidden(viewer: Person, person: Person) -> bool:
        """Whose they are, and who audits: nobody else learns that there is something hidden."""
        return viewer.id == person.id or viewer.is_auditor

    @classmethod
    def hide(cls, topic: Topic, *, by: Person) -> None:
        """Show nowhere what one knows of a topic; the evidence stays. Twice is harmless."""
        facts = {"person": by.id, "topic": topic.id, "sort": Sort.HIDDEN, "created_at": clock.now()}
        with db.atomic():
            if cls.insert(facts).on_conflict_ignore().execute():
                by.track("topic hidden", by=by, changes={"topic": [None, topic.id]})
                SearchOutbox.note(Person.kind(), [by.id])

    @classmethod
    def show(cls, topic: Topic, *, by: Person) -> None:
        """Show it again; twice is harmless."""
        with db.atomic():
            if cls._mine(by, Sort.HIDDEN, [topic.id]):
                by.track("topic shown", by=by, changes={"topic": [topic.id, None]})
                SearchOutbox.note(Person.kind(), [by.id])

    @classmethod
    def say(cls, sort: Sort, topics: Collection[Topic], *, by: Person) -> None:
        """These topics, and no others, are declared, or wanted. What is hidden is said by `hide` alone."""
        before, after = set(cls.of(by)[sort]), {topic.id for topic in topics}
        with db.atomic():
            cls._mine(by, sort, sorted(before - after))
            for topic in sorted(after - before):
                facts = {"person": by.id, "topic": topic, "sort": sort, "created_at": clock.now()}
                cls.insert(facts).on_conflict_ignore().execute()

    @classmethod
    def _mine(cls, person: Person, sort: Sort, topics: Collection[int]) -> int:
        """Drop these; how many there were."""
        mine = (cls.person == person) & (cls.sort == sort) & cls.topic.in_(list(topics))
        return int(cls.delete().where(mine).execute())


def _own(person: Person, event: Event, by: Person) -> bool:
    return bool(person == by)


def _same(act: Event, later: Event) -> bool:
    topics = [[one for one in each.changes["topic"] if one is not None] for each in (act, later)]
    return topics[0] == topics[1]


@undoes(Person, "topic hidden", right=_own, ends=["topic shown"], same=_same)
def shown_again(person: Person, event: Event, by: Person) -> None:
    """It is shown as before."""
    _exactly(OwnTopic._mine(person, Sort.HIDDEN, [event.changes["topic"][1]]))
    SearchOutbox.note(Person.kind(), [person.id])


@undoes(Person, "topic shown", right=_own, ends=["topic hidden"], same=_same)
def hidden_again(person: Person, event: Event, by: Person) -> None:
    """It is hidden as before."""
    facts = {"person": person.id, "topic": event.changes["topic"][0], "sort": Sort.HIDDEN}
    _exactly(OwnTopic.insert(facts | {"created_at": clock.now()}).on_conflict_ignore().execute())
    SearchOutbox.note(Person.kind(), [person.id])


def _exactly(done: int | None) -> None:
    if not done:
        raise Invalid(MEANWHILE)
