"""Lessons that are quizzes, courses that come after others; what somebody did is found by what it was."""

from __future__ import annotations

from typing import Any

import peewee
from peewee import (
    BigAutoField,
    CharField,
    Check,
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


class Article(Table):
    id = BigAutoField()


class Answer(Table):
    id = BigAutoField()


class Course(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    version = IntegerField()
    updated_at = UtcDateTimeField()
    title = CharField(200)
    purpose = TextField()
    owner = ForeignKeyField(Person, on_delete="RESTRICT")
    topic = ForeignKeyField(Topic, null=True, on_delete="SET NULL")
    product = ForeignKeyField(Product, null=True, on_delete="SET NULL", index=False)
    after = ForeignKeyField("self", null=True, on_delete="SET NULL", index=False)
    state = CharField(20)
    published_at = UtcDateTimeField(null=True)
    archived_at = UtcDateTimeField(null=True)

    class Meta:
        indexes = ((("title", "id"), False), (("state", "title", "id"), False), (("created_at", "id"), False))
        constraints = [
            Check("state IN ('draft', 'published')"),
            Check("(state = 'published') = (published_at IS NOT NULL)"),
        ]


KINDS = "kind IN ('reading', 'link', 'task', 'role_play', 'debate', 'quiz')"


class Lesson(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    version = IntegerField()
    updated_at = UtcDateTimeField()
    course = ForeignKeyField(Course, on_delete="CASCADE", index=False)
    position = IntegerField()
    kind_of = CharField(20, column_name="kind")
    title = CharField(200)
    minutes = IntegerField()
    text = TextField()
    link = CharField(500)
    task = CharField(60)
    sheet = TextField()
    article = ForeignKeyField(Article, null=True, on_delete="RESTRICT")
    answer = ForeignKeyField(Answer, null=True, on_delete="RESTRICT")
    number = IntegerField(null=True)
    removed_at = UtcDateTimeField(null=True)

    class Meta:
        indexes = ((("course", "position", "id"), False),)
        constraints = [
            Check(KINDS),
            Check("minutes BETWEEN 1 AND 600"),
            Check("article_id IS NULL OR answer_id IS NULL"),
        ]


KIND_CHECK = """
SELECT conname FROM pg_constraint
WHERE conrelid = 'lesson'::regclass AND contype = 'c' AND pg_get_constraintdef(oid) LIKE '%%reading%%'
"""


def up(migrator: Any, db: Any) -> None:
    with db.bind_ctx((Person, Topic, Product, Article, Answer, Course, Lesson)):
        reshape(db, Course, {"after_id": "NULL"})
        reshape(db, Lesson, {})
        if not isinstance(db, peewee.SqliteDatabase):
            for (name,) in db.execute_sql(KIND_CHECK).fetchall():
                db.execute_sql(f'ALTER TABLE "lesson" DROP CONSTRAINT "{name}"')
            db.execute_sql(f'ALTER TABLE "lesson" ADD CHECK ({KINDS})')
        db.execute_sql(
            'CREATE INDEX IF NOT EXISTS "event_actor_subject_kind_verb_at" ON "event" '
            '("actor", "subject_kind", "verb", "at")'
        )
