"""The terms of commission as arithmetic: rates, tiers, shares, rounding (RULES 4.1).

Nothing here knows a database. Money is integer minor units, rates and shares are integers in millionths.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

from portal import clock
from portal.clock import Month
from portal.i18n import Phrase

WHOLE = 1_000_000
Leave = tuple[date, date]
"""Its first and its last day."""
_ALL, _NONE = Fraction(1), Fraction(0)


REQUIRED_FACTS = {
    "customer": Phrase("customer"),
    "product": Phrase("product"),
    "customer_type": Phrase("customer type"),
}
"""What a deal may have to have on record before it is paid."""


def half_up(numerator: int, denominator: int) -> int:
    """A fraction to the nearest minor unit, halves away from zero (ROUND_HALF_UP)."""
    nearest = (2 * abs(numerator) + denominator) // (2 * denominator)
    return nearest if numerator >= 0 else -nearest


def split(amount: int, shares: Mapping[int, int]) -> dict[int, int]:
    """An amount parted by shares in millionths: the parts sum to the whole, by largest remainder."""
    whole = sum(shares.values())
    sign = -1 if amount < 0 else 1
    exact = {who: divmod(abs(amount) * share, whole) for who, share in shares.items()}
    left = abs(amount) - sum(part for part, _ in exact.values())
    first = sorted(exact, key=lambda who: (-exact[who][1], who))[:left]
    return {who: sign * (part + (who in first)) for who, (part, _) in exact.items()}


def full_rate(rate: int, bonus: int, mode: str) -> Decimal:
    """A rate with its bonus, in millionths."""
    return Decimal(rate * (WHOLE + bonus)) / WHOLE if mode == "relative_percent" else Decimal(rate + bonus)


def commission(amount: int, share: int, rate: int, bonus: int, mode: str) -> int:
    """Amount x share x (rate with its bonus) in minor units, rounded once."""
    if mode == "relative_percent":
        return half_up(amount * share * rate * (WHOLE + bonus), WHOLE**3)
    return half_up(amount * share * (rate + bonus), WHOLE**2)


def employed(month: Month, hired: date | None, left: date | None) -> Fraction:
    """The part of a month's days in which someone worked here."""
    return Fraction(len(_days(month, hired, left)), len(_days(month, None, None)))


def on_leave(month: Month, hired: date | None, left: date | None, leave: Iterable[Leave]) -> Fraction:
    """The part of a month's days that someone who worked here was on leave; a day counts once."""
    here = _days(month, hired, left)
    days = {day for first, last in leave for day in here if first.toordinal() <= day <= last.toordinal()}
    return Fraction(len(days), len(_days(month, None, None)))


def _days(month: Month, hired: date | None, left: date | None) -> range:
    """The days, as ordinals, that lie in a month and in someone's employment."""
    first = max(month.first_day, hired) if hired else month.first_day
    last = min(month.last_day, left) if left else month.last_day
    return range(first.toordinal(), last.toordinal() + 1)


def later(moment: datetime, months: int) -> datetime:
    """The same day and time so many months later, in the company's time zone."""
    at = clock.local(moment)
    month = Month.of(at).plus(months)
    return at.replace(year=month.year, month=month.number, day=min(at.day, month.last_day.day))


@dataclass(frozen=True)
class Tier:
    """From so many counted experiences on, the bonus is this many millionths."""

    threshold: int
    bonus: int


@dataclass(frozen=True)
class Terms:
    """The numbers of one policy version."""

    policy: int
    base_rate: int
    tiers: tuple[Tier, ...] = (Tier(2, 500),)
    rates: Mapping[int, int] = field(default_factory=dict)
    """Base rates that differ by product id."""
    operator: str = ">="
    count_by: str = "submitted_at"
    bonus_mode: str = "percentage_points"
    earn_trigger: str = "payment"
    proration: bool = False
    counts_after_leaving: bool = True
    max_recovery_share: int = 200_000
    base_wage: int = 0
    minimum_wage: int = 0
    revocation_months: int = 6
    requires: tuple[str, ...] = ()
    cap: int = 0
    """The most that the deals of a month pay one person, in minor units; 0: no cap."""
    uses_needed: int = 0
    """An experience counts once it worked for so many colleagues (RULES 4.1, impact); 0: once accepted."""
    use_days: int = 60
    """Within so many days of its acceptance."""
    leave_prorates: bool = False
    """Whether days of leave lower the threshold."""

    def rate_for(self, product: int | None) -> int:
        """The base rate of a product, in millionths."""
        return self.rates.get(product, self.base_rate) if product is not None else self.base_rate

    def threshold(self, tier: Tier, employed: Fraction = _ALL, away: Fraction = _NONE) -> int:
        """How many experiences a tier asks for; fewer, but 1, for part of a month if the policy prorates."""
        part = (employed if self.proration else _ALL) - (away if self.leave_prorates else _NONE)
        return max(1, -(-tier.threshold * part.numerator // part.denominator))

    def needed(self, tier: Tier, employed: Fraction = _ALL, away: Fraction = _NONE) -> int:
        """How many whole experiences reach a tier."""
        return self.threshold(tier, employed, away) + (self.operator == ">")

    def reached(self, counted: int, employed: Fraction = _ALL, away: Fraction = _NONE) -> Tier | None:
        """The highest tier that so many experiences (in millionths) reach; tiers do not stack, and a month
        without employment has none (RULES 4.1). What does not divide among those who share alike is neither
        too little nor too much: six thirds are two.
        """
        if not employed:
            return None
        counted = round(counted, -2)
        met = [
            tier
            for tier in self.tiers
            if counted > (needed := self.threshold(tier, employed, away) * WHOLE)
            or (self.operator == ">=" and counted == needed)
        ]
        return max(met, key=lambda tier: tier.threshold, default=None)

    def commission(self, amount: int, *, rate: int, bonus: int = 0, share: int = WHOLE) -> int:
        """One line's commission in minor units, rounded once."""
        return commission(amount, share, rate, bonus, self.bonus_mode)


def recoverable(earned: int, terms: Terms) -> int:
    """How much of a month's earnings may go into recovery, in minor units (RULES 4.1, recovery)."""
    wage = terms.base_wage + max(0, earned)
    share = wage * terms.max_recovery_share // WHOLE
    return max(0, min(earned, share, wage - terms.minimum_wage))
