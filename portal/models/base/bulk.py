"""Many rows in one statement, its SQL written here: peewee builds an expression for every value, which costs
several times what the database needs to store it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any, TypeVar

from peewee import SQL, JSONField, Model, chunked

from portal.models.base.database import db

M = TypeVar("M", bound=Model)
BATCH = 500  # rows in one statement


def insert(model: type[Model], rows: Sequence[Mapping[str, Any]], *, ignore: bool = False) -> list[int]:
    """Write rows by field, what a row lacks as the field's default; gives the ids of the written in order.

    `ignore` leaves out those that a unique key forbids.
    """
    meta: Any = model._meta
    defaults = [name for name, field in meta.fields.items() if field.default is not None]
    names = [name for name in dict.fromkeys(chain(*rows, defaults)) if name in meta.fields]
    columns = [_column(meta.fields[name], name, rows) for name in names]
    into = tuple(meta.fields[name].column_name for name in names)
    ids, end = list[int](), f'RETURNING "{meta.primary_key.column_name}"'
    end = f"ON CONFLICT DO NOTHING {end}" if ignore else end
    for batch in chunked(zip(*columns, strict=True), BATCH):
        sql = f"{_insertion(meta.table_name, into, len(batch), _mark())} {end}"
        written = db.execute_sql(sql, list(chain.from_iterable(batch))).fetchall()
        # both databases number the rows of one INSERT as they stand
        ids += sorted(ident for (ident,) in written)
    return ids


def find(columns: Sequence[Any], key: Any, values: Iterable[Any]) -> Iterator[tuple[Any, ...]]:
    """Some columns, as the database stores them, of the rows of which the key is one of many values."""
    table, names = key.model._meta.table_name, tuple(column.column_name for column in columns)
    for batch in chunked(values, BATCH):
        sql = _question(table, names, key.column_name, len(batch), _mark())
        yield from db.execute_sql(sql, [key.db_value(value) for value in batch]).fetchall()


def read(model: type[M], key: Any, values: Iterable[Any]) -> list[M]:
    """The records of which the key is one of many values, each different value of a field converted once."""
    fields: Any = model._meta.sorted_fields
    rows, names = list(find(fields, key, values)), [field.name for field in fields]
    loaded = [_loaded(field, column) for field, column in zip(fields, zip(*rows, strict=True), strict=False)]
    found = []
    for row in zip(*loaded, strict=True):
        record = model(__no_default__=1)
        record.__data__.update(zip(names, row, strict=True))
        found.append(record)
    return found


def among(key: Any, values: Sequence[Any]) -> Any:
    """The condition that the key is one of many values: `in_` makes an expression of each."""
    marks = ", ".join([_mark()] * len(values))
    return key.in_(SQL(f"({marks})", [key.db_value(value) for value in values]))


def _mark() -> str:
    """What stands for a value in the SQL of the database at hand."""
    return str(db.param)


@lru_cache
def _insertion(table: str, names: tuple[str, ...], count: int, mark: str) -> str:
    rows = ", ".join([f"({', '.join([mark] * len(names))})"] * count)
    return f'INSERT INTO "{table}" ({_quoted(names)}) VALUES {rows}'  # noqa: S608


@lru_cache
def _question(table: str, names: tuple[str, ...], key: str, count: int, mark: str) -> str:
    marks = ", ".join([mark] * count)
    return f'SELECT {_quoted(names)} FROM "{table}" WHERE "{key}" IN ({marks})'  # noqa: S608


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _column(field: Any, name: str, rows: Iterable[Mapping[str, Any]]) -> list[Any]:
    """The values of one field as the database stores them, each different one converted once."""
    blank = field.default() if callable(field.default) else field.default
    values = [row.get(name, blank) for row in rows]
    if isinstance(field, JSONField):  # its conversion is a piece of SQL
        return [None if value is None else json.dumps(value, separators=(",", ":")) for value in values]
    if isinstance(blank, list):
        return [field.db_value(value) for value in values]
    stored = {value: field.db_value(value) for value in set(values)}
    return [stored[value] for value in values]


def _loaded(field: Any, values: Sequence[Any]) -> list[Any]:
    if isinstance(field, JSONField):  # no two records share what may be changed
        return [field.python_value(value) for value in values]
    known = {value: field.python_value(value) for value in set(values)}
    return [known[value] for value in values]
