"""Badges: given for deeds of a sort, in a grade."""

from __future__ import annotations

from typing import Any

import peewee
from peewee import BigAutoField, CharField, Check, DateField, ForeignKeyField, IntegerField

from portal.models.base.fields import UtcDateTimeField


class Table(peewee.Model):
    class Meta:
        legacy_table_names = False


class Person(Table):
    id = BigAutoField()


class Badge(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    person = ForeignKeyField(Person, on_delete="CASCADE")
    sort = CharField(20)
    grade = IntegerField()
    since = DateField()
    below_since = DateField(null=True)

    class Meta:
        indexes = ((("person", "sort", "grade"), True),)
        constraints = [Check("grade BETWEEN 1 AND 3")]


def up(migrator: Any, db: Any) -> None:
    with db.bind_ctx((Person, Badge)):
        db.create_tables([Badge])
