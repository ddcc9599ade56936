"""An article knows what it was born of, whose it is and how it was scored; the acceptance points down at it."""

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


class Table(peewee.Model):
    class Meta:
        legacy_table_names = False


class Person(Table):
    id = BigAutoField()


class Experience(Table):
    id = BigAutoField()


class Product(Table):
    id = BigAutoField()


class CustomerType(Table):
    id = BigAutoField()


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


class ArticleCredit(Table):
    id = BigAutoField()
    created_at = DateTimeField()
    article = ForeignKeyField(Article, on_delete="CASCADE")
    person = ForeignKeyField(Person, on_delete="RESTRICT")
    share = BigIntegerField()

    class Meta:
        indexes = ((("article", "person"), True),)
        constraints = [SQL("CHECK (share > 0 AND share <= 1000000)")]


class Acceptance(Table):
    id = BigAutoField()
    created_at = DateTimeField()
    experience = ForeignKeyField(Experience, on_delete="RESTRICT", unique=True)
    article = ForeignKeyField(Article, on_delete="RESTRICT", null=True, unique=True)
    at = DateTimeField(index=True)
    score = IntegerField()
    counts = IntegerField()


TABLES = (Person, Experience, Product, CustomerType, Article, ArticleCredit, Acceptance)

OF_THE_EXPERIENCE = "(SELECT {0} FROM experience WHERE experience.id = article.experience_id)"
REVOKED = (
    "(SELECT revocation.at FROM revocation JOIN acceptance ON acceptance.id = revocation.acceptance_id "
    "WHERE acceptance.experience_id = article.experience_id)"
)
BORN = "(SELECT article.id FROM article WHERE article.origin_kind = 'experience' AND article.origin = {0})"


def up(migrator: Any, db: Any) -> None:
    with db.bind_ctx(TABLES):
        # Credit is read before the column that leads to it goes.
        db.create_tables([ArticleCredit])
        db.execute_sql(
            "INSERT INTO article_credit (created_at, article_id, person_id, share) "
            "SELECT article.created_at, article.id, credit.person_id, credit.share FROM credit "
            "JOIN article ON article.experience_id = credit.experience_id ORDER BY article.id, credit.id"
        )
        values = {
            "origin_kind": "CASE WHEN experience_id IS NULL THEN '' ELSE 'experience' END",
            "origin": "experience_id",
            "score": OF_THE_EXPERIENCE.format("score"),
            "proposed_at": OF_THE_EXPERIENCE.format("first_submitted_at"),
            "revoked_at": REVOKED,
        }
        reshape(db, Article, values)
        reshape(db, Acceptance, {"article_id": BORN.format("acceptance.experience_id")})
