"""What of an article is on the help site, and what is asked for."""

from __future__ import annotations

from typing import Any

import peewee
from peewee import (
    BigAutoField,
    CharField,
    Check,
    ForeignKeyField,
    IntegerField,
    JSONField,
    TextField,
)

from portal.models.base.fields import UtcDateTimeField


class Table(peewee.Model):
    class Meta:
        legacy_table_names = False


class Person(Table):
    id = BigAutoField()


class Article(Table):
    id = BigAutoField()


class HelpPage(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    version = IntegerField()
    updated_at = UtcDateTimeField()
    article = ForeignKeyField(Article, unique=True, on_delete="CASCADE")
    state = CharField(20)
    slug = CharField(120, null=True, unique=True)
    number = IntegerField(null=True)
    sections = JSONField()
    title = CharField(200)
    summary = TextField()
    body = TextField()
    html = TextField()
    plain = TextField()
    files = JSONField()
    language = CharField(10)
    asked_number = IntegerField(null=True)
    asked_sections = JSONField()
    asked_by = ForeignKeyField(Person, null=True, on_delete="RESTRICT", backref="asked")
    proposed_by = ForeignKeyField(Person, null=True, on_delete="RESTRICT", backref="proposed")
    agreed_by = ForeignKeyField(Person, null=True, on_delete="RESTRICT", backref="agreed")
    public_at = UtcDateTimeField(null=True)
    changed_at = UtcDateTimeField(null=True)
    helped = IntegerField()
    did_not_help = IntegerField()

    class Meta:
        indexes = ((("state", "changed_at", "id"), False),)
        constraints = [
            Check("state IN ('asked', 'public', 'withdrawn')"),
            Check("state = 'asked' OR (number IS NOT NULL AND slug IS NOT NULL)"),
            Check("(asked_number IS NULL) = (asked_by_id IS NULL)"),
            Check("state = 'asked' OR agreed_by_id <> proposed_by_id"),
            Check("helped >= 0 AND did_not_help >= 0"),
        ]


def up(migrator: Any, db: Any) -> None:
    with db.bind_ctx((Person, Article, HelpPage)):
        db.create_tables([HelpPage])
