"""Exams that a reviewer has released."""

from __future__ import annotations

from typing import Any

import peewee
from peewee import BigAutoField, ForeignKeyField, IntegerField

from portal.models.base.fields import UtcDateTimeField


class Table(peewee.Model):
    class Meta:
        legacy_table_names = False


class Person(Table):
    id = BigAutoField()


class Topic(Table):
    id = BigAutoField()


class Exam(Table):
    id = BigAutoField()


class ExamRelease(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    exam = ForeignKeyField(Exam, unique=True, on_delete="CASCADE")
    by = ForeignKeyField(Person, on_delete="RESTRICT", index=False)
    topic = ForeignKeyField(Topic, on_delete="CASCADE", index=False)
    draws = IntegerField()
    pass_mark = IntegerField()


def up(migrator: Any, db: Any) -> None:
    """What was certified before keeps its evidence; what is passed from now on waits for a release."""
    with db.bind_ctx((Person, Topic, Exam, ExamRelease)):
        db.create_tables([ExamRelease])
