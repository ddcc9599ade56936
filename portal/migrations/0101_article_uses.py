"""Which articles were used in which deals and for which requests of customers."""

from __future__ import annotations

from typing import Any

import peewee
from peewee import SQL, BigAutoField, ForeignKeyField

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


class CustomerRequest(Table):
    id = BigAutoField()


class ArticleUse(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    article = ForeignKeyField(Article, on_delete="CASCADE")
    deal = ForeignKeyField(Deal, null=True, on_delete="CASCADE", index=False)
    request = ForeignKeyField(CustomerRequest, null=True, on_delete="CASCADE", index=False)
    person = ForeignKeyField(Person, on_delete="RESTRICT", backref="+")
    at = UtcDateTimeField()

    class Meta:
        indexes = ((("deal", "article"), True), (("request", "article"), True))
        constraints = [SQL("CHECK ((deal_id IS NULL) <> (request_id IS NULL))")]


def up(migrator: Any, db: Any) -> None:
    with db.bind_ctx((Person, Article, Deal, CustomerRequest, ArticleUse)):
        db.create_tables([ArticleUse])
