"""A policy may count an experience once it worked for colleagues, ask for fewer in a month with leave, and say whose
law bounds what is taken back.
"""

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


class Department(Table):
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
    uses_needed = IntegerField()
    use_days = IntegerField()
    proration = BooleanField()
    leave_prorates = BooleanField()
    counts_after_leaving = BooleanField()
    requires = JSONField()
    jurisdiction = CharField(10)
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
            SQL("CHECK (uses_needed >= 0)"),
            SQL("CHECK (use_days >= 1)"),
            SQL("CHECK (jurisdiction IN ('', 'cn', 'other'))"),
        ]


COLUMNS = {
    "uses_needed": ("INTEGER", "0"),
    "use_days": ("INTEGER", "60"),
    "leave_prorates": ("BOOLEAN", "FALSE"),
    "jurisdiction": ("VARCHAR(10)", "''"),
}
CHECKS = ("uses_needed >= 0", "use_days >= 1", "jurisdiction IN ('', 'cn', 'other')")


def up(migrator: Any, db: Any) -> None:
    with db.bind_ctx((Person, Department, Policy)):
        if isinstance(db, peewee.SqliteDatabase):
            reshape(db, Policy, {name: value for name, (_, value) in COLUMNS.items()})
            guards.forbid_changes("policy", when="OLD.state = 'approved'")
            return
        # the guard of approved versions lets nothing fill a column: it is there with its value
        for name, (kind, value) in COLUMNS.items():
            db.execute_sql(f'ALTER TABLE "policy" ADD COLUMN "{name}" {kind} NOT NULL DEFAULT {value}')
            db.execute_sql(f'ALTER TABLE "policy" ALTER COLUMN "{name}" DROP DEFAULT')
        for check in CHECKS:
            db.execute_sql(f'ALTER TABLE "policy" ADD CHECK ({check})')
