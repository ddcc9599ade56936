"""What failed in the background and was put aside, so that the rest goes on: the administrator sees it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from peewee import BigIntegerField, CharField, IntegerField, ModelSelect

from portal import clock
from portal.i18n import Phrase
from portal.models.base.database import db
from portal.models.base.fields import TextField, UtcDateTimeField
from portal.models.base.record import Record
from portal.models.work.words import PUT_ASIDE, SETBACK

MOST_ATTEMPTS = 5


class Setback(Record):
    """One record with which one kind of work failed. It is tried again, each time later; after five times it
    waits for a person, who has it tried again or drops it.
    """

    called = SETBACK

    work = CharField(60, verbose_name=Phrase("Job"))
    noun = CharField(40)
    record = BigIntegerField()
    attempts = IntegerField(default=0)
    error = TextField(default="")
    at = UtcDateTimeField(default=clock.now)
    retry_at = UtcDateTimeField(null=True)
    """Empty when it is not tried again by itself."""
    dropped_at = UtcDateTimeField(null=True)

    class Meta:
        indexes = ((("work", "noun", "record"), True),)

    @property
    def about(self) -> Phrase | str:
        """What sort of record it is."""
        return PUT_ASIDE.get(self.noun, self.noun)

    @classmethod
    def note(cls, work: str, noun: str, record: int, error: str) -> None:
        """It failed once more."""
        known = cls._of(work, noun, record) or cls(work=work, noun=noun, record=record)
        known.attempts, known.error, known.at = known.attempts + 1, error[:1000], clock.now()
        pause = timedelta(minutes=2**known.attempts)
        known.retry_at = known.at + pause if known.attempts < MOST_ATTEMPTS else None
        known.save()

    @classmethod
    def held(cls, work: str, noun: str) -> set[int]:
        """The records that are not to be tried now."""
        resting = cls.retry_at.is_null() | (cls.retry_at > clock.now()) | cls.dropped_at.is_null(False)
        rows: Any = cls.select(cls.record).where((cls.work == work) & (cls.noun == noun) & resting).tuples()
        return {record for (record,) in rows}

    @classmethod
    def settle(cls, work: str, noun: str, records: Iterable[int]) -> None:
        """These went well after all."""
        some = list(records)
        cls.delete().where((cls.work == work) & (cls.noun == noun) & cls.record.in_(some)).execute()

    @classmethod
    def standing(cls) -> ModelSelect[Setback]:
        """Those that nobody has dropped, the newest first."""
        return cls.select().where(cls.dropped_at.is_null()).order_by(cls.at.desc(), cls.id.desc())

    def retry(self, *, by: Any) -> None:
        """Give it another round, at the work's next turn; twice is harmless."""
        with db.atomic():
            again = {"attempts": 0, "retry_at": clock.now(), "dropped_at": None}
            Setback.update(again).where(Setback.id == self.id).execute()
            self.track("retried", by=by)

    def drop(self, *, by: Any) -> None:
        """It is not tried any more; twice is harmless."""
        with db.atomic():
            open_still = (Setback.id == self.id) & Setback.dropped_at.is_null()
            if Setback.update(dropped_at=clock.now()).where(open_still).execute():
                self.track("dropped", by=by)

    @classmethod
    def _of(cls, work: str, noun: str, record: int) -> Setback | None:
        return cls.get_or_none((cls.work == work) & (cls.noun == noun) & (cls.record == record))
