"""Debriefs that are not written and drafts that were begun wait for who writes them; who is named as co-author,
and whom finance asked about their dispute, is asked; a notice says what it speaks of waits for.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import peewee
from peewee import (
    BigAutoField,
    BigIntegerField,
    CharField,
    DateField,
    ForeignKeyField,
    IntegerField,
    JSONField,
    TextField,
)

from portal import clock
from portal.migrations.reshape import reshape
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


class Credit(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    experience = BigIntegerField(column_name="experience_id")
    person = BigIntegerField(column_name="person_id")
    share = IntegerField()
    agreed_at = UtcDateTimeField(null=True)


class Dispute(Table):
    id = BigAutoField()
    statement = BigIntegerField(column_name="statement_id")
    opened_by = BigIntegerField(column_name="opened_by_id")
    state = CharField()


class Statement(Table):
    id = BigAutoField()
    period = BigIntegerField(column_name="period_id")


class Period(Table):
    id = BigAutoField()
    month = CharField()


class Person(Table):
    id = BigAutoField()
    name = CharField()


class Notice(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    person = ForeignKeyField(Person, on_delete="CASCADE")
    text = TextField()
    values = JSONField()
    url = CharField(300)
    key = CharField(160, null=True, unique=True)
    at = UtcDateTimeField()
    read_at = UtcDateTimeField(null=True)
    subject_kind = CharField(40)
    subject = BigIntegerField(null=True)
    waits = CharField(90)

    class Meta:
        indexes = ((("person", "read_at", "id"), False),)


WAITS = """CASE
    WHEN subject_kind = 'review' AND SUBSTR(key, 1, 7) = 'review-' THEN 'review-' || subject || ' review'
    WHEN subject_kind = 'deal' AND SUBSTR(key, 1, 8) = 'debrief-' THEN 'deal-' || subject || ' debrief'
    WHEN subject_kind = 'experience' AND SUBSTR(key, 1, 12) = 'no-reviewer-' THEN 'experience-' || subject || ' panel'
    ELSE '' END"""
UNTOUCHED = (Experience.state == "draft") & (Experience.version == 1)
"""The condition that nobody wrote in it."""


def up(migrator: Any, db: Any) -> None:
    with db.bind_ctx((Person, Notice)):
        reshape(db, Notice, {"waits": WAITS})
    start(db)


def start(db: Any) -> None:
    """Whatever waits from now on, and did not before."""
    with db.bind_ctx((Deal, Experience, Clock, ClockStep, Credit, Dispute, Statement, Period, Person)):
        _ask_for_debriefs()
        _ask_for_drafts()
        _ask_co_authors()
        _ask_payees()
        none_left = "No reviewer without a conflict is left for an experience. Name one for its topics."
        empty = (Clock.what == "panel") & Clock.stopped_at.is_null()
        Clock.update(who="administrator", text=none_left, url="/admin").where(empty).execute()


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
    for each in Experience.select().where((Experience.state == "draft") & (Experience.version > 1)):
        url = f"/experiences/{each.id}/edit"
        said = {"title": each.title or "…"}
        asked = "Finish and submit: %(title)s"
        _ask(
            ("experience", each.id),
            "draft",
            each.author,
            text=asked,
            said=said,
            url=url,
            since=each.created_at,
        )


def _ask_co_authors() -> None:
    open_still = Experience.state.not_in(["accepted", "merged"])
    asked: Any = (
        Credit.select(
            Credit.id,
            Credit.person,
            Credit.share,
            Credit.created_at,
            Experience.id,
            Experience.title,
            Person.name,
        )
        .join(Experience, on=(Credit.experience == Experience.id))
        .join(Person, on=(Experience.author == Person.id))
        .where(Credit.agreed_at.is_null() & open_still)
    )
    for ident, person, share, made, experience, title, name in list(asked.tuples()):
        said = {"name": name, "share": share // 10_000, "title": title}
        text = "%(name)s names you as co-author, with %(share)s %%: %(title)s"
        url = f"/experiences/{experience}/co-author"
        _ask(("credit", ident), "co-author", person, text=text, said=said, url=url, since=made)


def _ask_payees() -> None:
    asked: Any = (
        Dispute.select(Dispute.id, Dispute.opened_by, Period.month)
        .join(Statement, on=(Dispute.statement == Statement.id))
        .join(Period, on=(Statement.period == Period.id))
        .where(Dispute.state == "info needed")
    )
    for ident, payee, month in list(asked.tuples()):
        text = "Finance asks about your dispute of %(month)s."
        url = f"/commission/disputes/{ident}"
        said, now = {"month": month}, clock.now()
        _ask(("dispute", ident), "dispute question", payee, text=text, said=said, url=url, since=now)


def _ask(
    subject: tuple[str, int],
    what: str,
    person: int,
    *,
    text: str,
    said: dict[str, Any],
    url: str,
    since: datetime,
) -> None:
    (kind, ident), now = subject, clock.now()
    Clock.create(
        created_at=now,
        subject_kind=kind,
        subject=ident,
        what=what,
        about_kind=kind,
        about=ident,
        who=f"person-{person}",
        but="",
        text=text,
        values=said,
        url=url,
        since=since,
        shown_at=now,
        running=f"{kind}-{ident} {what}",
    )
