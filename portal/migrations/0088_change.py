"""What a statement differs by from the month before stands beside it. Closed ones stay as they are: it is empty there."""

from __future__ import annotations

from typing import Any

import peewee
from peewee import SQL, BigAutoField, BigIntegerField, CharField, ForeignKeyField, IntegerField, JSONField

from portal.migrations.reshape import reshape
from portal.models.base import guards
from portal.models.base.fields import UtcDateTimeField


class Table(peewee.Model):
    class Meta:
        legacy_table_names = False


class Period(Table):
    id = BigAutoField()


class Person(Table):
    id = BigAutoField()


class Policy(Table):
    id = BigAutoField()


class Statement(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    period = ForeignKeyField(Period, on_delete="RESTRICT", index=False)
    month = CharField(7)
    person = ForeignKeyField(Person, on_delete="RESTRICT", index=False)
    payee_no = CharField(40)
    payee_name = CharField(120)
    policy = ForeignKeyField(Policy, on_delete="RESTRICT", null=True)
    counted = IntegerField()
    threshold = IntegerField()
    bonus_rate = BigIntegerField()
    base = BigIntegerField()
    bonus = BigIntegerField()
    total = BigIntegerField()
    change = BigIntegerField(null=True)
    inputs = JSONField()
    digest = CharField(64)

    class Meta:
        indexes = (
            (("period", "person"), True),
            (("person", "month"), False),
            (("period", "total", "id"), False),
            (("period", "payee_name", "id"), False),
            (("period", "change", "id"), False),
        )
        constraints = [SQL("CHECK (total >= 0)")]


SETTLED = "(SELECT state FROM period WHERE id = {}.period_id) IN ('closed', 'paid')"
OF_SETTLED = (
    "(SELECT period.state FROM statement JOIN period ON period.id = statement.period_id "
    "WHERE statement.id = NEW.statement_id) IN ('closed', 'paid')"
)


def up(migrator: Any, db: Any) -> None:
    with db.bind_ctx((Period, Person, Policy, Statement)):
        if not isinstance(db, peewee.SqliteDatabase):
            db.execute_sql('ALTER TABLE "statement" ADD COLUMN "change" BIGINT')
            made: Any = Statement
            made._schema.create_indexes(safe=True)
            return
        db.execute_sql('DROP TRIGGER IF EXISTS "line_insert_guard"')  # it names the table that is made anew
        reshape(db, Statement, {"change": "NULL"})
        guards.forbid_changes("statement", when=SETTLED.format("OLD"))
        guards.forbid_insert("statement", when=SETTLED.format("NEW"))
        guards.forbid_insert("line", when=OF_SETTLED)
