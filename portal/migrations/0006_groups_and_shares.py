"""Where people and departments belonged on a day, who shared in a line, and how much of a line earned."""

from __future__ import annotations

from typing import Any

import peewee
from peewee import (
    SQL,
    BigAutoField,
    BigIntegerField,
    CharField,
    DateField,
    ForeignKeyField,
    IntegerField,
    JSONField,
)

from portal.migrations.reshape import reshape
from portal.models.base import guards
from portal.models.base.fields import UtcDateTimeField


class Table(peewee.Model):
    class Meta:
        legacy_table_names = False


class Person(Table):
    id = BigAutoField()


class Department(Table):
    id = BigAutoField()


class DealLine(Table):
    id = BigAutoField()


class Statement(Table):
    id = BigAutoField()


class Policy(Table):
    id = BigAutoField()


class Adjustment(Table):
    id = BigAutoField()


class Transfer(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    person = ForeignKeyField(Person, on_delete="CASCADE", index=False)
    department = ForeignKeyField(Department, null=True, on_delete="RESTRICT")
    on = DateField()

    class Meta:
        indexes = ((("person", "on"), True),)


class DepartmentMove(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    department = ForeignKeyField(Department, on_delete="CASCADE", index=False)
    parent = ForeignKeyField(Department, null=True, on_delete="SET NULL", backref="was_above")
    on = DateField()

    class Meta:
        indexes = ((("department", "on"), True),)


class LineShare(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    line = ForeignKeyField(DealLine, on_delete="CASCADE", index=False)
    person = ForeignKeyField(Person, on_delete="RESTRICT")
    share = BigIntegerField()

    class Meta:
        indexes = ((("line", "person"), True),)
        constraints = [SQL("CHECK (share > 0 AND share <= 1000000)")]


class Line(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    statement = ForeignKeyField(Statement, on_delete="RESTRICT", index=False)
    person = ForeignKeyField(Person, on_delete="RESTRICT", index=False)
    position = IntegerField()
    kind_of = CharField(12, column_name="kind")
    about = CharField(7)
    deal_line = ForeignKeyField(DealLine, on_delete="RESTRICT", null=True)
    base = BigIntegerField(null=True)
    money = BigIntegerField(null=True)
    share = BigIntegerField()
    rate = BigIntegerField()
    bonus_rate = BigIntegerField()
    bonus_mode = CharField(20)
    amount = BigIntegerField()
    bonus = BigIntegerField()
    policy = ForeignKeyField(Policy, on_delete="RESTRICT", null=True, index=False)
    adjustment = ForeignKeyField(Adjustment, on_delete="RESTRICT", null=True, unique=True)
    why = CharField(600)
    why_values = JSONField()
    experiences = JSONField()
    key = CharField(120, unique=True)

    class Meta:
        indexes = (
            (("statement", "position"), True),
            (("person", "about"), False),
        )
        constraints = [
            SQL("CHECK (kind IN ('deal', 'reversal', 'true-up', 'adjustment', 'carry'))"),
            SQL("CHECK ((kind = 'adjustment') = (adjustment_id IS NOT NULL))"),
        ]


SETTLED = (
    "(SELECT period.state FROM statement JOIN period ON period.id = statement.period_id "
    "WHERE statement.id = NEW.statement_id) IN ('closed', 'paid')"
)
TABLES = (
    Person,
    Department,
    DealLine,
    Statement,
    Policy,
    Adjustment,
    Transfer,
    DepartmentMove,
    LineShare,
    Line,
)


def up(migrator: Any, db: Any) -> None:
    with db.bind_ctx(TABLES):
        db.create_tables([Transfer, DepartmentMove, LineShare])
        guards.forbid_updates("transfer", when="TRUE")
        if isinstance(db, peewee.SqliteDatabase):
            reshape(db, Line, {"money": "NULL"})
            guards.forbid_changes("line")
            guards.forbid_insert("line", when=SETTLED)
        else:  # the guard of its rows lets nothing fill the column, and nothing has to
            db.execute_sql('ALTER TABLE "line" ADD COLUMN "money" BIGINT')
