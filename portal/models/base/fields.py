"""The columns that records share: moments, money, rates, months, and text that is cleaned on the way in."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal, TypeVar, overload

import peewee
from peewee import SQL, BigIntegerField, NodeList, fn

from portal.clock import Month
from portal.models.base.database import is_sqlite
from portal.models.base.nouns import State
from portal.text.writing import clean

V = TypeVar("V")

if TYPE_CHECKING:
    _DateTimeField = peewee.DateTimeField
    _BigIntegerField = BigIntegerField
    _TextField = peewee.TextField[str]
    _CharField = peewee.CharField[str]
    _StateField = peewee.Field[Any]
else:  # peewee's fields are generic to the type checker alone

    class _DateTimeField(peewee.DateTimeField):
        def __class_getitem__(cls, _item):
            return cls

    class _BigIntegerField(BigIntegerField):
        def __class_getitem__(cls, _item):
            return cls

    _TextField, _CharField, _StateField = peewee.TextField, peewee.CharField, peewee.CharField


class UtcDateTimeField(_DateTimeField[V]):
    """An aware moment, kept as naive UTC in the database. Naive values are refused."""

    if TYPE_CHECKING:

        @overload
        def __new__(cls, *, null: Literal[True], **kwargs: Any) -> UtcDateTimeField[datetime | None]: ...
        @overload
        def __new__(cls, *, null: Literal[False] = ..., **kwargs: Any) -> UtcDateTimeField[datetime]: ...
        def __new__(cls, **kwargs: Any) -> Any: ...

    def db_value(self, value: Any) -> Any:
        if isinstance(value, datetime):
            if value.tzinfo is None:
                raise ValueError(f"{self.name}: a moment needs a time zone")
            value = value.astimezone(UTC).replace(tzinfo=None)
            return value.isoformat(sep=" ", timespec="microseconds") if is_sqlite() else value
        return value

    def python_value(self, value: Any) -> Any:
        if isinstance(value, str):
            value = datetime.fromisoformat(value)
        return value.replace(tzinfo=UTC) if isinstance(value, datetime) else value


def days_between(first: Any, then: Any) -> Any:
    """So many days from one moment to another, with their parts, reckoned by the database."""
    if is_sqlite():
        return fn.JULIANDAY(then) - fn.JULIANDAY(first)
    seconds = fn.DATE_PART("epoch", NodeList((then, SQL("-"), first), parens=True))
    return seconds / 86400


class MoneyField(_BigIntegerField[V]):
    """An amount in integer minor units (fen, cents)."""

    if TYPE_CHECKING:

        @overload
        def __new__(cls, *, null: Literal[True], **kwargs: Any) -> MoneyField[int | None]: ...
        @overload
        def __new__(cls, *, null: Literal[False] = ..., **kwargs: Any) -> MoneyField[int]: ...
        def __new__(cls, **kwargs: Any) -> Any: ...


class RateField(_BigIntegerField[V]):
    """A rate in integer millionths: 20_000 is 2 %."""

    if TYPE_CHECKING:

        @overload
        def __new__(cls, *, null: Literal[True], **kwargs: Any) -> RateField[int | None]: ...
        @overload
        def __new__(cls, *, null: Literal[False] = ..., **kwargs: Any) -> RateField[int]: ...
        def __new__(cls, **kwargs: Any) -> Any: ...


class _StateAccessor(peewee.FieldAccessor):
    def __set__(self, instance: Any, value: Any) -> None:
        super().__set__(instance, self.field.python_value(value))


class StateField(_StateField):
    """A state out of an enumeration, kept as its value."""

    accessor_class = _StateAccessor

    def __init__(self, states: type[State], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.states = states

    def db_value(self, value: Any) -> Any:
        return self.states.of(value).value if value is not None else None

    def python_value(self, value: Any) -> Any:
        return self.states.of(value) if value is not None else None


class TextField(_TextField):
    """Text of any length, cleaned on the way in."""

    def db_value(self, value: Any) -> Any:
        value = super().db_value(value)  # type: ignore[no-untyped-call]
        return clean(value) if isinstance(value, str) else value


class MarkdownField(TextField):
    """Text that is shown as Markdown, or searched as such: what would cost too much to read is refused."""


class LinesField(TextField):
    """Several short texts as a list, one a line, with a line's end before and after each: so each is found
    as a whole.
    """

    def __init__(self, line: Callable[[str], Any] = str, *args: Any, **kwargs: Any) -> None:
        self.line = line
        super().__init__(*args, **kwargs)

    def db_value(self, value: Any) -> Any:
        return value if value is None or isinstance(value, str) else lines_of(value)

    def python_value(self, value: Any) -> Any:
        return [self.line(each) for each in value.split("\n") if each] if isinstance(value, str) else value


def lines_of(texts: Iterable[str]) -> str:
    """As a LinesField stores them."""
    named = list(dict.fromkeys(texts))
    return "\n".join(("", *named, "")) if named else ""


class NameField(_CharField):
    """A line of text, cleaned on the way in."""

    def db_value(self, value: Any) -> Any:
        value = super().db_value(value)  # type: ignore[no-untyped-call]
        return clean(value).replace("\n", " ").strip() if isinstance(value, str) else value


if TYPE_CHECKING:
    _MonthField = peewee.Field[Month]
else:
    _MonthField = peewee.CharField


class MonthField(_MonthField):
    """A month, kept as `2026-05`: its text sorts as time does."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"max_length": 7, **kwargs})

    def db_value(self, value: Any) -> Any:
        return str(value) if isinstance(value, Month) else value

    def python_value(self, value: Any) -> Any:
        return Month.parse(value) if isinstance(value, str) else value
