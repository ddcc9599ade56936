"""Clocks: what waits, for whom, until when, and what happens on the way."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, TypedDict, Unpack

from peewee import BigIntegerField, CharField, ForeignKeyField, JSONField, ModelSelect, chunked, fn

from portal import clock
from portal.i18n import Phrase
from portal.models.base import bulk
from portal.models.base.database import db
from portal.models.base.fields import TextField, UtcDateTimeField
from portal.models.base.prepared import Prepared
from portal.models.base.published import copies
from portal.models.base.record import Record, Row, each_text

Subject = Row | tuple[str, int]
"""A record, or its noun and id."""
Step = Callable[["Clock"], datetime | None]
"""What happens at a step; it gives the moment at which to try again, if it could do nothing yet."""
STEPS: dict[tuple[str, str], Step] = {}
"""By what waits and the name of the step."""


def step(what: str, *names: str) -> Callable[[Step], Step]:
    """Register the function for steps of one kind of clock. It checks the state of the subject itself."""

    def register(function: Step) -> Step:
        STEPS.update({(what, name): function for name in names})
        return function

    return register


class Waits(TypedDict, total=False):
    """What is said of something that waits."""

    about: Row | None
    """What its sentence names; absent: its subject."""
    who: Any
    """A person, topic, role or duty."""
    but: Iterable[int]
    text: Phrase | None
    url: str
    since: datetime | None
    shown_at: datetime | None
    due_at: datetime | None


class Clock(Record):
    """Something that waits: with a sentence it asks someone to do something, with steps it goes on by itself.

    The moments are given by who starts it, in working days or in hours as the rule has it.
    """

    subject_kind = CharField(40)
    subject = BigIntegerField()
    what = CharField(30)
    """`review`, `revision`, `approval`, ...: with the subject, what runs once at a time."""
    about_kind = CharField(40)
    about = BigIntegerField()
    """The record that the sentence names, and whose next state ends it."""
    who = CharField(60, default="")
    """Whom it waits for: `person-7`, `topic-3` for its reviewers, a role or a duty."""
    but = TextField(default="")
    """Ids of those it does not wait for all the same: `,7,12,`."""
    text = TextField(default="")
    """An English msgid, translated when shown; empty: it asks nobody for anything."""
    values = JSONField(default=dict)
    url = CharField(300, default="")
    since = UtcDateTimeField(default=clock.now)
    shown_at = UtcDateTimeField(default=clock.now)
    """From when on it is asked."""
    due_at = UtcDateTimeField(null=True)
    stopped_at = UtcDateTimeField(null=True)
    running = CharField(90, null=True, unique=True)
    """Set while it runs: one at a time for a subject and what."""

    class Meta:
        indexes = (
            (("who", "stopped_at"), False),
            (("about_kind", "about", "stopped_at"), False),
        )

    @classmethod
    def start(
        cls,
        subject: Subject,
        what: str,
        *,
        steps: Mapping[str, datetime] | None = None,
        **facts: Unpack[Waits],
    ) -> None:
        """Let it run; while one runs for the same, it is that."""
        row = _row(subject, what, facts)
        with db.atomic():
            if not cls.insert(row).on_conflict_ignore().execute() or not steps:
                return
            made = cls.get(cls.running == row["running"])
            rows = [
                {"clock": made.id, "name": name, "due_at": at, "created_at": made.created_at}
                for name, at in steps.items()
            ]
            ClockStep.insert_many(rows).execute()

    @classmethod
    def start_many(cls, what: str, many: Iterable[tuple[Subject, Waits]]) -> None:
        """Let it run for each of many, as `start` does, without steps."""
        bulk.insert(cls, [_row(subject, what, facts) for subject, facts in many], ignore=True)

    @classmethod
    def of(cls, subject: Subject, what: str) -> Clock | None:
        """The one that runs for this, if any."""
        kind, ident = _named(subject)
        return cls.get_or_none(cls.running == f"{kind}-{ident} {what}")

    @classmethod
    def latest(cls, subject: Row, what: str, *, about: Row | None = None) -> Clock | None:
        """The one that runs for this, or ran last; `about`: the record that it names, if another."""
        named = about or subject
        mine = (cls.about_kind == named.kind()) & (cls.about == named.id) & (cls.what == what)
        of_it = (cls.subject_kind == subject.kind()) & (cls.subject == subject.id)
        latest: Clock | None = cls.select().where(mine & of_it).order_by(cls.id.desc()).first()
        return latest

    @classmethod
    def pass_on(cls, subject: Subject, what: str, *, since: Row, to: Row) -> bool:
        """It waits for someone else instead; false where it does not wait for that one any more."""
        kind, ident = _named(subject)
        mine = (cls.running == f"{kind}-{ident} {what}") & (cls.who == str(since))
        return bool(cls.update(who=str(to)).where(mine).execute())

    @classmethod
    def stop(cls, subject: Subject, what: str) -> None:
        """It waits no longer; twice is harmless."""
        kind, ident = _named(subject)
        cls._stop(cls.running == f"{kind}-{ident} {what}")

    @classmethod
    def stop_many(cls, kind: str, what: str, subjects: Iterable[int]) -> None:
        """None of these waits any longer."""
        for some in chunked(subjects, bulk.BATCH):
            cls._stop(bulk.among(cls.running, [f"{kind}-{ident} {what}" for ident in some]))

    def put_off(self, days: int) -> None:
        """It asks again so many days later; what it is due for stays due."""
        later = clock.start_of(clock.today() + timedelta(days=days))
        Clock.update(shown_at=later).where((Clock.id == self.id) & Clock.stopped_at.is_null()).execute()

    @classmethod
    def is_running(cls, key: Any) -> Any:
        """The condition that one runs under this key, `deal-7 debrief`: a column, or the key itself."""
        return fn.EXISTS(cls.select(1).where(cls.running == key))

    @classmethod
    def stop_about(cls, record: Row) -> None:
        """All that waited for this record, or named it, is over: it is in another state."""
        mine = (cls.about_kind == record.kind()) & (cls.about == record.id)
        cls._stop(mine & cls.stopped_at.is_null())

    @classmethod
    def _stop(cls, which: Any) -> None:
        cls.update(stopped_at=clock.now(), running=None).where(which).execute()

    @classmethod
    def rename(cls, record: Row, **names: Any) -> None:
        """Say the new name of a record in what still waits and names it."""
        mine = (cls.about_kind == record.kind()) & (cls.about == record.id) & cls.stopped_at.is_null()
        for found in cls.select().where(mine):
            said = found.values | {name: text for name, text in names.items() if name in found.values}
            if said != found.values:
                cls.update(values=said).where(cls.id == found.id).execute()

    @classmethod
    def hasten(cls, who: Row | str, step: str = "left") -> None:
        """Someone has left, is away, or lost a role or a topic: what waits for them, and knows what to do
        then, takes its step `left`, `away`, `role` or `topic owner` now.
        """
        cls._hasten(cls.who == str(who), step)

    @classmethod
    def hand_over(cls, record: Row) -> None:
        """A record has a new owner: what names it, and knows what to do then, takes its step `owner` now."""
        cls._hasten((cls.about_kind == record.kind()) & (cls.about == record.id), "owner")

    @classmethod
    def _hasten(cls, which: Any, name: str) -> None:
        for found in cls.select().where(which & cls.stopped_at.is_null()):
            if (found.what, name) in STEPS:
                ClockStep.create(clock=found, name=name, due_at=clock.now())

    @classmethod
    def due(cls, but: Collection[int] = ()) -> list[int]:
        """Ids of the clocks with a step to take, but for some, the longest overdue first."""
        found = _due(clock.now()).where(Clock.id.not_in(list(but))).tuples() if but else None
        rows: Any = found if found is not None else _DUE.rows(now=clock.now())
        return list(dict.fromkeys(ident for (ident,) in rows))

    @classmethod
    def is_any_due(cls) -> bool:
        """Whether there is a step to take."""
        return _DUE.first(now=clock.now()) is not None

    def advance(self) -> bool:
        """Take the last of the steps that are due, once, whoever else tries; whether there was one.

        What it has overtaken is not taken any more: nobody is reminded of what goes to someone else.
        """
        now = clock.now()
        with db.atomic():
            open_still = (ClockStep.clock == self.id) & ClockStep.fired_at.is_null()
            passed = list(
                ClockStep.select()
                .where(open_still & (ClockStep.due_at <= now))
                .order_by(ClockStep.due_at, ClockStep.id)
            )
            taken = ClockStep.update(fired_at=now).where(
                open_still & ClockStep.id.in_([one.id for one in passed])
            )
            if not passed or not taken.execute() or self.fresh().stopped_at is not None:
                return False
            again = STEPS[self.what, passed[-1].name](self)
            if again is not None:
                ClockStep.update(fired_at=None, due_at=again).where(ClockStep.id == passed[-1].id).execute()
        return True

    @property
    def phrase(self) -> Phrase:
        return Phrase(self.text, **self.values)


class ClockStep(Record):
    """One step of a clock: it is taken once."""

    clock = ForeignKeyField(Clock, on_delete="CASCADE", backref="steps")
    clock_id: int
    name = CharField(30)
    due_at = UtcDateTimeField()
    fired_at = UtcDateTimeField(null=True)

    class Meta:
        indexes = ((("fired_at", "due_at"), False),)


@copies
def in_what_waits(record: Row, cleaned: Callable[[str], str]) -> None:
    """What is taken out of a text is taken out of the sentences that name it, over or not."""
    named = (Clock.about_kind == record.kind()) & (Clock.about == record.id)
    for found in Clock.select().where(named):
        values = each_text(found.values, cleaned)
        if values != found.values:
            Clock.update(values=values).where(Clock.id == found.id).execute()


def _row(subject: Subject, what: str, facts: Waits) -> dict[str, Any]:
    (kind, ident), now = _named(subject), clock.now()
    about, text, others = facts.get("about"), facts.get("text"), sorted(set(facts.get("but", ())))
    about_kind, about_id = _named(about) if about is not None else (kind, ident)
    return {
        "subject_kind": kind,
        "subject": ident,
        "what": what,
        "about_kind": about_kind,
        "about": about_id,
        "who": str(facts.get("who", "")),
        "but": f",{','.join(map(str, others))}," if others else "",
        "text": text.msgid if text is not None else "",
        "values": text.values if text is not None else {},
        "url": facts.get("url", ""),
        "since": facts.get("since") or now,
        "shown_at": facts.get("shown_at") or now,
        "due_at": facts.get("due_at"),
        "running": f"{kind}-{ident} {what}",
        "created_at": now,
    }


def _named(subject: Subject) -> tuple[str, int]:
    return subject if isinstance(subject, tuple) else (subject.kind(), subject.id)


def _due(now: Any) -> ModelSelect[ClockStep]:
    open_still = ClockStep.fired_at.is_null() & (ClockStep.due_at <= now) & Clock.stopped_at.is_null()
    return (
        ClockStep.select(ClockStep.clock)
        .join(Clock)
        .where(open_still)
        .order_by(ClockStep.due_at, ClockStep.id)
        .limit(500)
    )


_DUE = Prepared[ClockStep](_due)
