"""What was handed in to improve something accepted."""

from __future__ import annotations

from typing import Any

import peewee
from peewee import BigAutoField, ForeignKeyField

from portal.models.base.fields import UtcDateTimeField


class Table(peewee.Model):
    class Meta:
        legacy_table_names = False


class Experience(Table):
    id = BigAutoField()


class Improvement(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    experience = ForeignKeyField(Experience, unique=True, on_delete="CASCADE", backref="+")
    of = ForeignKeyField(Experience, on_delete="CASCADE", backref="+")


def up(migrator: Any, db: Any) -> None:
    with db.bind_ctx((Experience, Improvement)):
        db.create_tables([Improvement])
