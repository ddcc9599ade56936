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
    fields: Any = model._meta.fields
    defaults = [name for name, field in fields.items() if field.default is not None]
    names = [name for name in dict.fromkeys(chain(*rows, defaults)) if name in fields]
    columns = [_column(fields[name], name, rows) for name in names]
    ids = list[int]()
    for batch in chunked(zip(*columns, strict=True), BATCH):
        sql = _insertion(
            model, tuple(fields[name].column_name for name in names), len(batch), ignore, _mark()
        )
        written = db.execute_sql(sql, list(chain.from_iterable(batch))).fetchall()
        # both databases number the rows of one INSERT as they stand
        ids += sorted(ident for (ident,) in written)
    return ids


def find(columns: Sequence[Any], key: Any, values: Iterable[Any]) -> Iterator[tuple[Any, ...]]:
    """Some columns, as the database stores them, of the rows of which the key is one of many values."""
    for batch in chunked(values, BATCH):
        sql = _question(tuple(columns), key, len(batch), _mark())
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
def _insertion(model: Any, columns: tuple[str, ...], count: int, ignore: bool, mark: str) -> str:
    names = ", ".join(f'"{column}"' for column in columns)
    row = f"({', '.join([mark] * len(columns))})"
    unless = " ON CONFLICT DO NOTHING" if ignore else ""
    return (
        f'INSERT INTO "{model._meta.table_name}" ({names}) VALUES {", ".join([row] * count)}{unless} '  # noqa: S608
        f'RETURNING "{model._meta.primary_key.column_name}"'
    )


@lru_cache
def _question(columns: tuple[Any, ...], key: Any, count: int, mark: str) -> str:
    names = ", ".join(f'"{column.column_name}"' for column in columns)
    table, marks = key.model._meta.table_name, ", ".join([mark] * count)
    return f'SELECT {names} FROM "{table}" WHERE "{key.column_name}" IN ({marks})'  # noqa: S608


def _column(field: Any, name: str, rows: Iterable[Mapping[str, Any]]) -> list[Any]:
    """The values of one field as the database stores them, each different one converted once."""
    blank = field.default() if callable(field.default) else field.default
    values = [row.get(name, blank) for row in rows]
    if isinstance(field, JSONField):  # its conversion is a piece of SQL
        return [None if value is None else json.dumps(value, separators=(",", ":")) for value in values]
    stored = {value: field.db_value(value) for value in set(values)}
    return [stored[value] for value in values]


def _loaded(field: Any, values: Sequence[Any]) -> list[Any]:
    if isinstance(field, JSONField):  # no two records share what may be changed
        return [field.python_value(value) for value in values]
    known = {value: field.python_value(value) for value in set(values)}
    return [known[value] for value in values]
