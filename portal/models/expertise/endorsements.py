"""What colleagues say of each other: this one knows that topic. A word is evidence, once each (RULES 4.5)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from peewee import Check, ForeignKeyField

from portal import clock
from portal.i18n import Phrase
from portal.models.base.database import db
from portal.models.base.fields import UtcDateTimeField
from portal.models.base.record import Event, Invalid
from portal.models.base.undoing import INSTEAD, MEANWHILE, hinders, undoes
from portal.models.company.settings import Setting
from portal.models.company.topics import Topic
from portal.models.expertise.expertise import Evidence
from portal.models.expertise.votes import OfColleagues, Vote
from portal.models.people.people import Person


class Endorsement(OfColleagues, Vote):
    """A colleague's word that someone knows a topic, once each."""

    sort = Phrase("Endorsed by a colleague")

    person = ForeignKeyField(Person, on_delete="CASCADE")
    person_id: int
    topic = ForeignKeyField(Topic, on_delete="CASCADE")
    topic_id: int
    by = ForeignKeyField(Person, on_delete="CASCADE")
    by_id: int
    at = UtcDateTimeField(default=clock.now)

    class Meta:
        indexes = ((("person", "topic", "by"), True),)
        constraints = [Check("person_id <> by_id")]

    @staticmethod
    def may_give(by: Person, person: Person) -> bool:
        """Colleagues may speak for each other, never for themselves; auditors stay out of it."""
        return by.is_active and not by.is_auditor and by.id != person.id

    @classmethod
    def give(cls, *, by: Person, person: Person, topic: Topic) -> None:
        """Say that a colleague knows a topic; twice is harmless. Raises Invalid for oneself."""
        if by == person:
            raise Invalid(Phrase("Others may say this of you, you may not say it yourself."))
        with db.atomic():
            facts: dict[str, Any] = {"person": person, "topic": topic, "by": by, "at": clock.now()}
            if cls.insert(facts).on_conflict_ignore().execute():
                person.track("endorsed", by=by, changes={"topic": [None, topic.id]})
                if not cls.is_beyond(by, person):
                    cls.get((cls.person == person) & (cls.topic == topic) & (cls.by == by)).cast()

    @classmethod
    def is_beyond(cls, by: Person, person: Person) -> bool:
        """Whether a word counts for nothing: the fourth for the same colleague in a week, as usual (4.3)."""
        recent = cls.between(by.id, person.id).where(
            cls.at > clock.now() - timedelta(days=Setting.read("votes.days"))
        )
        return bool(recent.count() > Setting.read("votes.words"))

    def credit(self) -> None:
        key = _word(self.by_id, self.person_id)
        Evidence.record(self.person_id, self.topic_id, "endorsement", self, key=key)

    @classmethod
    def take_back(cls, *, by: Person, person: Person, topic: Topic) -> None:
        """No longer say so; twice is harmless."""
        with db.atomic():
            mine = (cls.person == person) & (cls.topic == topic) & (cls.by == by)
            given = cls.get_or_none(mine)
            if given is not None:
                given.withdraw()
                person.track("endorsement taken back", by=by, changes={"topic": [topic.id, None]})

    @classmethod
    def of(cls, by: Any, person: Person, topic: int) -> Endorsement | None:
        """The word of one for another on a topic, if it was given."""
        return cls.get_or_none((cls.person == person) & (cls.topic == topic) & (cls.by == by))

    def withdraw(self) -> None:
        """It is not said any more, and gives nothing."""
        Evidence.take_back(_word(self.by_id, self.person_id), self.topic_id)
        self.forget()
        self.delete_instance()


def _word(by: int, person: int) -> str:
    return f"endorsement:person-{by}:person-{person}"


def _given(act: Event, later: Event) -> bool:
    """Whether both are the same person's word on the same topic."""
    topics = [[one for one in each.changes["topic"] if one is not None] for each in (act, later)]
    return act.actor == later.actor and topics[0] == topics[1]


def _may_speak(person: Person, event: Event, by: Person) -> bool:
    return Endorsement.may_give(by, person)


@undoes(Person, "endorsed", ends=["endorsement taken back"], right=_may_speak, same=_given)
def not_endorsed(person: Person, event: Event, by: Person) -> None:
    """The word is gone, with all that it gave."""
    given = Endorsement.of(by, person, event.changes["topic"][1])
    if given is None:
        raise Invalid(MEANWHILE)
    given.withdraw()


@hinders(Person, "endorsed")
def looked_at(person: Person, event: Event) -> Phrase | None:
    """What somebody let count, or dropped, is not said anew."""
    given = Endorsement.of(event.actor, person, event.changes["topic"][1])
    return given.decided if given is not None else None


INSTEAD[Person.kind(), "endorsement taken back"] = Phrase("Say it once more on their page.")
