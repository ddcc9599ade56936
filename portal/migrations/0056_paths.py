"""The path of a post: its steps, what newcomers read and asked there, and who is whose mentor."""

from __future__ import annotations

from typing import Any

import peewee
from peewee import BigAutoField, CharField, Check, ForeignKeyField, IntegerField

from portal.models.base.fields import NameField, UtcDateTimeField


class Table(peewee.Model):
    class Meta:
        legacy_table_names = False


class Person(Table):
    id = BigAutoField()


class Article(Table):
    id = BigAutoField()


class Question(Table):
    id = BigAutoField()


class Course(Table):
    id = BigAutoField()


class PathStep(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    version = IntegerField()
    updated_at = UtcDateTimeField()
    post = NameField(120)
    day = IntegerField()
    title = NameField(200)
    title_en = NameField(200)
    minutes = IntegerField()
    position = IntegerField()
    article = ForeignKeyField(Article, null=True, on_delete="SET NULL")
    course = ForeignKeyField(Course, null=True, on_delete="SET NULL")
    task = CharField(60)
    archived_at = UtcDateTimeField(null=True)

    class Meta:
        indexes = ((("post", "day", "position", "id"), False),)
        constraints = [Check("day IN (1, 7, 30, 90)"), Check("minutes BETWEEN 1 AND 6000")]


class StepDone(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    path_step = ForeignKeyField(PathStep, on_delete="CASCADE", index=False)
    person = ForeignKeyField(Person, on_delete="CASCADE")

    class Meta:
        indexes = ((("path_step", "person"), True),)


class StepQuestion(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    path_step = ForeignKeyField(PathStep, on_delete="CASCADE")
    question = ForeignKeyField(Question, unique=True, on_delete="CASCADE")


class Mentorship(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    version = IntegerField()
    updated_at = UtcDateTimeField()
    newcomer = ForeignKeyField(Person, unique=True, on_delete="CASCADE")
    mentor = ForeignKeyField(Person, on_delete="RESTRICT")
    by = ForeignKeyField(Person, on_delete="RESTRICT", index=False)


def up(migrator: Any, db: Any) -> None:
    """New tables: nothing that is there changes."""
    made = [PathStep, StepDone, StepQuestion, Mentorship]
    with db.bind_ctx((Person, Article, Question, Course, *made)):
        db.create_tables(made)
