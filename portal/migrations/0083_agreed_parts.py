"""Who is named as sharing in a deal says whether they worked on it; whoever was named before did."""

from __future__ import annotations

from typing import Any

import peewee
from peewee import BigAutoField, BigIntegerField, Check, ForeignKeyField

from portal.migrations.reshape import reshape
from portal.models.base.fields import UtcDateTimeField


class Table(peewee.Model):
    class Meta:
        legacy_table_names = False


class Person(Table):
    id = BigAutoField()


class Deal(Table):
    id = BigAutoField()


class DealShare(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    deal = ForeignKeyField(Deal, on_delete="CASCADE", index=False)
    person = ForeignKeyField(Person, on_delete="RESTRICT")
    share = BigIntegerField()
    agreed_at = UtcDateTimeField(null=True)

    class Meta:
        indexes = ((("deal", "person"), True),)
        constraints = [Check("share > 0 AND share <= 1000000")]


def up(migrator: Any, db: Any) -> None:
    with db.bind_ctx((Person, Deal, DealShare)):
        reshape(db, DealShare, {"agreed_at": '"created_at"'})
