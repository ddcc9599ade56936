"""When a job's try began, and when an administrator asked that it be ended."""

from __future__ import annotations

from typing import Any

import peewee
from peewee import BigAutoField, CharField, IntegerField, JSONField, TextField

from portal.migrations.reshape import reshape
from portal.models.base.fields import UtcDateTimeField


class Job(peewee.Model):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    name = CharField(60)
    facts = JSONField()
    state = CharField(10)
    run_at = UtcDateTimeField()
    leased_until = UtcDateTimeField(null=True)
    attempts = IntegerField()
    key = CharField(120, null=True, unique=True)
    done = IntegerField()
    total = IntegerField()
    error = TextField()
    started_at = UtcDateTimeField(null=True)
    stop_at = UtcDateTimeField(null=True)
    finished_at = UtcDateTimeField(null=True)

    class Meta:
        legacy_table_names = False
        indexes = ((("state", "run_at"), False),)
        constraints = [peewee.Check("state IN ('waiting', 'running', 'finished', 'dead')")]


def up(migrator: Any, db: Any) -> None:
    with db.bind_ctx((Job,)):
        reshape(db, Job, {"started_at": "NULL", "stop_at": "NULL"})
