"""At which stage of a deal an answer was used; of what was noted before, nobody knows."""

from __future__ import annotations

from typing import Any

import peewee
from peewee import BigAutoField, CharField, ForeignKeyField

from portal.migrations.reshape import reshape
from portal.models.base.fields import UtcDateTimeField


class Table(peewee.Model):
    class Meta:
        legacy_table_names = False


class Person(Table):
    id = BigAutoField()


class Answer(Table):
    id = BigAutoField()


class Deal(Table):
    id = BigAutoField()


class AnswerUse(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    answer = ForeignKeyField(Answer, on_delete="CASCADE")
    deal = ForeignKeyField(Deal, on_delete="CASCADE")
    person = ForeignKeyField(Person, on_delete="RESTRICT", backref="answers_used")
    at = UtcDateTimeField()
    stage = CharField(20)

    class Meta:
        indexes = ((("answer", "deal"), True), (("deal", "answer"), False))


def up(migrator: Any, db: Any) -> None:
    with db.bind_ctx((Person, Answer, Deal, AnswerUse)):
        reshape(db, AnswerUse, {"stage": "''"})
