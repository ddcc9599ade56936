"""For whom the answer of an exam question has to be the best; a lesson keeps the words of its answer."""

from __future__ import annotations

from typing import Any

import peewee
from peewee import BigAutoField, CharField, Check, ForeignKeyField, IntegerField, TextField

from portal.migrations.reshape import reshape
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


class Exam(Table):
    id = BigAutoField()


class Answer(Table):
    id = BigAutoField()
    version = IntegerField()
    text = TextField()


class Lesson(Table):
    id = BigAutoField()
    text = TextField()
    answer = ForeignKeyField(Answer, null=True)
    number = IntegerField(null=True)


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
    scope = CharField(40, null=True)
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


def up(migrator: Any, db: Any) -> None:
    with db.bind_ctx((Person, Topic, Article, Exam, Answer, Lesson, ExamQuestion)):
        reshape(db, ExamQuestion, {"scope": "NULL"})
        rows: Any = Lesson.select(Lesson.id, Answer.text, Answer.version).join(Answer).tuples()
        for id, text, version in list(rows):
            # what was shown is what the answer says now, whatever the number said
            Lesson.update(text=text, number=version).where(Lesson.id == id).execute()
