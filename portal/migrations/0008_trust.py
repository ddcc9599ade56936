"""A score belongs to a version, a co-author agrees, a form sent twice is one record, points never change."""

from __future__ import annotations

from typing import Any

import peewee
from peewee import (
    SQL,
    BigAutoField,
    BigIntegerField,
    CharField,
    DateField,
    DateTimeField,
    ForeignKeyField,
    IntegerField,
    TextField,
)

from portal.migrations.reshape import reshape
from portal.models.base import guards
from portal.text.markdown import render_markdown


class Table(peewee.Model):
    class Meta:
        legacy_table_names = False


class Person(Table):
    id = BigAutoField()


class Topic(Table):
    id = BigAutoField()


class Experience(Table):
    id = BigAutoField()


class Product(Table):
    id = BigAutoField()


class CustomerType(Table):
    id = BigAutoField()


class Question(Table):
    id = BigAutoField()
    created_at = DateTimeField()
    version = IntegerField()
    updated_at = DateTimeField()
    text = CharField(300)
    detail = TextField()
    asker = ForeignKeyField(Person, on_delete="RESTRICT")
    topic = ForeignKeyField(Topic, on_delete="RESTRICT", null=True)
    product = ForeignKeyField(Product, on_delete="SET NULL", null=True)
    state = CharField(20)
    archived_at = DateTimeField(null=True)
    key = CharField(60, null=True, unique=True)

    class Meta:
        table_name = "question"
        indexes = (
            (("created_at", "id"), False),
            (("text", "id"), False),
            (("state", "created_at", "id"), False),
            (("topic", "created_at", "id"), False),
            (("product", "created_at", "id"), False),
        )
        constraints = [
            SQL("CHECK (state IN ('open', 'answered'))"),
        ]


class Article(Table):
    id = BigAutoField()
    created_at = DateTimeField()
    version = IntegerField()
    updated_at = DateTimeField()
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
    proposed_at = DateTimeField(null=True)
    product = ForeignKeyField(Product, on_delete="SET NULL", null=True, index=False)
    customer_type = ForeignKeyField(CustomerType, on_delete="SET NULL", null=True, index=False)
    summary = TextField()
    body = TextField()
    html = TextField()
    language = CharField(10)
    freshness = CharField(20)
    review_by = DateField(null=True)
    uses = IntegerField()
    published_at = DateTimeField(null=True)
    archived_at = DateTimeField(null=True)
    revoked_at = DateTimeField(null=True)
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


class Answer(Table):
    id = BigAutoField()
    created_at = DateTimeField()
    version = IntegerField()
    updated_at = DateTimeField()
    question = ForeignKeyField(Question, on_delete="CASCADE")
    author = ForeignKeyField(Person, on_delete="RESTRICT")
    text = TextField()
    html = TextField()
    article = ForeignKeyField(Article, on_delete="SET NULL", null=True)
    key = CharField(60, null=True, unique=True)

    class Meta:
        table_name = "answer"


class ArticleVersion(Table):
    id = BigAutoField()
    created_at = DateTimeField()
    article = ForeignKeyField(Article, on_delete="CASCADE")
    number = IntegerField()
    title = CharField(200)
    summary = TextField()
    body = TextField()
    by = ForeignKeyField(Person, on_delete="RESTRICT", null=True)
    at = DateTimeField()

    class Meta:
        table_name = "article_version"
        indexes = ((("article", "number"), True),)


class Credit(Table):
    id = BigAutoField()
    created_at = DateTimeField()
    experience = ForeignKeyField(Experience, on_delete="CASCADE")
    person = ForeignKeyField(Person, on_delete="RESTRICT")
    share = BigIntegerField()
    agreed_at = DateTimeField(null=True)

    class Meta:
        table_name = "credit"
        indexes = (
            (("experience", "person"), True),
            (("person", "experience"), False),
        )
        constraints = [
            SQL("CHECK (share > 0 AND share <= 1000000)"),
        ]


TABLES = (Person, Topic, Experience, Product, CustomerType, Question, Article, Answer, ArticleVersion, Credit)
NEWEST = "coalesce((SELECT max(v.number) FROM article_version v WHERE v.article_id = article.id), 1)"
# What was accepted is the first version; who brought its very words back has its score.
SAME = (
    "EXISTS (SELECT 1 FROM article_version v WHERE "
    "v.article_id = article.id AND v.number = 1 AND v.title = article.title AND v.body = article.body)"
)
SCORED = f"CASE WHEN score IS NULL THEN NULL WHEN {SAME} THEN {NEWEST} ELSE 1 END"

SUMMARY = (
    "coalesce((SELECT a.summary FROM article a WHERE a.id = article_version.article_id "
    "AND article_version.number = "
    "(SELECT max(v.number) FROM article_version v WHERE v.article_id = a.id)), '')"
)


def up(migrator: Any, db: Any) -> None:
    with db.bind_ctx(TABLES):
        # The present summary is that of the newest version; those before it were not kept.
        reshape(db, ArticleVersion, {"summary": SUMMARY})
        reshape(db, Article, {"text_number": NEWEST, "scored_number": SCORED, "key": "NULL"})
        reshape(db, Question, {"key": "NULL"})
        reshape(db, Answer, {"key": "NULL"})
        reshape(db, Credit, {"agreed_at": "created_at"})
        for table, text in ((Article, Article.body), (Answer, Answer.text)):
            query: Any = table.select(table.id, text).where(text.contains("\n") | text.contains("://"))
            for ident, words in list(query.tuples()):
                table.update(html=render_markdown(words)).where(table.id == ident).execute()
    guards.forbid_changes("point_entry")
