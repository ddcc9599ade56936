"""Letters that report something, and who does not want them."""

from __future__ import annotations

from typing import Any

import peewee
from peewee import BigAutoField, CharField, DateTimeField, ForeignKeyField, TextField

from portal.migrations.reshape import reshape
from portal.models.base.fields import UtcDateTimeField


class Table(peewee.Model):
    class Meta:
        legacy_table_names = False


class Person(Table):
    id = BigAutoField()


class Letter(Table):
    id = BigAutoField()
    created_at = DateTimeField()
    person = ForeignKeyField(Person, on_delete="CASCADE")
    purpose = CharField(20)
    address = CharField(254)
    body = TextField()
    sent_at = DateTimeField(null=True)
    error = TextField()

    class Meta:
        constraints = [peewee.Check("purpose IN ('reset', 'invitation', 'report')")]


class UnwantedLetter(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    person = ForeignKeyField(Person, on_delete="CASCADE", unique=True)


def up(migrator: Any, db: Any) -> None:
    with db.bind_ctx((Person, Letter, UnwantedLetter)):
        reshape(db, Letter, {"body": "''"})
        if not isinstance(db, peewee.SqliteDatabase):
            _allow_reports(db)
        db.create_tables([UnwantedLetter])


def _allow_reports(db: Any) -> None:
    """A check has no name of its own: whatever it is called, the table has but this one."""
    found = db.execute_sql(
        "SELECT conname FROM pg_constraint WHERE contype = 'c' AND conrelid = 'letter'::regclass"
    ).fetchall()
    for (name,) in found:
        db.execute_sql(f'ALTER TABLE "letter" DROP CONSTRAINT "{name}"')
    db.execute_sql("ALTER TABLE \"letter\" ADD CHECK (purpose IN ('reset', 'invitation', 'report'))")
