"""One person's month, calculated: from facts in memory to the lines of a statement (RULES 4.1).

Nothing here knows a database. Money is integer minor units, rates and shares are integers in millionths.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import cached_property

from portal import i18n
from portal.clock import Month
from portal.i18n import Phrase
from portal.models.commission.terms import (
    REQUIRED_FACTS,
    WHOLE,
    Terms,
    Tier,
    commission,
    full_rate,
    recoverable,
)


class LineKind(StrEnum):
    """What a line of a statement is."""

    DEAL = "deal"
    REVERSAL = "reversal"
    TRUE_UP = "true-up"
    ADJUSTMENT = "adjustment"
    CARRY = "carry"
    CAP = "cap"

    @property
    def label(self) -> Phrase:
        return KINDS[self]


KINDS = {
    LineKind.DEAL: Phrase("Deal"),
    LineKind.REVERSAL: Phrase("Reversal"),
    LineKind.TRUE_UP: Phrase("True-up"),
    LineKind.ADJUSTMENT: Phrase("Adjustment"),
    LineKind.CARRY: Phrase("Carried forward"),
    LineKind.CAP: Phrase("Cap"),
}


@dataclass(frozen=True)
class Counted:
    """A person's share in an accepted experience that counts for a month."""

    experience: int
    title: str
    share: int
    submitted_at: datetime | None = None
    accepted_at: datetime | None = None
    version: int = 1
    uses: int = 0
    """For how many colleagues it worked in time, where the policy asks for it."""
    until: date | None = None
    """The last day on which that counts."""


@dataclass(frozen=True)
class MonthFacts:
    """What decides a person's bonus in one month."""

    month: Month
    terms: Terms
    experiences: tuple[Counted, ...] = ()
    employed: Fraction = Fraction(1)
    revoked: tuple[Counted, ...] = ()
    """What counted until it was revoked for a fault."""
    counted_before: int | None = None
    """What counted when the month was closed, in millionths; None while it is not."""
    away: Fraction = Fraction(0)
    """The part of the month's days on leave, where the policy asks for fewer experiences then."""
    unused: tuple[Counted, ...] = ()
    """What was accepted and has not worked for as many colleagues as the policy asks for."""

    @cached_property
    def counted(self) -> int:
        """n(u, m) in millionths: the sum of credit shares."""
        return sum(one.share for one in self.experiences)

    @cached_property
    def tier(self) -> Tier | None:
        return self.terms.reached(self.counted, self.employed, self.away)

    @property
    def needed(self) -> int:
        """How many experiences reach the first tier; 0 where there is none."""
        return self.needed_for(self.terms.tiers[0]) if self.terms.tiers else 0

    def needed_for(self, tier: Tier) -> int:
        """How many experiences reach a tier in this month."""
        return self.terms.needed(tier, self.employed, self.away)

    @property
    def bonus(self) -> int:
        """The bonus reached, in millionths; 0 when none is."""
        return self.tier.bonus if self.tier else 0


@dataclass(frozen=True, slots=True)
class Earning:
    """A person's part in one dated amount of a deal."""

    line: int
    deal: int
    title: str
    on: date
    month: Month
    """The month it was earned in."""
    amount: int
    """The whole deal line, in minor units."""
    share: int = WHOLE
    part: int = 0
    """This person's part of the amount; the parts of all sum to the whole."""
    product: int | None = None
    reverses: Earning | None = None
    reversed_by: int | None = None
    """The line that takes it back, if any."""
    missing: tuple[str, ...] = ()
    """What must be filled in before it is paid."""
    confirmed: bool = True
    """False while a payment waits for finance."""
    policy: int = 0
    """The version that holds on its day for the payee's group."""
    whole: int | None = None
    """The whole deal line, where `amount` is only what exceeds what the deal earned under another trigger."""

    @property
    def lacks(self) -> list[Phrase]:
        """What is missing, in words."""
        return [REQUIRED_FACTS[name] for name in self.missing]

    @property
    def is_payable(self) -> bool:
        return self.confirmed and not self.missing


@dataclass(frozen=True, slots=True)
class Booked:
    """What closed statements hold for one deal line of one person, all lines about it summed."""

    earning: Earning
    amount: int
    bonus: int
    rate: int
    """The base rate at which it was first booked, in millionths."""
    bonus_rate: int = 0
    """What the last line about it added to the rate, in millionths."""
    reversed: bool = False

    @property
    def worth(self) -> Worth:
        return Worth(self.amount, self.bonus, self.rate, self.bonus_rate)


@dataclass(frozen=True, slots=True)
class Worth:
    """What a deal line is worth in commission, and at which rates that is."""

    amount: int
    """In minor units; with the bonus."""
    bonus: int
    rate: int
    bonus_rate: int

    def __neg__(self) -> Worth:
        return Worth(-self.amount, -self.bonus, self.rate, self.bonus_rate)


@dataclass(frozen=True)
class Approved:
    """A manual adjustment that a second person approved."""

    adjustment: int
    amount: int
    reason: str
    month: Month
    waives: bool = False
    """Whether it lessens what is taken back, and pays nothing."""


@dataclass(frozen=True)
class Inputs:
    """All that decides one person's statement of one month."""

    person: int
    facts: MonthFacts
    earnings: tuple[Earning, ...] = ()
    """Dated in the month, and late ones of closed months that are not booked yet."""
    past: Mapping[tuple[Month, int], MonthFacts] = field(default_factory=dict)
    """By month and policy, as they are now: other months, and this one under another group's policy."""
    booked: Mapping[int, Booked] = field(default_factory=dict)
    """By deal line: what earlier statements already hold."""
    adjustments: tuple[Approved, ...] = ()
    carried: int = 0
    """What earlier months could not take back yet, in minor units."""
    caps: Mapping[Month, int] = field(default_factory=dict)
    """By month: the most that its deals pay, in minor units, under the policy of its last day."""
    paid: Mapping[Month, tuple[int, int]] = field(default_factory=dict)
    """By month: what closed statements hold of its deals, and of its cap (never above 0), in minor units."""

    def facts_of(self, earning: Earning) -> MonthFacts:
        """What decides the bonus of an amount: the month and the policy of its day."""
        when = earning.month, earning.policy
        return self.facts if when == (self.facts.month, self.facts.terms.policy) else self.past[when]


@dataclass(frozen=True, slots=True)
class CalculatedLine:
    """One line of a statement as it is calculated; kept, it is a `Line`."""

    kind: LineKind
    amount: int
    about: Month
    why: Phrase | None = None
    bonus: int = 0
    """How much of the amount the bonus is."""
    base: int | None = None
    """The part of the deal's money that it is reckoned on."""
    share: int = WHOLE
    rate: int = 0
    bonus_rate: int = 0
    bonus_mode: str = "percentage_points"
    policy: int | None = None
    earning: Earning | None = None
    adjustment: int | None = None
    experiences: tuple[int, ...] = ()
    key: str = ""
    """What makes it payable once: unique among all closed statements."""

    @property
    def full_rate(self) -> Decimal:
        """The rate with its bonus, in millionths."""
        return full_rate(self.rate, self.bonus_rate, self.bonus_mode)

    @property
    def product(self) -> int:
        """The deal's money x share x rate: the amount, unless that is a difference to what was paid."""
        of = self.earning.amount if self.earning else 0
        return commission(of, self.share, self.rate, self.bonus_rate, self.bonus_mode)

    @property
    def without_bonus(self) -> int:
        """The same product without the bonus."""
        return commission(
            self.earning.amount if self.earning else 0, self.share, self.rate, 0, self.bonus_mode
        )

    @property
    def tells_of_revocation(self) -> bool:
        """Whether it takes back what was paid for an experience that was revoked since."""
        return self.why is not None and self.why.msgid == REVOKED.msgid

    @property
    def on(self) -> date | None:
        return self.earning.on if self.earning else None


@dataclass(frozen=True)
class Reckoning:
    """One person's month, reckoned."""

    person: int
    facts: MonthFacts
    lines: tuple[CalculatedLine, ...]
    pending: tuple[Earning, ...] = ()
    """Not payable yet: something is missing, or finance has not confirmed it."""

    @property
    def total(self) -> int:
        """What is paid: the sum of the rounded lines, never below zero."""
        return sum(line.amount for line in self.lines)

    @property
    def own(self) -> list[CalculatedLine]:
        """The lines of this month's own deals, without corrections of other months."""
        kinds = (LineKind.DEAL, LineKind.REVERSAL, LineKind.CAP)
        return [e for e in self.lines if e.kind in kinds and e.about == self.facts.month]

    @property
    def apart(self) -> list[CalculatedLine]:
        """Those that follow another rule than that of the month's last day: of a group left within it."""
        return [e for e in self.own if e.earning and (e.policy or 0) != self.facts.terms.policy]

    @property
    def apart_bonus(self) -> int:
        """How much of the month's bonus comes by the rule of a group left within it."""
        return min(sum(e.bonus for e in self.apart), max(self.bonus, 0))

    @property
    def apart_experiences(self) -> list[int]:
        """What counted by the rule of a group left within the month, each once."""
        return sorted({ident for line in self.apart for ident in line.experiences})

    @property
    def counted_apart(self) -> list[int]:
        """Those of them that the rule of the month's last day does not count too."""
        own = {one.experience for one in self.facts.experiences}
        return [ident for ident in self.apart_experiences if ident not in own]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to say."""
        return not (self.lines or self.pending or self.facts.experiences)

    @property
    def bonus(self) -> int:
        """What the experiences added to this month's deals: nothing that the month's cap cuts off again."""
        cut = -sum(e.amount for e in self.own if e.kind == LineKind.CAP)
        return within_cap(sum(e.bonus for e in self.own), cut)

    @property
    def base(self) -> int:
        """The money of deals that the month's commission is reckoned on."""
        return sum(e.base or 0 for e in self.own)

    @property
    def rates(self) -> list[Decimal]:
        """The rates at which this month's deals pay, each once."""
        return sorted({e.full_rate for e in self.lines if e.kind == LineKind.DEAL})

    @property
    def within_reach(self) -> int:
        """What the first tier would add to this month's deals while it is not reached."""
        terms = self.facts.terms
        if self.facts.tier or not terms.tiers:
            return 0
        first = terms.tiers[0].bonus
        mine = [e for e in self.lines if e.kind == LineKind.DEAL and e.policy == terms.policy]
        deals = [e for e in mine if e.earning and not e.earning.reversed_by]
        more = sum(
            terms.commission(e.earning.amount, rate=e.rate, bonus=first, share=e.share) - e.amount
            for e in deals
            if e.earning
        )
        return max(0, min(more, terms.cap - self.deals_amount)) if terms.cap else more

    @property
    def deals_amount(self) -> int:
        return sum(e.amount for e in self.own)

    @property
    def other_amount(self) -> int:
        return self.total - self.deals_amount

    @property
    def takes_back(self) -> bool:
        """Whether anything that an earlier statement paid is taken back in it, or handed on to be."""
        own = {e.earning.line for e in self.lines if e.earning and e.amount >= 0}
        return any(e.kind == LineKind.CARRY or _takes_back(e, own) for e in self.lines)

    @property
    def carried(self) -> int:
        """What this month could not take back and hands on."""
        return sum(e.amount for e in self.lines if e.kind == LineKind.CARRY and e.amount > 0)


EXCEEDS = Phrase(
    "Of %(whole)s, what is more than the deal earned before, when commission was due at another event."
)
LATE_LINE = Phrase("The money was recorded after the month was closed.")
LATE_REVERSAL = Phrase("The money was taken back after the month was closed; reversed at the original rate.")
REVERSAL = Phrase("The money was taken back; reversed at the original rate.")
CAPPED = Phrase("The deals of %(month)s pay %(cap)s at most; they come to %(sum)s.")
REVOKED = Phrase("What counted was revoked after the month was closed: paid at %(paid)s, due at %(due)s.")
WAIVED = Phrase("Waived, it is not taken back any more: %(reason)s")
CARRIED_IN = Phrase("Still to be taken back from earlier months.")
CARRIED_OUT = Phrase("More than may be taken back in one payout; the rest moves to the next month.")


def compute(inputs: Inputs) -> Reckoning:
    """One person's statement of a month, from facts alone: the same facts give the same lines."""
    payable = [earning for earning in inputs.earnings if earning.is_payable]
    payable.sort(key=lambda earning: (earning.month, earning.on, earning.line))
    lines = [_earned(earning, inputs) for earning in payable]
    touched = {earning.line for earning in payable}
    lines += [
        corrected
        for line, booked in sorted(inputs.booked.items())
        if line not in touched and (corrected := _true_up(booked, inputs)) is not None
    ]
    lines += _capped(lines, inputs)
    lines += [
        CalculatedLine(
            LineKind.ADJUSTMENT,
            one.amount,
            one.month,
            Phrase("%(reason)s", reason=one.reason),
            adjustment=one.adjustment,
            key=f"adjustment {one.adjustment}",
        )
        for one in inputs.adjustments
        if not one.waives
    ]
    lines = [line for line in lines if line.amount or line.base]
    own = {e.earning.line for e in lines if e.earning and e.amount >= 0}
    earned = sum(e.amount for e in lines if not _takes_back(e, own))
    owed = inputs.carried - sum(e.amount for e in lines if _takes_back(e, own))
    waived = list(_waived(owed, inputs))
    lines += [*waived, *_carried(earned, owed - sum(e.amount for e in waived), inputs)]
    pending = tuple(earning for earning in inputs.earnings if not earning.is_payable)
    return Reckoning(inputs.person, inputs.facts, tuple(lines), pending)


def _worth(earning: Earning, inputs: Inputs) -> Worth:
    """What a line is worth; what is taken back, or was before it was booked, as it was then."""
    if earning.reverses is not None:
        original = inputs.booked.get(earning.reverses.line)
        return -(original.worth if original else _worth(earning.reverses, inputs))
    undone = inputs.booked.get(earning.reversed_by) if earning.reversed_by else None
    if undone is not None:
        return -undone.worth
    facts = inputs.facts_of(earning)
    return _rated(earning, facts, facts.terms.rate_for(earning.product))


def _rated(earning: Earning, facts: MonthFacts, rate: int) -> Worth:
    terms = facts.terms
    amount = terms.commission(earning.amount, rate=rate, bonus=facts.bonus, share=earning.share)
    without = terms.commission(earning.amount, rate=rate, share=earning.share)
    return Worth(amount, amount - without, rate, facts.bonus)


def _earned(earning: Earning, inputs: Inputs) -> CalculatedLine:
    """The first booking of a line; late when its month is closed already."""
    month = inputs.facts.month
    worth = _worth(earning, inputs)
    origin = earning.reverses or earning
    facts = inputs.facts_of(origin)
    apart = earning.reverses is None and facts is not inputs.facts  # of another group than the statement's
    if late := earning.month != month:
        why: Phrase | None = LATE_REVERSAL if earning.reverses else LATE_LINE
    else:
        why = REVERSAL if earning.reverses else None
    if earning.whole is not None and not earning.reverses:
        why = Phrase(EXCEEDS.msgid, whole=i18n.money(earning.whole))
    return CalculatedLine(
        LineKind.TRUE_UP if late else LineKind.REVERSAL if earning.reverses else LineKind.DEAL,
        worth.amount,
        origin.month,
        why,
        bonus=worth.bonus,
        base=earning.part,
        share=earning.share,
        rate=worth.rate,
        bonus_rate=worth.bonus_rate,
        bonus_mode=facts.terms.bonus_mode,
        policy=facts.terms.policy,
        earning=earning,
        experiences=tuple(one.experience for one in facts.experiences) if late or apart else (),
        key=f"line {earning.line} {inputs.person}",
    )


def _true_up(booked: Booked, inputs: Inputs) -> CalculatedLine | None:
    """The difference between what a booked line is worth now and what was booked, at its own policy."""
    earning = booked.earning
    if booked.reversed or earning.reverses is not None or earning.month == inputs.facts.month:
        return None
    facts = inputs.facts_of(earning)
    worth = _rated(earning, facts, booked.rate)
    if worth.amount == booked.amount:
        return None
    mode, bonuses = facts.terms.bonus_mode, (booked.bonus_rate, worth.bonus_rate)
    paid, due = (i18n.rate(full_rate(booked.rate, bonus, mode)) for bonus in bonuses)
    return CalculatedLine(
        LineKind.TRUE_UP,
        worth.amount - booked.amount,
        earning.month,
        _changed(facts, paid=paid, due=due),
        bonus=worth.bonus - booked.bonus,
        base=earning.part,
        share=earning.share,
        rate=booked.rate,
        bonus_rate=facts.bonus,
        bonus_mode=facts.terms.bonus_mode,
        policy=facts.terms.policy,
        earning=earning,
        experiences=tuple(one.experience for one in (*facts.experiences, *facts.revoked)),
        key=f"true-up {earning.line} {inputs.person} {inputs.facts.month}",
    )


def _changed(facts: MonthFacts, *, paid: str, due: str) -> Phrase:
    """Why a bonus is no longer what it was at the close. No title stands in it: what was revoked as it told
    who a customer is would stand there for ever, whatever is taken out of it.
    """
    if facts.revoked and facts.counted != facts.counted_before:
        return Phrase(REVOKED.msgid, paid=paid, due=due)
    if facts.counted == facts.counted_before and facts.terms.leave_prorates:
        return Phrase(
            "The days of leave, or of joining or leaving, changed after the month was closed: "
            "paid at %(paid)s, due at %(due)s.",
            paid=paid,
            due=due,
        )
    if facts.counted == facts.counted_before:
        return Phrase(
            "The days of joining or leaving changed after the month was closed: "
            "paid at %(paid)s, due at %(due)s.",
            paid=paid,
            due=due,
        )
    if facts.terms.uses_needed:
        return Phrase(
            "The number of experiences that count changed after the month was closed, by an acceptance or "
            "because one worked for colleagues: paid at %(paid)s, due at %(due)s.",
            paid=paid,
            due=due,
        )
    return Phrase(
        "The number of accepted experiences changed after the month was closed: "
        "paid at %(paid)s, due at %(due)s.",
        paid=paid,
        due=due,
    )


def _capped(lines: Sequence[CalculatedLine], inputs: Inputs) -> list[CalculatedLine]:
    """What the deals of a month come to beyond its cap: with all that closed statements hold of it, so that
    neither what comes late nor what is taken back moves more than the cap lets it.
    """
    sums: dict[Month, int] = {}
    for line in lines:
        sums[line.about] = sums.get(line.about, 0) + line.amount
    found, now = [], inputs.facts.month
    for month in sorted(sums.keys() & inputs.caps.keys()):
        before, kept = inputs.paid.get(month, (0, 0))
        cap, whole = inputs.caps[month], before + sums[month]
        over = min(0, cap - whole) if cap else 0
        if over != kept:
            why = Phrase(CAPPED.msgid, month=str(month), cap=i18n.money(cap), sum=i18n.money(whole))
            key = f"cap {month} {inputs.person} {now}"
            found.append(CalculatedLine(LineKind.CAP, over - kept, month, why, key=key))
    return found


def _waived(owed: int, inputs: Inputs) -> Iterator[CalculatedLine]:
    """What is not taken back any more, of what is owed: nothing of it is paid out, nor waits for what is owed
    later.
    """
    for one in inputs.adjustments:
        if one.waives:
            amount = max(0, min(one.amount, owed))
            owed -= amount
            yield CalculatedLine(
                LineKind.ADJUSTMENT,
                amount,
                one.month,
                Phrase(WAIVED.msgid, reason=one.reason),
                adjustment=one.adjustment,
                key=f"adjustment {one.adjustment}",
            )


def _carried(earned: int, owed: int, inputs: Inputs) -> list[CalculatedLine]:
    """Recovery within its bounds: a payout is never below zero, and the rest waits for the next one. `owed`:
    what is taken back, that of earlier months too.
    """
    month, carried = inputs.facts.month, list[CalculatedLine]()
    if inputs.carried:
        carried.append(
            CalculatedLine(
                LineKind.CARRY, -inputs.carried, month, CARRIED_IN, key=f"carried in {inputs.person} {month}"
            )
        )
    rest = owed - recoverable(earned, inputs.facts.terms)
    if rest > 0:
        carried.append(
            CalculatedLine(
                LineKind.CARRY, rest, month, CARRIED_OUT, key=f"carried out {inputs.person} {month}"
            )
        )
    return carried


def within_cap(bonus: int, cut: int) -> int:
    """How much of a month's bonus is paid, in minor units, where its cap cuts so much off: bonus first."""
    return max(min(bonus, 0), bonus - max(cut, 0))


def _takes_back(line: CalculatedLine, own: Iterable[int]) -> bool:
    """Whether a line takes back what an earlier statement paid: not when it only undoes a line beside it. A
    cap bounds what is earned; what it gives free lessens what is taken back.
    """
    if line.kind == LineKind.CAP:
        return line.amount > 0
    if line.amount >= 0:
        return False
    origin = line.earning.reverses if line.earning else None
    return origin is None or origin.line not in own
