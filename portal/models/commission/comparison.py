"""What one month differs by from another, part by part: the parts always sum to what was paid."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

from peewee import JOIN, fn

from portal import clock
from portal.clock import Month
from portal.i18n import Phrase
from portal.models.commission.calculation import LineKind, within_cap
from portal.models.commission.periods import Period
from portal.models.commission.policies import Policy
from portal.models.commission.reckoning import reckon_one
from portal.models.commission.statements import Line, Statement
from portal.models.people.people import Person


class PayParts(NamedTuple):
    """What a month's amount is made of, in minor units."""

    deals: int = 0
    """This month's own deals at their base rates."""
    bonus: int = 0
    """What the accepted experiences added to them."""
    corrections: int = 0
    """What came late, was taken back, or is due otherwise for earlier months."""
    adjustments: int = 0
    """What was adjusted by hand, and agreed to by a second person."""
    carried: int = 0
    """What is carried in from, and out to, other months."""

    @classmethod
    def of(cls, lines: Iterable[Any], month: Month) -> Self:
        """The parts of a statement's lines, calculated or kept."""
        sums, cut = dict.fromkeys(cls._fields, 0), 0
        for line in lines:
            kind = LineKind(line.kind_of if isinstance(line, Line) else line.kind)
            if kind == LineKind.ADJUSTMENT:
                sums["adjustments"] += line.amount
            elif kind == LineKind.CARRY:
                sums["carried"] += line.amount
            elif kind == LineKind.TRUE_UP or line.about != month:
                sums["corrections"] += line.amount
            else:
                sums["bonus"] += line.bonus
                sums["deals"] += line.amount - line.bonus
                cut -= line.amount if kind == LineKind.CAP else 0
        added = within_cap(sums["bonus"], cut)
        return cls(**sums | {"bonus": added, "deals": sums["deals"] + sums["bonus"] - added})

    @property
    def total(self) -> int:
        return sum(self)


PARTS: Mapping[str, Phrase] = {
    "deals": Phrase("Own deals"),
    "bonus": Phrase("By experiences"),
    "corrections": Phrase("Corrections"),
    "adjustments": Phrase("Adjustments"),
    "carried": Phrase("Carried forward"),
}


class Side(NamedTuple):
    """One of the two months."""

    parts: PayParts
    base: int
    """The deals' money that it is reckoned on, in minor units."""
    counted: int
    """Experiences that count, in millionths."""
    needed: int
    """How many the first tier asked for; 0 where there was none."""
    has_other_rule: bool = False
    """Whether a part follows the rule of a group that was left within the month: it counts by itself."""

    @property
    def total(self) -> int:
        return self.parts.total


@dataclass(frozen=True)
class PayComparison:
    """A person's month beside the one before."""

    period: Period
    now: Side
    before: Side | None
    """None while the month before is not closed: what it comes to may still change."""

    @classmethod
    def of(cls, person: Person, month: Month) -> PayComparison:
        """As they were kept; what is not closed, as the records are now."""
        periods, kept = Period.known(), _kept(person, [month.previous, month])
        before = periods.get(month.previous)
        return cls(
            period := periods.get(month) or Period(month=month),
            (kept.get(month) or NOTHING) if period.is_closed else _reckoned(person, month, periods),
            (kept.get(month.previous) or NOTHING) if before and before.is_closed else None,
        )

    @property
    def parts(self) -> list[tuple[str, Phrase, int, int]]:
        """Each part that is there in one of the months: its name, words, and both amounts."""
        then = self.before.parts if self.before else PayParts()
        rows = zip(PARTS.items(), then, self.now.parts, strict=True)
        return [(name, words, was, now) for (name, words), was, now in rows if was or now]


NOTHING = Side(PayParts(), 0, 0, 0)


def _reckoned(person: Person, month: Month, periods: Mapping[Month, Period]) -> Side:
    found = reckon_one(person, month, periods=periods)
    facts = found.facts
    return Side(PayParts.of(found.lines, month), found.base, facts.counted, facts.needed, bool(found.apart))


def _kept(person: Person, months: Iterable[Month]) -> dict[Month, Side]:
    """What closed months hold, with all their lines in one query."""
    mine = Statement.closed_of(person).where(Statement.month.in_(list(months)))
    rows = mine.select_extend(Line, Policy.id, Policy.operator).join_from(
        Statement, Line, JOIN.LEFT_OUTER, attr="line"
    )
    rows = rows.join_from(Statement, Policy, JOIN.LEFT_OUTER)
    heads: dict[Month, Statement] = {}
    lines: dict[Month, list[Line]] = {}
    for row in rows:
        heads[row.month] = row
        line: Line | None = getattr(row, "line", None)
        lines.setdefault(row.month, []).extend([line] if line else [])
    return {
        month: Side(
            PayParts.of(lines[month], month), one.base, one.counted, one.asked, _is_apart(one, lines[month])
        )
        for month, one in heads.items()
    }


def _is_apart(head: Statement, lines: Iterable[Line]) -> bool:
    """Whether any of a statement's own lines follows another rule than it does itself."""
    own = (LineKind.DEAL, LineKind.REVERSAL)
    mine = [line for line in lines if line.kind_of in own and line.about == head.month]
    return any(line.policy_id != head.policy_id for line in mine)


class Before(NamedTuple):
    """What the month before paid, beside a month as a whole; money in minor units."""

    month: Month
    people: int
    total: int
    gone: int
    """How many of them have no statement in this one."""
    gone_total: int
    """What these were paid."""

    @classmethod
    def of(cls, period: Period) -> Self | None:
        """Of a preview, to look at before the close; None where the month before is not closed."""
        if period.state != "preview":
            return None
        now = Statement.alias()
        gone = now.id.is_null()
        sums = (
            fn.SUM(Statement.total),
            fn.COUNT(Statement.id).filter(gone),
            fn.SUM(Statement.total).filter(gone),
        )
        query = (
            Statement.select(fn.COUNT(Statement.id), *(fn.COALESCE(one, 0) for one in sums))
            .join(Period)
            .join_from(
                Statement,
                now,
                JOIN.LEFT_OUTER,
                on=(now.person == Statement.person) & (now.period == period.id),
            )
            .where((Statement.month == period.month.previous) & Period.is_settled())
        )
        people, *rest = map(int, *query.tuples())
        return cls(period.month.previous, people, *rest) if people else None


@dataclass(frozen=True)
class Year:
    """A person's closed months of a year."""

    year: int
    months: list[tuple[Statement, PayParts]]

    @classmethod
    def of(cls, person: Person, year: int) -> Year:
        """As they were kept: nothing is reckoned anew."""
        first, last = Month(year, 1), Month(year, 12)
        within = (Statement.month >= first) & (Statement.month <= last)
        kept = list(Statement.closed_of(person).where(within).order_by(Statement.month))
        lines: dict[int, list[Line]] = {}
        for line in Line.select().where(Line.statement.in_([each.id for each in kept])):
            lines.setdefault(line.statement_id, []).append(line)
        return cls(year, [(each, PayParts.of(lines.get(each.id, []), each.month)) for each in kept])

    @property
    def parts(self) -> list[str]:
        """The parts that are there in any of its months."""
        return [name for name in PayParts._fields if any(getattr(parts, name) for _, parts in self.months)]

    @property
    def sum(self) -> PayParts:
        return PayParts(*(sum(amounts) for amounts in zip(*(parts for _, parts in self.months), strict=True)))

    @property
    def counted(self) -> int:
        """Accepted experiences of all its months, in millionths."""
        return sum(statement.counted for statement, _ in self.months)

    @property
    def apart(self) -> int:
        """How many experiences counted by the rule of a group left within a month alone."""
        return sum(len(statement.counted_apart) for statement, _ in self.months)


def years_of(person: Person) -> list[int]:
    """The years in which somebody has a closed month, newest first; this one in any case."""
    rows: Any = (
        Statement.select(Statement.month)
        .join(Period)
        .where((Statement.person == person) & Period.is_settled())
    )
    return sorted({clock.today().year, *(row.month.year for row in rows)}, reverse=True)
