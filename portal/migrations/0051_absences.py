"""Who is away, and who stands in."""

from __future__ import annotations

from typing import Any

import peewee
from peewee import BigAutoField, Check, DateField, ForeignKeyField

from portal.models.base.fields import UtcDateTimeField


class Table(peewee.Model):
    class Meta:
        legacy_table_names = False


class Person(Table):
    id = BigAutoField()


class Absence(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    person = ForeignKeyField(Person, on_delete="CASCADE", backref="absences")
    first_day = DateField()
    last_day = DateField()
    substitute = ForeignKeyField(Person, null=True, on_delete="SET NULL", backref="stands_in")
    by = ForeignKeyField(Person, null=True, on_delete="SET NULL", index=False, backref="noted")

    class Meta:
        indexes = ((("person", "last_day"), False), (("last_day", "first_day"), False))
        constraints = [Check("first_day <= last_day"), Check("substitute_id <> person_id")]


def up(migrator: Any, db: Any) -> None:
    with db.bind_ctx((Person, Absence)):
        db.create_tables([Absence])
