"""Lessons that are observed or debated; courses are found by search."""

from __future__ import annotations

from typing import Any

import peewee
from peewee import (
    BigAutoField,
    BigIntegerField,
    CharField,
    Check,
    ForeignKeyField,
    IntegerField,
    JSONField,
    TextField,
    Value,
)

from portal import clock
from portal.migrations.reshape import reshape
from portal.models.base.fields import UtcDateTimeField


class Table(peewee.Model):
    class Meta:
        legacy_table_names = False


class Person(Table):
    id = BigAutoField()


class Article(Table):
    id = BigAutoField()


class Answer(Table):
    id = BigAutoField()


class Course(Table):
    id = BigAutoField()


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
            Check("kind IN ('reading', 'link', 'task', 'role_play', 'debate')"),
            Check("minutes BETWEEN 1 AND 600"),
            Check("article_id IS NULL OR answer_id IS NULL"),
        ]


class Observation(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    lesson = ForeignKeyField(Lesson, on_delete="CASCADE", index=False)
    learner = ForeignKeyField(Person, on_delete="CASCADE")
    observer = ForeignKeyField(Person, on_delete="RESTRICT", index=False)
    scores = JSONField()
    feedback = TextField()
    recording = CharField(500)

    class Meta:
        indexes = ((("lesson", "learner", "id"), False),)
        constraints = [Check("learner_id <> observer_id")]


class DebateSeat(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    lesson = ForeignKeyField(Lesson, on_delete="CASCADE", index=False)
    person = ForeignKeyField(Person, on_delete="CASCADE")
    number = IntegerField()

    class Meta:
        indexes = ((("lesson", "person"), True), (("lesson", "number"), True))
        constraints = [Check("number BETWEEN 1 AND 3")]


class DebateVote(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    lesson = ForeignKeyField(Lesson, on_delete="CASCADE", index=False)
    person = ForeignKeyField(Person, on_delete="CASCADE")
    seat = ForeignKeyField(DebateSeat, on_delete="CASCADE")

    class Meta:
        indexes = ((("lesson", "person"), True),)


class SearchOutbox(peewee.Model):
    kind = CharField(40)
    record = BigIntegerField()
    at = UtcDateTimeField()

    class Meta:
        table_name = "search_outbox"
        primary_key = False


KIND_CHECK = """
SELECT conname FROM pg_constraint
WHERE conrelid = 'lesson'::regclass AND contype = 'c' AND pg_get_constraintdef(oid) LIKE '%%reading%%'
"""


def up(migrator: Any, db: Any) -> None:
    made = [Observation, DebateSeat, DebateVote]
    with db.bind_ctx((Person, Article, Answer, Course, Lesson, *made)):
        reshape(db, Lesson, {"sheet": "''"})
        if not isinstance(db, peewee.SqliteDatabase):
            for (name,) in db.execute_sql(KIND_CHECK).fetchall():
                db.execute_sql(f'ALTER TABLE "lesson" DROP CONSTRAINT "{name}"')
            kinds = "kind IN ('reading', 'link', 'task', 'role_play', 'debate')"
            db.execute_sql(f'ALTER TABLE "lesson" ADD CHECK ({kinds})')
        db.create_tables(made)
    note_courses(db)


def note_courses(db: Any) -> None:
    """Those that are there wait for their documents."""
    with db.bind_ctx((Course, SearchOutbox)):
        now = Value(clock.now(), converter=UtcDateTimeField().db_value)
        columns = [SearchOutbox.kind, SearchOutbox.record, SearchOutbox.at]
        SearchOutbox.insert_from(Course.select(Value("course"), Course.id, now), columns).execute()
