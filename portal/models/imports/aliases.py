"""What a misspelt name means: said once by a person, remembered for the next file."""

from __future__ import annotations

import re
import unicodedata
from typing import Self

from peewee import BigIntegerField, CharField, ForeignKeyField, JSONField, ModelSelect

from portal import clock
from portal.models.base.fields import NameField
from portal.models.base.record import Record
from portal.models.imports.words import ALIAS
from portal.models.people.people import Person
from portal.text.writing import visible

_LIKE_LATIN = str.maketrans(
    "АВЕЅІЈКМНОРСТУХаеѕіјорсухԁһΑΒΕΖΗΙΚΜΝΟΡΤΥΧονι", "ABESIJKMHOPCTYXaesijopcyxdhABEZHIKMNOPTYXovi"
)
"""Cyrillic and Greek letters that look as Latin ones do."""
_WORD = re.compile(r"[^\W\d_]+")
_LATIN, _LIKE = re.compile("[a-zA-Z]"), re.compile("[\u0370-\u052f]")


def _in_one_alphabet(word: re.Match[str]) -> str:
    mixed = _LATIN.search(word[0]) and _LIKE.search(word[0])
    return word[0].translate(_LIKE_LATIN) if mixed else word[0]


def fold(name: str) -> str:
    """A name as it is compared: what nobody sees in it does not matter, everything else does.

    Width, case, runs of spaces, characters without width, and letters of another alphabet in a Latin word.
    """
    if not name.isascii():
        name = unicodedata.normalize("NFKC", visible(name)).replace("\u200c", "").replace("\u200d", "")
        name = _WORD.sub(_in_one_alphabet, name)
    return " ".join(name.casefold().split())


class Alias(Record):
    """A spelling that stands for a record, or for another spelling where the value is plain text."""

    called = ALIAS

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
    taught = BigIntegerField(null=True)
    """The import in which it was said: it is forgotten when that is taken back."""
    before = JSONField(null=True)
    """What the spelling meant until then, if anything."""

    class Meta:
        indexes = ((("noun", "key"), True),)

    @classmethod
    def remember(
        cls,
        noun: str,
        spelling: str,
        meaning: str,
        *,
        record: int | None,
        by: Person | None,
        taught: int | None = None,
    ) -> None:
        """Keep what a spelling means; the latest word holds, and knows the one before it."""
        known = cls.get_or_none((cls.noun == noun) & (cls.key == fold(spelling)[:200]))
        if known is not None and (known.record, known.meaning) == (record, meaning[:200]):
            return
        if known is None:
            before = None
        elif known.taught == taught and taught is not None:
            before = known.before
        else:
            before = {name: known.__data__[name] for name in ("record", "meaning", "by", "taught")}
        values = {
            "noun": noun,
            "key": fold(spelling)[:200],
            "spelling": spelling[:200],
            "record": record,
            "meaning": meaning[:200],
            "by": by,
            "taught": taught,
            "before": before,
            "created_at": clock.now(),
        }
        cls.insert(values).on_conflict(
            conflict_target=(cls.noun, cls.key),
            preserve=(
                cls.spelling,
                cls.record,
                cls.meaning,
                cls.by,
                cls.taught,
                cls.before,
                cls.created_at,
            ),
        ).execute()

    @classmethod
    def known(cls, noun: str) -> dict[str, Alias]:
        """All that is remembered for a noun, by folded spelling."""
        return {alias.key: alias for alias in cls.select().where(cls.noun == noun)}

    @classmethod
    def visible_to(cls, person: Person) -> ModelSelect[Self]:
        """Whoever imports may see what spellings are taken for."""
        return cls.select() if person.is_administrator or person.is_manager else cls.select().where(False)

    @classmethod
    def taught_by(cls, imported: int) -> ModelSelect[Self]:
        """What is remembered because of one import."""
        return cls.select().where(cls.taught == imported)

    @classmethod
    def forget(cls, imported: int) -> int:
        """An import is taken back, and with it what it taught: what was meant before is meant again."""
        aliases = list(cls.taught_by(imported))
        for alias in aliases:
            if alias.before:
                alias.before, facts = None, alias.before
                for name, value in facts.items():
                    setattr(alias, name, value)
                alias.save()
            else:
                alias.delete_instance()
        for later in cls.select().where(cls.before.is_null(False)):
            if later.before["taught"] == imported:
                later.before = None
                later.save()
        return len(aliases)

    def withdrawable_by(self, person: Person) -> bool:
        """Whoever said it, and an administrator."""
        return person.is_administrator or (person.is_manager and self.by_id == person.id)

    def withdraw(self, *, by: Person) -> None:
        """It means nothing any more: the next file with it asks."""
        self.track("withdrawn", by=by, changes={self.noun: [self.spelling, self.meaning]})
        self.delete_instance()
