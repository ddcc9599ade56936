"""Questions that every page asks, written as SQL once: writing one costs peewee several times what asking
it costs the database.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from inspect import signature
from typing import Any, Generic, TypeVar

from peewee import Value

from portal.models.base.database import db

R = TypeVar("R")


@dataclass(frozen=True)
class _Place:
    """Where in the parameters of the SQL a value belongs, and how its column stores it."""

    name: str
    number: int
    stored: Callable[[Any], Any] | None

    def filled(self, given: dict[str, Any]) -> Any:
        value = given[self.name]
        value = value[self.number] if isinstance(value, list) else value
        return self.stored(value) if self.stored else value


class _Blank(Value):
    """Stands in the query for a value that is given when it is asked."""

    def __init__(self, name: str, number: int = 0) -> None:
        super().__init__(None)
        self.place = name, number

    def __sql__(self, ctx: Any) -> Any:
        return ctx.value(_Place(*self.place, ctx.state.converter), converter=False)


class Prepared(Generic[R]):
    """A query whose values are given at each asking. `write` takes a blank for each of them, by its own names
    or by `names`; a value given as a list fills `in_`, where it must not be empty.

        live = Prepared(lambda digest: Session.select().where(Session.digest == digest))
        live.first(digest=...)
    """

    def __init__(self, write: Callable[..., Any], names: Sequence[str] | None = None) -> None:
        self._write = write
        self._names = list(signature(write).parameters) if names is None else names
        self._written: dict[Any, tuple[Any, str, list[Any]]] = {}

    def __call__(self, **given: Any) -> list[R]:
        """The rows, for these values."""
        return list(self._asked(given))

    def first(self, **given: Any) -> R | None:
        """The first row, None when there is none."""
        return next(iter(self._asked(given)), None)

    def rows(self, **given: Any) -> list[tuple[Any, ...]]:
        """The rows as the database gives them: right for numbers and text, which need no conversion."""
        _, sql, values = self._filled(given)
        found: list[tuple[Any, ...]] = db.execute_sql(sql, values).fetchall()
        return found

    def _asked(self, given: dict[str, Any]) -> Any:
        query, sql, values = self._filled(given)
        asked = query.clone()
        asked.__sql__ = partial(_put, sql, values)
        return asked

    def _filled(self, given: dict[str, Any]) -> tuple[Any, str, list[Any]]:
        padded = {name: _padded(value) for name, value in given.items()}
        values = [padded[name] for name in self._names]
        lengths = tuple(len(value) if isinstance(value, list) else 0 for value in values)
        key = (type(db.obj), lengths)
        if key not in self._written:
            query = self._write(*map(_blank, self._names, lengths))
            self._written[key] = (query, *query.sql())
        query, sql, parameters = self._written[key]
        return query, sql, [each.filled(padded) if isinstance(each, _Place) else each for each in parameters]


def _blank(name: str, length: int) -> _Blank | list[_Blank]:
    return [_Blank(name, number) for number in range(length)] if length else _Blank(name)


def _padded(value: Any) -> Any:
    """Lists in a few lengths alone, so that there are few forms of the query."""
    if not isinstance(value, Sequence) or isinstance(value, str | bytes):
        return value
    if not value:
        raise ValueError("nothing to look for")
    return [*value, *[value[-1]] * ((1 << (len(value) - 1).bit_length()) - len(value))]


def _put(sql: str, values: list[Any], ctx: Any) -> Any:
    ctx.literal(sql)
    for value in values:
        ctx.value(value, converter=False, add_param=False)
    return ctx
