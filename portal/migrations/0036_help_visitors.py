"""What visitors of the help site do: searches that are nobody's, and how often somebody knocked."""

from __future__ import annotations

from typing import Any

import peewee
from peewee import BigAutoField, BooleanField, CharField, DateField, ForeignKeyField, IntegerField

from portal.migrations.reshape import reshape
from portal.models.base.fields import UtcDateTimeField


class Table(peewee.Model):
    class Meta:
        legacy_table_names = False


class Person(Table):
    id = BigAutoField()


class Lookup(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    person = ForeignKeyField(Person, null=True, on_delete="CASCADE")
    text = CharField(200)
    folded = CharField(200)
    found = IntegerField()
    opened = BooleanField()
    at = UtcDateTimeField()

    class Meta:
        indexes = ((("folded", "at"), False), (("at",), False), (("person", "at"), False))


class Knock(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    door = CharField(20)
    what = CharField(200)
    who = CharField(32)
    on = DateField()

    class Meta:
        indexes = ((("on", "who", "door", "what"), True),)


def up(migrator: Any, db: Any) -> None:
    with db.bind_ctx((Person, Lookup, Knock)):
        db.create_tables([Knock])
        if isinstance(db, peewee.SqliteDatabase):
            reshape(db, Lookup, {})
        else:
            db.execute_sql('ALTER TABLE "lookup" ALTER COLUMN "person_id" DROP NOT NULL')
