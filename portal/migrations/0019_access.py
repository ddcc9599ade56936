"""Customers can be opened by need: who asked to open which, and what was answered. Those for whom they open
find them: customers and deals are made findable anew.
"""

from __future__ import annotations

from typing import Any

import peewee
from peewee import (
    SQL,
    BigAutoField,
    BigIntegerField,
    BooleanField,
    CharField,
    ForeignKeyField,
    TextField,
    Value,
)

from portal import clock
from portal.models.base.fields import UtcDateTimeField


class Table(peewee.Model):
    class Meta:
        legacy_table_names = False


class Person(Table):
    id = BigAutoField()


class Customer(Table):
    id = BigAutoField()


class Access(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    customer = ForeignKeyField(Customer, on_delete="CASCADE", index=False)
    person = ForeignKeyField(Person, on_delete="CASCADE", backref="accesses_asked", index=False)
    purpose = TextField()
    emergency = BooleanField()
    state = CharField(20)
    until = UtcDateTimeField(null=True)
    answered_by = ForeignKeyField(Person, null=True, on_delete="RESTRICT", backref="accesses_answered")
    standing = CharField(60, null=True, unique=True)

    class Meta:
        indexes = ((("customer", "state"), False), (("person", "state", "until"), False))
        constraints = [
            SQL("CHECK (state IN ('asked', 'granted', 'refused', 'ended'))"),
            SQL("CHECK ((state IN ('asked', 'granted')) = (standing IS NOT NULL))"),
            SQL("CHECK (state <> 'granted' OR until IS NOT NULL)"),
        ]


class SearchDocument(Table):
    id = BigAutoField()
    noun = CharField(40)
    record = BigIntegerField()
    gone = BooleanField()

    class Meta:
        table_name = "search_document"


class SearchOutbox(peewee.Model):
    kind = CharField(40)
    record = BigIntegerField()
    at = UtcDateTimeField()

    class Meta:
        table_name = "search_outbox"
        primary_key = False


def up(migrator: Any, db: Any) -> None:
    with db.bind_ctx((Person, Customer, Access, SearchDocument, SearchOutbox)):
        Access.create_table()
        now = Value(clock.now(), converter=UtcDateTimeField().db_value)
        made = SearchDocument.select(SearchDocument.noun, SearchDocument.record, now)
        made = made.where(SearchDocument.noun.in_(["customer", "deal"]) & ~SearchDocument.gone)
        columns = [SearchOutbox.kind, SearchOutbox.record, SearchOutbox.at]
        SearchOutbox.insert_from(made, columns).execute()
