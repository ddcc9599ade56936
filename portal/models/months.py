"""A company month as a column."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import peewee

from portal.clock import Month

if TYPE_CHECKING:
    _Field = peewee.Field[Month]
else:
    _Field = peewee.CharField


class MonthField(_Field):
    """A month, kept as `2026-05`: its text sorts as time does."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"max_length": 7, **kwargs})

    def db_value(self, value: Any) -> Any:
        return str(value) if isinstance(value, Month) else value

    def python_value(self, value: Any) -> Any:
        return Month.parse(value) if isinstance(value, str) else value
