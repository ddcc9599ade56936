"""What failed in the background and was put aside."""

from __future__ import annotations

from typing import Any

import peewee
from peewee import BigAutoField, BigIntegerField, CharField, IntegerField, TextField

from portal.models.base.fields import UtcDateTimeField


class Setback(peewee.Model):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    work = CharField(60)
    noun = CharField(40)
    record = BigIntegerField()
    attempts = IntegerField()
    error = TextField()
    at = UtcDateTimeField()
    retry_at = UtcDateTimeField(null=True)
    dropped_at = UtcDateTimeField(null=True)

    class Meta:
        legacy_table_names = False
        indexes = ((("work", "noun", "record"), True),)


def up(migrator: Any, db: Any) -> None:
    with db.bind_ctx((Setback,)):
        Setback.create_table()
