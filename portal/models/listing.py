"""A sorted list read in pieces by keyset: the thousandth piece costs what the first does."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, TypeVar

from peewee import Field, ModelSelect, Select, fn

from portal.models.base import Record, db

R = TypeVar("R", bound=Record)
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
    column, down, ident = sorts[name], sort.startswith("-"), query.model.id
    order = [column.desc(nulls="last") if down else column.asc(nulls="last")] if column.null else []
    order = order or [column.desc() if down else column.asc()]
    order.append(ident.desc() if down else ident.asc())
    cursor = _unpack(after, column)
    if cursor is not None:
        value, last = cursor
        later = ident < last if down else ident > last
        if value is None:
            query = query.where(column.is_null() & later)
        else:
            beyond = (column < value) if down else (column > value)
            rest = beyond | ((column == value) & later)
            query = query.where(rest | column.is_null() if column.null else rest)
    rows = list(query.order_by(*order).limit(size + 1))
    more = _pack(rows[size - 1], column) if len(rows) > size else ""
    return Listing(rows[:size], more, sort)


def _pack(row: Record, column: Field[Any]) -> str:
    value = row.__data__.get(column.name)
    if isinstance(value, date | datetime):
        value = value.isoformat()
    text = json.dumps([value, row.id], ensure_ascii=False)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _unpack(cursor: str, column: Field[Any]) -> tuple[Any, int] | None:
    try:
        value, ident = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if isinstance(value, str) and "DateTime" in type(column).__name__:
            value = datetime.fromisoformat(value)
        elif isinstance(value, str) and "Date" in type(column).__name__:
            value = date.fromisoformat(value)
        return value, int(ident)
    except (ValueError, TypeError):
        return None


def counted(queries: dict[str, ModelSelect[Any]], *, most: int = 999) -> dict[str, int | None]:
    """How many rows each query has, read in one go; None where there are more than `most`."""
    if not queries:
        return {}
    subqueries = [_bounded(query, most + 1).alias(f"n{i}") for i, query in enumerate(queries.values())]
    row = next(iter(Select([], subqueries).execute(db)))
    counts = [row[f"n{i}"] for i in range(len(queries))]
    return {name: count if count <= most else None for name, count in zip(queries, counts, strict=True)}


def _bounded(query: ModelSelect[Any], most: int) -> Any:
    some = query.order_by().limit(most).alias("some")
    return Select([some], [fn.COUNT(1)])
