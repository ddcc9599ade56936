"""Exams, their banks of questions, attempts at them, and certificates."""

from __future__ import annotations

from typing import Any

import peewee
from peewee import (
    BigAutoField,
    BooleanField,
    CharField,
    Check,
    ForeignKeyField,
    IntegerField,
    JSONField,
    TextField,
)

from portal.models.base import guards
from portal.models.base.fields import UtcDateTimeField


class Table(peewee.Model):
    class Meta:
        legacy_table_names = False


class Person(Table):
    id = BigAutoField()


class Topic(Table):
    id = BigAutoField()


class Article(Table):
    id = BigAutoField()


class Answer(Table):
    id = BigAutoField()


class Course(Table):
    id = BigAutoField()


class Exam(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    version = IntegerField()
    updated_at = UtcDateTimeField()
    course = ForeignKeyField(Course, unique=True, on_delete="CASCADE")
    draws = IntegerField()
    pass_mark = IntegerField()
    minutes = IntegerField()
    is_open = BooleanField()

    class Meta:
        constraints = [
            Check("draws BETWEEN 1 AND 100"),
            Check("pass_mark BETWEEN 1 AND 100"),
            Check("minutes BETWEEN 1 AND 300"),
        ]


class ExamQuestion(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    version = IntegerField()
    updated_at = UtcDateTimeField()
    exam = ForeignKeyField(Exam, on_delete="CASCADE", index=False)
    sort = CharField(20)
    text = TextField()
    answers = TextField()
    reason = TextField()
    topic = ForeignKeyField(Topic, null=True, on_delete="SET NULL", index=False)
    difficulty = IntegerField()
    article = ForeignKeyField(Article, null=True, on_delete="RESTRICT")
    answer = ForeignKeyField(Answer, null=True, on_delete="RESTRICT", index=False)
    number = IntegerField(null=True)
    state = CharField(20)
    writer = ForeignKeyField(Person, on_delete="RESTRICT")
    renewed_at = UtcDateTimeField(null=True)

    class Meta:
        indexes = ((("exam", "state", "id"), False), (("exam", "renewed_at"), False))
        constraints = [
            Check("sort IN ('single', 'multiple', 'true_false', 'order', 'match', 'numeric', 'text')"),
            Check("state IN ('draft', 'ready', 'check', 'gone')"),
            Check("difficulty BETWEEN 1 AND 3"),
        ]


class Certificate(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    exam = ForeignKeyField(Exam, on_delete="CASCADE", index=False)
    person = ForeignKeyField(Person, on_delete="RESTRICT")
    number = CharField(20, unique=True)
    score = IntegerField()
    issued_at = UtcDateTimeField()
    confirmed_at = UtcDateTimeField()
    expires_at = UtcDateTimeField()
    delta_due_at = UtcDateTimeField(null=True)
    lapsed_at = UtcDateTimeField(null=True)

    class Meta:
        indexes = ((("exam", "person"), True),)
        constraints = [Check("score >= 0 AND score <= 10000")]


class Attempt(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    exam = ForeignKeyField(Exam, on_delete="RESTRICT", index=False)
    person = ForeignKeyField(Person, on_delete="RESTRICT")
    number = IntegerField()
    is_delta = BooleanField()
    started_at = UtcDateTimeField()
    deadline_at = UtcDateTimeField()
    ended_at = UtcDateTimeField(null=True)
    pass_mark = IntegerField()
    asked = IntegerField()
    right_ones = IntegerField(null=True)
    passed = BooleanField(null=True)
    saves = IntegerField()
    running = CharField(60, null=True, unique=True)

    class Meta:
        indexes = (
            (("exam", "person", "number"), True),
            (("exam", "ended_at", "id"), False),
        )
        constraints = [
            Check("asked > 0"),
            Check("right_ones IS NULL OR (right_ones >= 0 AND right_ones <= asked)"),
            Check("(passed IS NULL) = (ended_at IS NULL)"),
            Check("(running IS NULL) = (ended_at IS NOT NULL)"),
        ]


class AttemptQuestion(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    attempt = ForeignKeyField(Attempt, on_delete="CASCADE", index=False)
    place = IntegerField()
    question = ForeignKeyField(ExamQuestion, on_delete="RESTRICT", index=False)
    question_version = IntegerField()
    sort = CharField(20)
    text = TextField()
    lefts = JSONField()
    options = JSONField()
    right = JSONField()
    given = JSONField(null=True)
    answered_at = UtcDateTimeField(null=True)
    is_right = BooleanField(null=True)

    class Meta:
        indexes = ((("attempt", "place"), True), (("question", "is_right"), False))


def up(migrator: Any, db: Any) -> None:
    made = (Exam, ExamQuestion, Certificate, Attempt, AttemptQuestion)
    with db.bind_ctx((Person, Topic, Article, Answer, Course, *made)):
        db.create_tables(list(made))
    guards.forbid_changes("attempt", when="OLD.passed IS NOT NULL")
