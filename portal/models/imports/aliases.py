"""What a misspelt name means: said once by a person, remembered for the next file."""

from __future__ import annotations

import unicodedata

from peewee import BigIntegerField, CharField, ForeignKeyField

from portal import clock
from portal.models.base.fields import NameField
from portal.models.base.record import Record
from portal.models.people.people import Person


def fold(name: str) -> str:
    """A name as it is compared: width, case and runs of spaces do not matter; everything else does."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


class Alias(Record):
    """A spelling that stands for a record, or for another spelling where the value is plain text."""

    noun = CharField(20)
    """What is named: `product`, `customer`, `person`, or a plain value such as `sector`."""
    key = NameField(200)
    """The spelling, folded."""
    spelling = NameField(200)
    record = BigIntegerField(null=True)
    """The record's id; empty for a plain value."""
    meaning = NameField(200)
    """The name that is meant, or the spelling itself when it is right as it is."""
    by = ForeignKeyField(Person, null=True, on_delete="SET NULL")
    by_id: int | None

    class Meta:
        indexes = ((("noun", "key"), True),)

    @classmethod
    def remember(
        cls, noun: str, spelling: str, meaning: str, *, record: int | None, by: Person | None
    ) -> None:
        """Keep what a spelling means; the latest word holds."""
        values = {
            "noun": noun,
            "key": fold(spelling)[:200],
            "spelling": spelling[:200],
            "record": record,
            "meaning": meaning[:200],
            "by": by,
            "created_at": clock.now(),
        }
        cls.insert(values).on_conflict(
            conflict_target=(cls.noun, cls.key),
            preserve=(cls.spelling, cls.record, cls.meaning, cls.by, cls.created_at),
        ).execute()

    @classmethod
    def known(cls, noun: str) -> dict[str, Alias]:
        """All that is remembered for a noun, by folded spelling."""
        return {alias.key: alias for alias in cls.select().where(cls.noun == noun)}
