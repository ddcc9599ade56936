"""Who was contacted first in which month, and became a deal: cohorts of leads (RULES 4.9)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property, lru_cache
from itertools import combinations
from math import comb
from statistics import quantiles
from typing import Any, NamedTuple

from peewee import fn

from portal import clock
from portal.clock import Month
from portal.models.base.database import db
from portal.models.company.settings import Setting
from portal.models.customers.interactions import Interaction
from portal.models.insights.proportions import wilson
from portal.models.people.people import Person
from portal.models.sales.deals import Deal
from portal.models.sales.words import Stage

LEAST_WON = 5
"""Of fewer won deals no time is told."""


class Contacted(NamedTuple):
    """A deal and the day on which whoever it is about was contacted first."""

    deal: int
    customer: int | None
    product: int | None
    """The product's id: a residential product, a region, whatever is sold."""
    owner: int
    on: date
    won_on: date | None
    amount: int | None
    """In minor units."""


@dataclass(slots=True)
class Lead:
    """One customer, or one talk with somebody of whom no customer is made yet: counted once."""

    first: Contacted
    owners: frozenset[int]
    won_on: date | None = None
    amount: int | None = None
    """What the deal came to that it became, in minor units."""

    def is_won(self, days: int) -> bool:
        """Whether it became a deal within so many days of the first contact."""
        return self.won_on is not None and self.won_on <= self.first.on + timedelta(days=days)

    @property
    def days(self) -> int:
        """From the first contact to the won deal; won before it, as old records say, is at once."""
        return max(0, (self.won_on - self.first.on).days) if self.won_on is not None else 0


class CycleTime(NamedTuple):
    """The days from the first contact to the won deal: of half the deals no more than the median, and of the
    middle half from `low` to `high`.
    """

    median: float
    low: float
    high: float
    n: int

    @classmethod
    def of(cls, days: Collection[int]) -> CycleTime:
        """Of two deals or more."""
        low, middle, high = quantiles(days, n=4, method="inclusive")
        return cls(middle, low, high, len(days))


@dataclass
class Cohort:
    """The leads of one month in one product, or in all of them."""

    month: Month
    product: int | None = None
    leads: list[Lead] = field(default_factory=list)

    @property
    def n(self) -> int:
        return len(self.leads)

    @property
    def won(self) -> int:
        return len(self._won)

    @cached_property
    def amount(self) -> int:
        """What the deals came to together that they became in time, in minor units."""
        return sum(lead.amount or 0 for lead in self._won)

    @cached_property
    def _won(self) -> list[Lead]:
        days = Setting.read("effect.won_days")
        return [lead for lead in self.leads if lead.is_won(days)]

    def cycle_time(self, person: Person) -> CycleTime | None:
        """How long those took that became deals in time; None where they are fewer than `LEAST_WON`, or it
        would tell a person how few others did.
        """
        if self.won < LEAST_WON or are_few(_owners(self._won), person):
            return None
        return CycleTime.of([lead.days for lead in self._won])

    @cached_property
    def owners(self) -> frozenset[int]:
        return _owners(self.leads)

    @property
    def rate(self) -> float:
        """Deals per 100 leads."""
        return 100 * self.won / self.n

    @property
    def interval(self) -> tuple[float, float]:
        """Where the true rate lies with 95 %, per 100 leads."""
        low, high = wilson(self.won, self.n)
        return 100 * low, 100 * high

    @property
    def is_maturing(self) -> bool:
        """Whether some of its leads still have time to become deals."""
        last = self.month.last_day + timedelta(days=Setting.read("effect.won_days"))
        return clock.today() <= last

    @property
    def is_small(self) -> bool:
        """Whether it is too small for a rate to say anything."""
        return self.n < int(Setting.read("effect.least_leads"))

    def names(self, person: Person) -> bool:
        """Whether its rate would tell a person how few others did."""
        return are_few(self.owners, person)


class Cohorts:
    """The leads of some months, by month and product."""

    def __init__(self, months: Collection[Month]) -> None:
        self.months = sorted(months)
        self._since, self._until = self.months[0], self.months[-1].next
        self._together: dict[frozenset[tuple[int | None, Month]], dict[Month, Cohort]] = {}

    def all_products(self, without: Collection[tuple[int | None, Month]] = ()) -> dict[Month, Cohort]:
        """By month, over all products: who was asked in two counts once; `without` some of the cohorts."""
        less = frozenset(without)
        if less not in self._together:
            self._together[less] = self._all_products(less)
        return self._together[less]

    def _all_products(self, without: frozenset[tuple[int | None, Month]]) -> dict[Month, Cohort]:
        hidden = {(product, day) for product, month in without for day in _days(month)}
        rows = [row for row in self._contacted if not hidden or (row.product, row.on) not in hidden]
        return self._by_month(None, distinct(rows, known={whose for whose, _ in self._earlier}))

    def _by_month(self, product: int | None, leads: Iterable[Lead]) -> dict[Month, Cohort]:
        cohorts = {month: Cohort(month, product) for month in self.months}
        by_day = {day: cohort.leads for month, cohort in cohorts.items() for day in _days(month)}
        for lead in leads:
            by_day[lead.first.on].append(lead)
        return cohorts

    @cached_property
    def by_product(self) -> dict[int | None, dict[Month, Cohort]]:
        """By product and month, the largest product first; what belongs to none comes last."""
        rows: dict[int | None, list[Contacted]] = {}
        for row in self._contacted:
            rows.setdefault(row.product, []).append(row)
        found: dict[int | None, dict[Month, Cohort]] = {}
        for product in sorted(rows, key=lambda each: (each is None, -len(rows[each]), each or 0)):
            known = {whose for whose, where in self._earlier if where == product}
            found[product] = self._by_month(product, distinct(rows[product], known=known))
        return found

    @cached_property
    def _contacted(self) -> list[Contacted]:
        begun = (Deal.engaged_on >= self._since.first_day) & (Deal.engaged_on < self._until.first_day)
        read = db.execute(
            _facts(Deal.engaged_on).where(begun)
        ).fetchall()  # as it is stored: there may be many
        found = [_contacted(row) for row in read]
        talked = _facts(fn.MIN(Interaction.at)).join(Interaction, on=(Interaction.deal == Deal.id))
        talked = talked.where(Deal.engaged_on.is_null() & _IS_CONTACT).group_by(*_FACTS)
        first = fn.MIN(Interaction.at)
        rows: Any = talked.having((first >= self._since.start) & (first < self._until.start)).tuples()
        found += [_contacted(row) for row in rows]
        return sorted(found, key=lambda row: (row.on, row.deal))

    @cached_property
    def _earlier(self) -> set[tuple[int, int | None]]:
        """Which customers were contacted before, and where: they are no new leads."""
        customers = {row.customer for row in self._contacted if row.customer is not None}
        if not customers:
            return set()
        said = Interaction.select(Interaction.deal).where(
            Interaction.deal.is_null(False) & _IS_CONTACT & (Interaction.at < self._since.start)
        )
        before = (Deal.engaged_on < self._since.first_day) | (Deal.engaged_on.is_null() & Deal.id.in_(said))
        rows: Any = (
            Deal.select(Deal.customer, Deal.product)
            .where(Deal.customer.is_null(False) & before)
            .distinct()
            .tuples()
        )
        return {(customer, product) for customer, product in rows if customer in customers}


_FACTS = (Deal.id, Deal.customer, Deal.product, Deal.owner, Deal.stage, Deal.closed_on, Deal.amount)
_IS_CONTACT = (Interaction.kind_of != "note") & Interaction.archived_at.is_null()
"""What was written down about somebody without talking to them is no contact."""


def _facts(on: Any) -> Any:
    """Also what was put away: the rate does not rise by hiding who said no."""
    return Deal.select(*_FACTS, on)


def _contacted(row: tuple[Any, ...]) -> Contacted:
    deal, customer, product, owner, stage, closed_on, amount, on = row
    won_on = _day(closed_on) if stage == Stage.WON else None
    return Contacted(deal, customer, product, owner, _day(on), won_on, amount)


def _day(value: str | date | datetime) -> date:
    """A day as the database has it, or the company's day of a moment."""
    if isinstance(value, str):
        return _written(value)
    return clock.local(value).date() if isinstance(value, datetime) else value


@lru_cache(8192)
def _written(day: str) -> date:
    return date.fromisoformat(day)


@lru_cache(64)
def _days(month: Month) -> tuple[date, ...]:
    first = month.first_day
    return tuple(first + timedelta(days=n) for n in range((month.last_day - first).days + 1))


@lru_cache(8192)
def _alone(owner: int) -> frozenset[int]:
    return frozenset((owner,))


def _whose(row: Contacted) -> int:
    """The customer's id, or that of the deal, below 0."""
    return -row.deal if row.customer is None else row.customer


def distinct(rows: Iterable[Contacted], known: Collection[int] = ()) -> list[Lead]:
    """Whom these deals are about, each once, in the month of the first contact; not who was known before. The
    deals come in the order of their first contacts.
    """
    leads: dict[int, Lead] = {}
    for row in rows:
        if (whose := _whose(row)) in known:
            continue
        lead = leads.get(whose)
        if lead is None:
            lead = leads[whose] = Lead(row, _alone(row.owner))
        elif row.owner not in lead.owners:
            lead.owners |= _alone(row.owner)
        if row.won_on is not None and (lead.won_on is None or row.won_on < lead.won_on):
            lead.won_on, lead.amount = row.won_on, row.amount
    return list(leads.values())


def _owners(leads: Iterable[Lead]) -> frozenset[int]:
    return frozenset[int]().union(*{lead.owners for lead in leads})


def are_few(owners: Collection[int], person: Person) -> bool:
    """Whether what these people did together would tell a person how one or two others did.

    Their own and what those did whom they lead they know, and take it from the sum: it must be nobody else's,
    or of so many others.
    """
    return are_few_others({*owners} - {person.id, *person.team})


def are_few_others(others: Collection[int]) -> bool:
    """The same of whom a person neither is nor leads."""
    return 0 < len(others) < int(Setting.read("effect.least_people"))


Cell = tuple[int | None, int | None]
"""A customer type and a product, by their ids."""
TRIED = 2_000
"""So many groups of colleagues are looked at one by one; where there are more, all of them as one: that hides
more, never less."""


@dataclass
class Mixed:
    """The leads of one month's sum by the customer types and the products that they have."""

    leads: list[Lead]
    types: Mapping[int, int]
    """The type of each customer that has one, by the customer's id."""
    closed: Collection[int | None] = ()
    """The products of which the month tells nothing."""

    def type_of(self, lead: Lead) -> int | None:
        """The customer type, as it is today; None where it is not known, or there is no customer yet."""
        return self.types.get(lead.first.customer or 0)

    def hidden_from(self, person: Person) -> set[int | None]:
        """The customer types of which a person is told nothing.

        What is told of the other types, of products and of all together, added and subtracted in any way, is
        of nobody else then, or of so many others: of one type less another in the same product, too.
        """
        others, hidden = self._others(person), set[int | None]()
        sizes = Counter(map(self.type_of, self.leads))
        most = int(Setting.read("effect.least_people")) - 1
        while shown := sorted(sizes.keys() - hidden, key=lambda kind: (sizes[kind], kind or 0)):
            found = self._given_away(others, hidden, most)
            if found is None:
                break
            (kind, _), beside = found
            near = [each for each in shown if each in beside]
            hidden.add(kind if kind not in hidden else (near or shown)[0])
        return hidden

    def _others(self, person: Person) -> dict[Cell, frozenset[int]]:
        """Who contacted the leads of each type and product, but this person and whom they lead."""
        found, mine = dict[Cell, set[int]](), {person.id, *person.team}
        for lead in self.leads:
            cell = self.type_of(lead), lead.first.product
            found.setdefault(cell, set()).update(lead.owners - mine)
        return {cell: frozenset(who) for cell, who in found.items()}

    def _given_away(
        self, others: Mapping[Cell, frozenset[int]], hidden: Collection[int | None], most: int
    ) -> tuple[Cell, set[int | None]] | None:
        """A cell of a few people that sums tell, with the types that go with its product.

        A sum of types less a sum of products is of a few people where each cell of anybody else is in both or
        in neither: so it binds its type and its product together. A cell of the few whose type and product
        are not bound is told by whatever takes one of them and leaves the other. The hidden types are known
        as one, by what is left of all; a product of which nothing is told is in no sum.
        """
        ends = {
            (kind, product): (
                ("types",) if kind in hidden else ("type", kind),
                ("closed",) if product in self.closed else ("product", product),
            )
            for kind, product in others
        }
        always = _bound([ends[cell] for cell, who in others.items() if len(who) > most])
        loose = {
            cell: who
            for cell, who in others.items()
            if 0 < len(who) <= most and always(ends[cell][0]) != always(ends[cell][1])
        }
        people = sorted(set[int]().union(*loose.values()))
        size = min(most, len(people))
        few = [(*people,)] if comb(len(people), size) > TRIED else combinations(people, size)
        for group in few:
            root = _bound([ends[cell] for cell, who in others.items() if not who <= {*group}])
            for cell, who in loose.items():
                kind, product = map(root, ends[cell])
                if who <= {*group} and kind != product:
                    return cell, {each for each, _ in others if root(("type", each)) == product}
        return None


def _bound(pairs: Iterable[tuple[Any, Any]]) -> Callable[[Any], Any]:
    """What gives the same for two things that these pairs bind together, through others too."""
    above: dict[Any, Any] = {}

    def root(thing: Any) -> Any:
        while thing in above:
            thing = above[thing]
        return thing

    for one, other in pairs:
        first, second = root(one), root(other)
        if first != second:
            above[first] = second
    return root


def told_by_rest(
    cohorts: Mapping[int | None, Mapping[Month, Cohort]],
    person: Person,
    months: Collection[Month],
    without: Collection[int | None] = (),
) -> set[int | None]:
    """The products that the sums of these months leave out, each in all of them, `without` among them.

    What is told by product, taken from a sum, leaves what is hidden: that must not be of few people either.
    """
    out = set(without)
    while True:
        more = set[int | None]()
        for month in months:
            hidden = {p for p, by in cohorts.items() if p not in out and by[month].names(person)}
            if are_few([who for product in hidden for who in cohorts[product][month].owners], person):
                more |= hidden
        if not more:
            return out
        out |= more
