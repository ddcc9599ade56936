"""Texts whose right scores are known."""

from __future__ import annotations

from typing import Any

import peewee
from peewee import BigAutoField, Check, ForeignKeyField, IntegerField

from portal.models.base.fields import TextField, UtcDateTimeField

NAMES = ("correct", "reusable", "new", "clear", "linked")


class Table(peewee.Model):
    class Meta:
        legacy_table_names = False


class Person(Table):
    id = BigAutoField()


class Experience(Table):
    id = BigAutoField()


class Anchor(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    experience = ForeignKeyField(Experience, unique=True, on_delete="CASCADE")
    by = ForeignKeyField(Person, on_delete="RESTRICT", index=False)
    correct = IntegerField()
    reusable = IntegerField()
    new = IntegerField()
    clear = IntegerField()
    linked = IntegerField()
    why = TextField(default="")

    class Meta:
        constraints = [Check(f"{name} BETWEEN 0 AND 5") for name in NAMES]


def up(migrator: Any, db: Any) -> None:
    with db.bind_ctx((Person, Experience, Anchor)):
        db.create_tables([Anchor])
