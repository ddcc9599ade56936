"""What the bonus cost against what came of it: a reckoning with "if", and never a proof."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from peewee import Case, ModelSelect, Value, fn

from portal.clock import Month
from portal.models.commission.calculation import LineKind, within_cap
from portal.models.commission.periods import Period
from portal.models.commission.statements import CORRECTS, Line, Statement
from portal.models.insights.effect import Effect, Verdict
from portal.models.people.people import Person


@dataclass(frozen=True)
class Balance:
    """One month: what experiences added to everyone's pay, and the deals beyond the first month's rate."""

    month: Month
    accepted: int
    bonus: int | None
    """In minor units; None while the month is not closed."""
    won: int
    expected: float
    """So many it would have been at the rate of the first month."""
    amount: int
    """What the won deals came to together, in minor units."""
    is_maturing: bool = False
    """Whether more of its leads may still become deals."""

    @property
    def is_settled(self) -> bool:
        """Whether what it cost and what came of it are both known."""
        return self.bonus is not None and not self.is_maturing

    @property
    def more(self) -> float:
        """Deals beyond those expected; below 0 where there were fewer."""
        return self.won - self.expected

    @property
    def brought(self) -> int:
        """What these are worth at the average of the month's won deals, in minor units."""
        return round(self.amount * self.more / self.won) if self.won else 0


def readable_by(person: Person) -> bool:
    """Who reads everyone's pay: finance and the auditor (RULES 4.10)."""
    return person.is_finance or person.is_auditor


@dataclass(frozen=True)
class CostReckoning:
    """What all experiences cost and what came of them, in all products: who reads it reads everyone's pay."""

    verdict: Verdict
    balances: list[Balance]
    """The months after the first that the verdict compares, oldest first."""

    @property
    def settled(self) -> list[Balance]:
        """Those whose bonus and whose deals are both known: their sums belong together."""
        return [balance for balance in self.balances if balance.is_settled]

    @property
    def bonus(self) -> int:
        """What experiences added in the settled months, in minor units."""
        return sum(balance.bonus or 0 for balance in self.settled)

    @property
    def brought(self) -> int:
        """What the deals of the settled months beyond those expected are worth, in minor units."""
        return sum(balance.brought for balance in self.settled)


def reckoning(effect: Effect) -> CostReckoning | None:
    """The same months as the verdict has; None where nothing is compared."""
    cohorts = [effect.whole[cohort.month] for cohort in effect.told]
    if len(cohorts) < 2:
        return None
    first, bonuses = cohorts[0], _bonuses(effect.months)
    balances = [
        Balance(
            cohort.month,
            effect.accepted[cohort.month],
            bonuses.get(cohort.month),
            cohort.won,
            cohort.n * first.won / first.n,
            cohort.amount,
            cohort.is_maturing,
        )
        for cohort in cohorts[1:]
    ]
    return CostReckoning(Verdict(first, cohorts[-1]), balances)


def _bonuses(months: list[Month]) -> Mapping[Month, int]:
    """By closed month what the experiences added, with what later months corrected of it: nothing that the
    month's cap cuts off again.
    """
    closed = (
        Statement.select(Statement.month, Value(0), fn.SUM(Statement.bonus), Value(0))
        .join(Period)
        .where(Statement.month.in_(months) & Period.is_settled())
        .group_by(Statement.month)
    )
    rows: Any = closed.union_all(_corrected(months)).tuples()
    bonuses: Counter[Month] = Counter()
    for month, before, bonus, cut in rows:
        bonuses[month] += within_cap(int(bonus), -int(cut)) - int(before)
    return bonuses


def _corrected(months: list[Month]) -> ModelSelect[Line]:
    """Of each month of a person that a later one corrects: what its statement says that experiences added,
    and what all say together, with what its cap cuts off.
    """
    later, head = Statement.alias(), Statement.alias()
    changed = (
        Line.select(Line.person, Line.about)
        .join(later, on=(Line.statement == later.id))
        .where(CORRECTS & Line.about.in_(months) & (later.month != Line.about))
        .distinct()
        .alias("changed")
    )
    cut = fn.SUM(Case(None, ((Line.kind_of == LineKind.CAP, Line.amount),), 0))
    before = head.select(fn.COALESCE(fn.SUM(head.bonus), 0))
    before = before.where((head.person == Line.person) & (head.month == Line.about))
    of_them = (Line.person == changed.c.person_id) & (Line.about == changed.c.about)
    found: ModelSelect[Line] = (
        Line.select(Line.about, before, fn.SUM(Line.bonus), cut)
        .join(changed, on=of_them)
        .group_by(Line.person, Line.about)
    )
    return found
