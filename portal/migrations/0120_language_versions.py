"""Which articles say the same in several languages."""

from __future__ import annotations

from typing import Any

import peewee
from peewee import BigAutoField, CharField, ForeignKeyField

from portal.models.base.fields import UtcDateTimeField


class Table(peewee.Model):
    class Meta:
        legacy_table_names = False


class Article(Table):
    id = BigAutoField()


class LanguageVersion(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    article = ForeignKeyField(Article, on_delete="CASCADE", unique=True)
    work = CharField(32)
    language = CharField(10)

    class Meta:
        indexes = ((("work", "language"), True),)


def up(migrator: Any, db: Any) -> None:
    with db.bind_ctx((Article, LanguageVersion)):
        db.create_tables([LanguageVersion])
