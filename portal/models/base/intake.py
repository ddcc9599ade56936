"""Many records at once: the twin of the single verbs, with the same checks, events and notes for search."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import reduce
from operator import or_
from typing import Any, Generic, TypeVar

from peewee import ForeignKeyField, chunked

from portal import clock
from portal.i18n import Phrase
from portal.models.base import bulk
from portal.models.base.record import Editable, Event, Indexed, Invalid, SearchOutbox, costs, note_links
from portal.text.writing import visible

M = TypeVar("M", bound=Editable)


@dataclass(frozen=True)
class Source:
    """Where many records come from: who brings them by which import, and which months are settled."""

    by: Any = None
    number: int = 0
    settled: Callable[[], Collection[clock.Month]] = frozenset
    """What is dated in these is taken back as of today."""
    paid_by: Any = None
    """Who says that money came, where it is not who brings the records: on the command line."""

    def key(self, row: int) -> str:
        """What marks as written by one row of the import."""
        return f"import-{self.number}-{row}"


@dataclass(slots=True)
class Comparison:
    """What a row would change in a known record, and why it may not."""

    changes: dict[str, Any]
    problem: Phrase | None = None
    left_out: Phrase | None = None
    """Which cell of it is never written, and why."""
    before: dict[str, Any] = field(default_factory=dict)
    """What stood there before, of changes that are kept beside the record."""


class Intake(Generic[M]):
    """The way in, and back out, for many records of one noun. Each call belongs into one transaction."""

    model: type[M]
    parts: Sequence[ForeignKeyField[Any]] = ()
    """By what belongs to a record that is written beside it and goes with it."""
    at_once: int = 500
    """How many are written in one transaction."""
    is_slow: bool = False
    """Whether judging a row takes long: it is done before the transaction, and what was found is kept."""

    @classmethod
    def of(cls, model: type[M]) -> type[Intake[M]]:
        """The way of a noun that needs nothing of its own."""
        return type(f"{model.__name__}Intake", (cls,), {"model": model})

    def __init__(self, source: Source) -> None:
        self.source, self.by = source, source.by

    def add_named(self, name: str, **facts: Any) -> M:
        """Make a record of which the name alone is known."""
        made: M = self.model.create(name=name, **facts)
        made.track("added", by=self.by, changes={"name": [None, name]})
        return made

    def take_in(self, rows: Mapping[int, Mapping[str, Any]]) -> dict[int, int]:
        """Write new records, keys of others as ids; gives the id for each row. Raises Invalid."""
        complete, at = [dict(row) for row in rows.values()], clock.now()
        self.complete(complete)
        for row in complete:
            if faults := self.model.faults(row) | costs(self.model, row):
                raise Invalid(faults)
            row.update(self.model.derived(row), created_at=at, updated_at=at)
        made = dict(zip(rows, bulk.insert(self.model, complete), strict=True))
        note_links(self.model, dict(zip(made.values(), complete, strict=True)), new=True)
        told = [
            (
                ident,
                row.get("customer"),
                {"name": [None, _name_of(row)], "import": [None, self.source.number]},
            )
            for ident, row in zip(made.values(), complete, strict=True)
        ]
        Event.leave_many(self.model.kind(), told, "imported", by=self.by)
        self._reindex(
            {ident: row.get("customer") for ident, row in zip(made.values(), complete, strict=True)}
        )
        return made

    def tie(self, rows: Mapping[int, Mapping[str, Any]], new: Collection[int]) -> None:
        """Write what rows say of each other, once all are written: by record, what its row says; `new`: the
        records that were made. It may be asked again.
        """

    def complete(self, rows: Sequence[dict[str, Any]]) -> None:
        """Fill in what new records need and their rows lack."""

    def unfit(self, values: Mapping[str, Any]) -> Phrase | None:
        """Why a new record of these values cannot be taken, beyond what the values alone tell."""
        return None

    def left_out(self, values: Mapping[str, Any]) -> Phrase | None:
        """What of a new record of these values would not be as its row says, and why."""
        return None

    @classmethod
    def held(cls, name: str, ids: Collection[int]) -> dict[int, Any]:
        """Which record, or records, the field of some records names now."""
        field = cls.model._meta.fields.get(name)
        return dict(bulk.find((cls.model.id, field), cls.model.id, ids)) if field is not None and ids else {}

    @classmethod
    def built_on(cls, ids: Collection[int]) -> set[int]:
        """Those of some new records to which others added since: they stay when the import is taken back."""
        return set()

    def stands(self, record: M, before: Mapping[str, Any]) -> bool:
        """Whether what a row changed can be put back, the record itself being untouched since."""
        return True

    def compare(self, found: Sequence[tuple[M, Mapping[str, Any]]]) -> list[Comparison]:
        """What each row would change in the record that it is about."""
        fields: Any = self.model._meta.fields
        own = {name for name, key in fields.items() if getattr(key, "rel_model", None) is self.model}
        compared = []
        for record, values in found:
            stored = record.__data__
            changes = {n: v for n, v in values.items() if n in fields and not same(n, stored.get(n), v)}
            circle = any(changes.get(name) == record.id for name in own)
            problem = Phrase("“%(name)s” cannot belong to itself.", name=called(record)) if circle else None
            compared.append(Comparison(changes, problem))
        return compared

    def revise(self, record: M, changes: Mapping[str, Any], row: int) -> dict[str, Any]:
        """Write what a row changes; gives what was there before. Raises Stale when someone was faster."""
        values = {**changes, **self.model.derived({**record.__data__, **changes})}
        before = {name: stored_as(record.__data__.get(name)) for name in values}
        self._write(record, values, "edited")
        return before

    @classmethod
    def recorded(cls, number: int) -> list[tuple[str, int, int]]:
        """What still stands in a ledger because of one import: trigger, how many amounts, their sum."""
        return []

    def money(self, record: M | None, values: Mapping[str, Any]) -> Iterable[tuple[str, int, date]]:
        """What a new record, or a change of one just compared, writes into a ledger: trigger, amount, day."""
        return ()

    def put_back(self, record: M, before: Mapping[str, Any], row: int) -> None:
        """Undo what a row changed. Raises Stale when someone was faster."""
        fields = self.model._meta.fields
        values = {
            name: date.fromisoformat(value) if value and fields[name].field_type == "DATE" else value
            for name, value in before.items()
        }
        self._write(record, values, "import undone")

    def _write(self, record: M, values: Mapping[str, Any], verb: str) -> None:
        changes = record.changed_fields(values)
        record.write(**values)
        record.track(verb, by=self.by, changes=changes)

    def take_back(self, records: Sequence[M]) -> set[int]:
        """Remove records that nobody built on; gives the ids of those that stay, emptied. Raises Stale."""
        if not records:
            return set()
        model = self.model
        going = bulk.among(model.id, [record.id for record in records])
        for key, other in model._meta.backrefs.items():
            if other is model:  # those that go may refer to each other
                model.update({key.name: None}).where(going).execute()
        told = [(r.id, getattr(r, "customer_id", None), {"name": [called(r), None]}) for r in records]
        Event.leave_many(model.kind(), told, "removed", by=self.by)
        model.delete().where(going).execute()
        self._reindex({record.id: getattr(record, "customer_id", None) for record in records})
        return set()

    def _reindex(self, found: Mapping[int, int | None]) -> None:
        """Ask for the search documents of some records, each with its customer's id, to be made again."""
        if issubclass(self.model, Indexed):
            SearchOutbox.note(self.model.kind(), found)

    def unused(self, field: Any, wanted: Sequence[tuple[str, str]]) -> list[str]:
        """Each stem and ending as one text that no record has yet, numbered where it must be."""
        taken: set[str] = set()
        for batch in chunked(sorted({stem for stem, _ending in wanted}), 100):
            alike = reduce(or_, [field.startswith(stem) for stem in batch])
            found: Any = self.model.select(field).where(alike).tuples()
            taken |= {value for (value,) in found}
        given = []
        for stem, ending in wanted:
            text, copy = stem + ending, 1
            while text in taken:
                copy += 1
                text = f"{stem}-{copy}{ending}"
            taken.add(text)
            given.append(text)
        return given


def portal_id(record: Any) -> str:
    """A record's number in lists that leave the portal: C12-048231.

    Its noun's first letter, its id, and the fraction of the second at which it was made, so that another
    noun's number, or that of another company's portal, is none here.
    """
    return f"{record.kind()[0].upper()}{record.id}-{record.created_at.microsecond:06}"


def called(record: Any) -> str:
    """What a record is called by."""
    return getattr(record, "name", "") or getattr(record, "title", "") or getattr(record, "text", "")


def _name_of(row: Mapping[str, Any]) -> Any:
    return row.get("name") or row.get("title") or row.get("text")


def same(name: str, stored: Any, given: Any) -> bool:
    """Whether a value from a file is the one on record, as far as reading a file can tell."""
    if stored == given:
        return True
    if not isinstance(stored, str) or not isinstance(given, str):
        return False
    if name in ("phone", "code", "employee_no"):
        stored, given = unicodedata.normalize("NFKC", stored), unicodedata.normalize("NFKC", given)
        if given.isdigit() and stored.lstrip("0") == given:
            return True  # a spreadsheet drops the zeros
    if name == "email":
        stored, given = stored.lower(), given.lower()
    return visible(stored).split() == visible(given).split()


def stored_as(value: Any) -> Any:
    """A value as JSON keeps it."""
    return value.isoformat() if isinstance(value, date) else value
