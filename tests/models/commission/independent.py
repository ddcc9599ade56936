"""RULES 4.1 once more, on its own: a plain record of what happened, and the statements that must follow from it.

Nothing of the portal's reckoning is used here: amounts are Fractions and Decimals, moments are aware datetimes,
days and months are those of the zone given. It is slow and says everything in the order of the rules.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from zoneinfo import ZoneInfo

Month = tuple[int, int]


def month_of(day: date) -> Month:
    return day.year, day.month


def following(month: Month) -> Month:
    year, number = month
    return (year + 1, 1) if number == 12 else (year, number + 1)


def last_day(month: Month) -> date:
    return date(*month, calendar.monthrange(*month)[1])


def rounded(value: Fraction) -> int:
    """To the cent, halves away from zero: all that is rounded here has a finite decimal expansion."""
    with localcontext() as context:
        context.prec = 80
        exact = Decimal(value.numerator) / Decimal(value.denominator)
        return int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP))


@dataclass(frozen=True)
class Rule:
    """One approved version of a policy; rates and bonuses as fractions."""

    id: int
    group: int | None
    start: Month
    rate: Fraction
    rates: dict[int, Fraction]
    tiers: tuple[tuple[int, Fraction], ...]
    more_than: bool = False
    by_decision: bool = False
    relative: bool = False
    trigger: str = "payment"
    prorated: bool = False
    after_leaving: bool = True
    window: int = 6
    recovery: Fraction = Fraction(1, 5)
    wage: int = 0
    least_wage: int = 0
    asks: frozenset[str] = frozenset()
    cap: int = 0
    """The most that a month's sales pay someone; 0: no bound."""
    uses: int = 0
    """A lesson counts once it worked for so many others; 0: once it is accepted."""
    use_days: int = 60
    for_leave: bool = False
    """Whether days of leave lower what is asked for."""


NONE = Rule(0, None, (1, 1), Fraction(0), {}, ())
"""Where no version holds, payments are seen and earn nothing."""


@dataclass
class Worker:
    hired: date | None
    left: date | None
    groups: list[tuple[date, int | None]]
    """From which day on in which group; the first always held."""
    leave: list[tuple[date, date]] = field(default_factory=list)
    """First and last days that somebody else noted."""


@dataclass
class Sale:
    owner: int
    has: set[str]
    """What is known of it: customer, product, customer_type."""
    product: int | None
    shares: list[tuple[datetime, dict[int, Fraction]]] = field(default_factory=list)
    """As agreed, from which moment on."""
    handed: list[tuple[datetime, int]] = field(default_factory=list)
    """To whom it went, at which moment: who has it when it is first won has the credit."""
    undone: list[datetime] = field(default_factory=list)
    """When its winning was undone as a mistake: who has it when it is won after that has the credit."""


@dataclass
class Money:
    id: int
    sale: int
    trigger: str
    day: date
    amount: int
    recorded: datetime
    reverses: int | None = None
    waits: bool = False
    """Nobody confirmed it: it is not earned yet."""
    confirmed: datetime | None = None
    """When someone did; None: at once, when it was recorded."""


@dataclass
class Lesson:
    submitted: datetime
    credit: dict[int, Fraction]
    accepted: datetime | None = None
    fault: datetime | None = None
    counts: bool = True
    used: dict[int, datetime] = field(default_factory=dict)
    """For whom it worked, since when they say so."""
    stood: set[int] = field(default_factory=set)
    """For whom a closed statement counted it: that is not taken back with a vote."""


@dataclass
class Extra:
    """An adjustment that was approved."""

    id: int
    person: int
    month: Month
    amount: int
    approved: datetime
    waives: bool = False
    """Nothing is paid: so much of what goes back is forgiven."""


@dataclass(frozen=True)
class Said:
    """One line of a statement."""

    kind: str
    about: Month
    amount: int
    line: int | None = None
    extra: int | None = None
    money: int = 0
    """How much of the deal line counts."""
    share: Fraction = Fraction(1)
    rule: int = 0
    rate: Fraction = Fraction(0)


@dataclass(frozen=True)
class Due:
    """What someone's statement of a month must say."""

    lines: tuple[Said, ...] = ()
    pending: frozenset[int] = frozenset()
    counted: Fraction = Fraction(0)

    @property
    def total(self) -> int:
        return sum(line.amount for line in self.lines)

    @property
    def carried(self) -> int:
        return sum(line.amount for line in self.lines if line.kind == "carry" and line.amount > 0)


@dataclass
class Close:
    at: datetime
    paid: datetime | None = None


class Company:
    """All that happened in one company, and what follows from it."""

    def __init__(self, zone: str) -> None:
        self.zone = ZoneInfo(zone)
        self.people: dict[int, Worker] = {}
        self.above: dict[int, list[tuple[date, int | None]]] = {}
        """Under which group each lies, from which day on."""
        self.rules: list[Rule] = []
        self.sales: dict[int, Sale] = {}
        self.money: dict[int, Money] = {}
        self.lessons: list[Lesson] = []
        self.extras: list[Extra] = []
        self.closes: dict[Month, Close] = {}
        self.kept: dict[tuple[int, Month], Due] = {}
        """Statements as they were at the close, for ever."""

    # what happens

    def close(self, month: Month, at: datetime) -> None:
        found = {person: self.due(person, month) for person in self.people}
        for person, due in found.items():
            rules = [(month, self.rule_on(person, last_day(month)))]
            told = [(said.about, self.rule(said.rule)) for said in due.lines if said.line is not None]
            for about, rule in (*rules, *told):
                for one in self.counting(person, about, rule):
                    one.stood.add(person)
        self.closes[month] = Close(at)
        self.kept |= {(person, month): due for person, due in found.items()}

    def day_of(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()

    # group and rule of a day

    @staticmethod
    def _then(history: list[tuple[date, int | None]], day: date) -> int | None:
        found = history[0][1]
        for since, what in history[1:]:
            if since <= day:
                found = what
        return found

    def rule_on(self, person: int, day: date) -> Rule:
        """That of the nearest group which has one, as one belonged to it on the day."""
        group, month = self._then(self.people[person].groups, day), month_of(day)
        chain: list[int | None] = []
        while group is not None and group not in chain:
            chain.append(group)
            group = self._then(self.above[group], day)
        for each in (*chain, None):
            held = [rule for rule in self.rules if rule.group == each and rule.start <= month]
            if held:
                return max(held, key=lambda rule: rule.start)
        return NONE

    def rule(self, ident: int) -> Rule:
        return next((rule for rule in self.rules if rule.id == ident), NONE)

    # n(u, m) and the bonus

    def counted(self, person: int, month: Month, rule: Rule) -> Fraction:
        return sum((one.credit[person] for one in self.counting(person, month, rule)), Fraction(0))

    def counting(self, person: int, month: Month, rule: Rule) -> list[Lesson]:
        left, found = self.people[person].left, []
        for one in self.lessons:
            if one.accepted is None or not one.counts or person not in one.credit:
                continue
            decided = self.day_of(one.accepted)
            if month_of(decided if rule.by_decision else self.day_of(one.submitted)) != month:
                continue
            if not rule.after_leaving and left is not None and decided > left:
                continue
            if one.fault is not None and self._in_window(one.fault, month, rule):
                continue
            last = decided + timedelta(days=rule.use_days)
            in_time = sum(1 for at in one.used.values() if self.day_of(at) <= last)
            if in_time < rule.uses and person not in one.stood:
                continue
            found.append(one)
        return found

    def _in_window(self, fault: datetime, month: Month, rule: Rule) -> bool:
        close = self.closes.get(month)
        if close is None or close.paid is None:
            return True
        paid = close.paid.astimezone(self.zone)
        end = (paid.year, paid.month)
        for _ in range(rule.window):
            end = following(end)
        day = min(paid.day, calendar.monthrange(*end)[1])
        return fault < paid.replace(year=end[0], month=end[1], day=day)

    def bonus(self, person: int, month: Month, rule: Rule) -> Fraction:
        worker, days = self.people[person], calendar.monthrange(*month)[1]
        worked = sum(
            1
            for number in range(1, days + 1)
            if (worker.hired is None or worker.hired <= date(*month, number))
            and (worker.left is None or date(*month, number) <= worker.left)
        )
        if not worked:
            return Fraction(0)
        away = sum(
            1
            for number in range(1, days + 1)
            for day in [date(*month, number)]
            if (worker.hired is None or worker.hired <= day) and (worker.left is None or day <= worker.left)
            if any(first <= day <= last for first, last in worker.leave)
        )
        here = (worked if rule.prorated else days) - (away if rule.for_leave else 0)
        n, best = self.counted(person, month, rule), Fraction(0)
        for threshold, bonus in sorted(rule.tiers):
            asked = max(1, -(-threshold * here // days))
            if n > asked or (n == asked and not rule.more_than):
                best = bonus
        return best

    @staticmethod
    def pays(money: int, share: Fraction, rate: Fraction, bonus: Fraction, rule: Rule) -> int:
        return rounded(money * share * (rate * (1 + bonus) if rule.relative else rate + bonus))

    # whose a line is, and in which month it is paid

    def shares(self, line: Money) -> dict[int, Fraction]:
        """Those of the end of its day, or of the moment of recording; what is taken back is as it was."""
        if line.reverses is not None:
            return self.shares(self.money[line.reverses])
        sale = self.sales[line.sale]
        found: dict[int, Fraction] = {self._winner(line): Fraction(1)}
        gone = [back.recorded for back in self.money.values() if back.reverses == line.id]
        for at, shares in sale.shares:
            if at <= line.recorded or (self.day_of(at) <= line.day and not (gone and gone[0] <= at)):
                found = shares
        return found

    def _winner(self, line: Money) -> int:
        """Who had the sale when it was first won: a hand-over moves no credit, nor does it that it was reopened."""
        sale = self.sales[line.sale]
        since = max(
            (at for at in sale.undone if at <= line.recorded), default=datetime.min.replace(tzinfo=UTC)
        )
        own = (money for money in self.money.values() if money.sale == line.sale and money.reverses is None)
        signed = [one.recorded for one in own if one.trigger == "contract" and one.recorded > since]
        had = [to for at, to in sale.handed if at <= min(signed, default=line.recorded)]
        return had[-1] if had else sale.owner

    def month_for(self, line: Money) -> Month:
        """Its own month, or the open one when its own is closed or was passed over when it was recorded."""
        own = month_of(line.day)
        if own in self.closes or self._passed_over(own, line.confirmed or line.recorded):
            return following(max(self.closes))
        return own

    def _passed_over(self, month: Month, recorded: datetime) -> bool:
        """Whether there had been closes by then, and all of later months."""
        then = [closed for closed, close in self.closes.items() if close.at <= recorded]
        return bool(then) and month < min(then)

    # a deal earns once

    def _booked(self, person: int) -> dict[int, list[Said]]:
        """What closed statements hold about each line, oldest first."""
        found: dict[int, list[Said]] = {}
        order = sorted(self.closes, key=lambda month: self.closes[month].at)
        for month in order:
            for said in self.kept.get((person, month), Due()).lines:
                if said.line is not None:
                    found.setdefault(said.line, []).append(said)
        return found

    def _earning_parts(
        self, person: int, sale: int, until: Month, booked: dict[int, list[Said]]
    ) -> dict[int, int]:
        """How much of each line of a deal counts for someone: what exceeds that of other triggers."""
        of_sale = [e for e in self.money.values() if e.sale == sale and month_of(e.day) <= until]
        lines = [e for e in of_sale if not self._origin(e).waits]
        lines.sort(key=lambda e: (e.day, e.id))
        first = [e for e in lines if e.id in booked]
        back = [e for e in lines if e.id not in booked and e.reverses in booked]
        rest = [e for e in lines if e not in first and e not in back]
        parts: dict[int, int] = {}
        came: dict[str, int] = {}
        earned: dict[str, int] = {}
        for line in (*first, *back, *rest):
            came[line.trigger] = came.get(line.trigger, 0) + line.amount
            if line in first:
                part = booked[line.id][0].money if booked[line.id][0].rule else 0
            elif line.reverses is not None:
                part = -parts.get(line.reverses, 0)
            elif self._earns(person, line):
                elsewhere = sum(of for trigger, of in earned.items() if trigger != line.trigger)
                exceeding = came[line.trigger] - elsewhere - earned.get(line.trigger, 0)
                part = line.amount if not elsewhere else max(0, min(line.amount, exceeding))
            else:
                part = 0
            parts[line.id] = part
            earned[line.trigger] = earned.get(line.trigger, 0) + part
        return parts

    def _earns(self, person: int, line: Money) -> bool:
        rule = self.rule_on(person, line.day)
        mine = rule is not NONE and person in self.shares(line)
        return mine and line.trigger == rule.trigger and not self._lacks(line, rule)

    def _origin(self, line: Money) -> Money:
        """What a line takes back; else itself."""
        return self.money[line.reverses] if line.reverses is not None else line

    def _lacks(self, line: Money, rule: Rule) -> bool:
        """Whether it is held back: a fact is missing, or nobody confirmed it."""
        return line.waits or bool(rule.asks - self.sales[line.sale].has)

    # the statement

    def due(self, person: int, month: Month) -> Due:
        """The statement of a month as all that happened has it now; a closed one as it was kept."""
        if month in self.closes:
            return self.kept.get((person, month), Due())
        corrects = bool(self.closes) and month == following(max(self.closes))
        booked = self._booked(person)
        undone = {e.reverses: e.id for e in self.money.values()}
        lines: list[Said] = []
        pending: set[int] = set()
        parts: dict[int, dict[int, int]] = {}
        for line in sorted(self.money.values(), key=lambda e: (e.day, e.id)):
            if line.id in booked or self.month_for(line) != month:
                continue
            origin = self._origin(line)
            if origin.waits and origin.id in undone:
                continue  # it was taken back before it ever counted
            was = booked.get(origin.id) if origin is not line else None
            if was is None and person not in self.shares(line):
                continue
            rule = self.rule(was[0].rule) if was else self.rule_on(person, origin.day)
            if was is None and origin.trigger != rule.trigger:
                continue
            if was is None and self._lacks(line, rule):
                if rule is not NONE:
                    pending.add(line.id)
                continue
            share = was[0].share if was else self.shares(line)[person]
            if line.sale not in parts:
                parts[line.sale] = self._earning_parts(person, line.sale, month, booked)
            money = parts[line.sale][line.id] if rule is not NONE else line.amount
            if money:
                kind = "deal" if origin is line else "reversal"
                if month_of(line.day) != month:
                    kind = "true-up"
                said = self._first(person, line, origin, money, share, rule, booked, undone)
                lines.append(replace(said, kind=kind))
        if corrects:
            touched = {said.line for said in lines}
            lines += self._true_ups(person, month, booked, touched, undone)
        lines += self._cut(person, lines)
        lines += self._extras(person, month, corrects)
        rule = self.rule_on(person, last_day(month))
        owed = self._owed(person) if corrects else 0
        lines += self._carry(lines, owed, rule, month, self._waivers(person, month) if corrects else [])
        return Due(tuple(lines), frozenset(pending), self.counted(person, month, rule))

    def _first(
        self,
        person: int,
        line: Money,
        origin: Money,
        money: int,
        share: Fraction,
        rule: Rule,
        booked: dict[int, list[Said]],
        undone: dict[int | None, int],
    ) -> Said:
        """A line that no statement holds yet. Taking back is at the original rate, in whichever order."""
        about, sale = month_of(origin.day), self.sales[line.sale]
        rate = rule.rates.get(sale.product, rule.rate) if sale.product is not None else rule.rate
        amount = self.pays(abs(money), share, rate, self.bonus(person, about, rule), rule)
        if origin is not line:
            paid = booked.get(origin.id)
            amount = -sum(said.amount for said in paid) if paid else -amount
            rate = paid[0].rate if paid else rate
        elif undone.get(line.id) in booked:
            amount = -sum(said.amount for said in booked[undone[line.id]])
        return Said("", about, amount, line.id, None, money, share, rule.id, rate)

    def _true_ups(
        self,
        person: int,
        month: Month,
        booked: dict[int, list[Said]],
        touched: set[int | None],
        undone: dict[int | None, int],
    ) -> list[Said]:
        """What was paid for closed months and would be otherwise now, at the rule and rate of then."""
        found = []
        for line, said in sorted(booked.items()):
            first = said[0]
            if self.money[line].reverses is not None or line in undone or line in touched:
                continue
            if first.about == month:
                continue
            rule = self.rule(first.rule)
            now = self.pays(first.money, first.share, first.rate, self.bonus(person, first.about, rule), rule)
            paid = sum(each.amount for each in said)
            if now != paid:
                found.append(replace(first, kind="true-up", amount=now - paid))
        return found

    def _cut(self, person: int, lines: list[Said]) -> list[Said]:
        """Of each month that these lines speak of, what all statements together pay beyond its bound."""
        found, all_kept = [], [e for (who, _), due in self.kept.items() if who == person for e in due.lines]
        for about in sorted({said.about for said in lines}):
            bound = self.rule_on(person, last_day(about)).cap
            told = [said for said in (*all_kept, *lines) if said.about == about]
            earned = sum(said.amount for said in told if said.line is not None)
            cut = sum(said.amount for said in told if said.kind == "cap")
            right = -max(0, earned - bound) if bound else 0
            if right != cut:
                found.append(Said("cap", about, right - cut))
        return found

    def _extras(self, person: int, month: Month, corrects: bool) -> list[Said]:
        paid = {said.extra for due in self.kept.values() for said in due.lines}
        found = []
        for extra in self.extras:
            if extra.person != person or extra.id in paid or extra.waives:
                continue
            late = extra.month in self.closes or self._passed_over(extra.month, extra.approved)
            if (corrects and late) or (extra.month == month and not late):
                found.append(Said("adjustment", extra.month, extra.amount, extra=extra.id))
        return found

    def _owed(self, person: int) -> int:
        """What earlier statements moved on and none has taken since."""
        return sum(
            said.amount
            for (who, _), due in self.kept.items()
            for said in due.lines
            if who == person and said.kind == "carry"
        )

    def _waivers(self, person: int, month: Month) -> list[Extra]:
        """What was forgiven and no statement says so yet."""
        said = {each.extra for due in self.kept.values() for each in due.lines}
        mine = [extra for extra in self.extras if extra.waives and extra.person == person]
        return [extra for extra in mine if extra.month <= month and extra.id not in said]

    def _carry(
        self, lines: list[Said], owed: int, rule: Rule, month: Month, waivers: list[Extra]
    ) -> list[Said]:
        """Never below zero, at most a part of the month's wage, nothing under the least wage; what is forgiven
        is not taken back, and not paid either.
        """
        beside = {said.line for said in lines if said.line is not None and said.amount >= 0}

        def takes_back(said: Said) -> bool:
            origin = self.money[said.line].reverses if said.line is not None else None
            if said.kind == "cap":  # it bounds what is earned; what it sets free lessens what goes back
                return said.amount > 0
            return said.amount < 0 and (origin is None or origin not in beside)

        back = owed - sum(said.amount for said in lines if takes_back(said))
        earned = sum(said.amount for said in lines if not takes_back(said))
        wage = rule.wage + max(0, earned)
        most = max(0, min(earned, int(wage * rule.recovery), wage - rule.least_wage))
        found = []
        for extra in waivers:
            forgiven = extra.amount if back > extra.amount else max(back, 0)
            back -= forgiven
            found.append(Said("adjustment", extra.month, forgiven, extra=extra.id))
        if owed:
            found.append(Said("carry", month, -owed))
        if back > most:
            found.append(Said("carry", month, back - most))
        return found
