"""Questions under several topics, and questions whose asker stays unnamed."""

from __future__ import annotations

from typing import Any

import peewee
from peewee import BigAutoField, BooleanField, CharField, Check, ForeignKeyField, TextField

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


class Question(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    version = peewee.IntegerField()
    updated_at = UtcDateTimeField()
    text = CharField(300)
    detail = TextField()
    asker = ForeignKeyField(Person, on_delete="RESTRICT")
    is_anonymous = BooleanField()
    topic = ForeignKeyField(Topic, null=True, on_delete="RESTRICT")
    product = ForeignKeyField(Product, null=True, on_delete="SET NULL")
    state = CharField(20)
    archived_at = UtcDateTimeField(null=True)
    key = CharField(60, null=True, unique=True)

    class Meta:
        indexes = (
            (("created_at", "id"), False),
            (("text", "id"), False),
            (("state", "created_at", "id"), False),
            (("topic", "created_at", "id"), False),
            (("product", "created_at", "id"), False),
        )
        constraints = [Check("state IN ('open', 'answered')")]


class QuestionTopic(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    question = ForeignKeyField(Question, on_delete="CASCADE", index=False)
    topic = ForeignKeyField(Topic, on_delete="RESTRICT", index=False)

    class Meta:
        indexes = ((("question", "topic"), True), (("topic", "question"), False))


def up(migrator: Any, db: Any) -> None:
    no = "0" if isinstance(db, peewee.SqliteDatabase) else "FALSE"
    with db.bind_ctx((Person, Topic, Product, Question, QuestionTopic)):
        reshape(db, Question, {"is_anonymous": no})
        db.create_tables([QuestionTopic])
