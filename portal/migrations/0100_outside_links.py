"""Addresses of the web that articles name, and which of them lead nowhere."""

from __future__ import annotations

from typing import Any

import peewee
from peewee import BigAutoField, CharField, ForeignKeyField, IntegerField, TextField

from portal.models.base.fields import UtcDateTimeField


class Table(peewee.Model):
    class Meta:
        legacy_table_names = False


class Article(Table):
    id = BigAutoField()


class OutsideLink(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    article = ForeignKeyField(Article, on_delete="CASCADE", index=False)
    address = TextField()
    mark = CharField(64)
    looked_at = UtcDateTimeField(null=True)
    misses = IntegerField()
    broken_since = UtcDateTimeField(null=True)

    class Meta:
        indexes = ((("article", "mark"), True), (("mark",), False), (("looked_at",), False))


def up(migrator: Any, db: Any) -> None:
    with db.bind_ctx((Article, OutsideLink)):
        db.create_tables([OutsideLink])
