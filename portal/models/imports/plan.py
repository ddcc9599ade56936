"""What an import would do with each row of its file: the dry run and the run both follow it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from typing import Any

from peewee import chunked

from portal import clock, i18n
from portal.i18n import Phrase
from portal.models.imports.aliases import fold
from portal.models.imports.kinds import CONTACTS, CUSTOMERS, DEALS, PEOPLE, Field, Kind
from portal.models.imports.names import MODELS, Name, Names
from portal.models.people.people import Person
from portal.models.sales.deals import OPEN_STAGES, Stage
from portal.tables.cells import (
    BadCell,
    Cell,
    DateOrder,
    guess_date_order,
    parse_code,
    parse_date,
    parse_integer,
    parse_money,
    parse_text,
)
from portal.tables.table import Table

LARGEST_WHOLE = 2**31 - 1  # what a database's integer holds
LARGEST_MONEY = 10**15  # minor units, as forms allow
UNITS = {"1": 0, "1000": 3, "10000": 4, "1000000": 6}
"""What a file's amounts of revenue are in, with the power of ten."""
NO_ADDRESS = "@no-address.invalid"
"""The domain of the address given to people of whom none is known: nothing can be sent there (RFC 2606)."""
_HAN = re.compile(r"[\u3400-\u9fff]")


@dataclass(slots=True)
class Draft:
    """One row as it was understood: values by field, or the reason why it is not taken."""

    row: int
    values: dict[str, Any] = field(default_factory=dict)
    problem: Phrase | None = None
    target: int | None = None
    """The id of the record that it is about, where there is one already."""
    above: int | None = None
    """The row of the same file that must come first: its parent or manager."""
    depth: int = 0
    """How many rows of the file are above it."""


@dataclass(frozen=True)
class Settings:
    """What a person said about the file as a whole."""

    date_order: DateOrder = "ymd"
    revenue_unit: int = 0
    """The power of ten that revenue is given in."""
    paid_on_close: bool = True
    """Whether the money of a won deal came on the day that it was closed."""

    @classmethod
    def of(cls, choices: Mapping[str, Any]) -> Settings:
        return cls(
            choices.get("date_order") or "ymd",
            UNITS.get(str(choices.get("revenue_unit", "1")), 0),
            bool(choices.get("paid_on_close", True)),
        )


class Plan:
    """A file read with its mapping: drafts in the order in which they can be written."""

    def __init__(
        self,
        kind: Kind,
        table: Table,
        columns: Mapping[str, str],
        *,
        settings: Settings,
        names: Names,
        by: Person | None,
    ) -> None:
        self.kind, self.settings, self.names, self.by = kind, settings, names, by
        self.headers, self.notes = table.headers, table.notes  # not the rows: two copies are too many
        self.columns = {
            kind.field(name): table.headers.index(header)
            for name, header in columns.items()
            if name in kind.names and header in table.headers
        }
        self.drafts = [self._read(row.number, row.values, row.problem) for row in table.rows]
        self._complete()
        self._resolve()
        self._refuse_repeats()
        self._match()
        self.drafts = _parents_first(self.drafts)

    @property
    def sound(self) -> list[Draft]:
        """The rows that can be taken."""
        return [draft for draft in self.drafts if draft.problem is None]

    def _read(self, number: int, cells: Sequence[Cell], problem: Phrase | None) -> Draft:
        draft = Draft(number, problem=problem)
        for column, index in self.columns.items():
            cell = cells[index]
            if cell is None or cell == "":
                continue
            try:
                value = self._cell(column, cell)
            except BadCell as bad:
                if draft.problem is None:
                    draft.problem = in_column(self.headers[index], bad.message)
                continue
            if value is not None and value != "":
                draft.values[column.name] = value
        return draft

    def _cell(self, column: Field, cell: Cell) -> Any:
        memory = self.__dict__.setdefault("_memory", {}).setdefault(column.name, {})
        key = (type(cell), cell)
        if key not in memory:
            if len(memory) > 50_000:
                memory.clear()
            memory[key] = _read_cell(self, column, cell)
        return memory[key]

    def _complete(self) -> None:
        """Fill in what follows from the rest, and refuse rows that lack what they need."""
        complete = _COMPLETE.get(self.kind.name)
        for draft in self.drafts:
            if draft.problem is None and complete is not None:
                draft.problem = complete(self, draft.values)
            if draft.problem is None:
                draft.problem = next(
                    (
                        in_column(column.label, Phrase("This cell is empty."))
                        for column in self.kind.fields
                        if column.needed and column.name not in draft.values
                    ),
                    None,
                )

    def _resolve(self) -> None:
        """Put ids in the place of names."""
        own = {d.values["name"]: d.row for d in self.sound if "name" in d.values}
        for column in self.columns:
            if not column.noun:
                continue
            counts = Counter(d.values[column.name] for d in self.sound if column.name in d.values)
            brings = own if self.kind.model is MODELS.get(column.noun) else {}
            self.names.resolve(column.noun, counts, makes=column.makes, own=brings)
        for draft in self.drafts:
            for column in self.columns:
                if column.noun and draft.problem is None and column.name in draft.values:
                    self._put(draft, column)
            if draft.problem is None and self.kind is DEALS:
                draft.problem = _deal_problem(draft.values)

    def _put(self, draft: Draft, column: Field) -> None:
        name = self.names.of(column.noun, draft.values[column.name])
        if name.choice == "refuse":
            draft.problem = name.refusal
        elif name.own_row is not None:
            draft.above = name.own_row
            del draft.values[column.name]
            draft.values[f"{column.name}?"] = name
            if name.own_row == draft.row:
                draft.problem = Phrase("“%(name)s” cannot belong to itself.", name=name.text)
        elif name.found is not None:
            draft.values[column.name] = name.found
        else:
            draft.values[column.name] = name

    def _refuse_repeats(self) -> None:
        """One row for one record: a second row with the same key would undo the first."""
        first: dict[tuple[str, Any], int] = {}
        unique = [key for key in self.kind.keys if key in ("code", "email", "employee_no")]
        for draft in self.sound:
            keys = [(key, draft.values[key]) for key in unique if key in draft.values]
            if self.kind is CONTACTS:
                keys = [(key, (value, _identity(draft.values["customer"]))) for key, value in keys]
            if not keys and self.kind.keys[-1] in draft.values:
                whose = _identity(draft.values.get("customer")) if self.kind in (CONTACTS, DEALS) else None
                keys = [("name", (fold(draft.values[self.kind.keys[-1]]), whose))]
            for key in keys:
                if key in first:
                    draft.problem = Phrase("Row %(row)s of this file is about the same.", row=first[key])
                    break
            else:
                first.update(dict.fromkeys(keys, draft.row))

    def _match(self) -> None:
        """Find the records that the rows are about."""
        Matching(self).match(self.sound)

    def may_change(self, record: Any) -> bool:
        """An administrator imports anything; others only what they may edit by hand."""
        by = self.by
        return by is None or by.is_administrator or bool(record.editable_by(by))

    def batches(self, size: int, done: Iterable[int] = ()) -> Iterator[list[Draft]]:
        """The rows still to be done, in pieces; no piece has a row and the row that it belongs to."""
        gone = set(done)
        for _depth, level in groupby(self.drafts, key=lambda draft: draft.depth):
            yield from chunked([draft for draft in level if draft.row not in gone], size)


def in_column(header: str, problem: Phrase) -> Phrase:
    """A problem with the column that it is in."""
    return Phrase("%(column)s: %(problem)s", column=header, problem=problem)


def _identity(value: Any) -> Any:
    return value.text if isinstance(value, Name) else value


def _read_cell(plan: Plan, column: Field, cell: Cell) -> Any:
    """One cell as its field wants it. Raises BadCell."""
    if column.reads == "day":
        return parse_date(cell, plan.settings.date_order)
    if column.reads == "money":
        power = plan.settings.revenue_unit if column.name == "revenue" else 0
        amount = parse_money(cell, i18n.currency().digits + power)
        if amount < 0 or amount > LARGEST_MONEY:
            raise BadCell("amount", Phrase("“%(value)s” cannot be this amount.", value=parse_text(cell)[:40]))
        return amount
    if column.reads == "whole":
        number = parse_integer(cell)
        if not 0 <= number <= LARGEST_WHOLE:
            raise BadCell("number", Phrase("“%(value)s” cannot be this number.", value=parse_text(cell)[:40]))
        return number
    text = parse_code(cell) if column.reads in ("code", "email") else parse_text(cell)
    text = _plain_line(text) if column.name not in ("note", "description") else text
    longest = _longest(plan.kind, column)
    if longest and len(text) > longest:
        raise BadCell(
            "too_long",
            Phrase("This text has %(found)s characters of %(most)s.", found=len(text), most=longest),
        )
    if column.reads == "email" and text and not re.fullmatch(r"[^\s@]+@[^\s@]+\.[^\s@]+", text):
        raise BadCell("email", Phrase("“%(value)s” is not an e-mail address.", value=text[:60]))
    return text.lower() if column.reads == "email" else text


def _plain_line(text: str) -> str:
    return " ".join(text.split()) if "\n" in text or "\r" in text or "\t" in text else text


def _longest(kind: Kind, column: Field) -> int | None:
    if column.reads == "name":
        return 120 if column.noun in ("person", "department", "customer_type", "stage") else 200
    stored: Any = getattr(kind.model, column.name, None)
    return getattr(stored, "max_length", None) if stored is not None else 120


def guess_order(table: Table, kind: Kind, columns: Mapping[str, str]) -> str:
    """The order of the dates in the columns that hold days: ymd, mdy, dmy, `ambiguous`, '' for no dates."""
    found: set[str] = set()
    for name, header in columns.items():
        if name in kind.names and kind.field(name).reads == "day" and header in table.headers:
            index = table.headers.index(header)
            samples = [row.values[index] for row in table.rows[:20_000] if row.values[index] is not None]
            if samples:
                found.add(guess_date_order(samples))
    telling = found - {"ambiguous"}
    if len(telling) == 1:
        return telling.pop()
    return "ambiguous" if found else ""


def _person_name(plan: Plan, values: dict[str, Any]) -> Phrase | None:
    """A name in two parts: family name first in Chinese."""
    last, first = values.pop("last_name", ""), values.pop("first_name", "")
    if not values.get("name"):
        glue = "" if _HAN.search(last + first) else " "
        whole = glue.join(filter(None, (last, first) if glue == "" else (first, last)))
        if not whole:
            return in_column(plan.kind.field("name").label, Phrase("This cell is empty."))
        values["name"] = whole
    return None


def _website(plan: Plan, values: dict[str, Any]) -> Phrase | None:
    site = values.get("website")
    if site and not re.match(r"(https?://)?[^\s:/@]+\.[^\s:/@]+(:\d+)?(/\S*)?$", site):
        return in_column(
            plan.kind.field("website").label, Phrase("“%(value)s” is no web address.", value=site)
        )
    return None


def _deal(plan: Plan, values: dict[str, Any]) -> Phrase | None:
    """A title made of product and customer where the file has none."""
    if "title" not in plan.kind.names or not ({"code", "title"} & values.keys()):
        return in_column(plan.kind.field("code").label, Phrase("This cell is empty."))
    return None


def _deal_problem(values: dict[str, Any]) -> Phrase | None:
    """Whether a deal can stand as the row says (a verb would refuse the same)."""
    stage, closed, engaged = values.get("stage"), values.get("closed_on"), values.get("engaged_on")
    if stage in OPEN_STAGES:
        if closed:
            values["expected_on"] = values.pop("closed_on")
        return None
    if closed is None:
        return Phrase("A closed deal needs the day on which it was closed.")
    if closed > clock.today():
        return Phrase("It cannot have been closed on %(day)s: that day is still to come.", day=str(closed))
    if engaged is not None and engaged > closed:
        return Phrase("It cannot have been closed before it was begun.")
    if stage == Stage.WON and not values.get("amount"):
        return Phrase("A won deal needs its amount.")
    if stage == Stage.LOST and not values.get("amount"):
        values.pop("amount", None)
    return None


_COMPLETE: dict[str, Callable[[Plan, dict[str, Any]], Phrase | None]] = {
    CUSTOMERS.name: _website,
    CONTACTS.name: _person_name,
    PEOPLE.name: _person_name,
    DEALS.name: _deal,
}


def _parents_first(drafts: list[Draft]) -> list[Draft]:
    """The same rows, each after the row of the file that it belongs to; a circle is refused."""
    by_row = {draft.row: draft for draft in drafts}
    settled: set[int] = set()
    for draft in drafts:
        path: list[Draft] = []
        step: Draft | None = draft
        while step is not None and step.row not in settled and step not in path:
            path.append(step)
            step = by_row.get(step.above) if step.above is not None else None
        if step is not None and step in path:
            for one in path[path.index(step) :]:
                one.problem = one.problem or Phrase("These rows belong to each other in a circle.")
                one.above = None
        for below in reversed(path):
            boss = by_row.get(below.above) if below.above is not None else None
            settled.add(below.row)
            if boss is not None:
                below.depth = boss.depth + 1
                if boss.problem is not None and below.problem is None:
                    below.problem = Phrase("It belongs to row %(row)s, which is not taken.", row=boss.row)
    return sorted(drafts, key=lambda draft: draft.depth)


class Matching:
    """Which stored record each row is about, by its surest key."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.kind = plan, plan.kind

    def match(self, drafts: list[Draft]) -> None:
        """Set each draft's target; refuse the ones that may mean several records."""
        claimed: dict[int, int] = {}
        strong = {key: self._stored(key, drafts) for key in self.kind.keys[:-1]}
        nameless = [d for d in drafts if not self._by_key(d, strong) and self.kind.keys[-1] in d.values]
        named = self._named() if nameless else {}
        for draft in nameless:
            self._by_name(draft, named)
        for draft in drafts:
            if draft.problem is None and draft.target is not None:
                if draft.target in claimed:
                    draft.problem = Phrase(
                        "Row %(row)s of this file is about the same.", row=claimed[draft.target]
                    )
                claimed.setdefault(draft.target, draft.row)

    def _stored(self, key: str, drafts: list[Draft]) -> dict[Any, int]:
        wanted = sorted({d.values[key] for d in drafts if key in d.values})
        model: Any = self.kind.model
        column = getattr(model, key)
        found: dict[Any, int] = {}
        for batch in chunked(wanted, 500):
            extra = [model.customer] if self.kind is CONTACTS else []
            for ident, value, *whose in (
                model.select(model.id, column, *extra).where(column.in_(batch)).tuples()
            ):
                found[(value, *whose)] = ident
        return found

    def _by_key(self, draft: Draft, strong: Mapping[str, dict[Any, int]]) -> bool:
        whose = (_identity(draft.values["customer"]),) if self.kind is CONTACTS else ()
        for key, stored in strong.items():
            target = stored.get((draft.values.get(key), *whose))
            if target is not None and draft.target is None:
                draft.target = target
            elif target is not None and target != draft.target:
                draft.problem = in_column(
                    self.kind.field(key).label, Phrase("Someone else has this already.")
                )
        return draft.target is not None

    def _named(self) -> dict[Any, list[tuple[int, str]]]:
        """All records by folded name, each with the key that would tell it from its namesakes."""
        model: Any = self.kind.model
        found: dict[Any, list[tuple[int, str]]] = {}
        name = getattr(model, self.kind.keys[-1])
        sure = getattr(model, self.kind.keys[0])
        whose = [model.customer] if self.kind in (CONTACTS, DEALS) else []
        query = model.select(model.id, name, sure, *whose)
        if self.kind in (DEALS, CONTACTS):
            query = query.where(model.archived_at.is_null())
        for ident, text, key, *customer in query.tuples():
            found.setdefault((fold(text), *customer), []).append((ident, _telling(text, key)))
        return found

    def _by_name(self, draft: Draft, named: Mapping[Any, list[tuple[int, str]]]) -> None:
        """By its name, unless both the row and the record have a key of their own and they differ."""
        text = draft.values.get(self.kind.keys[-1])
        if text is None:
            return
        whose = (_identity(draft.values.get("customer")),) if self.kind in (CONTACTS, DEALS) else ()
        given = draft.values.get(self.kind.keys[0], "")
        alike = [
            ident
            for ident, key in named.get((fold(text), *whose), ())
            if not given or not key or key == given
        ]
        if len(alike) > 1:
            draft.problem = Phrase("Several are called “%(name)s”. Add a column with a code.", name=text)
        elif alike:
            draft.target = alike[0]


def _telling(name: str, key: str | None) -> str:
    """A record's own key; '' where it was made up from the name."""
    if not key or key == name or key.endswith(NO_ADDRESS):
        return ""
    return key


def plain(value: Any) -> Any:
    """A value as JSON keeps it."""
    return value.isoformat() if isinstance(value, date) else getattr(value, "id", value)
