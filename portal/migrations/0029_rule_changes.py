"""Other rules are proposed by one and agreed to by another."""

from __future__ import annotations

from typing import Any

import peewee
from peewee import BigAutoField, CharField, Check, ForeignKeyField, JSONField

from portal.models.base.fields import NameField, UtcDateTimeField


class Person(peewee.Model):
    id = BigAutoField()

    class Meta:
        legacy_table_names = False


class RuleChange(peewee.Model):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    page = CharField(30)
    values = JSONField()
    reason = NameField(500)
    state = CharField(10, default="asked")
    proposed_by = ForeignKeyField(Person, on_delete="RESTRICT", backref="rule_changes")
    answered_by = ForeignKeyField(Person, null=True, on_delete="RESTRICT", backref="rule_changes_answered")
    standing = CharField(30, null=True, unique=True)

    class Meta:
        legacy_table_names = False
        constraints = [
            Check("state IN ('asked', 'approved', 'refused', 'withdrawn', 'alone')"),
            Check("(state = 'asked') = (standing IS NOT NULL)"),
            Check("answered_by_id IS NULL OR answered_by_id <> proposed_by_id"),
            Check("(state IN ('approved', 'refused')) = (answered_by_id IS NOT NULL)"),
        ]


def up(migrator: Any, db: Any) -> None:
    with db.bind_ctx([Person, RuleChange]):
        RuleChange.create_table()
