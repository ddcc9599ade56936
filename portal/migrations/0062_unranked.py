"""Who takes no part in the ranking by points."""

from __future__ import annotations

from typing import Any

import peewee
from peewee import BigAutoField, ForeignKeyField

from portal.models.base.fields import UtcDateTimeField


class Table(peewee.Model):
    class Meta:
        legacy_table_names = False


class Person(Table):
    id = BigAutoField()


class Unranked(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    person = ForeignKeyField(Person, on_delete="CASCADE", unique=True)


def up(migrator: Any, db: Any) -> None:
    with db.bind_ctx((Person, Unranked)):
        db.create_tables([Unranked])
