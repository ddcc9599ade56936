"""The facts of a month, read from the records: one query for each kind of fact."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from functools import cache
from typing import Any, cast

from peewee import JOIN, ModelSelect, Value, chunked, fn

from portal import clock
from portal.clock import Month
from portal.models.base.database import db
from portal.models.commission import late_leave
from portal.models.commission.adjustments import Adjustment, AdjustmentDecision
from portal.models.commission.calculation import (
    Approved,
    Booked,
    Counted,
    Earning,
    Inputs,
    LineKind,
    MonthFacts,
)
from portal.models.commission.periods import Period
from portal.models.commission.rulebook import Groups, Rulebook
from portal.models.commission.statements import Line, Statement
from portal.models.commission.terms import (
    REQUIRED_FACTS,
    WHOLE,
    Leave,
    Terms,
    employed,
    later,
    on_leave,
    split,
)
from portal.models.customers.customers import Customer
from portal.models.experiences.experiences import Credit, Experience
from portal.models.experiences.reviews import AT_FAULT, Acceptance, Revocation
from portal.models.knowledge.merged import ArticleMerge
from portal.models.knowledge.uses import Use
from portal.models.people.absences import Absence
from portal.models.people.people import Person
from portal.models.sales.deals import Deal, DealShare
from portal.models.sales.lines import DealLine
from portal.models.sales.shares import LineShare

_MANY = 5000
_KNOWN_AT = fn.COALESCE(DealLine.confirmed_at, DealLine.created_at)
"""Since when a line counts."""
_NEVER = datetime.max.replace(tzinfo=UTC)
NO_TERMS = Terms(policy=0, base_rate=0, tiers=())
"""What holds where no policy was approved: nothing is earned."""


def read(month: Month) -> list[Inputs]:
    """The facts of a month for each person who has any."""
    return list(Reading(month, None, Rulebook.read(), Period.known()).inputs())


@dataclass(slots=True)
class _Row:
    """A deal line as it is stored."""

    line: int
    deal: int
    title: str
    owner: int
    product: int | None
    missing: tuple[str, ...]
    on: date
    amount: int
    trigger: str
    origin: int | None
    origin_on: date | None
    origin_amount: int | None
    undo: int | None
    confirmed: bool
    """False for what may pay and finance has not confirmed, and for taking that back."""
    shares: dict[int, int]
    shared_anew: bool
    """Whether others may share in its deal now than on its day."""
    agreed: dict[int, int] = field(default_factory=dict)
    """Who shares in its deal now: in other money of it too, for which nothing else was kept."""


@dataclass
class _Credit:
    person: int
    counted: Counted
    submitted: Month
    decided: Month
    decided_on: date
    fault_at: datetime | None
    used_on: tuple[date, ...] = ()
    """The days on which it worked for colleagues who have no share in it, where a policy asks for that."""

    def uses(self, terms: Terms) -> int:
        """For how many of them in time."""
        return sum(day <= self.until(terms) for day in self.used_on)

    def until(self, terms: Terms) -> date:
        """The last day on which that counts."""
        return self.decided_on + timedelta(days=terms.use_days)


@dataclass
class _Event:
    """One line of a deal's money, as far as it may keep another from earning."""

    line: int
    trigger: str
    on: date
    amount: int
    reverses: int | None
    shares: dict[int, int] | None
    """Where the deal was shared anew since."""
    booked: dict[int, int]
    """How much of it closed statements reckoned on, by person."""


@dataclass
class _Head:
    """What a closed statement held when it was closed."""

    counted: int
    policy: int
    bonus: int


class Reading:
    """The facts of one month, being read."""

    def __init__(
        self, month: Month, people: Iterable[Person] | None, book: Rulebook, periods: Mapping[Month, Period]
    ) -> None:
        named = {p.id: (p.department_id, p.hired_on, p.left_on) for p in people or ()}
        if people is not None:
            self.groups = Groups({ident: facts[0] for ident, facts in named.items()}, book, alone=True)
        self.month, self.people, self.book = month, None if people is None else list(named), book
        self.closed = {when: period for when, period in periods.items() if period.is_closed}
        self.corrects = bool(self.closed) and month == max(self.closed).next
        """Corrections of closed months are paid in the month after the latest closed one."""
        self.heads: dict[tuple[int, Month], _Head] = {}
        self.of_month: dict[tuple[int, Month], Terms] = {}
        """The terms of those who did not move within a month."""
        self.known: dict[tuple[int, Month, int], MonthFacts] = {}
        self.events: dict[int, list[_Event]] = {}
        self.counted_of: dict[tuple[int, int], dict[int, int]] = {}
        self.corrected: set[tuple[int, Month]] = set()
        self.carried: defaultdict[int, int] = defaultdict(int)
        self.persons: dict[int, tuple[int | None, date | None, date | None]] = named
        self.leave: dict[Month, defaultdict[int, list[Leave]]] = {}
        self.stood: set[tuple[int, int]] = set()
        """By person and experience: what a closed statement counted stands, whoever takes a vote back."""

    def inputs(self) -> Iterator[Inputs]:
        rows = self._rows()
        if self.corrects:
            self._read_heads()
        booked = self._booked_of([row.origin or row.undo for row in rows if row.origin or row.undo])
        self.credits = self._credits(rows)
        if self.people is None:
            self.persons = self._persons()
            now = {ident: facts[0] for ident, facts in self.persons.items()}
            self.groups = Groups(now, self.book, alone=False)
        earnings = self._earnings(rows, booked)
        if self.corrects:
            booked |= self._changed()
        adjustments = self._adjustments()
        by_person: defaultdict[int, dict[int, Booked]] = defaultdict(dict)
        for (person, line), one in booked.items():
            by_person[person][line] = one
        with_facts = {who for who, month in self.credits if month == self.month}
        owed = {who for who, amount in self.carried.items() if amount}
        everyone = earnings.keys() | with_facts | adjustments.keys() | owed | by_person.keys()
        sums = self._sums() if self.book.has_caps else {}
        for person in sorted(everyone & self.persons.keys()):
            mine, own = by_person.get(person, {}), earnings.get(person, ())
            asked = {(each.month, each.policy) for e in own for each in (e.reverses or e,)}
            asked |= {(b.earning.month, b.earning.policy) for b in mine.values()}
            yield Inputs(
                person,
                self.month_facts(person, self.month),
                tuple(own),
                {when: self._facts(person, *when) for when in asked},
                mine,
                tuple(adjustments.get(person, ())),
                self.carried.get(person, 0),
                self._caps(person, {when for when, _ in asked}) if self.book.has_caps else {},
                sums.get(person, {}),
            )

    def _caps(self, person: int, months: Iterable[Month]) -> dict[Month, int]:
        """The cap of each month: that of the version of its last day."""
        return {month: self._terms(person, month.last_day).cap for month in {self.month, *months}}

    def _sums(self) -> dict[int, dict[Month, tuple[int, int]]]:
        """By person and month: what closed statements hold of its deals and of its cap."""
        found: defaultdict[int, dict[Month, tuple[int, int]]] = defaultdict(dict)
        of_deals = fn.COALESCE(fn.SUM(Line.amount).filter(Line.deal_line.is_null(False)), 0)
        of_cap = fn.COALESCE(fn.SUM(Line.amount).filter(Line.kind_of == LineKind.CAP), 0)
        query = Line.select(Line.person, Line.about, of_deals, of_cap).group_by(Line.person, Line.about)
        if self.people is not None:
            query = query.where(Line.person.in_(self.people))
        for person, month, deals, cap in _tuples(query) if self.closed else ():
            found[person][month] = int(deals), int(cap)
        return found

    # deal lines

    def _rows(self) -> list[_Row]:
        dated = (DealLine.on >= self.month.first_day) & (DealLine.on < self.month.next.first_day)
        if passed := self._passed_over(self.month):
            dated &= (passed[0] > _KNOWN_AT) | (passed[1] <= _KNOWN_AT)
        found = self._select(dated, self.book.triggers(self.month))
        if self.corrects:
            late = self._select(DealLine.id.in_(self._unpaid()), self.book.triggers(self.month))
            open_ones = [row.line for row in late if _month(row.on) not in self.closed]
            recorded = self._recorded(open_ones)
            found += [
                row
                for row in late
                if row.line not in recorded or self._comes_late(_month(row.on), recorded[row.line])
            ]
        return found

    def _recorded(self, lines: Sequence[int]) -> dict[int, datetime]:
        """When these lines were recorded."""
        found: dict[int, datetime] = {}
        for some in chunked(lines, _MANY):
            found |= dict(_tuples(DealLine.select(DealLine.id, _KNOWN_AT).where(DealLine.id.in_(some))))
        return found

    def _unpaid(self) -> Any:
        """Lines of earlier days that someone who shares in them was not paid for: each is asked alone."""
        theirs = (Line.deal_line == DealLine.id) & (
            DealShare.person.is_null() | (Line.person == DealShare.person)
        )
        return (
            DealLine.select(DealLine.id)
            .join(DealShare, JOIN.LEFT_OUTER, on=(DealShare.deal == DealLine.deal))
            .switch(DealLine)
            .join(Line, JOIN.LEFT_OUTER, on=theirs)
            .where((DealLine.on < self.month.first_day) & Line.id.is_null())
        )

    def _comes_late(self, month: Month, recorded: datetime) -> bool:
        """Whether a month is closed, or closes had passed it over when something was recorded about it."""
        if month in self.closed:
            return True
        passed = self._passed_over(month)
        return passed is not None and passed[0] <= recorded < passed[1]

    def _passed_over(self, month: Month) -> tuple[datetime, datetime] | None:
        """From when until when all that was closed was later than an open month.

        What is recorded about it then is paid in the month after the latest closed one, whatever is closed
        since: nobody can count on the close of a month before the first.
        """
        at = {when: period.closed_at for when, period in self.closed.items() if period.closed_at}
        begun = min(at.values(), default=_NEVER)
        until = min((moment for when, moment in at.items() if when <= month), default=_NEVER)
        return (begun, until) if begun < until else None

    def _select(self, where: Any, triggers: Sequence[str]) -> list[_Row]:
        origin, undo = DealLine.alias(), DealLine.alias()
        query = (
            DealLine.select(
                DealLine.id,
                Deal.id,
                Deal.title,
                Deal.owner,
                Deal.product,
                Deal.customer,
                Customer.type,
                DealLine.on,
                DealLine.amount,
                DealLine.trigger,
                origin.id,
                origin.on,
                origin.amount,
                undo.id,
                fn.COALESCE(DealLine.confirmed_at, origin.confirmed_at).is_null(False),
                DealShare.person,
                DealShare.share,
                DealShare.created_at >= fn.COALESCE(origin.created_at, DealLine.created_at),
            )
            .join(Deal, on=DealLine.deal)
            .join(Customer, JOIN.LEFT_OUTER, on=Deal.customer)
            .join(origin, JOIN.LEFT_OUTER, on=(DealLine.reverses == origin.id))
            .join(undo, JOIN.LEFT_OUTER, on=(undo.reverses == DealLine.id))
            .join(DealShare, JOIN.LEFT_OUTER, on=(DealShare.deal == Deal.id))
            .where(where & DealLine.trigger.in_(list(triggers)))
            .order_by(DealLine.on, DealLine.id, DealShare.id)
        )
        if self.people is not None:
            query = query.where(self._of_people())
        rows: dict[int, _Row] = {}
        day = cache(DealLine.on.python_value)  # the other columns are stored as they are read
        for row in db.execute(query):
            line, deal, title, owner, product, customer, customer_type, *rest = row
            on, amount, trigger, of, of_on, of_amount, undone, confirmed, person, share, anew = rest
            confirmed = bool(confirmed) or (self.book.is_trial and trigger != "payment")
            if not confirmed and (of or undone):
                continue  # taken back before it ever counted
            if line not in rows:
                have = {"customer": customer, "product": product, "customer_type": customer_type}
                missing = tuple(name for name in REQUIRED_FACTS if not have[name])
                facts = (day(on), amount, trigger, of, day(of_on), of_amount, undone, confirmed)
                rows[line] = _Row(line, deal, title, owner, product, missing, *facts, {}, bool(anew))
            if person:
                rows[line].shares[person] = share
        former = _shares_of([row.origin or row.line for row in rows.values() if row.shared_anew])
        for found in rows.values():  # what is taken back is as it was
            found.agreed = found.shares or {found.owner: WHOLE}
            found.shares = former.get(found.origin or found.line) or found.agreed
        return list(rows.values())

    def _of_people(self) -> Any:
        """Lines of deals that these people own, share in or shared in, or were paid for."""
        deals: Any = Deal.select(Deal.id).where(Deal.owner.in_(self.people))
        deals |= DealShare.select(DealShare.deal).where(DealShare.person.in_(self.people))
        deals |= DealLine.select(DealLine.deal).join(LineShare).where(LineShare.person.in_(self.people))
        if self.closed:
            deals |= DealLine.select(DealLine.deal).join(Line).where(Line.person.in_(self.people))
        return DealLine.deal.in_(deals)

    def _earnings(
        self, rows: Sequence[_Row], booked: dict[tuple[int, int], Booked]
    ) -> defaultdict[int, list[Earning]]:
        found: defaultdict[int, list[Earning]] = defaultdict(list)
        holders: defaultdict[int, dict[int, Booked]] = defaultdict(dict)
        for (person, line), one in booked.items():
            holders[line][person] = one
        late = [row for row in rows if row.on < self.month.first_day]
        shared = [row for row in late if len(row.shares) > 1 or row.shared_anew]
        paid = self._paid([row.line for row in shared])
        if len(self.book.triggers(self.month)) > 1:
            self._read_events(rows)
        for row in rows:
            of = holders.get(row.origin, {}) if row.origin else {}
            shares = {person: one.earning.share for person, one in of.items()}
            if sum(shares.values()) < WHOLE:
                shares = {**row.shares, **shares}
            for person, share in shares.items():
                if (self.people is not None and person not in self.people) or (person, row.line) in paid:
                    continue
                earning = self._earning_of(row, person, share, shares, of.get(person))
                if earning is not None:
                    found[person].append(earning)
        return found

    def _earning_of(
        self, row: _Row, person: int, share: int, shares: Mapping[int, int], of: Booked | None
    ) -> Earning | None:
        """What a line is for one person; None where it earns them nothing."""
        terms = self._terms(person, row.origin_on or row.on)
        if of is None and row.trigger != terms.earn_trigger:
            return None
        # what was paid can be taken back without them
        missing = () if of else tuple(name for name in row.missing if name in terms.requires)
        amount = row.amount
        policy = of.earning.policy if of else terms.policy
        held_back = missing or not row.confirmed
        if not row.confirmed and not policy:
            return None  # without a policy it pays nothing, confirmed or not
        if row.deal in self.events and policy and not held_back:  # what is held back is shown as it is
            amount = self._exceeding(row, person)
            if not amount and row.amount:
                return None
        part = split(amount, shares)[person]
        earning = self._earning(row, share, part, missing, policy)
        if amount == row.amount:
            return earning
        origin = earning.reverses and replace(earning.reverses, amount=-amount, whole=-row.amount)
        return replace(earning, amount=amount, whole=row.amount, reverses=origin)

    def _paid(self, late: Sequence[int]) -> set[tuple[int, int]]:
        """Who was paid for which of these lines already."""
        found: set[tuple[int, int]] = set()
        for some in chunked(late, _MANY):
            found |= set(_tuples(Line.select(Line.person, Line.deal_line).where(Line.deal_line.in_(some))))
        return found

    # a deal under more than one trigger

    def _read_events(self, rows: Sequence[_Row]) -> None:
        """All money of these deals, where the policies know more than one trigger."""
        triggers, origin = self.book.triggers(self.month), DealLine.alias()
        confirmed = fn.COALESCE(DealLine.confirmed_at, origin.confirmed_at).is_null(False)
        for some in chunked(sorted({row.deal for row in rows}), _MANY):
            query = DealLine.select(
                DealLine.id, DealLine.deal, DealLine.trigger, DealLine.on, DealLine.amount, DealLine.reverses
            ).join(origin, JOIN.LEFT_OUTER, on=(DealLine.reverses == origin.id))
            known = DealLine.trigger.in_(triggers) & (DealLine.on < self.month.next.first_day)
            known &= confirmed | ((DealLine.trigger != "payment") & Value(self.book.is_trial))
            lines = list(
                _tuples(query.where(DealLine.deal.in_(some) & known).order_by(DealLine.on, DealLine.id))
            )
            former = _shares_of([line for line, *_ in lines])
            booked = self._first_booked([line for line, *_ in lines])
            for line, deal, trigger, on, amount, reverses in lines:
                known_of = former.get(line), booked.get(line, {})
                event = _Event(line, trigger, on, amount, reverses, *known_of)
                self.events.setdefault(deal, []).append(event)

    def _first_booked(self, lines: Sequence[int]) -> dict[int, dict[int, int]]:
        """How much of each line's money was reckoned on for whom: {line: {person: minor units}}."""
        found: defaultdict[int, dict[int, int]] = defaultdict(dict)
        query = Line.select(Line.deal_line, Line.person, Line.money, DealLine.amount, Line.policy).join(
            DealLine
        )
        query = query.where(Line.deal_line.in_(lines)).order_by(Line.id)
        for line, person, money, amount, policy in _tuples(query):
            part = amount if money is None else money
            found[line].setdefault(person, part if policy else 0)  # where no policy held, nothing was earned
        return found

    def _exceeding(self, row: _Row, person: int) -> int:
        """How much of a line earns: what exceeds the money that earned under another trigger (RULES 4.1)."""
        key = row.deal, person
        if key not in self.counted_of:
            self.counted_of[key] = self._count(row, person)
        return self.counted_of[key].get(row.line, 0)

    def _count(self, row: _Row, person: int) -> dict[int, int]:
        """How much of each line of a deal earns for one person.

        What is booked stays; of the rest, what is taken back goes first, then day by day. A line that is
        held back covers nothing.
        """
        counted, events = dict[int, int](), self.events[row.deal]
        money: defaultdict[str, int] = defaultdict(int)
        earned: defaultdict[str, int] = defaultdict(int)

        def turn(event: _Event) -> int:
            return 0 if person in event.booked else 1 if event.reverses in done else 2

        done = {event.line for event in events if person in event.booked}
        for event in sorted(events, key=turn):
            money[event.trigger] += event.amount
            if person in event.booked:
                part = event.booked[person]
            elif event.reverses is not None:
                part = -counted.get(event.reverses, 0)
            elif person not in (event.shares or row.agreed) or not self._earns(event, row, person):
                part = 0
            else:
                others = sum(earned.values()) - earned[event.trigger]
                room = money[event.trigger] - others - earned[event.trigger]
                part = min(event.amount, max(0, room)) if others else event.amount
            counted[event.line] = part
            earned[event.trigger] += part
        return counted

    def _earns(self, event: _Event, row: _Row, person: int) -> bool:
        terms = self._terms(person, event.on)
        held_back = set(row.missing) & set(terms.requires)
        return bool(terms.policy) and event.trigger == terms.earn_trigger and not held_back

    def _earning(self, row: _Row, share: int, part: int, missing: tuple[str, ...], policy: int) -> Earning:
        origin = None
        if row.origin and row.origin_on:
            origin = Earning(
                row.origin,
                row.deal,
                row.title,
                row.origin_on,
                _month(row.origin_on),
                row.origin_amount or 0,
                share,
                -part,
                row.product,
                reversed_by=row.line,
                policy=policy,
            )
        return Earning(
            row.line,
            row.deal,
            row.title,
            row.on,
            _month(row.on),
            row.amount,
            share,
            part,
            row.product,
            reverses=origin,
            reversed_by=row.undo,
            missing=missing,
            policy=policy,
            confirmed=row.confirmed,
        )

    # what closed statements hold

    def _read_heads(self) -> None:
        special = (Line.statement == Statement.id) & Line.kind_of.in_([LineKind.TRUE_UP, LineKind.CARRY])
        query = (
            Statement.select(
                Statement.person,
                Statement.month,
                Statement.counted,
                Statement.policy,
                Statement.bonus_rate,
                Line.kind_of,
                Line.about,
                Line.amount,
            )
            .join(Line, JOIN.LEFT_OUTER, on=special)
            .where(Statement.month.in_(list(self.closed)))
        )
        if self.people is not None:
            query = query.where(Statement.person.in_(self.people))
        if self.book.asks_for_uses:
            self._read_stood()
        for person, month, counted, policy, bonus, kind, about, amount in _tuples(query):
            self.heads[person, month] = _Head(counted, policy or 0, bonus)
            if kind == LineKind.CARRY:
                self.carried[person] += amount
            elif kind == LineKind.TRUE_UP:
                self.corrected.add((person, about))

    def _read_stood(self) -> None:
        """A colleague who takes a "worked for me" back takes no money back that was reckoned with it."""
        heads = Statement.select(Statement.person, Statement.inputs)
        heads = heads.where(Statement.month.in_(list(self.closed)))
        lines = Line.select(Line.person, Line.experiences).where(Line.experiences != [])
        if self.people is not None:
            heads = heads.where(Statement.person.in_(self.people))
            lines = lines.where(Line.person.in_(self.people))
        for person, inputs in heads.tuples().iterator():
            frozen = Statement.inputs.python_value(inputs)
            self.stood |= {(person, one[0]) for one in frozen.get("experiences", ())}
        for person, experiences in _tuples(lines):
            self.stood |= {(person, one) for one in Line.experiences.python_value(experiences)}

    def _changed(self) -> dict[tuple[int, int], Booked]:
        """Booked lines of the months in which someone's bonus is no longer what it was at the close."""
        asked: set[tuple[int, Month]] = set()
        for person, month in self.heads.keys() | self.corrected:
            if person not in self.persons:
                continue
            head = self.heads.get((person, month))
            moved = (person, month) in self.corrected or self.groups.moved_in(person, month)
            if moved or head is None or self.month_facts(person, month).bonus != head.bonus:
                asked.add((person, month))
        months = sorted({month for _, month in asked})
        found: dict[tuple[int, int], Booked] = {}
        for people in chunked(sorted({person for person, _ in asked}), _MANY):
            where = Line.person.in_(people) & Line.about.in_(months)
            lines = self._booked(where)
            found |= {key: one for key, one in lines.items() if (key[0], one.earning.month) in asked}
        return found

    def _booked_of(self, lines: Iterable[int | None]) -> dict[tuple[int, int], Booked]:
        found: dict[tuple[int, int], Booked] = {}
        if self.closed:
            for some in chunked(sorted({line for line in lines if line}), _MANY):
                found |= self._booked(Line.deal_line.in_(some))
        return found

    def _booked(self, where: Any) -> dict[tuple[int, int], Booked]:
        """By person and deal line: all that statements hold about it.

        The first line gives share and rate, the last the bonus.
        """
        undo = DealLine.alias()
        query = (
            Line.select(
                Line.person,
                Line.deal_line,
                Line.about,
                Line.amount,
                Line.bonus,
                Line.base,
                Line.share,
                Line.rate,
                Line.bonus_rate,
                Line.policy,
                Line.money,
                DealLine.on,
                DealLine.amount,
                DealLine.reverses,
                Deal.id,
                Deal.title,
                Deal.product,
                undo.id,
            )
            .join(DealLine, on=Line.deal_line)
            .join(Deal, on=DealLine.deal)
            .switch(Line)
            .join(undo, JOIN.LEFT_OUTER, on=(undo.reverses == DealLine.id))
            .where(where & Line.deal_line.is_null(False))
            .order_by(Line.id)
        )
        found: dict[tuple[int, int], Booked] = {}
        for row in _tuples(query):
            person, line, about, amount, bonus, base, share, rate, bonus_rate, policy, money, *rest = row
            on, all_of_it, reverses, deal, title, product, undone = rest
            whole = all_of_it if money is None else money
            known = found.get((person, line))
            if known:
                sums = {"amount": known.amount + amount, "bonus": known.bonus + bonus}
                found[person, line] = replace(known, bonus_rate=bonus_rate, **sums)
                continue
            origin = (
                Earning(reverses, deal, title, on, about, -whole, share, -(base or 0)) if reverses else None
            )
            earning = Earning(line, deal, title, on, about, whole, share, base or 0, product, origin, undone)
            earning = replace(earning, policy=policy or 0, whole=None if money is None else all_of_it)
            found[person, line] = Booked(earning, amount, bonus, rate, bonus_rate, undone is not None)
        return found

    # experiences

    def _credits(self, rows: Sequence[_Row]) -> defaultdict[tuple[int, Month], list[_Credit]]:
        """Who has a share in which accepted experience, by both months that a policy may count it for."""
        months = [self.month, *(Month.of(row.origin_on or row.on) for row in rows)]
        if self.corrects:  # a month before the first closed one may have been trued up
            months += [*self.closed, *(about for _, about in self.corrected)]
        earliest = min(months)
        written = Experience.first_submitted_at >= earliest.start
        query = (
            Credit.select(
                Credit.person,
                Credit.share,
                Experience.id,
                Experience.title,
                Experience.version,
                Experience.first_submitted_at,
                Acceptance.at,
                Revocation.reason,
                Revocation.at,
            )
            .join(Experience, on=Credit.experience)
            .join(Acceptance, on=(Acceptance.experience == Experience.id))
            .join(Revocation, JOIN.LEFT_OUTER, on=(Revocation.acceptance == Acceptance.id))
            .where((Acceptance.counts == 1) & (written | (Acceptance.at >= earliest.start)))
            .where(Experience.first_submitted_at < self.month.end)
            .order_by(Experience.id)
        )
        if self.people is not None:
            query = query.where(Credit.person.in_(self.people))
        found: defaultdict[tuple[int, Month], list[_Credit]] = defaultdict(list)
        used = self._uses(earliest) if self.book.asks_for_uses else {}
        for person, share, experience, title, version, first, accepted, reason, revoked in _tuples(query):
            counted = Counted(experience, title, share, first, accepted, version)
            fault = revoked if reason in AT_FAULT else None
            submitted, decided = Month.of(first), Month.of(accepted)
            decided_on, uses = clock.local(accepted).date(), tuple(used.get(experience, ()))
            credit = _Credit(person, counted, submitted, decided, decided_on, fault, uses)
            for month in {submitted, decided}:
                found[person, month].append(credit)
        return found

    def _uses(self, earliest: Month) -> defaultdict[int, list[date]]:
        """By experience: the days on which it, or what it was merged into, worked for others (RULES 4.1).

        A vote that is held counts nothing, nor does one beyond the first few of the same colleague for the
        same author in a week, nor one of before the acceptance, nor one of who has a share in what was merged
        with it: they wrote of the same text.
        """
        into, party = Acceptance.alias(), Experience.alias()
        found = defaultdict[int, list[date]](list)
        its, stands = fn.COALESCE(Acceptance.article, into.article), _stands_in(Experience)
        share = Credit.select(1).join(party, on=(Credit.experience == party.id))
        share = share.where((Credit.person == Use.person) & (_stands_in(party) == stands))
        stages = ArticleMerge.in_stages()
        since_merged = (Use.article == ArticleMerge.into) & (Use.at >= ArticleMerge.at)
        since_merged &= ArticleMerge.id.not_in(sorted({merge for merge, *_ in stages}))
        for merge, where, since in stages:
            since_merged |= (ArticleMerge.id == merge) & (Use.article == where) & (Use.at >= since)
        query = (
            Acceptance.select(Experience.id, Use.at)
            .join(Experience, on=Acceptance.experience)
            .join(into, JOIN.LEFT_OUTER, on=(into.experience == Experience.merged_into))
            .join(ArticleMerge, JOIN.LEFT_OUTER, on=(ArticleMerge.article == its))
            .join(Use, on=((Use.article == its) | since_merged))
            .where((Experience.first_submitted_at >= earliest.start) | (Acceptance.at >= earliest.start))
            .where((Use.at >= Acceptance.at) & (Use.person != Experience.author) & ~fn.EXISTS(share))
            .where(Use.id.in_(Use.counting().select(Use.id)) & ~Use.is_one_too_many())
        )
        if self.people is not None:
            mine = Credit.select(Credit.experience).where(Credit.person.in_(self.people))
            query = query.where(Experience.id.in_(mine))
        for experience, at in _tuples(query):
            found[experience].append(clock.local(Use.at.python_value(at)).date())
        return found

    def _leave(self, month: Month) -> defaultdict[int, list[Leave]]:
        """Who was on leave in a month: what somebody noted of themselves lowers nothing of theirs, and what
        came after its close waits for a second person.
        """
        if month not in self.leave:
            found = self.leave[month] = defaultdict(list)
            within = (Absence.first_day <= month.last_day) & (Absence.last_day >= month.first_day)
            query = Absence.select(Absence.person, Absence.first_day, Absence.last_day)
            query = query.where(within & late_leave.counts_for(month))
            if self.people is not None:
                query = query.where(Absence.person.in_(self.people))
            for person, first, last in _tuples(query):
                found[person].append((first, last))
        return self.leave[month]

    def parts(self, person: int, month: Month, terms: Terms) -> tuple[Fraction, Fraction]:
        """The parts of a month's days in which someone was employed, and of these on leave as far as the
        terms ask.
        """
        _, hired, left = self.persons[person]
        leave = self._leave(month)[person] if terms.leave_prorates else ()
        return employed(month, hired, left), on_leave(month, hired, left, leave)

    def month_facts(self, person: int, month: Month) -> MonthFacts:
        """What decides a person's bonus in a month, under the policy of its last day."""
        return self._facts(person, month, self._terms(person, month.last_day).policy)

    def facts_alone(self) -> MonthFacts:
        """What decides one person's bonus in the month, without the money that it applies to."""
        (person,) = self.persons
        self.credits = self._credits([])
        if any(credit.fault_at for credit in self.credits.get((person, self.month), ())):
            self.closed = Period.settled()  # a fault is asked for within its window only
        return self.month_facts(person, self.month)

    def terms_at_end(self, person: int) -> Terms:
        """The terms of someone's group at the end of the month: those that bound what is taken back."""
        return self._terms(person, self.month.last_day)

    def _facts(self, person: int, month: Month, policy: int) -> MonthFacts:
        key = person, month, policy
        if key not in self.known:
            terms = self._terms_of(policy)
            left = self.persons[person][2]
            mine = [
                credit
                for credit in self.credits.get((person, month), ())
                if (credit.submitted if terms.count_by == "submitted_at" else credit.decided) == month
                and (terms.counts_after_leaving or left is None or credit.decided_on <= left)
            ]
            gone = [credit for credit in mine if self._revoked(credit, month, terms)]
            stand = [credit for credit in mine if credit not in gone]
            unused = [
                credit
                for credit in stand
                if credit.uses(terms) < terms.uses_needed
                and (person, credit.counted.experience) not in self.stood
            ]
            head = self.heads.get((person, month))
            here, away = self.parts(person, month, terms)
            self.known[key] = MonthFacts(
                month,
                terms,
                tuple(credit.counted for credit in stand if credit not in unused),
                here,
                tuple(credit.counted for credit in gone),
                head.counted if head else None,
                away,
                tuple(replace(c.counted, uses=c.uses(terms), until=c.until(terms)) for c in unused),
            )
        return self.known[key]

    def _revoked(self, credit: _Credit, month: Month, terms: Terms) -> bool:
        """Whether a revocation takes it back: within the window after the month's payment."""
        if credit.fault_at is None:
            return False
        period = self.closed.get(month)
        paid_at = period.paid_at if period else None
        return paid_at is None or credit.fault_at < later(paid_at, terms.revocation_months)

    # people and terms

    def _persons(self) -> dict[int, tuple[int | None, date | None, date | None]]:
        query = Person.select(Person.id, Person.department, Person.hired_on, Person.left_on)
        return {ident: (department, hired, left) for ident, department, hired, left in _tuples(query)}

    def _terms(self, person: int, day: date) -> Terms:
        """The terms of the group that someone belonged to on a day; a closed month's are those it stored."""
        month = _month(day)
        known = self.of_month.get((person, month))
        if known is not None:
            return known
        moved, head = self.groups.moved_in(person, month), self.heads.get((person, month))
        if head and head.policy and not moved:
            terms = self._terms_of(head.policy)
        else:
            terms = self.book.terms(self.groups.on(person, day), day) or NO_TERMS
        if not moved:
            self.of_month[person, month] = terms
        return terms

    def _terms_of(self, policy: int) -> Terms:
        return self.book.terms_of(policy) or NO_TERMS

    def _adjustments(self) -> defaultdict[int, list[Approved]]:
        """What was approved by hand and is in no closed statement yet."""
        found: defaultdict[int, list[Approved]] = defaultdict(list)
        about = Adjustment.month <= self.month if self.corrects else Adjustment.month == self.month
        query = (
            Adjustment.select(
                Adjustment.id,
                Adjustment.person,
                Adjustment.amount,
                Adjustment.reason,
                Adjustment.month,
                Adjustment.waives,
                AdjustmentDecision.at,
            )
            .join(AdjustmentDecision)
            .switch(Adjustment)
            .join(Line, JOIN.LEFT_OUTER, on=(Line.adjustment == Adjustment.id))
            .where(AdjustmentDecision.approved & Line.id.is_null() & about)
            .order_by(Adjustment.id)
        )
        if self.people is not None:
            query = query.where(Adjustment.person.in_(self.people))
        for ident, person, amount, reason, month, waives, approved_at in _tuples(query):
            # what is still to be taken back stands in the month after the latest closed one alone
            now = self.corrects if waives else self._comes_late(month, approved_at) == (month != self.month)
            if now:
                found[person].append(Approved(ident, amount, reason, month, bool(waives)))
        return found


def _stands_in(experience: Any) -> Any:
    """Id of what an experience was merged into, else its own."""
    return fn.COALESCE(experience.merged_into, experience.id)


@cache
def _month(day: date) -> Month:
    return Month.of(day)


def _shares_of(lines: Sequence[int]) -> dict[int, dict[int, int]]:
    """The shares of lines whose deals were shared anew since."""
    found: defaultdict[int, dict[int, int]] = defaultdict(dict)
    for some in chunked(lines, _MANY):
        query = LineShare.select(LineShare.line, LineShare.person, LineShare.share).order_by(LineShare.id)
        for line, person, share in _tuples(query.where(LineShare.line.in_(some))):
            found[line][person] = share
    return found


def _tuples(query: ModelSelect[Any]) -> Iterable[Any]:
    """Rows as plain tuples: a month of a large company is read without making records."""
    return cast("Iterable[Any]", query.tuples())
