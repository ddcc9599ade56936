"""What a form that was sent has become: sent once more, by Back or by a second click, it is the same."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from peewee import BigIntegerField, CharField

from portal import clock
from portal.models.base.record import Record, Row, record_of

KEPT = timedelta(days=30)
"""As long as a browser keeps a page to go back to, and far longer than anybody does."""


class Receipt(Row):
    """That the form of a key was taken, from whom, with which facts (by their digest), and what it made."""

    key = CharField(60, unique=True)
    person = BigIntegerField(null=True)
    facts = CharField(64)
    noun = CharField(40, default="")
    """Empty when it made nothing that has a page of its own."""
    record = BigIntegerField(null=True)

    class Meta:
        indexes = ((("created_at",), False),)

    @classmethod
    def take(cls, key: str, by: Any, facts: str) -> tuple[Receipt, bool]:
        """The receipt of a form, and whether it is the first: of two at one moment one is."""
        key = hashlib.sha256(key.encode()).hexdigest()[:60]  # whatever stands in it, a database takes this
        row = {"key": key, "person": getattr(by, "id", by), "facts": facts, "created_at": clock.now()}
        first = bool(cls.insert(row).on_conflict_ignore().execute())
        return cls.get(cls.key == key), first

    def note(self, made: Any) -> None:
        """What the form has made."""
        if isinstance(made, Record):
            self.noun, self.record = made.kind(), made.id
            self.save()

    def is_for(self, by: Any) -> bool:
        """Whether it is this person's: a key of someone else's says nothing of what it made."""
        return bool(self.person == getattr(by, "id", by))

    @property
    def made(self) -> Record | None:
        return record_of(self.noun, self.record) if self.noun else None

    @classmethod
    def forget_old(cls) -> None:
        cls.delete().where(cls.created_at < clock.now() - KEPT).execute()


def digest_of(key: str, verb: Callable[..., Any], args: Sequence[Any], facts: Mapping[str, Any]) -> str:
    """What tells whether a form says the same: no word can be read out of it."""
    whose = getattr(verb, "__self__", None)
    said = [getattr(verb, "__qualname__", ""), _plain(whose), _plain(args), _plain(facts)]
    return hashlib.sha256(json.dumps([key, *said], ensure_ascii=False).encode()).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, Row):
        return f"{value.kind()}-{value.id}"
    if isinstance(value, Mapping):
        return [[str(name), _plain(one)] for name, one in sorted(value.items())]
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return "" if value is None or isinstance(value, type) else str(value)
