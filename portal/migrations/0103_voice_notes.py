"""What authors speak beside an experience, before they write it down."""

from __future__ import annotations

from typing import Any

import peewee
from peewee import BigAutoField, ForeignKeyField

from portal.models.base.fields import UtcDateTimeField


class Table(peewee.Model):
    class Meta:
        legacy_table_names = False


class Person(Table):
    id = BigAutoField()


class Experience(Table):
    id = BigAutoField()


class Attachment(Table):
    id = BigAutoField()


class VoiceNote(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    experience = ForeignKeyField(Experience, on_delete="CASCADE", index=False, backref="voice_notes")
    attachment = ForeignKeyField(Attachment, on_delete="CASCADE")
    by = ForeignKeyField(Person, on_delete="RESTRICT", index=False)

    class Meta:
        indexes = ((("experience", "attachment"), True), (("by", "id"), False))


def up(migrator: Any, db: Any) -> None:
    with db.bind_ctx((Person, Experience, Attachment, VoiceNote)):
        db.create_tables([VoiceNote])
