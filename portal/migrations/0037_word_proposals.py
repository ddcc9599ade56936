"""Words that colleagues found to mean the same are proposed to the administrator; deals and requests are told in
one language a line, and an accepted experience is found where its article was put away.
"""

from __future__ import annotations

from typing import Any

import peewee
from peewee import (
    BigAutoField,
    BigIntegerField,
    BooleanField,
    CharField,
    Check,
    ForeignKeyField,
    IntegerField,
)

from portal import clock
from portal.models.base.fields import UtcDateTimeField


class Table(peewee.Model):
    class Meta:
        legacy_table_names = False


class Person(Table):
    id = BigAutoField()


class WordProposal(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    sought = CharField(40)
    helped = CharField(40)
    people = IntegerField()
    state = CharField(20)
    by = ForeignKeyField(Person, null=True, on_delete="SET NULL")
    decided_at = UtcDateTimeField(null=True)

    class Meta:
        table_name = "word_proposal"
        indexes = ((("sought", "helped"), True),)
        constraints = [Check("state IN ('open', 'accepted', 'dropped')"), Check("people >= 2")]


class SearchDocument(Table):
    id = BigAutoField()
    noun = CharField(40)
    record = BigIntegerField()
    gone = BooleanField()

    class Meta:
        table_name = "search_document"


class Article(Table):
    id = BigAutoField()
    origin_kind = CharField(40)
    origin = BigIntegerField(null=True)
    state = CharField(20)

    class Meta:
        table_name = "article"


class SearchOutbox(Table):
    seq = BigAutoField()
    kind = CharField(40)
    record = BigIntegerField()
    at = UtcDateTimeField()

    class Meta:
        table_name = "search_outbox"


def up(migrator: Any, db: Any) -> None:
    with db.bind_ctx((Person, WordProposal, SearchDocument, Article, SearchOutbox)):
        db.create_tables([WordProposal])
        told = SearchDocument.noun.in_(["deal", "customer_request"]) & ~SearchDocument.gone
        rows = [
            {"kind": row.noun, "record": row.record, "at": clock.now()}
            for row in SearchDocument.select().where(told).order_by(SearchDocument.id)
        ]
        born = (
            (Article.origin_kind == "experience")
            & (Article.state == "archived")
            & Article.origin.is_null(False)
        )
        rows += [
            {"kind": "experience", "record": row.origin, "at": clock.now()}
            for row in Article.select().where(born).order_by(Article.id)
        ]
        for start in range(0, len(rows), 200):
            SearchOutbox.insert_many(rows[start : start + 200]).execute()
