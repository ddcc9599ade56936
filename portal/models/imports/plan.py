"""What an import would do with each row of its file: the dry run and the run both follow it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from itertools import chain, groupby
from typing import Any, Self

from peewee import CharField, chunked

from portal import i18n
from portal.i18n import Phrase
from portal.models.base import bulk
from portal.models.base.fields import TextField
from portal.models.base.intake import same
from portal.models.base.record import costs
from portal.models.customers.masks import holds_mask
from portal.models.imports.aliases import fold
from portal.models.imports.drafts import Draft, in_column, parents_first
from portal.models.imports.imports import BATCH, OWNER, Import
from portal.models.imports.matching import match, refuse_repeats
from portal.models.imports.named import MODELS, NAMED
from portal.models.imports.names import Known, Name, Names
from portal.models.imports.schemas import IDENT, ImportField, ImportSchema
from portal.models.knowledge import audience
from portal.models.people.people import Person
from portal.tables import handbook
from portal.tables.cells import (
    EXACT,
    BadCell,
    Cell,
    ends_in_zeros,
    parse_code,
    parse_integer,
    parse_lines,
    parse_money,
    parse_text,
    refuse_cut,
    refuse_shortened,
    shortened,
)
from portal.tables.days import DateOrder, parse_date
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
    paid_on_close: bool = False
    """Whether the money of a won deal came on the day that it was closed: never unless someone says so."""
    owner: str = ""
    """The address of whoever owns the rows that name no owner."""

    @classmethod
    def of(cls, choices: Mapping[str, Any]) -> ImportOptions:
        return cls(
            choices.get("date_order") or "ymd",
            UNITS.get(str(choices.get("revenue_unit", "1")), 0),
            bool(choices.get("paid_on_close", False)),
            str(choices.get("owner") or ""),
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
        self.drafts = [Draft(row.number, problems=[row.problem] if row.problem else []) for row in table.rows]
        whole = self.sound
        self.private = (*getattr(schema.model, "restricted", ()), *schema.private)
        for column, index in self.columns.items():
            self._read(column, index, table.rows)
        self.named = [column for column in self.columns if column.noun]
        if self._fills_owners and schema.field(OWNER) not in self.named:
            self.named.append(schema.field(OWNER))
        for draft in whole:
            self._complete(draft)
        self._resolve(whole)
        refuse_repeats(schema, self.sound)
        match(schema, self.sound, by)
        self._settle_doubts()
        self._settle_names()
        self.drafts = parents_first(self.drafts)
        if any(name.choice == "add" for name in names.asked):
            for value in chain.from_iterable(draft.values.values() for draft in self.sound):
                for part in parts_of(value):
                    if isinstance(part, Name):
                        part.used = True

    @classmethod
    def of(cls, imported: Import) -> Self:
        """What would happen with each row of an import. Raises Unreadable."""
        by, choices, table = imported.by, imported.choices, imported.read_through()
        names = Names(
            choices.get("names", {}),
            bold=choices.get("bold", True),
            add_people=by is None or by.is_administrator,
            by=imported.by_id,
        )
        for name in (
            "table",
            "whole",
        ):  # read again where it is needed: a large one should not stay in memory
            imported.__dict__.pop(name, None)
        options = ImportOptions.of(choices)
        if IDENT not in imported.columns:
            table = _of_elsewhere(table)
        return cls(imported.schema, table, imported.columns, options=options, names=names, by=by)

    @property
    def sound(self) -> list[Draft]:
        """The rows that can be taken."""
        return [draft for draft in self.drafts if draft.is_sound]

    @property
    def targets(self) -> dict[int, int]:
        """The record that is there already, by row."""
        return {draft.row: draft.target for draft in self.drafts if draft.target is not None}

    def _read(self, column: ImportField, index: int, rows: Sequence[TableRow]) -> None:
        """Put each cell of a column into its row as the field wants it, each different one parsed once."""
        name, read, known = column.name, _reader(self.schema, column, self.options), dict[Any, Any]()
        cut = column.reads == "code" and _is_cut(row.values[index] for row in rows)
        for draft, row in zip(self.drafts, rows, strict=True):
            cell = row.values[index]
            if cell is None:
                continue
            key = cell if isinstance(cell, str) else (type(cell), cell)  # 1 is not TRUE
            if key not in known:
                if len(known) > 50_000:
                    known.clear()
                try:
                    if cut and ends_in_zeros(parse_code(cell)):
                        raise shortened(cell)
                    known[key] = read(cell)
                except BadCell as bad:
                    known[key] = bad
            value = known[key]
            if isinstance(value, BadCell):
                if draft.is_sound or draft.bad:  # a row of another width has its cells in wrong columns
                    draft.refuse(in_column(self.headers[index], value.message), field=name)
            elif value != "":
                draft.values[name] = value

    @property
    def _fills_owners(self) -> bool:
        """Whether rows without an owner are given one."""
        return bool(self.options.owner) and OWNER in self.schema.names

    def _complete(self, draft: Draft) -> None:
        """Gather what belongs together, put masks aside, and refuse a row that lacks what it needs."""
        values = draft.values
        draft.ident = values.pop(IDENT, "")
        for name in self.private:
            if name in values and holds_mask(values[name]):
                draft.masked += ((name, values.pop(name)),)
        if self.schema.gather is not None:
            self.schema.gather(values)
        if self._fills_owners and OWNER not in values and OWNER not in draft.bad:
            values[OWNER], draft.is_filled = self.options.owner, True
        lacking = self.schema.lacking({*values, *draft.bad} if draft.bad else values)
        if lacking is not None:
            draft.refuse(in_column(lacking.label, Phrase("This cell is empty.")), field=lacking.name)

    def _judge(self, draft: Draft) -> None:
        """Refuse what the verb for a single record would refuse, as far as the row could be read."""
        model = self.schema.model
        for name, fault in (model.faults(draft.values) | costs(model, draft.values)).items():
            if name in draft.bad:
                continue
            label = next((field.label for field in self.schema.fields if field.name == name), "")
            given = draft.values.get(name)
            if isinstance(given, str | date):
                fault = Phrase("“%(value)s”: %(problem)s", value=str(given)[:60], problem=fault)
            told = in_column(label, fault) if label else fault
            if name in getattr(model, "may_stay", ()):
                draft.doubts[name] = told
            else:
                draft.refuse(told, field=name)

    def _settle_doubts(self) -> None:
        """What the record holds so already is not judged anew, for those who may read it there in full."""
        doubted = [draft for draft in self.drafts if draft.doubts]
        model: Any = self.schema.model
        targets = {draft.target for draft in doubted if draft.target is not None}
        known = {record.id: record for record in bulk.read(model, model.id, targets)}
        for draft in doubted:
            record = known.get(draft.target or 0)
            for name, fault in draft.doubts.items():
                if record is None or not self._stays(record, name, draft.values[name]):
                    draft.refuse(fault, field=name)

    def _stays(self, record: Any, name: str, given: Any) -> bool:
        return same(name, getattr(record, name), given) and (self.by is None or record.open_to(self.by))

    def _resolve(self, whole: Sequence[Draft]) -> None:
        """Put ids in the place of names; then each row is judged as a whole."""
        by_row = {draft.row: draft for draft in self.drafts}
        for column in self.named:
            counts = Counter(
                text for d in whole if column.name in d.values for text in parts_of(d.values[column.name])
            )
            brings = self._brought(column.noun, whole)
            self.names.resolve(column.noun, counts, makes=column.makes, facts=column.facts, own=brings)
        for draft in whole:
            for column in self.named:
                if column.name not in draft.values:
                    continue
                if column.reads == "names":
                    self._put_several(draft, column)
                else:
                    self._put(draft, column, by_row)
            if self.schema.settle is not None:
                self.schema.settle(draft.values, self.options.paid_on_close)
            self._judge(draft)

    def _brought(self, noun: str, whole: Iterable[Draft]) -> dict[str, int]:
        """By which names and numbers the rows of this file bring records of a noun: 0 where several do."""
        found: dict[str, int] = {}
        if self.schema.model is not MODELS.get(noun):
            return found
        for draft in whole:
            for field in ("name", *NAMED[noun].also):
                if text := fold(draft.values.get(field, "")):
                    found[text] = draft.row if found.get(text, draft.row) == draft.row else 0
        return found

    def _put(self, draft: Draft, column: ImportField, by_row: Mapping[int, Draft]) -> None:
        name = self.names.of(column.noun, draft.values[column.name])
        if name.is_settled:
            draft.values[column.name] = name.found
            if column.name == OWNER:
                draft.owner = name
        elif name.several and name.ids:
            draft.values[column.name] = name  # the record itself may say which is meant
        elif name.choice == "refuse":
            del draft.values[column.name]
            draft.refuse(in_column(column.label, name.refusal), field=column.name)
        elif name.own_row is not None:
            draft.above = name.own_row
            draft.values[column.name] = name
            by_row[name.own_row].facts.update(column.facts)
            if name.own_row == draft.row:
                draft.refuse(Phrase("“%(name)s” cannot belong to itself.", name=name.text), field=column.name)
        else:
            draft.values[column.name] = name

    def _put_several(self, draft: Draft, column: ImportField) -> None:
        names = [self.names.of(column.noun, text) for text in draft.values[column.name]]
        refused = [name for name in names if name.choice == "refuse" and not (name.several and name.ids)]
        if refused:
            del draft.values[column.name]
            draft.refuse(*(in_column(column.label, name.refusal) for name in refused), field=column.name)
        else:
            draft.values[column.name] = tuple(name.found if name.is_settled else name for name in names)

    def _settle_names(self) -> None:
        """What the record on hand tells of a name: which of several is meant, and who owns it already."""
        targets = [draft for draft in self.drafts if draft.target is not None]
        for draft in targets:
            if draft.by_name:
                draft.values.pop(self.schema.keys[-1], None)
            if draft.is_filled:
                draft.values.pop(OWNER, None)
        for column in self.named:
            self._settle_name(column, [draft for draft in self.sound if column.name in draft.values])

    def _settle_name(self, column: ImportField, drafts: Sequence[Draft]) -> None:
        several = []
        if any(name.ids for name in self.names.by_noun[column.noun].values()):
            several = [d for d in drafts if any(_is_open(part) for part in parts_of(d.values[column.name]))]
        leaving = self._left_by_leavers(column, drafts)
        known = {draft.target for draft in (*several, *leaving) if draft.target is not None}
        now = self.schema.intake.held(column.name, known)
        for draft in several:
            mine = set(parts_of(now.get(draft.target or 0)))
            given = parts_of(draft.values[column.name])
            meant = tuple(next(iter(one.ids & mine), one) if _is_open(one) else one for one in given)
            unclear = [one for one in meant if _is_open(one)]
            if unclear:
                draft.refuse(in_column(column.label, unclear[0].refusal), field=column.name)
            else:
                draft.values[column.name] = meant if column.reads == "names" else meant[0]
        for draft in leaving:
            if draft.target is None or now.get(draft.target) != draft.values[column.name]:
                self._ask_for_owner(draft, column)

    def _left_by_leavers(self, column: ImportField, drafts: Sequence[Draft]) -> list[Draft]:
        """The rows that would belong to someone who has left, though somebody must look after them."""
        whole = self.schema.owned_while
        if column.name != OWNER or whole is None:
            return []
        ids = {value for d in drafts if isinstance(value := d.values[OWNER], int)}
        gone: Any = Person.select(Person.id).where(Person.deactivated_at.is_null(False)).tuples()
        left = ids & {ident for (ident,) in gone} if ids else set()
        return [d for d in drafts if d.values[OWNER] in left and whole(d.values)] if left else []

    def _ask_for_owner(self, draft: Draft, column: ImportField) -> None:
        name = self.names.leaver(draft.owner, may_be_none=not column.needed)
        if name.choice == "same":
            draft.values[OWNER] = name.found
        elif name.choice == "none":
            del draft.values[OWNER]
        else:
            draft.refuse(in_column(column.label, name.refusal), field=OWNER)

    def may_change(self, record: Any) -> bool:
        """An administrator imports nearly anything; others only what they may edit by hand."""
        by = self.by
        anything = by is None or (by.is_administrator and not self.schema.by_hand)
        return anything or bool(record.editable_by(by))

    def batches(self, done: Iterable[int] = (), size: int = BATCH) -> Iterator[list[Draft]]:
        """The rows still to be done, in pieces; no piece has a row and the row that it belongs to."""
        gone = set(done)
        for _depth, level in groupby(self.drafts, key=lambda draft: draft.depth):
            yield from chunked([draft for draft in level if draft.row not in gone], size)


def _of_elsewhere(table: Table) -> Table:
    """A handbook whose numbers are not this portal's."""
    texts, notes = handbook.of_elsewhere(table.headers, [row.values for row in table.rows])
    at = table.headers.index("text") if "text" in table.headers else 0
    rows = [
        row if text is None else replace(row, values=(*row.values[:at], text, *row.values[at + 1 :]))
        for row, text in zip(table.rows, texts, strict=True)
    ]
    return replace(table, rows=rows, notes=(*table.notes, *notes))


def _reader(schema: ImportSchema, column: ImportField, options: ImportOptions) -> Callable[[Cell], Any]:
    """What reads a cell as its field wants it. It raises BadCell."""
    if column.reads == "day":
        return partial(parse_date, order=options.date_order)
    if column.reads == "money":
        return partial(_amount, digits=i18n.currency().digits + (options.unit if column.in_units else 0))
    if column.reads == "whole":
        return _whole
    if column.reads == "lines":
        return parse_lines
    if column.reads in ("names", "readers"):
        names = Known.read(column.noun, ["*"]).ids if column.noun else map(fold, audience.called())
        return partial(_texts, whole=frozenset(names))
    if column.reads == "word":
        return partial(_word, column=column, known=_words_of(column))
    stored, parse = (
        _stored_in(schema, column),
        parse_code if column.reads in ("code", "email") else parse_text,
    )
    longest = stored.max_length if isinstance(stored, CharField) else LONGEST_WORD

    def text(cell: Cell) -> str:
        if column.reads == "code":
            refuse_shortened(cell)
        text = parse(cell)
        text = " ".join(text.split()) if "\n" in text or "\r" in text or "\t" in text else text
        if len(text) > longest:
            problem = Phrase("This text has %(found)s characters of %(most)s.", found=len(text), most=longest)
            raise BadCell("too_long", problem)
        return text.lower() if column.reads == "email" else text

    return _long_text if column.reads == "kind" or isinstance(stored, TextField) else text


def _long_text(cell: Cell) -> str:
    refuse_cut(cell)
    return parse_text(cell)


_APART = re.compile("[;；\n\r]+")
_PERHAPS_APART = re.compile("[,，、|/]+")


def _texts(cell: Cell, whole: Collection[str]) -> Any:
    """Several names in one cell; what is on record as one name is one. Nothing where there is none."""
    found = list[str]()
    text = parse_text(cell)
    for part in [text] if fold(text) in whole else _APART.split(text):
        found += [part] if fold(part) in whole else _PERHAPS_APART.split(part)
    return tuple(dict.fromkeys(name for part in found if (name := part.strip()[:LONGEST_WORD]))) or ""


def _word(cell: Cell, column: ImportField, known: Mapping[str, str]) -> str:
    """A word of a closed list, in whichever language."""
    text = parse_text(cell)
    if text and fold(text) not in known:
        offered = [i18n.gettext(words[0]) for words in column.words.values()]
        told = Phrase("“%(value)s” is none of these: %(words)s.", value=text[:40], words="; ".join(offered))
        raise BadCell("word", told)
    return known[fold(text)] if text else ""


def _words_of(column: ImportField) -> dict[str, str]:
    """What each folded word of a closed list means: a word before a colon says as much as the whole."""
    said = [
        (word, value)
        for value, words in column.words.items()
        for phrase in words
        for word in (value, *i18n.in_each_language(phrase))
    ]
    return {fold(part): value for word, value in said for part in (re.split("[:：]", word)[0], word)}


def parts_of(value: Any) -> tuple[Any, ...]:
    """What a field of a row holds, as several: most hold one."""
    return value if isinstance(value, tuple) else (value,)


def _is_open(value: Any) -> bool:
    """Whether it is a name that several records have."""
    return isinstance(value, Name) and bool(value.ids)


def _is_cut(cells: Iterable[Cell]) -> bool:
    """Whether all long numbers of a column end in zeros, as a spreadsheet leaves them."""
    long = [text for cell in cells if len(text := parse_code(cell)) > EXACT and text.isdigit()]
    return bool(long) and all(ends_in_zeros(text) for text in long)


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
