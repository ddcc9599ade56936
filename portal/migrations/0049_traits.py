"""What customers are like, with its sources; what colleagues say of each other."""

from __future__ import annotations

from typing import Any

import peewee
from peewee import (
    BigAutoField,
    BigIntegerField,
    BooleanField,
    CharField,
    Check,
    FloatField,
    ForeignKeyField,
    IntegerField,
)

from portal.models.base.fields import NameField, UtcDateTimeField


class Table(peewee.Model):
    class Meta:
        legacy_table_names = False


class Person(Table):
    id = BigAutoField()


class Customer(Table):
    id = BigAutoField()


class SoftTrait(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    version = IntegerField()
    updated_at = UtcDateTimeField()
    name = NameField(120, unique=True)
    name_en = NameField(120)
    synonyms = NameField(400)
    position = IntegerField()


class SoftWord(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    person = ForeignKeyField(Person, on_delete="CASCADE")
    trait = ForeignKeyField(SoftTrait, on_delete="RESTRICT", index=False)
    by = ForeignKeyField(Person, on_delete="CASCADE", backref="given")
    at = UtcDateTimeField()
    counts = BooleanField()

    class Meta:
        indexes = ((("person", "trait", "by"), True), (("trait", "person"), False))
        constraints = [Check("person_id <> by_id")]


class HiddenTrait(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    person = ForeignKeyField(Person, on_delete="CASCADE", index=False)
    trait = ForeignKeyField(SoftTrait, on_delete="RESTRICT", index=False)

    class Meta:
        indexes = ((("person", "trait"), True),)


class TraitKind(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    version = IntegerField()
    updated_at = UtcDateTimeField()
    name = NameField(120, unique=True)
    name_en = NameField(120)
    synonyms = NameField(400)
    position = IntegerField()
    purpose = NameField(300)
    level = IntegerField()
    suits = ForeignKeyField(SoftTrait, null=True, on_delete="SET NULL", index=False)

    class Meta:
        constraints = [Check("level >= 1 AND level <= 3")]


class Trait(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    customer = ForeignKeyField(Customer, on_delete="CASCADE", index=False)
    kind_of = ForeignKeyField(TraitKind, on_delete="RESTRICT", index=False, column_name="kind_id")
    holds = BooleanField()
    weight = FloatField()
    weighed_at = UtcDateTimeField()
    until = UtcDateTimeField(null=True)

    class Meta:
        indexes = ((("customer", "kind_of"), True), (("kind_of", "holds", "until"), False))


class TraitSource(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    trait = ForeignKeyField(Trait, on_delete="CASCADE", index=False)
    origin_kind = CharField(40)
    origin = BigIntegerField()
    state = CharField(20)
    holds = BooleanField()
    by = ForeignKeyField(Person, on_delete="RESTRICT")
    at = UtcDateTimeField()

    class Meta:
        indexes = ((("trait", "origin_kind", "origin"), True), (("origin_kind", "origin"), False))
        constraints = [
            Check("state IN ('open', 'kept', 'dismissed', 'withdrawn')"),
            Check("origin_kind IN ('interaction', 'experience', 'customer')"),
        ]


NEW = (SoftTrait, SoftWord, HiddenTrait, TraitKind, Trait, TraitSource)


def up(migrator: Any, db: Any) -> None:
    """All of it is new: nothing that is there changes."""
    with db.bind_ctx((Person, Customer, *NEW)):
        db.create_tables(NEW)
