"""Comments at passages of proposed texts."""

from __future__ import annotations

from typing import Any

import peewee
from peewee import SQL, BigAutoField, ForeignKeyField, IntegerField, TextField

from portal.models.base.fields import UtcDateTimeField


class Table(peewee.Model):
    class Meta:
        legacy_table_names = False


class Person(Table):
    id = BigAutoField()


class Proposal(Table):
    id = BigAutoField()


class Comment(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    proposal = ForeignKeyField(Proposal, on_delete="CASCADE", backref="comments")
    by = ForeignKeyField(Person, on_delete="RESTRICT", backref="comments")
    edition = IntegerField()
    quote = TextField()
    before = TextField()
    after = TextField()
    text = TextField()
    at = UtcDateTimeField()
    answer = TextField()
    answered_by = ForeignKeyField(Person, null=True, on_delete="RESTRICT", backref="comments_answered")
    answered_at = UtcDateTimeField(null=True)
    settled_by = ForeignKeyField(Person, null=True, on_delete="RESTRICT", backref="comments_settled")
    settled_at = UtcDateTimeField(null=True)

    class Meta:
        constraints = [
            SQL("CHECK (text <> '')"),
            SQL("CHECK ((answer = '') = (answered_at IS NULL))"),
            SQL("CHECK ((answered_at IS NULL) = (answered_by_id IS NULL))"),
            SQL("CHECK ((settled_at IS NULL) = (settled_by_id IS NULL))"),
        ]


def up(migrator: Any, db: Any) -> None:
    with db.bind_ctx((Person, Proposal, Comment)):
        db.create_tables([Comment])
