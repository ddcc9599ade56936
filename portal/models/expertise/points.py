"""The ledger of thanks: append-only, never convertible to money (RULES 4.3)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from peewee import BigIntegerField, CharField, Check, ForeignKeyField, IntegerField, ModelSelect, fn

from portal import clock
from portal.clock import Month
from portal.i18n import Phrase
from portal.models.base import guards
from portal.models.base.database import db
from portal.models.base.fields import UtcDateTimeField
from portal.models.base.record import Record
from portal.models.people.people import Person

REASONS = {
    "experience accepted": Phrase("An experience was accepted"),
    "review done": Phrase("A review was done"),
    "best answer": Phrase("An answer was chosen as best"),
    "answer accepted": Phrase("Chose a colleague's answer as best"),
    "article verified": Phrase("Checked an article in time"),
    "exam passed": Phrase("Passed an exam"),
    "worked": Phrase("An article worked for a colleague"),
    "edit accepted": Phrase("A suggested change was accepted"),
    "flag fixed": Phrase("Mended what had not worked for a colleague"),
    "answer used": Phrase("An answer was used in a deal that was won"),
    "article used": Phrase("An article was used in a deal that was won, or for a request that was done"),
}
"""The deeds that exist so far, as people read them."""
NEIGHBOURS = 2
TIMES = re.compile(r"(:\d+)?(:reversed)?$")
"""How a key ends: the how manieth time that the deed was done, and that it was taken back."""


class PointEntry(Record):
    """So many points for one deed. A reversal is the negative twin.

    Awards are positive and a reversal mirrors one award once, so that no total falls below 0 (RULES 4.3).
    """

    person = ForeignKeyField(Person, on_delete="RESTRICT")
    person_id: int
    amount = IntegerField()
    reason = CharField(40)
    """`experience accepted`, `review done`, `best answer`, ..."""
    subject_kind = CharField(40)
    subject = BigIntegerField()
    key = CharField(120, unique=True)
    """Names the deed: the same deed never counts twice."""
    reverses: ForeignKeyField[Any] = ForeignKeyField("self", null=True, unique=True, on_delete="RESTRICT")
    reverses_id: int | None
    at = UtcDateTimeField(default=clock.now)

    class Meta:
        indexes = ((("person", "at"), False), (("at", "person"), False))
        constraints = [
            Check("(reverses_id IS NULL AND amount > 0) OR (reverses_id IS NOT NULL AND amount < 0)")
        ]

    @classmethod
    def create_table(cls, safe: bool = True, **options: Any) -> Any:
        super().create_table(safe, **options)
        guards.forbid_changes("point_entry")

    @classmethod
    def award(
        cls,
        person: Person | int,
        amount: int,
        reason: str,
        *,
        subject: Record,
        key: str,
        at: datetime | None = None,
    ) -> bool:
        """Thank someone once for the deed that the key names; False when that was done before.

        `at`: from when it counts and is shown, when not at once: reviews are credited by the month.
        Raises ValueError for an amount that is not positive: points are taken back by `reverse` alone.
        """
        if amount <= 0:
            raise ValueError(f"an award is positive, not {amount}")
        facts: dict[str, Any] = {
            "person": person,
            "amount": amount,
            "reason": reason,
            "subject_kind": subject.kind(),
            "subject": subject.id,
            "key": key,
            "at": at or clock.now(),
        }
        return bool(cls.insert(facts).on_conflict_ignore().execute())

    @classmethod
    def reverse(cls, key: str, *, of: Person | None = None) -> None:
        """Take the points for a deed back with a negative twin; twice, or for no deed, is harmless.
        `of`: only when they are this person's.
        """
        entry = cls.get_or_none(cls.key == key)
        if entry is None or (of is not None and entry.person_id != of.id):
            return
        twin: dict[str, Any] = {
            "person": entry.person_id,
            "amount": -entry.amount,
            "reason": entry.reason,
            "subject_kind": entry.subject_kind,
            "subject": entry.subject,
            "key": f"{key}:reversed",
            "reverses": entry,
            "at": max(entry.at, clock.now()),
        }
        cls.insert(twin).on_conflict_ignore().execute()

    @classmethod
    def thank(
        cls, person: Person | int, amount: int, reason: str, *, subject: Record, deed: str, most: int = 0
    ) -> bool:
        """As `award`, for a deed that may be taken back and done again: thanked anew, never twice at a time.

        The key names who did it too: of two who did the same, each has their own.
        `most`: so much for all deeds of this reason on one day of the company's; beyond it the rest of that,
        or nothing. What was given and taken back on that day leaves room again.
        """
        key = f"{cls._of_them(person, deed)}{cls._undone(person, deed)}"
        if most:
            amount = min(amount, most - cls._given_today(person, reason))
        if amount <= 0:
            return False
        return cls.award(person, amount, reason, subject=subject, key=key)

    @classmethod
    def take_back(cls, person: Person | int, deed: str) -> bool:
        """Take back what `thank` gave somebody for a deed; false where nothing stands of it."""
        key = f"{cls._of_them(person, deed)}{cls._undone(person, deed)}"
        cls.reverse(key)
        return cls.select().where(cls.key == f"{key}:reversed").exists()

    @classmethod
    def was_taken_back(cls, person: Person | int, deed: str) -> int:
        """What was given for it last, and taken back since; 0 where nothing was."""
        times = cls._undone(person, deed)
        last = cls.get_or_none(cls.key == f"{cls._of_them(person, deed)}{times - 1}")
        return last.amount if last is not None else 0

    @staticmethod
    def _of_them(person: Person | int, deed: str) -> str:
        """How the keys of one person's deed begin; the number of the time follows."""
        return f"{deed}:person-{person.id if isinstance(person, Person) else person}:"

    @classmethod
    def _undone(cls, person: Person | int, deed: str) -> int:
        """How often it was taken back: asked among the entries of one person, which are few."""
        start = cls._of_them(person, deed)
        mine = (cls.person == person) & (fn.SUBSTR(cls.key, 1, len(start)) == start)
        return cls.select().where(mine & cls.reverses.is_null(False)).count()

    @classmethod
    def _given_today(cls, person: Person | int, reason: str) -> int:
        """The sum of a day's awards for a reason that stand. Two who give at one moment do so in a row."""
        Person.update(version=Person.version).where(Person.id == person).execute()
        given = cls.standing(person, reason, since=clock.start_of(clock.today()))
        return given.select(fn.COALESCE(fn.SUM(cls.amount), 0)).scalar() or 0

    @classmethod
    def standing(cls, person: Person | int, reason: str, *, since: datetime) -> ModelSelect[PointEntry]:
        """What somebody was given for a reason since a moment, and keeps."""
        twin: Any = cls.alias("twin")
        back = twin.select(1).where(twin.reverses == cls.id)
        mine = (cls.person == person) & (cls.reason == reason) & (cls.at >= since)
        return cls.select().where(mine & (cls.amount > 0) & ~fn.EXISTS(back))

    @classmethod
    def total(cls, person: Person) -> int:
        """All of a person's points."""
        return cls.of(person).select(fn.COALESCE(fn.SUM(cls.amount), 0)).scalar() or 0

    @classmethod
    def of(cls, person: Person) -> ModelSelect[PointEntry]:
        """A person's entries, as far as they count by now."""
        return cls.select().where((cls.person == person) & (cls.at <= clock.now()))

    @classmethod
    def by_deed(cls, entries: Iterable[PointEntry]) -> dict[tuple[int, str], Done]:
        """These entries by whose and what deed they are: one that was taken back and done again is one."""
        found: dict[tuple[int, str], Done] = {}
        for entry in sorted(entries, key=lambda entry: entry.id):
            deed = entry.person_id, TIMES.sub("", entry.key)
            first = found.get(deed, Done(entry, 0))
            found[deed] = Done(first.entry, first.points + entry.amount)
        return found

    @property
    def words(self) -> Phrase:
        """The deed as people read it."""
        known = REASONS.get(self.reason)
        return known if known is not None else Phrase(self.reason)

    @property
    def url(self) -> str:
        """Where the deed's subject is read."""
        return f"/{self.subject_kind}s/{self.subject}"


class Done(NamedTuple):
    """A deed: its first entry, and what stands of it in points."""

    entry: PointEntry
    points: int

    @property
    def stands(self) -> bool:
        """Whether it was done first among these entries, and is thanked for by now."""
        return self.entry.amount > 0 and self.points > 0


class Unranked(Record):
    """Someone who takes no part in the ranking: on nobody's board, nor on their own (RULES 4.3)."""

    person = ForeignKeyField(Person, on_delete="CASCADE", unique=True)
    person_id: int

    @classmethod
    def step_out(cls, *, by: Person) -> None:
        """Be ranked nowhere; the points stay. Twice is harmless."""
        with db.atomic():
            facts = {"person": by.id, "created_at": clock.now()}
            if cls.insert(facts).on_conflict_ignore().execute():
                by.track("left the ranking", by=by)

    @classmethod
    def step_in(cls, *, by: Person) -> None:
        """Be ranked again; twice is harmless."""
        with db.atomic():
            if cls.delete().where(cls.person == by).execute():
                by.track("joined the ranking", by=by)


class Standing(NamedTuple):
    """One line of the month's board: equal points share a rank."""

    rank: int
    person_id: int
    points: int


def standings(month: Month, person: Person, *, team: bool = False) -> list[Standing]:
    """A person's place in a month with the two neighbours on each side, never the whole list (RULES 4.3).

    Reviews, credited to all at one moment, are no part of it: fives at that moment would tell who reviewed.
    `team`: among those of the person's own department alone. Empty when the person has no points in the
    month, or takes no part. Those who left are no competitors, nor are those who take no part.
    """
    points = fn.SUM(PointEntry.amount)
    takes_part = Person.deactivated_at.is_null() & Person.id.not_in(Unranked.select(Unranked.person))
    if team:
        takes_part &= Person.department == person.department_id
    rows: Any = (
        PointEntry.select(PointEntry.person, points)
        .join(Person, on=PointEntry.person)
        .where((PointEntry.at >= month.start) & (PointEntry.at < month.end) & takes_part)
        .where((PointEntry.at <= clock.now()) & (PointEntry.reason != "review done"))
        .group_by(PointEntry.person)
        .having(points > 0)
        .order_by(points.desc(), PointEntry.person)
        .tuples()
    )
    board: list[Standing] = []
    for place, (ident, total) in enumerate(rows, start=1):
        rank = board[-1].rank if board and board[-1].points == total else place
        board.append(Standing(rank, ident, int(total)))
    at = next((i for i, standing in enumerate(board) if standing.person_id == person.id), None)
    return [] if at is None else board[max(0, at - NEIGHBOURS) : at + NEIGHBOURS + 1]
