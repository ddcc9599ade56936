"""Whatever pays commission is confirmed, not payments alone. What was recorded before has counted: it stays so."""

from __future__ import annotations

from typing import Any

import peewee
from peewee import SQL, BigAutoField, BigIntegerField, CharField, DateField, ForeignKeyField

from portal.migrations.reshape import reshape
from portal.models.base.fields import UtcDateTimeField

CONFIRMED = "CHECK (confirmed_at IS NULL OR reverses_id IS NULL)"


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
    where=DealLine.confirmed_at.is_null() & DealLine.reverses.is_null(),
    name="deal_line_waiting",
)
COUNTED = "trigger <> 'payment' AND reverses_id IS NULL"


def up(migrator: Any, db: Any) -> None:
    db.execute_sql('DROP INDEX "deal_line_waiting"')
    with db.bind_ctx((Person, Deal, DealLine)):
        if isinstance(db, peewee.SqliteDatabase):
            counted = f"CASE WHEN {COUNTED} THEN created_at ELSE confirmed_at END"
            reshape(db, DealLine, {"confirmed_at": counted})
            return
        _confirm_others(db)
        table: Any = DealLine
        table._schema.create_indexes(safe=True)


def _confirm_others(db: Any) -> None:
    """The check of before is known by what it says: it has no name of its own."""
    found = db.execute_sql(
        "SELECT conname FROM pg_constraint WHERE contype = 'c' AND conrelid = 'deal_line'::regclass "
        "AND position('confirmed_at' in pg_get_constraintdef(oid)) > 0"
    ).fetchall()
    for (name,) in found:
        db.execute_sql(f'ALTER TABLE "deal_line" DROP CONSTRAINT "{name}"')
    db.execute_sql(f'ALTER TABLE "deal_line" ADD {CONFIRMED}')
    db.execute_sql(f'UPDATE "deal_line" SET confirmed_at = created_at WHERE {COUNTED}')  # noqa: S608
