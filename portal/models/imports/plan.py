"""What an import would do with each row of its file: the dry run and the run both follow it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import groupby
from typing import Any, Self

from peewee import CharField, chunked

from portal import i18n
from portal.i18n import Phrase
from portal.models.base.fields import TextField
from portal.models.imports.drafts import Draft, in_column, parents_first
from portal.models.imports.imports import BATCH, Import
from portal.models.imports.matching import match, refuse_repeats
from portal.models.imports.named import MODELS
from portal.models.imports.names import Name, Names
from portal.models.imports.schemas import ImportField, ImportSchema
from portal.models.people.people import Person
from portal.tables.cells import (
    BadCell,
    Cell,
    DateOrder,
    parse_code,
    parse_date,
    parse_integer,
    parse_money,
    parse_text,
)
from portal.tables.table import Table, TableRow

LARGEST_WHOLE = 2**31 - 1  # what a database's integer holds
LARGEST_MONEY = 10**15  # minor units, as forms allow
LONGEST_WORD = 120
UNITS = {"1": 0, "1000": 3, "10000": 4, "1000000": 6}
"""What a file's amounts may be in, with the power of ten."""


@dataclass(frozen=True)
class ImportOptions:
    """How a file is to be read, as a person chose."""

    date_order: DateOrder = "ymd"
    unit: int = 0
    """The power of ten that amounts in units are given in."""
    paid_on_close: bool = True
    """Whether the money of a won deal came on the day that it was closed."""

    @classmethod
    def of(cls, choices: Mapping[str, Any]) -> ImportOptions:
        return cls(
            choices.get("date_order") or "ymd",
            UNITS.get(str(choices.get("revenue_unit", "1")), 0),
            bool(choices.get("paid_on_close", True)),
        )


class ImportPlan:
    """A file read with its mapping: drafts in the order in which they can be written."""

    def __init__(
        self,
        schema: ImportSchema,
        table: Table,
        columns: Mapping[str, str],
        *,
        options: ImportOptions,
        names: Names,
        by: Person | None,
    ) -> None:
        self.schema, self.options, self.names, self.by = schema, options, names, by
        self.headers, self.notes = table.headers, table.notes  # not the rows: two copies are too many
        self.columns = {
            schema.field(name): table.headers.index(header)
            for name, header in columns.items()
            if name in schema.names and header in table.headers
        }
        self.drafts = [Draft(row.number, problem=row.problem) for row in table.rows]
        for column, index in self.columns.items():
            self._read(column, index, table.rows)
        self._complete()
        self._resolve(self.sound)
        refuse_repeats(schema, self.sound)
        match(schema, self.sound)
        self.drafts = parents_first(self.drafts)

    @classmethod
    def of(cls, imported: Import) -> Self:
        """What would happen with each row of an import. Raises Unreadable."""
        by, choices, table = imported.by, imported.choices, imported.table
        names = Names(
            choices.get("names", {}),
            bold=choices.get("bold", True),
            add_people=by is None or by.is_administrator,
        )
        del imported.table  # read again where it is needed: a large one should not stay in memory
        options = ImportOptions.of(choices)
        return cls(imported.schema, table, imported.columns, options=options, names=names, by=by)

    @property
    def sound(self) -> list[Draft]:
        """The rows that can be taken."""
        return [draft for draft in self.drafts if draft.problem is None]

    @property
    def targets(self) -> dict[int, int]:
        """The record that is there already, by row."""
        return {draft.row: draft.target for draft in self.drafts if draft.target is not None}

    def _read(self, column: ImportField, index: int, rows: Sequence[TableRow]) -> None:
        """Put each cell of a column into its row as the field wants it, each different one parsed once."""
        name, read, known = column.name, _reader(self.schema, column, self.options), dict[Any, Any]()
        for draft, row in zip(self.drafts, rows, strict=True):
            cell = row.values[index]
            if cell is None:
                continue
            key = cell if isinstance(cell, str) else (type(cell), cell)  # 1 is not TRUE
            if key not in known:
                if len(known) > 50_000:
                    known.clear()
                try:
                    known[key] = read(cell)
                except BadCell as bad:
                    known[key] = bad
            value = known[key]
            if isinstance(value, BadCell):
                draft.problem = draft.problem or in_column(self.headers[index], value.message)
            elif value != "":
                draft.values[name] = value

    def _complete(self) -> None:
        """Gather what belongs together, and refuse rows that lack what they need or hold what cannot be."""
        named = {column.name for column in self.columns if column.noun}
        for draft in self.sound:
            if self.schema.gather is not None:
                self.schema.gather(draft.values)
            lacking = self.schema.lacking(draft.values)
            if lacking is not None:
                draft.problem = in_column(lacking.label, Phrase("This cell is empty."))
            else:
                self._judge(draft, {n: v for n, v in draft.values.items() if n not in named})

    def _judge(self, draft: Draft, values: Mapping[str, Any]) -> None:
        """Refuse what the verb for a single record would refuse."""
        for name, fault in self.schema.model.faults(values).items():
            label = next((field.label for field in self.schema.fields if field.name == name), "")
            given = values.get(name)
            if isinstance(given, str | date):
                fault = Phrase("“%(value)s”: %(problem)s", value=str(given)[:60], problem=fault)
            draft.problem = in_column(label, fault) if label else fault
            return

    def _resolve(self, sound: Sequence[Draft]) -> None:
        """Put ids in the place of names; then each row is judged as a whole."""
        own = {d.values["name"]: d.row for d in sound if "name" in d.values}
        columns = [column for column in self.columns if column.noun]
        by_row = {draft.row: draft for draft in self.drafts}
        for column in columns:
            counts = Counter(d.values[column.name] for d in sound if column.name in d.values)
            brings = own if self.schema.model is MODELS.get(column.noun) else {}
            self.names.resolve(column.noun, counts, makes=column.makes, facts=column.facts, own=brings)
        for draft in sound:
            for column in columns:
                if draft.problem is None and column.name in draft.values:
                    name = self.names.of(column.noun, draft.values[column.name])
                    if name.is_settled:
                        draft.values[column.name] = name.found
                    else:
                        self._put(draft, column, name, by_row)
            if draft.problem is None and self.schema.settle is not None:
                self.schema.settle(draft.values, self.options.paid_on_close)
            if draft.problem is None:
                self._judge(draft, draft.values)

    def _put(self, draft: Draft, column: ImportField, name: Name, by_row: Mapping[int, Draft]) -> None:
        if name.choice == "refuse":
            draft.problem = name.refusal
        elif name.own_row is not None:
            draft.above = name.own_row
            draft.values[column.name] = name
            by_row[name.own_row].facts.update(column.facts)
            if name.own_row == draft.row:
                draft.problem = Phrase("“%(name)s” cannot belong to itself.", name=name.text)
        else:
            draft.values[column.name] = name

    def may_change(self, record: Any) -> bool:
        """An administrator imports anything; others only what they may edit by hand."""
        by = self.by
        return by is None or by.is_administrator or bool(record.editable_by(by))

    def batches(self, done: Iterable[int] = (), size: int = BATCH) -> Iterator[list[Draft]]:
        """The rows still to be done, in pieces; no piece has a row and the row that it belongs to."""
        gone = set(done)
        for _depth, level in groupby(self.drafts, key=lambda draft: draft.depth):
            yield from chunked([draft for draft in level if draft.row not in gone], size)


def _reader(schema: ImportSchema, column: ImportField, options: ImportOptions) -> Callable[[Cell], Any]:
    """What reads a cell as its field wants it. It raises BadCell."""
    if column.reads == "day":
        return partial(parse_date, order=options.date_order)
    if column.reads == "money":
        return partial(_amount, digits=i18n.currency().digits + (options.unit if column.in_units else 0))
    if column.reads == "whole":
        return _whole
    stored, parse = (
        _stored_in(schema, column),
        parse_code if column.reads in ("code", "email") else parse_text,
    )
    longest = stored.max_length if isinstance(stored, CharField) else LONGEST_WORD

    def text(cell: Cell) -> str:
        text = parse(cell)
        text = " ".join(text.split()) if "\n" in text or "\r" in text or "\t" in text else text
        if len(text) > longest:
            problem = Phrase("This text has %(found)s characters of %(most)s.", found=len(text), most=longest)
            raise BadCell("too_long", problem)
        return text.lower() if column.reads == "email" else text

    return parse if isinstance(stored, TextField) else text


def _amount(cell: Cell, digits: int) -> int:
    amount = parse_money(cell, digits)
    if amount < 0 or amount > LARGEST_MONEY:
        raise BadCell("amount", Phrase("“%(value)s” cannot be this amount.", value=parse_text(cell)[:40]))
    return amount


def _whole(cell: Cell) -> int:
    number = parse_integer(cell)
    if not 0 <= number <= LARGEST_WHOLE:
        raise BadCell("number", Phrase("“%(value)s” cannot be this number.", value=parse_text(cell)[:40]))
    return number


def _stored_in(schema: ImportSchema, column: ImportField) -> Any:
    """The column of the database where a text ends; None for one that is read and not kept."""
    if column.reads == "name":
        return MODELS[column.noun].name if column.noun in MODELS else None
    return getattr(schema.model, column.name, None)
