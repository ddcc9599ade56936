"""Deals are found by the day on which they were begun."""

from __future__ import annotations

from typing import Any

import peewee
from peewee import BigAutoField, DateField


class Table(peewee.Model):
    class Meta:
        legacy_table_names = False


class Deal(Table):
    id = BigAutoField()
    engaged_on = DateField(null=True)

    class Meta:
        indexes = ((("engaged_on", "id"), False),)


def up(migrator: Any, db: Any) -> None:
    with db.bind_ctx([Deal]):
        Deal._schema.create_indexes(safe=True)  # type: ignore[attr-defined]
