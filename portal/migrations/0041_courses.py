"""Courses, their lessons, and who learns them."""

from __future__ import annotations

from typing import Any

import peewee
from peewee import BigAutoField, CharField, Check, DateField, ForeignKeyField, IntegerField, TextField

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
    state = CharField(20)
    published_at = UtcDateTimeField(null=True)
    archived_at = UtcDateTimeField(null=True)

    class Meta:
        indexes = ((("title", "id"), False), (("state", "title", "id"), False), (("created_at", "id"), False))
        constraints = [
            Check("state IN ('draft', 'published')"),
            Check("(state = 'published') = (published_at IS NOT NULL)"),
        ]


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
    article = ForeignKeyField(Article, null=True, on_delete="RESTRICT")
    answer = ForeignKeyField(Answer, null=True, on_delete="RESTRICT")
    number = IntegerField(null=True)
    removed_at = UtcDateTimeField(null=True)

    class Meta:
        indexes = ((("course", "position", "id"), False),)
        constraints = [
            Check("kind IN ('reading', 'link', 'task')"),
            Check("minutes BETWEEN 1 AND 600"),
            Check("article_id IS NULL OR answer_id IS NULL"),
        ]


class Enrolment(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    version = IntegerField()
    updated_at = UtcDateTimeField()
    course = ForeignKeyField(Course, on_delete="CASCADE", index=False)
    person = ForeignKeyField(Person, on_delete="CASCADE")
    by = ForeignKeyField(Person, on_delete="RESTRICT", index=False)
    due_on = DateField(null=True)
    place = ForeignKeyField(Lesson, null=True, on_delete="SET NULL", index=False)
    finished_at = UtcDateTimeField(null=True)
    left_at = UtcDateTimeField(null=True)

    class Meta:
        indexes = ((("course", "person"), True), (("course", "finished_at", "id"), False))


class LessonDone(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    enrolment = ForeignKeyField(Enrolment, on_delete="CASCADE", index=False)
    lesson = ForeignKeyField(Lesson, on_delete="CASCADE")

    class Meta:
        indexes = ((("enrolment", "lesson"), True),)


def up(migrator: Any, db: Any) -> None:
    with db.bind_ctx((Person, Topic, Product, Article, Answer, Course, Lesson, Enrolment, LessonDone)):
        db.create_tables([Course, Lesson, Enrolment, LessonDone])
