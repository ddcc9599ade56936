"""Who follows a topic may hear only of what is for them: who followed one before hears of everything, as ever."""

from __future__ import annotations

from typing import Any

import peewee
from peewee import BigAutoField, BooleanField, ForeignKeyField

from portal.migrations.reshape import reshape
from portal.models.base.fields import UtcDateTimeField


class Table(peewee.Model):
    class Meta:
        legacy_table_names = False


class Person(Table):
    id = BigAutoField()


class Topic(Table):
    id = BigAutoField()


class TopicFollow(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    topic = ForeignKeyField(Topic, on_delete="CASCADE")
    person = ForeignKeyField(Person, on_delete="CASCADE", backref="topics_followed")
    is_narrowed = BooleanField()

    class Meta:
        indexes = ((("topic", "person"), True),)


def up(migrator: Any, db: Any) -> None:
    with db.bind_ctx((Person, Topic, TopicFollow)):
        reshape(db, TopicFollow, {"is_narrowed": "FALSE"})
