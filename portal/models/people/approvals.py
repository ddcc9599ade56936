"""Approvals: one asks, another answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Self

from peewee import BigIntegerField, CharField, Check, ForeignKeyField

from portal import clock
from portal.i18n import Phrase
from portal.models.base.database import db
from portal.models.base.fields import UtcDateTimeField
from portal.models.base.record import Invalid, Record
from portal.models.people.people import Person
from portal.models.work.clocks import Clock


class Approval(Record):
    """One person's question to another: may this be? One stands at a time for a subject and purpose.

    Who may answer is the subject's own rule, which its verb checks; here it is told as a duty and the people
    left out, so that all that waits for someone is found at once.
    """

    subject_kind = CharField(40)
    subject = BigIntegerField()
    purpose = CharField(30)
    state = CharField(10, default="asked")
    asked_by = ForeignKeyField(Person, on_delete="RESTRICT", backref="approvals_asked")
    asked_by_id: int
    asked_at = UtcDateTimeField(default=clock.now)
    due_at = UtcDateTimeField(null=True)
    answered_by = ForeignKeyField(Person, null=True, on_delete="RESTRICT", backref="approvals_answered")
    answered_by_id: int | None
    answered_at = UtcDateTimeField(null=True)
    standing = CharField(90, null=True, unique=True)
    """Set until it is answered."""

    class Meta:
        indexes = ((("subject_kind", "subject"), False),)
        constraints = [
            Check("state IN ('asked', 'approved', 'refused', 'withdrawn')"),
            Check("(state = 'asked') = (standing IS NOT NULL)"),
            Check("(state IN ('approved', 'refused')) = (answered_by_id IS NOT NULL)"),
            Check("answered_by_id <> asked_by_id"),
        ]

    @classmethod
    def ask(
        cls,
        subject: Record,
        purpose: str,
        text: Phrase,
        *,
        by: Person,
        who: str,
        but: Iterable[int] = (),
        due_at: datetime | None = None,
        steps: Mapping[str, datetime] | None = None,
    ) -> Self:
        """Ask all with a duty or role, but not who asks and those left out; while one stands, it is that.
        `steps`: what happens while nobody answers.
        """
        now, standing = clock.now(), f"{subject.kind()}-{subject.id} {purpose}"
        facts = {
            "subject_kind": subject.kind(),
            "subject": subject.id,
            "purpose": purpose,
            "asked_by": by,
            "asked_at": now,
            "due_at": due_at,
            "standing": standing,
            "created_at": now,
        }
        with db.atomic():
            if cls.insert(facts).on_conflict_ignore().execute():
                barred = {by.id, *but}
                more: Any = {"text": text, "url": subject.url, "due_at": due_at, "steps": steps}
                Clock.start(subject, purpose, who=who, but=barred, **more)
            return cls.get(cls.standing == standing)

    @classmethod
    def settle(cls, subject: Record, purpose: str, *, by: Person, approve: bool) -> bool:
        """The answer of a second person; false when somebody else answered first. Raises Invalid."""
        standing = cls.standing == f"{subject.kind()}-{subject.id} {purpose}"
        if cls.select().where(standing & (cls.asked_by == by)).exists():
            raise Invalid(Phrase("Someone else has to decide this: not who asked."))
        state = "approved" if approve else "refused"
        return cls._end(subject, purpose, state=state, answered_by=by)

    @classmethod
    def approve_many(cls, kind: str, subjects: Iterable[int], purpose: str, *, by: Person) -> None:
        """One answer to the same question about many; where none was asked, or by whom, nothing changes."""
        idents = list(subjects)
        standing = cls.standing.in_([f"{kind}-{ident} {purpose}" for ident in idents])
        facts = {"state": "approved", "answered_by": by, "answered_at": clock.now(), "standing": None}
        with db.atomic():
            cls.update(facts).where(standing & (cls.asked_by != by)).execute()
            Clock.stop_many(kind, purpose, idents)

    @classmethod
    def withdraw(cls, subject: Record, purpose: str) -> bool:
        """It is not asked any longer; twice is harmless."""
        return cls._end(subject, purpose, state="withdrawn")

    @classmethod
    def _end(cls, subject: Record, purpose: str, **facts: object) -> bool:
        standing = cls.standing == f"{subject.kind()}-{subject.id} {purpose}"
        ended = cls.update(facts | {"answered_at": clock.now(), "standing": None}).where(standing)
        with db.atomic():
            if not ended.execute():
                return False
            Clock.stop(subject, purpose)
        return True
