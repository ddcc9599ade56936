"""A dispute is about a month, with a statement of it or without one; a policy may bound what a month pays."""

from __future__ import annotations

from typing import Any

import peewee
from peewee import (
    SQL,
    BigAutoField,
    BigIntegerField,
    BooleanField,
    CharField,
    ForeignKeyField,
    IntegerField,
    JSONField,
    TextField,
)

from portal.migrations.reshape import reshape
from portal.models.base import guards
from portal.models.base.fields import UtcDateTimeField


class Table(peewee.Model):
    class Meta:
        legacy_table_names = False


class Person(Table):
    id = BigAutoField()


class Statement(Table):
    id = BigAutoField()


class Department(Table):
    id = BigAutoField()


class DealLine(Table):
    id = BigAutoField()


class Adjustment(Table):
    id = BigAutoField()


class Policy(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    version = IntegerField()
    updated_at = UtcDateTimeField()
    name = CharField(120)
    department = ForeignKeyField(Department, on_delete="RESTRICT", null=True)
    effective_from = CharField(7)
    state = CharField(10)
    base_rate = BigIntegerField()
    rates = JSONField()
    tiers = JSONField()
    operator = CharField(2)
    count_by = CharField(20)
    bonus_mode = CharField(20)
    earn_trigger = CharField(20)
    preview_working_day = IntegerField()
    close_working_day = IntegerField()
    revocation_months = IntegerField()
    max_recovery_share = BigIntegerField()
    base_wage = BigIntegerField()
    minimum_wage = BigIntegerField()
    cap = BigIntegerField()
    proration = BooleanField()
    counts_after_leaving = BooleanField()
    requires = JSONField()
    recovery_text = TextField()
    note = TextField()
    drafted_by = ForeignKeyField(Person, on_delete="RESTRICT", backref="policies_drafted")
    proposed_by = ForeignKeyField(Person, on_delete="RESTRICT", null=True, backref="policies_proposed")
    proposed_at = UtcDateTimeField(null=True)
    back_test = JSONField()

    class Meta:
        indexes = ((("state", "effective_from"), False),)
        constraints = [
            SQL("CHECK (state IN ('draft', 'proposed', 'approved'))"),
            SQL("CHECK (operator IN ('>=', '>'))"),
            SQL("CHECK (count_by IN ('submitted_at', 'decided_at'))"),
            SQL("CHECK (bonus_mode IN ('percentage_points', 'relative_percent'))"),
            SQL("CHECK (earn_trigger IN ('contract', 'delivery', 'invoice', 'payment'))"),
            SQL("CHECK (base_rate >= 0 AND base_rate <= 1000000)"),
            SQL("CHECK (max_recovery_share >= 0 AND max_recovery_share <= 1000000)"),
            SQL("CHECK (cap >= 0)"),
        ]


KINDS = "CHECK (kind IN ('deal', 'reversal', 'true-up', 'adjustment', 'carry', 'cap'))"


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
        constraints = [SQL(KINDS), SQL("CHECK ((kind = 'adjustment') = (adjustment_id IS NOT NULL))")]


class Dispute(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    statement = ForeignKeyField(Statement, on_delete="RESTRICT", null=True)
    month = CharField(7)
    line = ForeignKeyField(Line, on_delete="RESTRICT", null=True)
    opened_by = ForeignKeyField(Person, on_delete="RESTRICT", backref="disputes")
    state = CharField(20)
    due_at = UtcDateTimeField()
    resolved_by = ForeignKeyField(Person, on_delete="RESTRICT", null=True, backref="disputes_resolved")
    resolved_at = UtcDateTimeField(null=True)
    adjustment = ForeignKeyField(Adjustment, on_delete="RESTRICT", null=True)
    standing = CharField(60, null=True, unique=True)

    class Meta:
        indexes = ((("state", "due_at"), False),)
        constraints = [SQL("CHECK (state IN ('open', 'info needed', 'upheld', 'rejected', 'withdrawn'))")]


SETTLED = (
    "(SELECT period.state FROM statement JOIN period ON period.id = statement.period_id "
    "WHERE statement.id = NEW.statement_id) IN ('closed', 'paid')"
)
TABLES = (Person, Department, DealLine, Statement, Policy, Adjustment, Line, Dispute)


def up(migrator: Any, db: Any) -> None:
    month = "(SELECT month FROM statement WHERE statement.id = dispute.statement_id)"
    with db.bind_ctx(TABLES):
        if isinstance(db, peewee.SqliteDatabase):
            reshape(db, Policy, {"cap": "0"})
            guards.forbid_changes("policy", when="OLD.state = 'approved'")
            reshape(db, Line, {})
            guards.forbid_changes("line")
            guards.forbid_insert("line", when=SETTLED)
            reshape(db, Dispute, {"month": month})
            return
        reshape(db, Dispute, {"month": month})
        db.execute_sql('ALTER TABLE "dispute" ALTER COLUMN "statement_id" DROP NOT NULL')
        # the guard of approved versions lets nothing fill a column: it is there with its value
        db.execute_sql('ALTER TABLE "policy" ADD COLUMN "cap" BIGINT NOT NULL DEFAULT 0')
        db.execute_sql('ALTER TABLE "policy" ALTER COLUMN "cap" DROP DEFAULT')
        db.execute_sql('ALTER TABLE "policy" ADD CHECK (cap >= 0)')
        _allow_caps(db)


def _allow_caps(db: Any) -> None:
    """The check of before is known by what it says: it has no name of its own."""
    found = db.execute_sql(
        "SELECT conname FROM pg_constraint WHERE contype = 'c' AND conrelid = 'line'::regclass "
        "AND position('carry' in pg_get_constraintdef(oid)) > 0"
    ).fetchall()
    for (name,) in found:
        db.execute_sql(f'ALTER TABLE "line" DROP CONSTRAINT "{name}"')
    db.execute_sql(f'ALTER TABLE "line" ADD {KINDS}')
