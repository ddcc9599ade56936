"""Who is asked beside those whose turn it is to approve a text is kept with the text."""

from __future__ import annotations

from typing import Any

import peewee
from peewee import SQL, BigAutoField, CharField, ForeignKeyField, IntegerField, JSONField, TextField

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


class Proposal(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    version = IntegerField()
    updated_at = UtcDateTimeField()
    article = ForeignKeyField(Article, on_delete="CASCADE")
    sort = CharField(12)
    by = ForeignKeyField(Person, on_delete="RESTRICT", backref="proposals")
    title = CharField(200)
    summary = TextField()
    body = TextField()
    topics = JSONField(null=True)
    note = CharField(500)
    base_number = IntegerField()
    edition = IntegerField()
    hands = JSONField()
    step = CharField(10)
    topic = ForeignKeyField(Topic, null=True, on_delete="SET NULL")
    done = JSONField()
    is_minor = IntegerField()
    state = CharField(10)
    asked_at = UtcDateTimeField()
    widens_at = UtcDateTimeField(null=True)
    stand_ins = JSONField()
    answered_by = ForeignKeyField(Person, null=True, on_delete="RESTRICT", backref="proposals_answered")
    answered_at = UtcDateTimeField(null=True)
    reason = TextField()
    became = IntegerField(null=True)
    standing = CharField(60, null=True, unique=True)

    class Meta:
        indexes = ((("article", "state", "id"), False), (("by", "state", "id"), False))
        constraints = [
            SQL("CHECK (sort IN ('first', 'change', 'suggestion'))"),
            SQL("CHECK (state IN ('waiting', 'accepted', 'refused', 'withdrawn'))"),
            SQL("CHECK ((state = 'waiting') = (standing IS NOT NULL))"),
            SQL("CHECK ((state = 'accepted') = (became IS NOT NULL))"),
            SQL("CHECK (state <> 'refused' OR reason <> '')"),
        ]


def up(migrator: Any, db: Any) -> None:
    with db.bind_ctx((Person, Topic, Article, Proposal)):
        reshape(db, Proposal, {"stand_ins": "'[]'"})
