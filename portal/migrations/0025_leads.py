"""A deal of which nobody knows yet whose it will be is worked: what is said about it waits for its customer."""

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

OF_SOMETHING = "customer_id IS NOT NULL OR deal IS NOT NULL"


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
    customer = ForeignKeyField(Customer, null=True, on_delete="CASCADE", index=False)
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
        constraints = [
            SQL("CHECK (kind IN ('call', 'visit', 'message', 'mail', 'viewing', 'note'))"),
            SQL(f"CHECK ({OF_SOMETHING})"),
        ]


class Product(Table):
    id = BigAutoField()


class Deal(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    version = IntegerField()
    updated_at = UtcDateTimeField()
    code = CharField(60, null=True, unique=True)
    title = CharField(200)
    customer = ForeignKeyField(Customer, on_delete="RESTRICT", null=True, index=False)
    product = ForeignKeyField(Product, on_delete="RESTRICT", null=True, index=False)
    owner = ForeignKeyField(Person, on_delete="RESTRICT", index=False)
    stage = CharField(20)
    amount = BigIntegerField(null=True)
    engaged_on = DateField(null=True)
    expected_on = DateField(null=True)
    closed_on = DateField(null=True)
    lost_reason = CharField(300)
    competitor = CharField(200)
    source = CharField(120)
    note = TextField()
    archived_at = UtcDateTimeField(null=True)

    class Meta:
        indexes = (
            (("updated_at", "id"), False),
            (("amount", "id"), False),
            (("expected_on", "id"), False),
            (("stage", "updated_at", "id", "archived_at"), False),
            (("stage", "amount", "id"), False),
            (("owner", "updated_at", "id"), False),
            (("customer", "updated_at", "id"), False),
            (("product", "updated_at", "id", "stage", "closed_on"), False),
        )
        constraints = [
            SQL("CHECK (stage IN ('lead', 'engaged', 'viewing', 'negotiation', 'won', 'lost'))"),
            SQL("CHECK ((stage IN ('won', 'lost')) = (closed_on IS NOT NULL))"),
            SQL("CHECK (amount IS NULL OR amount >= 0)"),
        ]


def up(migrator: Any, db: Any) -> None:
    with db.bind_ctx((Person, Customer, Contact, Interaction, Product, Deal)):
        reshape(db, Interaction, {})
        reshape(db, Deal, {"source": "''"})
    if not isinstance(db, peewee.SqliteDatabase):
        db.execute_sql('ALTER TABLE "interaction" ALTER COLUMN "customer_id" DROP NOT NULL')
        db.execute_sql(f'ALTER TABLE "interaction" ADD CHECK ({OF_SOMETHING})')
