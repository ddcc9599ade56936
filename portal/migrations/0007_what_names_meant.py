"""What a remembered name meant before, and which import taught it."""

from __future__ import annotations

from typing import Any

import peewee
from peewee import BigAutoField, BigIntegerField, CharField, ForeignKeyField, JSONField

from portal.migrations.reshape import reshape
from portal.models.base.fields import UtcDateTimeField


class Table(peewee.Model):
    class Meta:
        legacy_table_names = False


class Person(Table):
    id = BigAutoField()


class Alias(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    noun = CharField(20)
    key = CharField(200)
    spelling = CharField(200)
    record = BigIntegerField(null=True)
    meaning = CharField(200)
    by = ForeignKeyField(Person, null=True, on_delete="SET NULL")
    taught = BigIntegerField(null=True)
    before = JSONField(null=True)

    class Meta:
        indexes = ((("noun", "key"), True),)


def up(migrator: Any, db: Any) -> None:
    with db.bind_ctx((Person, Alias)):
        reshape(db, Alias, {"taught": "NULL", "before": "NULL"})
