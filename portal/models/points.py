"""The ledger of thanks: append-only, never convertible to money (RULES 4.3)."""

from __future__ import annotations

from typing import Any

from peewee import BigIntegerField, CharField, ForeignKeyField, IntegerField

from portal import clock
from portal.models.base import Record, UtcDateTimeField
from portal.models.people import Person


class PointEntry(Record):
    """So many points for one deed. A reversal is the negative twin."""

    person = ForeignKeyField(Person, on_delete="RESTRICT")
    person_id: int
    amount = IntegerField()
    reason = CharField(40)
    """`experience accepted`, `review done`, `best answer`, ..."""
    subject_kind = CharField(40)
    subject = BigIntegerField()
    key = CharField(120, unique=True)
    """Names the deed: the same deed never counts twice."""
    reverses: ForeignKeyField[Any] = ForeignKeyField("self", null=True, unique=True, on_delete="RESTRICT")
    at = UtcDateTimeField(default=clock.now)

    class Meta:
        indexes = ((("person", "at"), False),)
