"""Which statements were handed to people who had left, when and how."""

from __future__ import annotations

from typing import Any

import peewee
from peewee import BigAutoField, CharField, Check, DateField, ForeignKeyField

from portal.models.base.fields import UtcDateTimeField


class Table(peewee.Model):
    class Meta:
        legacy_table_names = False


class Person(Table):
    id = BigAutoField()


class Statement(Table):
    id = BigAutoField()


class Handout(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    statement = ForeignKeyField(Statement, on_delete="RESTRICT", unique=True)
    on = DateField()
    how = CharField(10)
    by = ForeignKeyField(Person, on_delete="RESTRICT")

    class Meta:
        constraints = [Check("how IN ('hand', 'post', 'mail')")]


def up(migrator: Any, db: Any) -> None:
    with db.bind_ctx((Person, Statement, Handout)):
        db.create_tables([Handout])
