"""A second factor beside the password, and when a session's person last showed to be who they are."""

from __future__ import annotations

from typing import Any

import peewee
from peewee import BigAutoField, BigIntegerField, CharField, DateTimeField, ForeignKeyField

from portal.migrations.reshape import reshape


class Table(peewee.Model):
    class Meta:
        legacy_table_names = False


class Person(Table):
    id = BigAutoField()


class Session(Table):
    id = BigAutoField()
    created_at = DateTimeField()
    digest = CharField(64, unique=True)
    person = ForeignKeyField(Person, on_delete="CASCADE")
    seen_at = DateTimeField()
    confirmed_at = DateTimeField()
    address = CharField(64)
    browser = CharField(200)


class SecondFactor(Table):
    id = BigAutoField()
    created_at = DateTimeField()
    person = ForeignKeyField(Person, unique=True, on_delete="CASCADE")
    secret = CharField(64)
    last_step = BigIntegerField()

    class Meta:
        table_name = "second_factor"


class SpareCode(Table):
    id = BigAutoField()
    created_at = DateTimeField()
    factor = ForeignKeyField(SecondFactor, on_delete="CASCADE")
    digest = CharField(64)
    spent_at = DateTimeField(null=True)

    class Meta:
        table_name = "spare_code"


def up(migrator: Any, db: Any) -> None:
    with db.bind_ctx((Person, Session, SecondFactor, SpareCode)):
        reshape(db, Session, {"confirmed_at": "created_at"})
        SecondFactor.create_table(safe=False)
        SpareCode.create_table(safe=False)
