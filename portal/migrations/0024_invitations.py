"""The address that a letter was written to: an invitation is good for that one alone."""

from __future__ import annotations

from typing import Any

import peewee
from peewee import BigAutoField, CharField, DateTimeField, ForeignKeyField, TextField

from portal.migrations.reshape import reshape


class Table(peewee.Model):
    class Meta:
        legacy_table_names = False


class Person(Table):
    id = BigAutoField()


class Letter(Table):
    id = BigAutoField()
    created_at = DateTimeField()
    person = ForeignKeyField(Person, on_delete="CASCADE")
    purpose = CharField(20)
    address = CharField(254)
    sent_at = DateTimeField(null=True)
    error = TextField()

    class Meta:
        constraints = [peewee.Check("purpose IN ('reset', 'invitation')")]


def up(migrator: Any, db: Any) -> None:
    """Of those written before, none is an invitation that still opens: theirs was good for an hour."""
    with db.bind_ctx((Person, Letter)):
        reshape(db, Letter, {"address": "''"})
