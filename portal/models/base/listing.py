"""A sorted list read in pieces by keyset: the thousandth piece costs what the first does."""

from __future__ import annotations

import base64
import json
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import reduce
from operator import and_
from typing import Any, Generic, TypeVar

from peewee import Case, Field, ModelSelect, Select, fn

from portal.models.base.database import db
from portal.models.base.record import Row
from portal.text.writing import clean

R = TypeVar("R", bound=Row)
K = TypeVar("K", bound=Hashable)
SIZE = 50


@dataclass(frozen=True)
class Listing(Generic[R]):
    """One piece of a sorted list."""

    rows: list[R]
    more: str
    """The cursor of the next piece; empty at the end."""
    sort: str
    """The column it is sorted by, `-name` for descending."""


def listing(
    query: ModelSelect[R], *, sorts: dict[str, Field[Any]], sort: str, after: str = "", size: int = SIZE
) -> Listing[R]:
    """A piece of a query, sorted by one of the columns in `sorts` and by id; empty values come last.

    `sort` is a key of `sorts`, with `-` for descending; anything unknown falls back to the first.
    A cursor that cannot be read starts from the top.
    """
    name = sort.lstrip("-")
    if name not in sorts:
        sort = name = next(iter(sorts))
    column, down = sorts[name], sort.startswith("-")
    cursor, rows = _unpack(after, column), list[R]()
    if cursor is None or cursor[0] is not None:
        rows = _filled(query, column, down, cursor, size + 1)
    if column.null and len(rows) <= size:  # an index holds empty values at one end: they are read apart
        rows += _empty(query, column, down, cursor, size + 1 - len(rows))
    more = _pack(rows[size - 1], column) if len(rows) > size else ""
    return Listing(rows[:size], more, sort)


def _filled(query: Any, column: Any, down: bool, cursor: tuple[Any, int] | None, most: int) -> list[Any]:
    ident = query.model.id
    if column.null:
        query = query.where(column.is_null(False))
    if cursor is not None:
        value, last = cursor
        # Said so that an index can start at the cursor: `a > x OR (a = x AND id > y)` would make it scan.
        rest = (column < value) | (ident < last) if down else (column > value) | (ident > last)
        query = query.where((column <= value if down else column >= value) & rest)
    order = (column.desc(), ident.desc()) if down else (column.asc(), ident.asc())
    return list(query.order_by(*order).limit(most))


def _empty(query: Any, column: Any, down: bool, cursor: tuple[Any, int] | None, most: int) -> list[Any]:
    ident = query.model.id
    query = query.where(column.is_null())
    if cursor is not None and cursor[0] is None:
        query = query.where(ident < cursor[1] if down else ident > cursor[1])
    return list(query.order_by(ident.desc() if down else ident.asc()).limit(most))


def _pack(row: Row, column: Field[Any]) -> str:
    value = row.__data__.get(column.name)
    if isinstance(value, date | datetime):
        value = value.isoformat()
    return packed(value, row.id)


def _unpack(cursor: str, column: Field[Any]) -> tuple[Any, int] | None:
    found = unpacked(cursor, 2)
    if found is None or type(found[1]) is not int:
        return None
    value, ident = found
    if value is None:
        return (None, ident) if column.null else None
    kind = type(column).__name__
    if "Date" in kind:
        value = (moment_of if "DateTime" in kind else day_of)(value) if isinstance(value, str) else None
    elif "Char" in kind or "Text" in kind or "Name" in kind or "Month" in kind or "State" in kind:
        value = value if isinstance(value, str) else None
    else:
        value = None if isinstance(value, str) else value
    return None if value is None else (value, ident)


# --- What an address or a form says, read: one answer for all that is none of it -----------------------

LARGEST = 2**63 - 1
"""What a database holds for an id or an amount."""
LONGEST = 2_000
"""Characters of a cursor: a name of 255 characters is a third of it."""


def number_of(text: str | None) -> int:
    """An id out of an address; 0 for anything that is none."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else 0


def day_of(text: str | None) -> date | None:
    """A day out of an address: one that a calendar, a database and a time zone have; None for all else."""
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        return None
    return day if date(1900, 1, 1) <= day < date(9999, 1, 1) else None


def moment_of(text: str | None) -> datetime | None:
    """A moment with its zone out of an address; None for all else."""
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return moment if moment.tzinfo is not None and 1900 <= moment.year < 9999 else None


def packed(*values: Any) -> str:
    """Plain values as one word of an address: where a list goes on."""
    text = json.dumps(values, ensure_ascii=False)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def unpacked(word: str, size: int) -> list[Any] | None:
    """So many plain values out of an address, text that may be stored, numbers that a database holds."""
    if len(word) > LONGEST:
        return None
    try:
        values = json.loads(base64.urlsafe_b64decode(word + "=" * (-len(word) % 4)))
    except (ValueError, RecursionError):
        return None
    if not isinstance(values, list) or len(values) != size or not all(map(_is_plain, values)):
        return None
    return [clean(value) if isinstance(value, str) else value for value in values]


def _is_plain(value: Any) -> bool:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return -LARGEST <= value <= LARGEST  # which infinity and NaN are not
    return value is None or isinstance(value, str)


def counted(queries: Mapping[K, ModelSelect[Any]], *, most: int = 999) -> dict[K, int | None]:
    """How many rows each query has, read in one go; None where there are more than `most`."""
    if not queries:
        return {}
    subqueries = [_bounded(query, most + 1).alias(f"n{i}") for i, query in enumerate(queries.values())]
    row = next(iter(Select([], subqueries).execute(db)))
    counts = [row[f"n{i}"] for i in range(len(queries))]
    return {name: count if count <= most else None for name, count in zip(queries, counts, strict=True)}


def counted_among(
    query: ModelSelect[Any], choices: Mapping[K, Sequence[Any]], *, most: int = 999
) -> dict[K, int | None]:
    """How many rows of a query each list of conditions leaves; None for all where it has more than `most`.

    All in one go over the rows: a search that no index helps is made once, however many choices there are.
    """
    if not choices:
        return {}
    model: Any = query.model
    some = query.select(model.id).order_by().limit(most + 1)
    sums = [
        fn.COUNT(Case(None, [(reduce(and_, conditions, model.id > 0), 1)])) for conditions in choices.values()
    ]
    row: Any = model.select(fn.COUNT(model.id), *sums).where(model.id.in_(some)).tuples().get()
    return {choice: count if row[0] <= most else None for choice, count in zip(choices, row[1:], strict=True)}


def _bounded(query: Any, most: int) -> Any:
    some = query.select(query.model.id).order_by().limit(most).alias("some")
    return Select([some], [fn.COUNT(1)])
