"""What visitors of the help site do: searches that are nobody's, messages, and how often somebody knocked."""

from __future__ import annotations

from typing import Any

import peewee
from peewee import (
    BigAutoField,
    BooleanField,
    CharField,
    Check,
    DateField,
    ForeignKeyField,
    IntegerField,
    TextField,
)

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


class HelpPage(Table):
    id = BigAutoField()


class HelpMessage(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    version = IntegerField()
    updated_at = UtcDateTimeField()
    name = CharField(120)
    reach = CharField(200)
    text = TextField()
    page = ForeignKeyField(HelpPage, null=True, on_delete="SET NULL")
    language = CharField(10)
    state = CharField(20)
    taken_by = ForeignKeyField(Person, null=True, on_delete="SET NULL")
    closed_at = UtcDateTimeField(null=True)

    class Meta:
        indexes = ((("state", "created_at", "id"), False),)
        constraints = [
            Check("state IN ('open', 'taken', 'closed')"),
            Check("(state = 'closed') = (closed_at IS NOT NULL)"),
        ]


def up(migrator: Any, db: Any) -> None:
    with db.bind_ctx((Person, Lookup, Knock, HelpPage, HelpMessage)):
        db.create_tables([Knock, HelpMessage])
        if isinstance(db, peewee.SqliteDatabase):
            reshape(db, Lookup, {})
        else:
            db.execute_sql('ALTER TABLE "lookup" ALTER COLUMN "person_id" DROP NOT NULL')
