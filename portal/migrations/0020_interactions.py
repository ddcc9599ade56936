"""What was said to a customer can be corrected and taken back; a promise says whether it was kept."""

from __future__ import annotations

from typing import Any

import peewee
from peewee import (
    SQL,
    BigAutoField,
    BigIntegerField,
    BooleanField,
    CharField,
    DateField,
    ForeignKeyField,
    IntegerField,
    TextField,
)

from portal.migrations.reshape import reshape
from portal.models.base.fields import UtcDateTimeField


class Table(peewee.Model):
    class Meta:
        legacy_table_names = False


class Person(Table):
    id = BigAutoField()


class Customer(Table):
    id = BigAutoField()


class Contact(Table):
    id = BigAutoField()


class Interaction(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    version = IntegerField()
    updated_at = UtcDateTimeField()
    customer = ForeignKeyField(Customer, on_delete="CASCADE", index=False)
    contact = ForeignKeyField(Contact, null=True, on_delete="SET NULL")
    person = ForeignKeyField(Person, on_delete="RESTRICT", index=False)
    deal = BigIntegerField(null=True)
    kind_of = CharField(20, column_name="kind")
    text = TextField()
    at = UtcDateTimeField()
    follow_up_on = DateField(null=True)
    followed_up_at = UtcDateTimeField(null=True)
    kept = BooleanField(null=True)
    key = CharField(60, null=True, unique=True)
    archived_at = UtcDateTimeField(null=True)

    class Meta:
        indexes = (
            (("customer", "at", "id"), False),
            (("person", "at"), False),
            (("deal", "at", "id"), False),
            (("person", "followed_up_at", "follow_up_on"), False),
        )
        constraints = [SQL("CHECK (kind IN ('call', 'visit', 'message', 'mail', 'viewing', 'note'))")]


def up(migrator: Any, db: Any) -> None:
    kept = "CASE WHEN followed_up_at IS NULL THEN NULL ELSE (1 = 1) END"
    values = {"version": "1", "updated_at": "created_at", "kept": kept, "archived_at": "NULL"}
    with db.bind_ctx((Person, Customer, Contact, Interaction)):
        reshape(db, Interaction, values)
