"""A panel lead who was asked before somebody took their place when they are late has as long as one asked now."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import peewee
from peewee import BigAutoField, BigIntegerField, CharField, ForeignKeyField, IntegerField

from portal import clock
from portal.models.base.fields import UtcDateTimeField

LONG = timedelta(days=12)
"""Eight working days and the days off among them."""


class Table(peewee.Model):
    class Meta:
        legacy_table_names = False


class Review(Table):
    id = BigAutoField()
    is_panel_lead = IntegerField()


class Clock(Table):
    id = BigAutoField()
    subject_kind = CharField(40)
    subject = BigIntegerField()
    what = CharField(30)
    running = CharField(90, null=True)


class ClockStep(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    clock = ForeignKeyField(Clock, on_delete="CASCADE")
    name = CharField(30)
    due_at = UtcDateTimeField()


def up(migrator: Any, db: Any) -> None:
    with db.bind_ctx((Review, Clock, ClockStep)):
        leads = Review.select(Review.id).where(Review.is_panel_lead == 1)
        of_review = (Clock.subject_kind == "review") & (Clock.what == "review") & Clock.running.is_null(False)
        now = clock.now()
        for waiting in Clock.select(Clock.id).where(of_review & Clock.subject.in_(leads)):
            ClockStep.create(created_at=now, clock=waiting, name="panel lead", due_at=now + LONG)
