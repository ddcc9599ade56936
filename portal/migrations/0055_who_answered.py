"""Whether who noted a trait looked after the customer then."""

from __future__ import annotations

from typing import Any

import peewee
from peewee import BigAutoField, BigIntegerField, BooleanField, CharField, Check, ForeignKeyField

from portal.migrations.reshape import reshape
from portal.models.base.fields import UtcDateTimeField

ANSWERS = (
    'COALESCE((SELECT "customer"."owner_id" = "trait_source"."by_id" FROM "trait" '
    'JOIN "customer" ON "customer"."id" = "trait"."customer_id" '
    'WHERE "trait"."id" = "trait_source"."trait_id"), {no})'
)
"""As far as it is known: who owns the customer now."""


class Table(peewee.Model):
    class Meta:
        legacy_table_names = False


class Person(Table):
    id = BigAutoField()


class Trait(Table):
    id = BigAutoField()


class TraitSource(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    trait = ForeignKeyField(Trait, on_delete="CASCADE", index=False)
    origin_kind = CharField(40)
    origin = BigIntegerField()
    state = CharField(20)
    holds = BooleanField()
    by = ForeignKeyField(Person, on_delete="RESTRICT")
    answers = BooleanField()
    at = UtcDateTimeField()

    class Meta:
        indexes = ((("trait", "origin_kind", "origin"), True), (("origin_kind", "origin"), False))
        constraints = [
            Check("state IN ('open', 'kept', 'dismissed', 'withdrawn')"),
            Check("origin_kind IN ('interaction', 'experience', 'customer')"),
        ]


def up(migrator: Any, db: Any) -> None:
    no = "0" if isinstance(db, peewee.SqliteDatabase) else "FALSE"
    with db.bind_ctx((Person, Trait, TraitSource)):
        reshape(db, TraitSource, {"answers": ANSWERS.format(no=no)})
