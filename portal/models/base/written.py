"""One row written, by SQL that is made once for each set of columns: peewee makes it anew each time, which
costs several times what the database needs to do it.
"""

from __future__ import annotations

from typing import Any

from peewee import Model, Node

from portal.models.base.database import db

_Form = tuple[Any, ...]

_INSERTS: dict[_Form, str] = {}
_UPDATES: dict[_Form, str] = {}


def insert(model: type[Model], values: dict[str, Any]) -> Any:
    """Insert a row of these values by field name; gives its primary key."""
    sql, parameters = _written(_INSERTS, model, values)
    ((key, *_),) = db.execute_sql(sql, parameters).fetchall()
    return key


def update(model: type[Model], key: Any, values: dict[str, Any]) -> int:
    """Set these values, by field name, in the row of a primary key; gives 1, or 0 when there is none."""
    sql, parameters = _written(_UPDATES, model, values)
    ident: Any = model._meta.primary_key
    parameters.append(ident.db_value(key))
    rows: int = db.execute_sql(sql, parameters).rowcount
    return rows


def _written(kept: dict[_Form, str], model: type[Model], values: dict[str, Any]) -> tuple[str, list[Any]]:
    """The SQL, and what stands for its marks."""
    fields = sorted((model._meta.fields[name] for name in values), key=lambda field: field._sort_key)
    stored = [field.db_value(values[field.name]) for field in fields]
    forms = tuple((field.name, isinstance(value, Node)) for field, value in zip(fields, stored, strict=True))
    key = (type(db.obj), model, forms)
    if key not in kept:
        query: Any = model.insert(values) if kept is _INSERTS else model.update(values)
        if kept is _INSERTS:
            query = query.returning(model._meta.primary_key)
        else:
            query = query.where(model._meta.primary_key == 0)
        kept[key] = query.sql()[0]
    parameters: list[Any] = []
    for value in stored:
        # What a database wants said around a value, as around JSON, is in the SQL: here is the value in it.
        parameters += db.obj.get_sql_context().sql(value).query()[1] if isinstance(value, Node) else [value]
    return kept[key], parameters


def is_plain(values: dict[str, Any]) -> bool:
    """Whether these are values alone: what the database is to reckon is SQL of its own each time."""
    return not any(isinstance(value, Node) for value in values.values())
