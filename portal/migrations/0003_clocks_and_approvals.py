"""The company's calendar."""

from __future__ import annotations

from typing import Any

import peewee
from peewee import BigAutoField, BooleanField, CharField, DateField, DateTimeField


class Table(peewee.Model):
    class Meta:
        legacy_table_names = False


class CalendarDay(Table):
    id = BigAutoField()
    created_at = DateTimeField()
    day = DateField(unique=True)
    is_worked = BooleanField()
    note = CharField(120)

    class Meta:
        table_name = "calendar_day"


TABLES = (CalendarDay,)


def up(migrator: Any, db: Any) -> None:
    with db.bind_ctx(TABLES):
        db.create_tables(TABLES)
