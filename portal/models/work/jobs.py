"""Work that waits its turn: leased by one worker at a time, tried again with back-off, kept when dead."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

from peewee import CharField, Check, IntegerField, JSONField

from portal import clock
from portal.i18n import Phrase
from portal.models.base.database import db
from portal.models.base.fields import StateField, TextField, UtcDateTimeField
from portal.models.base.record import Record
from portal.models.work.words import ENDS, JOB, JobState

LEASE = timedelta(minutes=2)
MOST_ATTEMPTS = 5
Progress = Callable[[int, int], None]
"""Is called with how much is done and how much there is in all: `Job.progress` shows it to people."""


class Job(Record):
    """One piece of background work, done at least once: what it does must bear doing twice."""

    called = JOB

    name = CharField(60, verbose_name=Phrase("Name"))
    facts = JSONField(default=dict)
    state = StateField(JobState, max_length=10, default=JobState.WAITING, verbose_name=Phrase("State"))
    run_at = UtcDateTimeField(default=clock.now)
    leased_until = UtcDateTimeField(null=True)
    attempts = IntegerField(default=0)
    key = CharField(120, null=True, unique=True)
    """Set for work that must exist once: a period's job, or the one that is already waiting."""
    done = IntegerField(default=0)
    total = IntegerField(default=0, verbose_name=Phrase("Total"))
    error = TextField(default="")
    started_at = UtcDateTimeField(null=True)
    """When its last try began."""
    stop_at = UtcDateTimeField(null=True)
    """When an administrator asked that the try at hand be ended."""
    finished_at = UtcDateTimeField(null=True)

    class Meta:
        indexes = ((("state", "run_at"), False),)
        constraints = [Check("state IN ('waiting', 'running', 'finished', 'dead')")]

    woken: ClassVar[Callable[[], None] | None] = None
    """Called after commit, so that the worker looks at once."""

    @classmethod
    def enqueue(cls, job: str, *, key: str | None = None, run_at: Any = None, **facts: Any) -> Job:
        """Ask for work, in the transaction that needs it. With a key: the job that has it already."""
        with db.atomic():
            values = {"name": job, "facts": facts, "key": key, "run_at": run_at or clock.now()}
            made = cls.insert(**values).on_conflict_ignore().execute() if key else None
            found: Job = cls.get(cls.key == key) if key else cls.create(**values)
            if (made or not key) and cls.woken is not None:
                db.after_commit(cls.woken)
            return found

    @classmethod
    def claim(cls, names: Collection[str] | None = None) -> Job | None:
        """Take the next job that is due, or one whose worker died; a conditional update settles the race.
        Where names are given, a job of these alone.
        """
        at = clock.now()
        due = ((cls.state == "waiting") & (cls.run_at <= at)) | (
            (cls.state == "running") & (cls.leased_until < at)
        )
        mine = due & cls.name.in_(list(names)) if names is not None else due
        nxt = cls.select(cls.id, cls.attempts, cls.stop_at).where(mine).order_by(cls.run_at, cls.id).first()
        if nxt is None:
            return None
        if nxt.attempts >= MOST_ATTEMPTS:  # its worker died with it, as often as it was begun
            told = {"state": JobState.DEAD, "error": f"It ended its worker {nxt.attempts} times."}
            cls.update(told).where((cls.id == nxt.id) & due).execute()
            return cls.claim(names)
        if nxt.stop_at is not None:  # and its worker died before it could
            nxt.was_stopped()
            return cls.claim(names)
        taken = (
            cls.update(state="running", started_at=at, leased_until=at + LEASE, attempts=cls.attempts + 1)
            .where((cls.id == nxt.id) & due)
            .execute()
        )
        return cls.get_by_id(nxt.id) if taken else None

    def progress(self, done: int, total: int) -> None:
        """Note how far it is, and keep the lease."""
        self.done, self.total = done, total
        kept = {"done": done, "total": total, "leased_until": clock.now() + LEASE}
        Job.update(**kept).where(Job.id == self.id).execute()

    def remember(self, **facts: Any) -> None:
        """Keep what the next of its kind begins with."""
        self.facts = {**self.facts, **facts}
        Job.update(facts=self.facts).where(Job.id == self.id).execute()

    @classmethod
    def keep(cls, idents: Sequence[int]) -> None:
        """Whoever does these lives."""
        mine = cls.id.in_(idents) & (cls.state == "running")
        cls.update(leased_until=clock.now() + LEASE).where(mine).execute()

    @classmethod
    def to_be_stopped(cls, idents: Sequence[int]) -> list[int]:
        """Which of these an administrator wants ended."""
        rows: Any = cls.select(cls.id).where(cls.id.in_(idents) & cls.stop_at.is_null(False)).tuples()
        return [ident for (ident,) in rows]

    def stop(self, *, by: Any) -> None:
        """A running job is to be ended, whatever it is at: its worker does that within seconds, and what it
        has not brought to an end is undone. Twice is harmless.
        """
        asked = (Job.id == self.id) & (Job.state == "running") & Job.stop_at.is_null()
        with db.atomic():
            if Job.update(stop_at=clock.now()).where(asked).execute():
                self.track("stopped", by=by)

    def was_stopped(self) -> None:
        """It was ended as an administrator asked, and waits for one."""
        Job.update(state="dead", error="stopped", stop_at=None).where(Job.id == self.id).execute()

    def overran(self) -> None:
        """It was ended since it took longer than it may: it is tried again later, as one that failed."""
        self.fail("overran")

    def begin_again(self) -> None:
        """It was ended together with another, and has lost no try by that."""
        again = {"state": "waiting", "attempts": Job.attempts - 1, "run_at": clock.now()}
        Job.update(again).where((Job.id == self.id) & (Job.state == "running")).execute()

    @property
    def why(self) -> Phrase | str:
        """Why its last try failed."""
        return ENDS.get(self.error, self.error)

    def finish(self) -> None:
        """It is done."""
        self.state = "finished"
        done = {"state": "finished", "finished_at": clock.now(), "error": "", "stop_at": None}
        Job.update(done).where(Job.id == self.id).execute()

    def fail(self, error: str) -> None:
        """Try again later, each time later still; after the last attempt keep it as dead."""
        dead = self.attempts >= MOST_ATTEMPTS
        wait = timedelta(seconds=min(600, 2**self.attempts))
        self.state = "dead" if dead else "waiting"
        told = {"state": self.state, "error": error[:2000], "run_at": clock.now() + wait, "stop_at": None}
        Job.update(told).where(Job.id == self.id).execute()

    @classmethod
    def forget_old(cls, since: datetime) -> None:
        """What was finished before is forgotten; dead ones wait for an administrator."""
        cls.delete().where((cls.state == "finished") & (cls.finished_at < since)).execute()

    def retry(self, *, by: Any) -> None:
        """Give a dead job another round of attempts; twice is harmless."""
        done = Job.update(state="waiting", attempts=0, run_at=clock.now()).where(
            (Job.id == self.id) & (Job.state == "dead")
        )
        with db.atomic():
            if not done.execute():
                return
            self.track("retried", by=by)
            if Job.woken is not None:
                db.after_commit(Job.woken)

    def drop(self, *, by: Any) -> None:
        """A dead job is not to be done any more; twice is harmless."""
        with db.atomic():
            if Job.delete().where((Job.id == self.id) & (Job.state == "dead")).execute():
                self.track("dropped", by=by, changes={"name": [self.name, None]})

    @property
    def share(self) -> float:
        """How far it is, 0 to 1."""
        return 1.0 if self.state == "finished" else self.done / self.total if self.total else 0.0
