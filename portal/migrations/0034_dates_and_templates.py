"""Articles that are published on a day and end on one, who follows a topic, what an article begins from."""

from __future__ import annotations

from typing import Any

import peewee
from peewee import (
    SQL,
    BigAutoField,
    BigIntegerField,
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


class Topic(Table):
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
    title = CharField(200)
    slug = CharField(120, unique=True)
    kind_of = CharField(20, column_name="kind")
    state = CharField(20)
    author = ForeignKeyField(Person, on_delete="RESTRICT")
    origin_kind = CharField(40)
    origin = BigIntegerField(null=True)
    score = IntegerField(null=True)
    text_number = IntegerField()
    scored_number = IntegerField(null=True)
    proposed_at = UtcDateTimeField(null=True)
    product = ForeignKeyField(Product, on_delete="SET NULL", null=True, index=False)
    customer_type = ForeignKeyField(CustomerType, on_delete="SET NULL", null=True, index=False)
    summary = TextField()
    body = TextField()
    html = TextField()
    language = CharField(10)
    freshness = CharField(20)
    review_by = DateField(null=True)
    uses = IntegerField()
    published_at = UtcDateTimeField(null=True)
    publish_on = DateField(null=True)
    scheduled_number = IntegerField(null=True)
    ends_on = DateField(null=True)
    ended_at = UtcDateTimeField(null=True)
    archived_at = UtcDateTimeField(null=True)
    revoked_at = UtcDateTimeField(null=True)
    key = CharField(60, null=True, unique=True)

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
            SQL("CHECK (kind IN ('guide', 'experience', 'answer', 'suggestion'))"),
            SQL("CHECK (state IN ('draft', 'published', 'archived'))"),
            SQL("CHECK (language IN ('zh', 'en'))"),
            SQL("CHECK (freshness IN ('price', 'product', 'process', 'evergreen', 'dated'))"),
            SQL("CHECK (uses >= 0)"),
        ]


class TopicFollow(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    topic = ForeignKeyField(Topic, on_delete="CASCADE")
    person = ForeignKeyField(Person, on_delete="CASCADE", backref="topics_followed")

    class Meta:
        indexes = ((("topic", "person"), True),)


class ArticleTemplate(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    version = IntegerField()
    updated_at = UtcDateTimeField()
    name = CharField(80, unique=True)
    purpose = CharField(200)
    body = TextField()
    freshness = CharField(20)
    archived_at = UtcDateTimeField(null=True)

    class Meta:
        constraints = [
            SQL("CHECK (freshness IN ('price', 'product', 'process', 'evergreen', 'dated'))"),
        ]


def up(migrator: Any, db: Any) -> None:
    """Articles that are there have no day."""
    with db.bind_ctx((Person, Topic, Product, CustomerType, Article, TopicFollow, ArticleTemplate)):
        reshape(db, Article, dict.fromkeys(("publish_on", "scheduled_number", "ends_on", "ended_at"), "NULL"))
        db.create_tables([TopicFollow, ArticleTemplate])
