"""Interviews on closed deals."""

from __future__ import annotations

from typing import Any

import peewee
from peewee import BigAutoField, CharField, Check, ForeignKeyField

from portal.models.base.fields import UtcDateTimeField


class Table(peewee.Model):
    class Meta:
        legacy_table_names = False


class Person(Table):
    id = BigAutoField()


class Deal(Table):
    id = BigAutoField()


class Interview(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    deal = ForeignKeyField(Deal, on_delete="CASCADE")
    teller = ForeignKeyField(Person, on_delete="RESTRICT", index=False, backref="+")
    interviewer = ForeignKeyField(Person, on_delete="RESTRICT", backref="+")
    by = ForeignKeyField(Person, on_delete="RESTRICT", index=False, backref="+")
    key = CharField(60, null=True, unique=True)
    noted_at = UtcDateTimeField(null=True)

    class Meta:
        constraints = [Check("noted_at IS NULL OR key IS NULL")]


def up(migrator: Any, db: Any) -> None:
    with db.bind_ctx((Person, Deal, Interview)):
        db.create_tables([Interview])
