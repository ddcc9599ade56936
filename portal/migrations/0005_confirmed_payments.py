"""Payments are confirmed by finance. Those that were recorded before have counted: they stay confirmed."""

from __future__ import annotations

from typing import Any

import peewee
from peewee import SQL, BigAutoField, BigIntegerField, CharField, DateField, ForeignKeyField

from portal.migrations.reshape import reshape
from portal.models.base.fields import UtcDateTimeField

CONFIRMED = "CHECK (confirmed_at IS NULL OR (trigger = 'payment' AND reverses_id IS NULL))"


class Table(peewee.Model):
    class Meta:
        legacy_table_names = False


class Person(Table):
    id = BigAutoField()


class Deal(Table):
    id = BigAutoField()


class DealLine(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    deal = ForeignKeyField(Deal, on_delete="RESTRICT", index=False)
    trigger = CharField(20)
    on = DateField()
    amount = BigIntegerField()
    reverses: ForeignKeyField[Any] = ForeignKeyField("self", on_delete="RESTRICT", null=True, unique=True)
    reason = CharField(300)
    recorded_by = ForeignKeyField(Person, on_delete="RESTRICT", null=True)
    confirmed_by = ForeignKeyField(Person, on_delete="RESTRICT", null=True, backref="payments_confirmed")
    confirmed_at = UtcDateTimeField(null=True)
    key = CharField(60, null=True, unique=True)

    class Meta:
        table_name = "deal_line"
        indexes = (
            (("trigger", "on", "id"), False),
            (("deal", "trigger"), False),
        )
        constraints = [
            SQL("CHECK (trigger IN ('contract', 'delivery', 'invoice', 'payment'))"),
            SQL("CHECK ((reverses_id IS NULL) = (amount >= 0))"),
            SQL(CONFIRMED),
        ]


DealLine.add_index(
    DealLine.id,
    where=(DealLine.trigger == "payment") & DealLine.confirmed_at.is_null() & DealLine.reverses.is_null(),
    name="deal_line_waiting",
)


def up(migrator: Any, db: Any) -> None:
    counted = "CASE WHEN trigger = 'payment' AND reverses_id IS NULL THEN {} END"
    values = {
        "confirmed_by_id": counted.format("recorded_by_id"),
        "confirmed_at": counted.format("created_at"),
    }
    with db.bind_ctx((Person, Deal, DealLine)):
        reshape(db, DealLine, values)
        if not isinstance(db, peewee.SqliteDatabase):  # there the table was made anew, with its rules
            db.execute_sql(f'ALTER TABLE "deal_line" ADD {CONFIRMED}')
