"""What the files in texts say."""

from __future__ import annotations

from typing import Any

import peewee
from peewee import BigAutoField, CharField, Check, ForeignKeyField, TextField

from portal.models.base.fields import UtcDateTimeField


class Table(peewee.Model):
    class Meta:
        legacy_table_names = False


class Attachment(Table):
    id = BigAutoField()


class FileText(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    attachment = ForeignKeyField(Attachment, on_delete="CASCADE", unique=True)
    state = CharField(10)
    text = TextField()

    class Meta:
        constraints = [Check("state IN ('read', 'pictures', 'broken', 'personal')")]


def up(migrator: Any, db: Any) -> None:
    """What was brought before is read by the worker, file by file."""
    with db.bind_ctx((Attachment, FileText)):
        db.create_tables([FileText])
