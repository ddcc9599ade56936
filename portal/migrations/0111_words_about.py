"""For which deal or customer an article worked, or did not."""

from __future__ import annotations

from typing import Any

import peewee
from peewee import BigAutoField, Check, ForeignKeyField

from portal.models.base.fields import UtcDateTimeField


class Table(peewee.Model):
    class Meta:
        legacy_table_names = False


class Person(Table):
    id = BigAutoField()


class Article(Table):
    id = BigAutoField()


class Deal(Table):
    id = BigAutoField()


class Customer(Table):
    id = BigAutoField()


class WordAbout(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    article = ForeignKeyField(Article, on_delete="CASCADE")
    person = ForeignKeyField(Person, on_delete="RESTRICT", backref="+")
    deal = ForeignKeyField(Deal, null=True, on_delete="CASCADE")
    customer = ForeignKeyField(Customer, null=True, on_delete="CASCADE")
    at = UtcDateTimeField()

    class Meta:
        indexes = ((("article", "person"), True),)
        constraints = [Check("(deal_id IS NULL) <> (customer_id IS NULL)")]


def up(migrator: Any, db: Any) -> None:
    with db.bind_ctx((Person, Article, Deal, Customer, WordAbout)):
        db.create_tables([WordAbout])
