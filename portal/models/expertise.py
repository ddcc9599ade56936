"""Who knows what, and why we believe it: computed from evidence, never typed in (RULES 4.5)."""

from __future__ import annotations

from peewee import BigIntegerField, CharField, Check, ForeignKeyField, IntegerField

from portal import clock
from portal.models.base import Record, UtcDateTimeField
from portal.models.people import Person
from portal.models.topics import Topic


class Evidence(Record):
    """One reason to believe that a person knows a topic."""

    person = ForeignKeyField(Person, on_delete="CASCADE")
    person_id: int
    topic = ForeignKeyField(Topic, on_delete="CASCADE")
    topic_id: int
    kind_of = CharField(40, column_name="kind")
    """`accepted experience`, `best answer`, `verified article`, `review done`, `helpful use`, `endorsement`."""
    quality = IntegerField(default=10_000)
    """Hundredths of a percent: 10,000 is 1 (RULES 4.5: q = score/100 or 1)."""
    subject_kind = CharField(40)
    subject = BigIntegerField()
    key = CharField(160, unique=True)
    at = UtcDateTimeField(default=clock.now)
    withdrawn_at = UtcDateTimeField(null=True)

    class Meta:
        indexes = ((("topic", "person"), False), (("person", "at"), False))
        constraints = [Check("quality >= 0 AND quality <= 10000")]


class Endorsement(Record):
    """A colleague's word that someone knows a topic, once each."""

    person = ForeignKeyField(Person, on_delete="CASCADE")
    topic = ForeignKeyField(Topic, on_delete="CASCADE")
    by = ForeignKeyField(Person, on_delete="CASCADE")
    at = UtcDateTimeField(default=clock.now)

    class Meta:
        indexes = ((("person", "topic", "by"), True),)
        constraints = [Check("person_id <> by_id")]
