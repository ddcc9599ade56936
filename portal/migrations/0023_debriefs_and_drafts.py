"""Debriefs that are not written, and drafts that were begun, wait for who writes them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import peewee
from peewee import BigAutoField, BigIntegerField, CharField, DateField, IntegerField, JSONField, TextField

from portal import clock
from portal.models.base.fields import UtcDateTimeField


class Table(peewee.Model):
    class Meta:
        legacy_table_names = False


class Deal(Table):
    id = BigAutoField()
    title = CharField()
    owner = BigIntegerField(column_name="owner_id")
    closed_on = DateField(null=True)
    archived_at = UtcDateTimeField(null=True)


class Experience(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    version = IntegerField()
    author = BigIntegerField(column_name="author_id")
    kind_of = CharField(column_name="kind")
    state = CharField()
    title = CharField()
    deal = BigIntegerField(null=True, column_name="deal_id")
    key = CharField(null=True)


class Clock(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    subject_kind = CharField(40)
    subject = BigIntegerField()
    what = CharField(30)
    about_kind = CharField(40)
    about = BigIntegerField()
    who = CharField(60)
    but = TextField()
    text = TextField()
    values = JSONField()
    url = CharField(300)
    since = UtcDateTimeField()
    shown_at = UtcDateTimeField()
    due_at = UtcDateTimeField(null=True)
    stopped_at = UtcDateTimeField(null=True)
    running = CharField(90, null=True)


class ClockStep(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    clock = BigIntegerField(column_name="clock_id")
    name = CharField(30)
    due_at = UtcDateTimeField()


UNTOUCHED = (Experience.state == "draft") & (Experience.version == 1)
"""The condition that nobody wrote in it."""


def up(migrator: Any, db: Any) -> None:
    with db.bind_ctx((Deal, Experience, Clock, ClockStep)):
        _ask_for_debriefs()
        _ask_for_drafts()


def _ask_for_debriefs() -> None:
    written = Experience.select(Experience.deal).where(
        (Experience.kind_of == "debrief")
        & (Experience.state != "rejected")
        & ~UNTOUCHED
        & Experience.deal.is_null(False)
    )
    waiting = (Clock.what == "debrief") & (Clock.subject_kind == "deal") & Clock.stopped_at.is_null()
    left = Deal.select(Deal.id).where(Deal.closed_on.is_null(False) & Deal.archived_at.is_null())
    over = waiting & (Clock.subject.in_(written) | Clock.subject.not_in(left))
    Clock.update(stopped_at=clock.now(), running=None).where(over).execute()
    asked = Clock.select(Clock.id, Deal.id, Deal.title, Deal.owner, Deal.closed_on).where(waiting)
    rows: Any = asked.join(Deal, on=(Clock.subject == Deal.id)).tuples()
    for ident, deal, title, owner, closed_on in list(rows):
        facts = {
            "who": f"person-{owner}",
            "text": "Write the debrief: %(title)s",
            "values": {"title": title},
            "url": f"/experiences/new?deal={deal}",
        }
        Clock.update(facts).where(Clock.id == ident).execute()
        forget = clock.start_of(closed_on + timedelta(days=15))
        ClockStep.create(created_at=clock.now(), clock=ident, name="forget", due_at=forget)


def _ask_for_drafts() -> None:
    now = clock.now()
    for each in Experience.select().where((Experience.state == "draft") & (Experience.version > 1)):
        Clock.create(
            created_at=now,
            subject_kind="experience",
            subject=each.id,
            what="draft",
            about_kind="experience",
            about=each.id,
            who=f"person-{each.author}",
            but="",
            text="Finish and submit: %(title)s",
            values={"title": each.title or "…"},
            url=f"/experiences/{each.id}/edit",
            since=each.created_at,
            shown_at=now,
            running=f"experience-{each.id} draft",
        )
