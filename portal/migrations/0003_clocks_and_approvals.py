"""The company's calendar, and what waits as clocks and approvals: all that is open keeps waiting."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import peewee
from peewee import (
    SQL,
    BigAutoField,
    BigIntegerField,
    BooleanField,
    CharField,
    DateField,
    ForeignKeyField,
    JSONField,
    TextField,
    chunked,
)

from portal import clock
from portal.models.base.fields import UtcDateTimeField


class Table(peewee.Model):
    class Meta:
        legacy_table_names = False


class Person(Table):
    id = BigAutoField()


class CalendarDay(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    day = DateField(unique=True)
    is_worked = BooleanField()
    note = CharField(120)

    class Meta:
        table_name = "calendar_day"


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
    running = CharField(90, null=True, unique=True)

    class Meta:
        table_name = "clock"
        indexes = (
            (("who", "stopped_at"), False),
            (("about_kind", "about", "stopped_at"), False),
        )


class ClockStep(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    clock = ForeignKeyField(Clock, on_delete="CASCADE")
    name = CharField(30)
    due_at = UtcDateTimeField()
    fired_at = UtcDateTimeField(null=True)

    class Meta:
        table_name = "clock_step"
        indexes = ((("fired_at", "due_at"), False),)


class Approval(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    subject_kind = CharField(40)
    subject = BigIntegerField()
    purpose = CharField(30)
    state = CharField(10)
    asked_by = ForeignKeyField(Person, on_delete="RESTRICT")
    asked_at = UtcDateTimeField()
    due_at = UtcDateTimeField(null=True)
    answered_by = ForeignKeyField(Person, null=True, on_delete="RESTRICT")
    answered_at = UtcDateTimeField(null=True)
    standing = CharField(90, null=True, unique=True)

    class Meta:
        table_name = "approval"
        indexes = ((("subject_kind", "subject"), False),)
        constraints = [
            SQL("CHECK (state IN ('asked', 'approved', 'refused', 'withdrawn'))"),
            SQL("CHECK ((state = 'asked') = (standing IS NOT NULL))"),
            SQL("CHECK ((state IN ('approved', 'refused')) = (answered_by_id IS NOT NULL))"),
            SQL("CHECK (answered_by_id <> asked_by_id)"),
        ]


TABLES = (Person, CalendarDay, Clock, ClockStep, Approval)


def up(migrator: Any, db: Any) -> None:
    with db.bind_ctx(TABLES):
        db.create_tables(TABLES[1:])
        steps: dict[str, dict[str, datetime]] = {}
        opened = (_reviews, _panels, _revisions, _promises, _questions, _debriefs)
        for found in (*opened, _disputes, _approvals, _months):
            rows = list(found(db, steps))
            for some in chunked(rows, 500):
                Clock.insert_many(some).execute()
        made = {one.running: one.id for one in Clock.select(Clock.id, Clock.running)}
        now = clock.now()
        taken = [
            {"created_at": now, "clock": made[running], "name": name, "due_at": at, "fired_at": None}
            for running, named in steps.items()
            for name, at in named.items()
        ]
        for some in chunked(taken, 500):
            ClockStep.insert_many(some).execute()


Rows = Iterable[dict[str, Any]]
Steps = dict[str, dict[str, datetime]]


def _row(kind: str, ident: int, what: str, since: datetime, **facts: Any) -> dict[str, Any]:
    return {
        "created_at": since,
        "subject_kind": kind,
        "subject": ident,
        "what": what,
        "about_kind": kind,
        "about": ident,
        "who": "",
        "but": "",
        "text": "",
        "values": {},
        "url": "",
        "since": since,
        "shown_at": since,
        "due_at": None,
        "stopped_at": None,
        "running": f"{kind}-{ident} {what}",
        **facts,
    }


def _moment(value: Any) -> datetime:
    found = datetime.fromisoformat(value) if isinstance(value, str) else value
    assert isinstance(found, datetime)
    return found.replace(tzinfo=UTC)


def _day(value: Any) -> date:
    return date.fromisoformat(value[:10]) if isinstance(value, str) else value


def _weekdays(moment: datetime, days: int) -> datetime:
    """Working days as they were promised: Monday to Friday."""
    at = clock.local(moment)
    while days:
        at += timedelta(days=1)
        days -= at.weekday() < 5
    return at.astimezone(UTC)


def _but(people: Iterable[int | None]) -> str:
    ids = sorted({one for one in people if one})
    return f",{','.join(map(str, ids))}," if ids else ""


def _ask(db: Any, sql: str) -> list[Any]:
    found: list[Any] = db.execute_sql(sql).fetchall()
    return found


def _reviews(db: Any, steps: Steps) -> Rows:
    rows = _ask(
        db,
        "SELECT r.id, r.reviewer_id, r.created_at, r.since, r.due_at, r.is_panel_lead, e.id, e.title, "
        "p.deactivated_at FROM review r JOIN experience e ON e.id = r.experience_id "
        "JOIN person p ON p.id = r.reviewer_id WHERE r.completed_at IS NULL AND r.declined_at IS NULL "
        "AND e.state = 'submitted' AND e.round = r.round ORDER BY r.due_at, r.id",
    )
    for ident, reviewer, made, since, due, lead, experience, title, left in rows:
        begun = _moment(made)
        row = _row(
            "review",
            ident,
            "review",
            begun,
            about_kind="experience",
            about=experience,
            who=f"person-{reviewer}",
            text="Review: %(title)s",
            values={"title": title},
            url=f"/reviews/{ident}",
            due_at=_moment(due),
        )
        named = {"remind": _weekdays(begun, 2)}
        if not lead:
            named |= {"reassign": _weekdays(begun, 5), "panel lead": _weekdays(_moment(since), 8)}
        if left is not None:
            named["left"] = clock.now()
        steps[row["running"]] = named
        yield row


def _panels(db: Any, steps: Steps) -> Rows:
    """What may still lack a reviewer is looked at once more."""
    for (ident,) in _ask(db, "SELECT id FROM experience WHERE state = 'submitted' ORDER BY id"):
        row = _row("experience", ident, "panel", clock.now())
        steps[row["running"]] = {"fill": clock.now()}
        yield row


def _revisions(db: Any, steps: Steps) -> Rows:
    rows = _ask(
        db,
        "SELECT id, author_id, title, revision_asked_at FROM experience WHERE state = 'revision' ORDER BY id",
    )
    for ident, author, title, asked in rows:
        since = _moment(asked)
        last = clock.local(_weekdays(since, 10)).date()
        yield _row(
            "experience",
            ident,
            "revision",
            since,
            who=f"person-{author}",
            text="Revise: %(title)s",
            values={"title": title},
            url=f"/experiences/{ident}/edit",
            due_at=clock.start_of(last + timedelta(days=1)),
        )


def _promises(db: Any, steps: Steps) -> Rows:
    rows = _ask(
        db,
        "SELECT i.id, i.person_id, i.text, i.at, i.follow_up_on, c.id, c.name FROM interaction i "
        "JOIN customer c ON c.id = i.customer_id WHERE i.follow_up_on IS NOT NULL "
        "AND i.followed_up_at IS NULL ORDER BY i.follow_up_on, i.id",
    )
    for ident, person, text, at, on, customer, name in rows:
        day = _day(on)
        yield _row(
            "interaction",
            ident,
            "follow-up",
            _moment(at),
            about_kind="customer",
            about=customer,
            who=f"person-{person}",
            text="Follow up with %(customer)s: %(text)s",
            values={"customer": name, "text": text[:80]},
            url=f"/customers/{customer}",
            shown_at=clock.start_of(day),
            due_at=clock.start_of(day + timedelta(days=1)),
        )


def _questions(db: Any, steps: Steps) -> Rows:
    rows = _ask(
        db,
        "SELECT id, text, topic_id, asker_id, created_at FROM question WHERE state = 'open' "
        "AND archived_at IS NULL AND topic_id IS NOT NULL ORDER BY created_at, id",
    )
    for ident, text, topic, asker, made in rows:
        yield _row(
            "question",
            ident,
            "question",
            _moment(made),
            who=f"topic-{topic}",
            but=_but([asker]),
            text="Nobody has answered “%(question)s” yet.",
            values={"question": text},
            url=f"/questions/{ident}",
        )


def _debriefs(db: Any, steps: Steps) -> Rows:
    since = clock.today() - timedelta(days=14)
    for ident, on in _ask(db, "SELECT id, closed_on FROM deal WHERE closed_on IS NOT NULL ORDER BY id"):
        if (day := _day(on)) >= since:
            row = _row("deal", ident, "debrief", clock.now())
            steps[row["running"]] = {"remind": clock.start_of(day + timedelta(days=7))}
            yield row


def _disputes(db: Any, steps: Steps) -> Rows:
    rows = _ask(
        db,
        "SELECT d.id, d.opened_by_id, d.created_at, d.due_at, p.month, p.closed_by_id, s.inputs "
        "FROM dispute d JOIN statement s ON s.id = d.statement_id JOIN period p ON p.id = s.period_id "
        "WHERE d.state IN ('open', 'info needed') ORDER BY d.due_at, d.id",
    )
    reviewers: dict[int, set[int]] = {}
    for experience, reviewer in _ask(db, "SELECT experience_id, reviewer_id FROM review") if rows else ():
        reviewers.setdefault(experience, set()).add(reviewer)
    for ident, payee, made, due, month, closed_by, inputs in rows:
        facts = json.loads(inputs) if isinstance(inputs, str) else inputs
        judges = {one for each in facts.get("experiences", []) for one in reviewers.get(each[0], ())}
        yield _row(
            "dispute",
            ident,
            "dispute",
            _moment(made),
            who="finance",
            but=_but({payee, closed_by, *judges, *_leaders(db, payee)}),
            text="A dispute about %(month)s waits for an answer.",
            values={"month": month},
            url=f"/commission/disputes/{ident}",
            due_at=_moment(due),
        )


def _leaders(db: Any, payee: int) -> set[int]:
    """The managers whom someone reports to, directly or over others."""
    managers = dict(_ask(db, "SELECT id, manager_id FROM person"))
    departments = dict(_ask(db, "SELECT id, department_id FROM person"))
    above = dict(_ask(db, "SELECT id, parent_id FROM department"))
    granted = _ask(db, "SELECT person_id, department_id FROM role_grant WHERE role = 'manager'")
    over = list(_chain(payee, managers))
    rooms = {room for one in over for room in _chain(departments[one], above)}
    return {person for person, room in granted if person in over or room in rooms} - {payee}


def _chain(first: Any, above: Mapping[Any, Any]) -> Iterable[Any]:
    seen: set[Any] = set()
    while first is not None and first not in seen:
        seen.add(first)
        yield first
        first = above.get(first)


def _approvals(db: Any, steps: Steps) -> Rows:
    policies = _ask(
        db,
        "SELECT id, proposed_by_id, drafted_by_id, proposed_at, name FROM policy WHERE state = 'proposed' "
        "ORDER BY id",
    )
    for ident, by, drafted_by, at, name in policies:
        text = "The policy %(name)s waits for a second pair of eyes."
        facts = {"text": text, "values": {"name": name}, "url": f"/commission/policies/{ident}"}
        yield _approval("policy", ident, "approval", by, _moment(at), but=_but([by, drafted_by]), **facts)
    adjustments = _ask(
        db,
        "SELECT a.id, a.proposed_by_id, a.person_id, a.created_at, a.reason FROM adjustment a "
        "LEFT JOIN adjustment_decision d ON d.adjustment_id = a.id WHERE d.id IS NULL ORDER BY a.id",
    )
    for ident, by, payee, at, reason in adjustments:
        text = "An adjustment waits for a second person: %(reason)s"
        facts = {"text": text, "values": {"reason": reason}, "url": "/commission/adjustments"}
        yield _approval("adjustment", ident, "adjustment", by, _moment(at), but=_but([by, payee]), **facts)


def _months(db: Any, steps: Steps) -> Rows:
    """Last month is closed and paid by finance, and this one once it is over."""
    periods = _ask(db, "SELECT month, state, closed_by_id, closed_at FROM period")
    states = {month: facts for month, *facts in periods}
    approved = _ask(
        db,
        "SELECT department_id, effective_from, close_working_day FROM policy WHERE state = 'approved' "
        "ORDER BY effective_from, id",
    )
    for month in (clock.Month.of(clock.today()).previous, clock.Month.of(clock.today())):
        state, closed_by, closed_at = states.get(str(month), ("open", None, None))
        if state == "paid" or not (approved or str(month) in states):
            continue
        in_force = {room: days for room, start, days in approved if start <= str(month)}
        due = _weekdays(month.end - timedelta(seconds=1), min(in_force.values(), default=5))
        closed = state == "closed"
        yield _row(
            "month",
            month.year * 100 + month.number,
            "period",
            _moment(closed_at) if closed else month.end,
            created_at=clock.now(),
            who="finance",
            but=_but([closed_by]),
            text="Export and pay the month %(month)s." if closed else "Close the month %(month)s.",
            values={"month": str(month)},
            url=f"/commission/periods/{month}",
            shown_at=month.end,
            due_at=None if closed else due,
        )


def _approval(kind: str, ident: int, purpose: str, by: int, at: datetime, **facts: Any) -> dict[str, Any]:
    row = _row(kind, ident, purpose, at, who="second person", **facts)
    asked = {"created_at": at, "subject_kind": kind, "subject": ident, "purpose": purpose, "state": "asked"}
    Approval.insert(asked | {"asked_by": by, "asked_at": at, "standing": row["running"]}).execute()
    return row
