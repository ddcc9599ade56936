"""What a policy would have paid is kept by person."""

from __future__ import annotations

from typing import Any

import peewee
from peewee import BigAutoField, ForeignKeyField

from portal.models.base.fields import MoneyField, UtcDateTimeField


class Table(peewee.Model):
    class Meta:
        legacy_table_names = False


class Policy(Table):
    id = BigAutoField()


class Person(Table):
    id = BigAutoField()


class BackTest(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    policy = ForeignKeyField(Policy, on_delete="CASCADE", index=False)
    person = ForeignKeyField(Person, on_delete="CASCADE")
    was = MoneyField()
    would = MoneyField()

    class Meta:
        indexes = ((("policy", "person"), True),)


def up(migrator: Any, db: Any) -> None:
    with db.bind_ctx([BackTest]):
        BackTest.create_table()
