"""The facts of a month, read from the records: one query for each kind of fact."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, cast

from peewee import JOIN, ModelSelect, chunked, fn

from portal import clock
from portal.clock import Month
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
from portal.models.commission.rulebook import Rulebook
from portal.models.commission.statements import Line, Statement
from portal.models.commission.terms import REQUIRED_FACTS, WHOLE, Terms, employed, later, split
from portal.models.customers.customers import Customer
from portal.models.experiences.experiences import Credit, Experience
from portal.models.experiences.reviews import AT_FAULT, Acceptance, Revocation
from portal.models.people.people import Person
from portal.models.sales.deals import Deal, DealLine, DealShare

_MANY = 5000
NO_TERMS = Terms(policy=0, base_rate=0, tiers=())
"""What holds where no policy was approved: nothing is earned."""


def read(month: Month) -> list[Inputs]:
    """The facts of a month for each person who has any."""
    return list(Reading(month, None, Rulebook.read(), Period.known()).inputs())


@dataclass
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
    """False for a payment that finance has not confirmed, and for taking such a payment back."""
    shares: dict[int, int]


@dataclass
class _Credit:
    person: int
    counted: Counted
    submitted: Month
    decided: Month
    decided_on: date
    fault_at: datetime | None


@dataclass
class _Head:
    """What a closed statement held when it was closed."""

    counted: int
    policy: int


class Reading:
    """The facts of one month, being read."""

    def __init__(
        self, month: Month, people: Iterable[Person] | None, book: Rulebook, periods: Mapping[Month, Period]
    ) -> None:
        named = {p.id: (p.department_id, p.hired_on, p.left_on) for p in people or ()}
        self.month, self.people, self.book = month, None if people is None else list(named), book
        self.closed = {when: period for when, period in periods.items() if period.is_closed}
        self.corrects = bool(self.closed) and month == max(self.closed).next
        """Corrections of closed months are paid in the month after the latest closed one."""
        self.heads: dict[tuple[int, Month], _Head] = {}
        self.corrected: set[tuple[int, Month]] = set()
        self.carried: defaultdict[int, int] = defaultdict(int)
        self.terms_of: dict[int, Terms] = {}
        self.persons: dict[int, tuple[int | None, date | None, date | None]] = named

    def inputs(self) -> Iterator[Inputs]:
        rows = self._rows()
        if self.corrects:
            self._read_heads()
        booked = self._booked_of([row.origin or row.undo for row in rows if row.origin or row.undo])
        self.credits = self._credits(rows)
        if self.people is None:
            self.persons = self._persons()
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
        for person in sorted(everyone & self.persons.keys()):
            mine = by_person.get(person, {})
            months = {e.month for e in earnings.get(person, ())} | {b.earning.month for b in mine.values()}
            months |= {e.reverses.month for e in earnings.get(person, ()) if e.reverses}
            yield Inputs(
                person,
                self._facts(person, self.month),
                tuple(earnings.get(person, ())),
                {month: self._facts(person, month) for month in months - {self.month}},
                mine,
                tuple(adjustments.get(person, ())),
                self.carried.get(person, 0),
            )

    # deal lines

    def _rows(self) -> list[_Row]:
        dated = (DealLine.on >= self.month.first_day) & (DealLine.on < self.month.next.first_day)
        found = self._select(dated, self.book.triggers(self.month))
        if self.corrects:
            unbooked = (DealLine.on < self.month.first_day) & Line.id.is_null()
            late = self._select(unbooked, self.book.triggers(self.month), late=True)
            found += [row for row in late if Month.of(row.on) in self.closed]
        return found

    def _select(self, where: Any, triggers: Sequence[str], *, late: bool = False) -> list[_Row]:
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
            )
            .join(Deal, on=DealLine.deal)
            .join(Customer, JOIN.LEFT_OUTER, on=Deal.customer)
            .join(origin, JOIN.LEFT_OUTER, on=(DealLine.reverses == origin.id))
            .join(undo, JOIN.LEFT_OUTER, on=(undo.reverses == DealLine.id))
            .join(DealShare, JOIN.LEFT_OUTER, on=(DealShare.deal == Deal.id))
            .where(where & DealLine.trigger.in_(list(triggers)))
            .order_by(DealLine.on, DealLine.id, DealShare.id)
        )
        if late:
            query = query.join(Line, JOIN.LEFT_OUTER, on=(Line.deal_line == DealLine.id))
        if self.people is not None:
            query = query.where(self._of_people())
        rows: dict[int, _Row] = {}
        for row in _tuples(query):
            line, deal, title, owner, product, customer, customer_type, *rest = row
            on, amount, trigger, of, of_on, of_amount, undone, confirmed, person, share = rest
            confirmed = bool(confirmed) or trigger != "payment"
            if not confirmed and (of or undone):
                continue  # taken back before it ever counted
            if line not in rows:
                have = {"customer": customer, "product": product, "customer_type": customer_type}
                missing = tuple(name for name in REQUIRED_FACTS if not have[name])
                facts = (on, amount, trigger, of, of_on, of_amount, undone, confirmed)
                rows[line] = _Row(line, deal, title, owner, product, missing, *facts, {})
            if person:
                rows[line].shares[person] = share
        for found in rows.values():
            found.shares = found.shares or {found.owner: WHOLE}
        return list(rows.values())

    def _of_people(self) -> Any:
        """Lines of deals that these people own, share in, or were paid for: the deals lead to them."""
        deals: Any = Deal.select(Deal.id).where(Deal.owner.in_(self.people))
        deals |= DealShare.select(DealShare.deal).where(DealShare.person.in_(self.people))
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
        for row in rows:
            of = holders.get(row.origin) if row.origin else None
            shares = {person: one.earning.share for person, one in of.items()} if of else row.shares
            parts = split(row.amount, shares)
            for person, share in shares.items():
                if self.people is not None and person not in self.people:
                    continue
                earning = self._earning(row, share, parts[person], known=bool(of))
                terms = self._terms(person, (earning.reverses or earning).month)
                if of or row.trigger == terms.earn_trigger:
                    missing = tuple(name for name in earning.missing if name in terms.requires)
                    found[person].append(replace(earning, missing=missing))
        return found

    def _earning(self, row: _Row, share: int, part: int, *, known: bool) -> Earning:
        origin = None
        if row.origin and row.origin_on:
            origin = Earning(
                row.origin,
                row.deal,
                row.title,
                row.origin_on,
                Month.of(row.origin_on),
                row.origin_amount or 0,
                share,
                -part,
                row.product,
                reversed_by=row.line,
            )
        return Earning(
            row.line,
            row.deal,
            row.title,
            row.on,
            Month.of(row.on),
            row.amount,
            share,
            part,
            row.product,
            reverses=origin,
            reversed_by=row.undo,
            missing=() if known else row.missing,  # what was paid can be taken back without them
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
                Line.kind_of,
                Line.about,
                Line.amount,
            )
            .join(Line, JOIN.LEFT_OUTER, on=special)
            .where(Statement.month.in_(list(self.closed)))
        )
        if self.people is not None:
            query = query.where(Statement.person.in_(self.people))
        for person, month, counted, policy, kind, about, amount in _tuples(query):
            self.heads[person, month] = _Head(counted, policy or 0)
            if kind == LineKind.CARRY:
                self.carried[person] += amount
            elif kind == LineKind.TRUE_UP:
                self.corrected.add((person, about))

    def _changed(self) -> dict[tuple[int, int], Booked]:
        """Booked lines of the months in which someone's bonus is no longer what it was at the close."""
        asked: set[tuple[int, Month]] = set()
        for person, month in self.heads.keys() | self.corrected:
            if person not in self.persons:
                continue
            facts, head = self._facts(person, month), self.heads.get((person, month))
            before = facts.terms.reached(head.counted, facts.employed) if head else None
            if (person, month) in self.corrected or facts.tier != before:
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
            person, line, about, amount, bonus, base, share, rate, bonus_rate, policy, *rest = row
            on, whole, reverses, deal, title, product, undone = rest
            known = found.get((person, line))
            if known:
                sums = {"amount": known.amount + amount, "bonus": known.bonus + bonus}
                found[person, line] = replace(known, bonus_rate=bonus_rate, **sums)
                continue
            origin = (
                Earning(reverses, deal, title, on, about, -whole, share, -(base or 0)) if reverses else None
            )
            earning = Earning(line, deal, title, on, about, whole, share, base or 0, product, origin, undone)
            found[person, line] = Booked(earning, amount, bonus, rate, bonus_rate, undone is not None)
            self.heads.setdefault((person, about), _Head(0, policy or 0))
        return found

    # experiences

    def _credits(self, rows: Sequence[_Row]) -> defaultdict[tuple[int, Month], list[_Credit]]:
        """Who has a share in which accepted experience, by both months that a policy may count it for."""
        months = [self.month, *(Month.of(row.origin_on) for row in rows if row.origin_on)]
        earliest = min([*months, *self.closed] if self.corrects else months)
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
        for person, share, experience, title, version, first, accepted, reason, revoked in _tuples(query):
            counted = Counted(experience, title, share, first, accepted, version)
            fault = revoked if reason in AT_FAULT else None
            submitted, decided = Month.of(first), Month.of(accepted)
            credit = _Credit(person, counted, submitted, decided, clock.local(accepted).date(), fault)
            for month in {submitted, decided}:
                found[person, month].append(credit)
        return found

    def _facts(self, person: int, month: Month) -> MonthFacts:
        terms = self._terms(person, month)
        _, hired, left = self.persons[person]
        mine = tuple(
            credit.counted
            for credit in self.credits.get((person, month), ())
            if (credit.submitted if terms.count_by == "submitted_at" else credit.decided) == month
            and not self._revoked(credit, month, terms)
            and (terms.counts_after_leaving or left is None or credit.decided_on <= left)
        )
        return MonthFacts(month, terms, mine, employed(month, hired, left))

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

    def _terms(self, person: int, month: Month) -> Terms:
        head = self.heads.get((person, month))
        if head and head.policy:
            if not self.terms_of:
                self.terms_of = self.book.by_policy()
            return self.terms_of[head.policy]
        department = self.persons[person][0] if person in self.persons else None
        return self.book.terms(department, month) or NO_TERMS

    def _adjustments(self) -> defaultdict[int, list[Approved]]:
        """What was approved by hand and is in no closed statement yet."""
        found: defaultdict[int, list[Approved]] = defaultdict(list)
        months = [self.month, *self.closed] if self.corrects else [self.month]
        query = (
            Adjustment.select()
            .join(AdjustmentDecision)
            .switch(Adjustment)
            .join(Line, JOIN.LEFT_OUTER, on=(Line.adjustment == Adjustment.id))
            .where(AdjustmentDecision.approved & Line.id.is_null() & Adjustment.month.in_(months))
            .order_by(Adjustment.id)
        )
        if self.people is not None:
            query = query.where(Adjustment.person.in_(self.people))
        for one in query:
            found[one.person_id].append(Approved(one.id, one.amount, one.reason, one.month))
        return found


def _tuples(query: ModelSelect[Any]) -> Iterable[Any]:
    """Rows as plain tuples: a month of a large company is read without making records."""
    return cast("Iterable[Any]", query.tuples())
