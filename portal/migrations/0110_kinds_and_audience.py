"""What kind of knowledge an article is, and for whom: what there was is a how-to, for everybody."""

from __future__ import annotations

from typing import Any

import peewee
from peewee import BigAutoField, BigIntegerField, CharField, Check, DateField, ForeignKeyField, IntegerField

from portal import clock
from portal.migrations.reshape import reshape
from portal.models.base.fields import MarkdownField, NameField, TextField, UtcDateTimeField

KNOWN = "kind <> '' OR state <> 'published'"
KIND_CHECK = """
SELECT con.conname FROM pg_constraint con WHERE con.conrelid = '"article"'::regclass
AND con.contype = 'c' AND pg_get_constraintdef(con.oid) LIKE '%%suggestion%%'
"""


class Table(peewee.Model):
    class Meta:
        legacy_table_names = False


class Person(Table):
    id = BigAutoField()


class Product(Table):
    id = BigAutoField()


class CustomerType(Table):
    id = BigAutoField()


class Article(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    version = IntegerField()
    updated_at = UtcDateTimeField()
    title = NameField(200)
    slug = NameField(120, unique=True)
    kind_of = CharField(20, column_name="kind")
    audience = TextField()
    state = CharField(20)
    author = ForeignKeyField(Person, on_delete="RESTRICT")
    origin_kind = CharField(40)
    origin = BigIntegerField(null=True)
    score = IntegerField(null=True)
    text_number = IntegerField()
    scored_number = IntegerField(null=True)
    proposed_at = UtcDateTimeField(null=True)
    product = ForeignKeyField(Product, null=True, on_delete="SET NULL", index=False)
    customer_type = ForeignKeyField(CustomerType, null=True, on_delete="SET NULL", index=False)
    summary = TextField()
    body = MarkdownField()
    html = TextField()
    language = CharField(10)
    freshness = CharField(20)
    review_by = DateField(null=True)
    checked_at = UtcDateTimeField(null=True)
    postponed = IntegerField()
    uses = IntegerField()
    published_at = UtcDateTimeField(null=True)
    publish_on = DateField(null=True)
    scheduled_number = IntegerField(null=True)
    ends_on = DateField(null=True)
    ended_at = UtcDateTimeField(null=True)
    archived_at = UtcDateTimeField(null=True)
    revoked_at = UtcDateTimeField(null=True)
    key = NameField(60, null=True, unique=True)

    class Meta:
        indexes = (
            (("origin_kind", "origin"), True),
            (("state", "published_at", "id"), False),
            (("state", "uses", "id"), False),
            (("state", "title", "id"), False),
            (("product", "state", "uses", "published_at", "id"), False),
            (("customer_type", "state", "uses", "published_at", "id"), False),
            (("author", "state", "published_at", "id"), False),
        )
        constraints = [
            Check(KNOWN),
            Check("state IN ('draft', 'published', 'archived')"),
            Check("language IN ('zh', 'en')"),
            Check("freshness IN ('price', 'product', 'process', 'evergreen', 'dated')"),
            Check("uses >= 0"),
        ]


class SearchOutbox(Table):
    seq = BigAutoField()
    kind = CharField(40)
    record = BigIntegerField()
    at = UtcDateTimeField()


def up(migrator: Any, db: Any) -> None:
    with db.bind_ctx((Person, Product, CustomerType, Article, SearchOutbox)):
        reshape(db, Article, {"audience": "''"})
        if not isinstance(db, peewee.SqliteDatabase):
            for (name,) in db.execute_sql(KIND_CHECK).fetchall():
                db.execute_sql(f'ALTER TABLE "article" DROP CONSTRAINT "{name}"')
            db.execute_sql(f'ALTER TABLE "article" ADD CHECK ({KNOWN})')
        _make_findable()


def _make_findable() -> None:
    """By its kind search narrows what is found."""
    found: Any = Article.select(Article.id).where(Article.state != "archived").order_by(Article.id)
    at = clock.now()
    rows = [{"kind": "article", "record": ident, "at": at} for (ident,) in found.tuples()]
    for some in peewee.chunked(rows, 500):
        SearchOutbox.insert_many(some).execute()
