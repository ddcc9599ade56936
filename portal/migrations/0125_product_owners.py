"""Whom a product belongs to: what is suggested about it is answered there; of the known ones, nobody said yet."""

from __future__ import annotations

from typing import Any

import peewee
from peewee import SQL, BigAutoField, BigIntegerField, CharField, ForeignKeyField, IntegerField, TextField

from portal.migrations.reshape import reshape
from portal.models.base.fields import UtcDateTimeField


class Table(peewee.Model):
    class Meta:
        legacy_table_names = False


class Person(Table):
    id = BigAutoField()


class Product(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    version = IntegerField()
    updated_at = UtcDateTimeField()
    code = CharField(60, unique=True)
    name = CharField(200)
    name_en = CharField(200)
    series = CharField(120)
    series_en = CharField(120)
    list_price = BigIntegerField(null=True)
    description = TextField()
    owner = ForeignKeyField(Person, null=True, on_delete="RESTRICT")
    archived_at = UtcDateTimeField(null=True)
    currency = CharField(3)

    class Meta:
        indexes = (
            (("name", "id"), False),
            (("list_price", "id"), False),
            (("series", "code", "id"), False),
        )
        constraints = [SQL("CHECK (list_price IS NULL OR list_price >= 0)")]


def up(migrator: Any, db: Any) -> None:
    with db.bind_ctx((Person, Product)):
        reshape(db, Product, {"owner_id": "NULL"})
