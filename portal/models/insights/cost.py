"""What the bonus cost against what came of it: a reckoning with "if", and never a proof."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from peewee import fn

from portal.clock import Month
from portal.models.commission.periods import Period
from portal.models.commission.statements import Statement
from portal.models.insights.effect import Effect
from portal.models.insights.leads import Cohort
from portal.models.people.people import Person
from portal.models.sales.deals import Deal


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


def balances(effect: Effect) -> list[Balance]:
    """The months after the first whose rate is told, oldest first; none without such a month."""
    told = [effect.total[month] for month in effect.months if effect.tells(effect.total[month])]
    if len(told) < 2:
        return []
    first, bonuses, amounts = told[0], _bonuses(effect.months), _amounts(told)
    return [
        Balance(
            cohort.month,
            effect.accepted[cohort.month],
            bonuses.get(cohort.month),
            cohort.won,
            cohort.n * first.won / first.n,
            sum(amounts.get(deal, 0) for deal in cohort.won_deals),
        )
        for cohort in told[1:]
    ]


def _bonuses(months: list[Month]) -> dict[Month, int]:
    """By closed month what the experiences added."""
    rows: Any = (
        Statement.select(Statement.month, fn.SUM(Statement.bonus))
        .join(Period)
        .where(Statement.month.in_(months) & Period.is_settled())
        .group_by(Statement.month)
        .tuples()
    )
    return {month: int(bonus) for month, bonus in rows}


def _amounts(cohorts: list[Cohort]) -> dict[int, int]:
    deals = [deal for cohort in cohorts for deal in cohort.won_deals]
    rows: Any = Deal.select(Deal.id, Deal.amount).where(Deal.id.in_(deals)).tuples()
    return {deal: amount or 0 for deal, amount in rows}
