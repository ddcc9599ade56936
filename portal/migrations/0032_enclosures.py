"""Files that stand in texts, and in which."""

from __future__ import annotations

from typing import Any

import peewee
from peewee import BigAutoField, BigIntegerField, CharField, ForeignKeyField

from portal.migrations.reshape import reshape
from portal.models.base.fields import UtcDateTimeField


class Table(peewee.Model):
    class Meta:
        legacy_table_names = False


class Person(Table):
    id = BigAutoField()


class Attachment(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    name = CharField(200)
    size = BigIntegerField()
    sha256 = CharField(64, index=True)
    path = CharField(120)
    by = ForeignKeyField(Person, null=True, on_delete="SET NULL")
    media = CharField(100)


class Enclosure(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    attachment = ForeignKeyField(Attachment, on_delete="CASCADE", index=False)
    subject_kind = CharField(40)
    subject = BigIntegerField()

    class Meta:
        indexes = (
            (("attachment", "subject_kind", "subject"), True),
            (("subject_kind", "subject"), False),
        )


def up(migrator: Any, db: Any) -> None:
    """What was brought before is an import's: it is served to nobody."""
    with db.bind_ctx((Person, Attachment, Enclosure)):
        reshape(db, Attachment, {"media": "''"})
        db.create_tables([Enclosure])
