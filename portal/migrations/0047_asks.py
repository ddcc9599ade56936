"""Colleagues who are asked a question, and how asking them goes on."""

from __future__ import annotations

from typing import Any

import peewee
from peewee import BigAutoField, BooleanField, CharField, Check, ForeignKeyField, IntegerField, JSONField

from portal.models.base.fields import UtcDateTimeField


class Table(peewee.Model):
    class Meta:
        legacy_table_names = False


class Person(Table):
    id = BigAutoField()


class Question(Table):
    id = BigAutoField()


class Ask(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    question = ForeignKeyField(Question, on_delete="CASCADE", index=False)
    person = ForeignKeyField(Person, on_delete="RESTRICT", index=False)
    handed_by = ForeignKeyField(Person, null=True, on_delete="RESTRICT", index=False, backref="handed_on")
    round = IntegerField()
    state = CharField(20)
    why = JSONField()
    due_at = UtcDateTimeField()
    ended_at = UtcDateTimeField(null=True)
    ignored_at = UtcDateTimeField(null=True)

    class Meta:
        indexes = (
            (("question", "person"), True),
            (("person", "state"), False),
            (("person", "ignored_at"), False),
        )
        constraints = [
            Check("state IN ('open', 'answered', 'declined', 'handed on', 'over', 'left')"),
            Check("(state = 'open') = (ended_at IS NULL)"),
            Check("handed_by_id IS NULL OR handed_by_id <> person_id"),
        ]


class Routing(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    question = ForeignKeyField(Question, unique=True, on_delete="CASCADE")
    like = JSONField()
    is_urgent = BooleanField()
    round = IntegerField()
    since = UtcDateTimeField()
    alarmed_at = UtcDateTimeField(null=True)
    ended_at = UtcDateTimeField(null=True)


def up(migrator: Any, db: Any) -> None:
    with db.bind_ctx((Person, Question, Ask, Routing)):
        db.create_tables([Ask, Routing])
