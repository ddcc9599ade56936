"""A form that was sent leaves a receipt: sent once more, it is the same."""

from __future__ import annotations

from typing import Any

import peewee
from peewee import BigAutoField, BigIntegerField, CharField

from portal.models.base.fields import UtcDateTimeField


class Receipt(peewee.Model):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    key = CharField(60, unique=True)
    person = BigIntegerField(null=True)
    facts = CharField(64)
    noun = CharField(40)
    record = BigIntegerField(null=True)

    class Meta:
        legacy_table_names = False
        indexes = ((("created_at",), False),)


def up(migrator: Any, db: Any) -> None:
    with db.bind_ctx([Receipt]):
        Receipt.create_table()
