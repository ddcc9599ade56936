"""What colleagues say against an article, and what its author answers."""

from __future__ import annotations

from typing import Any

import peewee
from peewee import SQL, BigAutoField, ForeignKeyField, TextField

from portal.models.base.fields import UtcDateTimeField


class Table(peewee.Model):
    class Meta:
        legacy_table_names = False


class Person(Table):
    id = BigAutoField()


class Article(Table):
    id = BigAutoField()


class Objection(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    article = ForeignKeyField(Article, on_delete="CASCADE")
    person = ForeignKeyField(Person, on_delete="RESTRICT", backref="objections")
    reason = TextField()
    at = UtcDateTimeField()
    answer = TextField()
    answered_by = ForeignKeyField(Person, null=True, on_delete="RESTRICT", backref="objections_answered")
    answered_at = UtcDateTimeField(null=True)

    class Meta:
        indexes = ((("article", "person"), True),)
        constraints = [
            SQL("CHECK (reason <> '')"),
            SQL("CHECK ((answer = '') = (answered_at IS NULL))"),
            SQL("CHECK ((answered_at IS NULL) = (answered_by_id IS NULL))"),
        ]


def up(migrator: Any, db: Any) -> None:
    with db.bind_ctx((Person, Article, Objection)):
        db.create_tables([Objection])
