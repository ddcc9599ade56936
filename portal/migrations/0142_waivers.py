"""An adjustment may waive what is still to be taken back. Those of before pay."""

from __future__ import annotations

from typing import Any

import peewee
from peewee import SQL, BigAutoField, BigIntegerField, BooleanField, CharField, ForeignKeyField

from portal.migrations.reshape import reshape
from portal.models.base import guards
from portal.models.base.fields import UtcDateTimeField


class Table(peewee.Model):
    class Meta:
        legacy_table_names = False


class Person(Table):
    id = BigAutoField()


WAIVES = "CHECK (amount > 0 OR NOT waives)"


class Adjustment(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    person = ForeignKeyField(Person, on_delete="RESTRICT", backref="adjustments")
    month = CharField(7)
    amount = BigIntegerField()
    waives = BooleanField()
    reason = CharField(500)
    proposed_by = ForeignKeyField(Person, on_delete="RESTRICT", backref="adjustments_proposed")
    key = CharField(60, null=True, unique=True)

    class Meta:
        indexes = ((("month", "person"), False),)
        constraints = [
            SQL("CHECK (amount <> 0)"),
            SQL("CHECK (person_id <> proposed_by_id)"),
            SQL(WAIVES),
        ]


def up(migrator: Any, db: Any) -> None:
    with db.bind_ctx((Person, Adjustment)):
        if isinstance(db, peewee.SqliteDatabase):
            reshape(db, Adjustment, {"waives": "FALSE"})
            guards.forbid_changes("adjustment")
            return
        # its guard lets nothing fill a column: it is there with its value
        db.execute_sql('ALTER TABLE "adjustment" ADD COLUMN "waives" BOOLEAN NOT NULL DEFAULT FALSE')
        db.execute_sql('ALTER TABLE "adjustment" ALTER COLUMN "waives" DROP DEFAULT')
        db.execute_sql(f'ALTER TABLE "adjustment" ADD {WAIVES}')
