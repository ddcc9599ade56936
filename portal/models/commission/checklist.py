"""What finance looks at before a month is closed: who and what the close would leave out (RULES 4.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from peewee import Select, fn

from portal.clock import Month
from portal.models.base.database import db
from portal.models.base.record import Event
from portal.models.commission.adjustments import Adjustment, AdjustmentDecision
from portal.models.commission.calculation import LineKind
from portal.models.commission.periods import Period
from portal.models.commission.statements import Line, Statement
from portal.models.experiences.experiences import Experience
from portal.models.experiences.reviews import Acceptance, Revocation
from portal.models.people.people import Person
from portal.models.sales.lines import DealLine

NAMED = 10


@dataclass(frozen=True)
class Checklist:
    """What stands before the close of a month, as the records are now."""

    unconfirmed: int
    """Payments up to the month's end that wait for finance."""
    unconfirmed_amount: int
    """Their money, in minor units."""
    undecided: int
    """Experiences of the month that wait for their decision."""
    unclosed: bool
    """Whether the month before was previewed and is not closed."""
    proposed: int
    """Adjustments about the month, or an earlier one, that wait for a second person."""
    proposed_amount: int
    """Their money, what is added less what is taken, in minor units."""
    nameless: list[Person]
    """Payees of the preview without an employee number, the first few: payroll cannot pay them."""
    nameless_count: int
    lacking: int
    """Earnings of the preview whose deals lack something on record."""
    lacking_amount: int
    owing: int
    """People who left before the month and owe something still: the pay that recovers it may never come."""
    owing_amount: int
    """Their money, in minor units."""
    changed: int
    """What was recorded, confirmed or decided since the preview."""

    @classmethod
    def of(cls, period: Period) -> Self:
        """Read for a month that is not closed."""
        early = DealLine.waiting().where(DealLine.on < period.month.next.first_day)
        seen = bool(period.previewed_at)
        nameless, owing = nameless_of(period), _owing(period.month)
        proposed = Adjustment.undecided().where(Adjustment.month <= period.month).order_by()
        counts = {
            "unconfirmed": early.select(fn.COUNT(DealLine.id)),
            "unconfirmed_amount": early.select(fn.COALESCE(fn.SUM(DealLine.amount), 0)),
            "undecided": _undecided(period).select(fn.COUNT(Experience.id)),
            "proposed": proposed.select(fn.COUNT(Adjustment.id)),
            "proposed_amount": proposed.select(fn.COALESCE(fn.SUM(Adjustment.amount), 0)),
            "owing": owing.select(fn.COUNT(Line.id)),
            "owing_amount": owing.select(fn.COALESCE(fn.SUM(Line.amount), 0)),
            "unclosed": _unclosed(period.month.previous),
            "nameless_count": nameless.order_by().select(fn.COUNT(Person.id)),
            **({f"changed {n}": query for n, query in enumerate(_changed(period))} if seen else {}),
        }
        row = db.execute(Select(columns=list(counts.values()))).fetchone()
        found = dict(zip(counts, map(int, row), strict=True))
        changed = sum(found.pop(name) for name in list(found) if name.startswith("changed"))
        lacking, amount = _lacking(period) if seen else (0, 0)
        some = list(nameless.limit(NAMED)) if found["nameless_count"] else []
        unclosed = bool(found.pop("unclosed"))
        return cls(
            **found, unclosed=unclosed, nameless=some, lacking=lacking, lacking_amount=amount, changed=changed
        )


def nameless_of(period: Period) -> Any:
    """The payees of a month whom payroll cannot pay: they have no employee number and are owed something."""
    paid = Statement.select(Statement.person).where((Statement.period == period.id) & (Statement.total > 0))
    return (
        Person.select().where(Person.id.in_(paid) & Person.employee_no.is_null()).order_by(Person.sort_name)
    )


def _owing(month: Month) -> Any:
    """What the month before moved on of people who had left by its end, also where nobody noted their last
    day (RULES 4.1, recovery).
    """
    unnoted = Person.left_on.is_null() & (Person.deactivated_at < month.start)
    left = Person.select(Person.id).where((Person.left_on < month.first_day) | unnoted)
    theirs = Statement.select(Statement.id).where(
        (Statement.month == month.previous) & Statement.person.in_(left)
    )
    moved = (Line.kind_of == LineKind.CARRY) & (Line.amount > 0)
    return Line.select().where(Line.statement.in_(theirs) & moved)


def _lacking(period: Period) -> tuple[int, int]:
    """How many earnings were not payable in the last preview, and their money."""
    last = Event.about(period).where(Event.verb == "previewed").first()
    facts = last.changes if last else {}
    return facts.get("pending", (0, 0))[1], facts.get("pending_amount", (0, 0))[1]


def _unclosed(month: Month) -> Any:
    """How many months it is: one that was previewed since its end, and is not closed."""
    waits = (Period.previewed_at >= month.end) & ~Period.is_settled()
    return Period.select(fn.COUNT(Period.id)).where((Period.month == month) & waits)


def _undecided(period: Period) -> Any:
    waiting = Experience.state.in_(["submitted", "revision"]) & Experience.is_new()
    first = Experience.first_submitted_at
    return Experience.select().where(waiting & (first >= period.month.start) & (first < period.month.end))


def _changed(period: Period) -> list[Any]:
    """How much of each kind was written since the preview that may change the month."""
    since, end = period.previewed_at, period.month.next.first_day
    written = (DealLine.created_at > since) | (DealLine.confirmed_at > since)
    return [
        DealLine.select(fn.COUNT(DealLine.id)).where(written & (DealLine.on < end)),
        Acceptance.select(fn.COUNT(Acceptance.id)).where(Acceptance.at > since),
        Revocation.select(fn.COUNT(Revocation.id)).where(Revocation.at > since),
        AdjustmentDecision.select(fn.COUNT(AdjustmentDecision.id)).where(AdjustmentDecision.at > since),
    ]
