"""What each post needs to know at each stage of a deal."""

from __future__ import annotations

from typing import Any

import peewee
from peewee import BigAutoField, CharField, Check, ForeignKeyField, IntegerField

from portal.models.base.fields import NameField, UtcDateTimeField


class Table(peewee.Model):
    class Meta:
        legacy_table_names = False


class Topic(Table):
    id = BigAutoField()


class Article(Table):
    id = BigAutoField()


class Question(Table):
    id = BigAutoField()


class Course(Table):
    id = BigAutoField()


class PostNeed(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    version = IntegerField()
    updated_at = UtcDateTimeField()
    post = NameField(120)
    stage = CharField(20)
    title = NameField(200)
    title_en = NameField(200)
    position = IntegerField()
    topic = ForeignKeyField(Topic, on_delete="RESTRICT")
    article = ForeignKeyField(Article, null=True, on_delete="SET NULL")
    question = ForeignKeyField(Question, null=True, on_delete="SET NULL")
    course = ForeignKeyField(Course, null=True, on_delete="SET NULL")
    archived_at = UtcDateTimeField(null=True)

    class Meta:
        indexes = ((("post", "stage", "position", "id"), False),)
        constraints = [Check("stage IN ('lead', 'engaged', 'viewing', 'negotiation')")]


def up(migrator: Any, db: Any) -> None:
    """A new table: nothing that is there changes."""
    with db.bind_ctx((Topic, Article, Question, Course, PostNeed)):
        db.create_tables([PostNeed])
