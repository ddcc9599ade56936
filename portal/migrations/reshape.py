"""Giving a table another shape: columns come and go, on both databases, with what they hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import peewee


def reshape(db: Any, model: type[peewee.Model], values: Mapping[str, str]) -> None:
    """Bring a table to the columns and indexes of `model`, as it shall be from now on.

    `values`: what a new column holds, in SQL over the row as it was. Columns that the model has not are
    dropped; indexes of a part of its rows, which no model here declares, stay. To be called in a migration,
    where SQLite does not watch its foreign keys.
    """
    if isinstance(db, peewee.SqliteDatabase):
        _copy(db, model, values)
    else:
        _alter(db, model, values)


def _copy(db: Any, model: Any, values: Mapping[str, str]) -> None:
    table, columns = model._meta.table_name, [field.column_name for field in model._meta.sorted_fields]
    sql, parameters = model._schema._create_table(safe=False).query()
    db.execute_sql(sql.replace(f'"{table}"', f'"{table}_new"', 1), parameters)
    partial = db.execute_sql(
        "SELECT sql FROM sqlite_master WHERE type = 'index' AND tbl_name = ? AND sql LIKE '% WHERE %'",
        (table,),
    ).fetchall()
    names, held = ", ".join(f'"{c}"' for c in columns), ", ".join(values.get(c, f'"{c}"') for c in columns)
    db.execute_sql(f'INSERT INTO "{table}_new" ({names}) SELECT {held} FROM "{table}" ORDER BY id')  # noqa: S608
    db.execute_sql(f'DROP TABLE "{table}"')
    db.execute_sql(f'ALTER TABLE "{table}_new" RENAME TO "{table}"')
    model._schema.create_indexes(safe=False)
    for (index,) in partial:
        db.execute_sql(index)


def _alter(db: Any, model: Any, values: Mapping[str, str]) -> None:
    table = model._meta.table_name
    there = {column.name for column in db.get_columns(table)}
    fields = {field.column_name: field for field in model._meta.sorted_fields}
    new = [field for name, field in fields.items() if name not in there]
    for field in new:
        kind = field.ddl_datatype(db.get_sql_context()).sql
        db.execute_sql(f'ALTER TABLE "{table}" ADD COLUMN "{field.column_name}" {kind}')
    for field in new:
        name = field.column_name
        db.execute_sql(f'UPDATE "{table}" SET "{name}" = {values[name]}')  # noqa: S608 - our own names
        if not field.null:
            db.execute_sql(f'ALTER TABLE "{table}" ALTER COLUMN "{name}" SET NOT NULL')
        if isinstance(field, peewee.ForeignKeyField):
            target = field.rel_model._meta.table_name
            db.execute_sql(
                f'ALTER TABLE "{table}" ADD FOREIGN KEY ("{name}") REFERENCES "{target}" ("id") '
                f"ON DELETE {field.on_delete}"
            )
    for name in there - fields.keys():
        db.execute_sql(f'ALTER TABLE "{table}" DROP COLUMN "{name}"')
    model._schema.create_indexes(safe=True)
