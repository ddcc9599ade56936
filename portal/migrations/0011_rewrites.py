"""The changed text of an article goes to its reviewers; what was judged in each round is kept."""

from __future__ import annotations

from typing import Any

import peewee
from peewee import (
    SQL,
    BigAutoField,
    CharField,
    DateTimeField,
    ForeignKeyField,
    IntegerField,
    JSONField,
    TextField,
)

from portal.migrations.reshape import reshape

KINDS = "CHECK (kind IN ('debrief', 'question', 'suggestion', 'rewrite'))"
REWRITES = "CHECK ((kind = 'rewrite') = (rewrites_id IS NOT NULL))"


class Table(peewee.Model):
    class Meta:
        legacy_table_names = False


class Person(Table):
    id = BigAutoField()


class Deal(Table):
    id = BigAutoField()


class Product(Table):
    id = BigAutoField()


class CustomerType(Table):
    id = BigAutoField()


class Article(Table):
    id = BigAutoField()


class Experience(Table):
    id = BigAutoField()
    created_at = DateTimeField()
    version = IntegerField()
    updated_at = DateTimeField()
    author = ForeignKeyField(Person, on_delete="RESTRICT")
    kind_of = CharField(20, column_name="kind")
    state = CharField(20)
    title = CharField(200)
    situation = TextField()
    doubt = TextField()
    action = TextField()
    outcome = TextField()
    lesson = TextField()
    deal = ForeignKeyField(Deal, on_delete="SET NULL", null=True)
    product = ForeignKeyField(Product, on_delete="SET NULL", null=True)
    customer_type = ForeignKeyField(CustomerType, on_delete="SET NULL", null=True)
    co_authors = JSONField()
    key = CharField(80, null=True, unique=True)
    round = IntegerField()
    first_submitted_at = DateTimeField(null=True)
    submitted_at = DateTimeField(null=True)
    decided_at = DateTimeField(null=True)
    revision_asked_at = DateTimeField(null=True)
    appeal_round = IntegerField(null=True)
    appeal_reason = TextField()
    score = IntegerField(null=True)
    reason = TextField()
    merged_into = ForeignKeyField("self", on_delete="SET NULL", null=True)
    near = ForeignKeyField("self", on_delete="SET NULL", null=True)
    rewrites = ForeignKeyField(Article, on_delete="CASCADE", null=True)
    rewritten_number = IntegerField(null=True)

    class Meta:
        table_name = "experience"
        indexes = (
            (("author", "state"), False),
            (("state", "submitted_at"), False),
            (("first_submitted_at", "author"), False),
        )
        constraints = [
            SQL(KINDS),
            SQL(REWRITES),
            SQL(
                "CHECK (state IN ('draft', 'submitted', 'revision', 'accepted', 'rejected', 'merged', "
                "'withdrawn'))"
            ),
            SQL("CHECK (state = 'draft' OR state = 'withdrawn' OR first_submitted_at IS NOT NULL)"),
        ]


class ExperienceVersion(Table):
    id = BigAutoField()
    created_at = DateTimeField()
    experience = ForeignKeyField(Experience, on_delete="CASCADE")
    round = IntegerField()
    title = CharField(200)
    situation = TextField()
    doubt = TextField()
    action = TextField()
    outcome = TextField()
    lesson = TextField()

    class Meta:
        table_name = "experience_version"
        indexes = ((("experience", "round"), True),)


TABLES = (Person, Deal, Product, CustomerType, Article, Experience, ExperienceVersion)
# What is in review stands as it was handed in; of what was asked to be revised nobody knows how it stood.
HANDED_IN = (
    "INSERT INTO experience_version "
    "(created_at, experience_id, round, title, situation, doubt, action, outcome, lesson) "
    "SELECT submitted_at, id, round, title, situation, doubt, action, outcome, lesson "
    "FROM experience WHERE state = 'submitted' ORDER BY id"
)


def up(migrator: Any, db: Any) -> None:
    with db.bind_ctx(TABLES):
        reshape(db, Experience, {"rewrites_id": "NULL", "rewritten_number": "NULL"})
        if not isinstance(db, peewee.SqliteDatabase):
            db.execute_sql('ALTER TABLE "experience" DROP CONSTRAINT "experience_kind_check"')
            for check in (KINDS, REWRITES):
                db.execute_sql(f'ALTER TABLE "experience" ADD {check}')
        ExperienceVersion.create_table(safe=False)
        db.execute_sql(HANDED_IN)
