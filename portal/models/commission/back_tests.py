"""What a policy would have paid in the last closed months: who gains, who loses, and how much in all."""

from __future__ import annotations

from collections import Counter
from typing import Any, NamedTuple, Self

from peewee import ForeignKeyField, ModelSelect, chunked, fn

from portal import clock
from portal.clock import Month
from portal.models.base.database import db
from portal.models.base.fields import MoneyField
from portal.models.base.record import Record
from portal.models.commission.calculation import LineKind, compute
from portal.models.commission.facts import Reading
from portal.models.commission.periods import Period
from portal.models.commission.policies import Policy
from portal.models.commission.rulebook import Rulebook
from portal.models.people.people import Person

MONTHS = 3
SHOWN = 30
"""So many of those whom it changes most are named."""


class Sums(NamedTuple):
    """What it would have cost in all: where few are covered, it tells what one of them is paid."""

    gain: int
    """How many would have got more."""
    gained: int
    """How much more these would have got together, in minor units."""
    lose: int
    lost: int
    same: int


class Tried(NamedTuple):
    """What a back-test came to, as far as a person may see it."""

    sums: Sums | None
    """None for those who do not keep policies."""
    mine: BackTest | None
    """What it would have been for whoever asks."""
    named: list[BackTest]
    """Whom it changes most, for those who read their statements."""


class BackTest(Record):
    """What one person's deals earned in the tested months, and would have earned, in minor units."""

    policy = ForeignKeyField(Policy, on_delete="CASCADE", index=False)
    policy_id: int
    person = ForeignKeyField(Person, on_delete="CASCADE")
    person_id: int
    was = MoneyField()
    would = MoneyField()

    class Meta:
        indexes = ((("policy", "person"), True),)

    @property
    def change(self) -> int:
        return self.would - self.was

    @classmethod
    def keep(cls, policy: Policy, was: Counter[int], would: Counter[int]) -> None:
        """In place of what an earlier proposal came to."""
        cls.delete().where(cls.policy == policy).execute()
        now = clock.now()
        rows = [
            {"created_at": now, "policy": policy.id, "person": who, "was": was[who], "would": would[who]}
            for who in sorted(was.keys() | would.keys())
        ]
        for some in chunked(rows, 500):
            cls.insert_many(some).execute()

    @classmethod
    def beside(cls, policy: Policy, person: Person) -> Tried | None:
        """What it came to, for whoever looks at the policy; None where nothing of it is theirs to see.

        How many gain and how much together, and what a month came to, only those read who keep policies: of a
        version that covers two people, each would take their own line from the sum.
        """
        mine = cls.get_or_none((cls.policy == policy) & (cls.person == person))
        sums = cls._sums(policy) if Policy.kept_by(person) else None
        found = Tried(sums, mine, list(cls._named(policy, person)))
        return found if any(found) else None

    @classmethod
    def _sums(cls, policy: Policy) -> Sums | None:
        change = cls.would - cls.was
        row: Any
        (row,) = (
            cls.select(
                fn.COUNT(cls.id),
                fn.COUNT(cls.id).filter(change > 0),
                fn.COALESCE(fn.SUM(change).filter(change > 0), 0),
                fn.COUNT(cls.id).filter(change < 0),
                fn.COALESCE(fn.SUM(cls.was - cls.would).filter(change < 0), 0),
            )
            .where(cls.policy == policy)
            .tuples()
        )
        every, gain, gained, lose, lost = map(int, row)
        return Sums(gain, gained, lose, lost, every - gain - lose) if every else None

    @classmethod
    def _named(cls, policy: Policy, person: Person) -> ModelSelect[Self]:
        """As with statements: finance and the auditor, managers of their teams (RULES 4.10)."""
        change: Any = cls.would - cls.was
        found = cls.select(cls, Person).join(Person).where((cls.policy == policy) & (change != 0))
        if not (person.is_finance or person.is_auditor):
            found = found.where(cls.person.in_(sorted(person.team)))
        return found.order_by(fn.ABS(change).desc(), cls.id).limit(SHOWN)


def back_test(policy: Policy, *, by: Person) -> None:
    """Propose a policy with what the deals of the last closed months would have earned under it.

    Both from the records as they are now, so that nothing but the terms differs, and only for those whom it
    covers; what was adjusted by hand has no terms and is left out. Raises Invalid.
    """
    if policy.state == "proposed":
        return
    months, was, would = tried(policy)
    with db.atomic():
        policy.propose(by=by, back_test=months)
        BackTest.keep(policy, was, would)


def tried(policy: Policy) -> tuple[list[tuple[str, int, int]], Counter[int], Counter[int]]:
    """By month what all earned and would have earned, and both by person, in minor units."""
    held, other = Rulebook.read(), Rulebook.read(trying=policy)
    was, would = Counter[int](), Counter[int]()
    months = []
    for month in sorted(Period.settled())[-MONTHS:]:
        then, now = _deals_earn(month, held), _deals_earn(month, other)
        was.update(then)
        would.update(now)
        months.append((str(month), then.total(), now.total()))
    return months, was, would


def _deals_earn(month: Month, book: Rulebook) -> Counter[int]:
    earned = Counter[int]()
    for one in map(compute, Reading(month, None, book, {}).inputs()):
        earned[one.person] += sum(
            line.amount for line in one.lines if line.earning or line.kind == LineKind.CAP
        )
    return earned
