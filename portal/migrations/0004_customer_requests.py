"""What customers ask for."""

from __future__ import annotations

from typing import Any

import peewee
from peewee import SQL, BigAutoField, CharField, ForeignKeyField, IntegerField, TextField

from portal.models.base.fields import UtcDateTimeField


class Table(peewee.Model):
    class Meta:
        legacy_table_names = False


class Person(Table):
    id = BigAutoField()


class Customer(Table):
    id = BigAutoField()


class CustomerRequest(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    version = IntegerField()
    updated_at = UtcDateTimeField()
    customer = ForeignKeyField(Customer, on_delete="CASCADE", index=False)
    text = TextField()
    due_at = UtcDateTimeField(null=True)
    writer = ForeignKeyField(Person, on_delete="RESTRICT", backref="requests_written")
    state = CharField(20)
    taken_by = ForeignKeyField(Person, null=True, on_delete="RESTRICT", index=False, backref="requests_taken")
    taken_at = UtcDateTimeField(null=True)
    result = TextField()
    ended_at = UtcDateTimeField(null=True)
    key = CharField(60, null=True, unique=True)

    class Meta:
        table_name = "customer_request"
        indexes = (
            (("customer", "state", "id"), False),
            (("created_at", "id"), False),
            (("state", "created_at", "id"), False),
            (("taken_by", "state", "created_at", "id"), False),
        )
        constraints = [
            SQL("CHECK (state IN ('open', 'taken', 'closed', 'withdrawn'))"),
            SQL("CHECK ((taken_by_id IS NULL) = (taken_at IS NULL))"),
            SQL("CHECK (state <> 'open' OR taken_by_id IS NULL)"),
            SQL("CHECK (state NOT IN ('taken', 'closed') OR taken_by_id IS NOT NULL)"),
            SQL("CHECK ((state = 'closed') = (result <> ''))"),
            SQL("CHECK ((state IN ('closed', 'withdrawn')) = (ended_at IS NOT NULL))"),
        ]


def up(migrator: Any, db: Any) -> None:
    with db.bind_ctx((Person, Customer, CustomerRequest)):
        db.create_tables([CustomerRequest])
