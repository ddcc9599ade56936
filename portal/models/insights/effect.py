"""Do more leads become deals? By month and product, beside what was learned meanwhile (RULES 4.9)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any, NamedTuple

from peewee import JOIN, SQL, ModelSelect, Value, fn

from portal import clock
from portal.clock import Month
from portal.models.base.database import among
from portal.models.base.fields import days_between
from portal.models.base.record import Event
from portal.models.company.customer_types import CustomerType
from portal.models.company.topics import Topic
from portal.models.customers.customers import Customer
from portal.models.experiences.reviews import Acceptance, Revocation
from portal.models.insights.leads import Cohort, Cohorts, CycleTime, Mixed, told_by_rest
from portal.models.insights.proportions import needed, p_value
from portal.models.knowledge.articles import Article
from portal.models.knowledge.questions import BestAnswer, Question
from portal.models.people.people import Person
from portal.models.search.lookups import Gap, Lookup

TOP = 5
"""So many doubts without a best answer stand beside the numbers."""
SHOWN = 6
"""So many months, this one among them."""
CERTAIN = 0.05


class Conclusion(StrEnum):
    """What two months say of each other."""

    RISE = "rise"
    FALL = "fall"
    UNCERTAIN = "uncertain"
    EARLY = "early"
    """The later month is lower and its leads still have time; or those of the first month have."""
    SAME = "same"


@dataclass(frozen=True)
class Verdict:
    """Whether the rate changed from the first month to the latest."""

    before: Cohort
    after: Cohort

    @property
    def p(self) -> float:
        """How likely such a difference is by chance alone."""
        return p_value(self.before.won, self.before.n, self.after.won, self.after.n)

    @property
    def finding(self) -> Conclusion:
        """A later month that is higher already can only rise; one that is lower may still catch up, and so
        may the first: nothing is a change before that.
        """
        if self.after.rate == self.before.rate:
            return Conclusion.SAME
        if self.after.rate < self.before.rate and self.after.is_maturing:
            return Conclusion.EARLY
        if self.p >= CERTAIN:
            return Conclusion.UNCERTAIN
        if self.before.is_maturing:
            return Conclusion.EARLY
        return Conclusion.RISE if self.after.rate > self.before.rate else Conclusion.FALL

    @property
    def needed(self) -> int:
        """How many leads on each side would settle a difference like this, in tens."""
        exact = needed(self.before.won / self.before.n, self.after.won / self.after.n)
        return -(-exact // 10) * 10


@dataclass(frozen=True)
class Covered:
    """Of the doubts written down in a month, how many have a best answer (S12)."""

    n: int = 0
    answered: int = 0

    @property
    def rate(self) -> float | None:
        """Per 100; None where nobody wrote a doubt down."""
        return 100 * self.answered / self.n if self.n else None


class Uncovered(NamedTuple):
    """A doubt without a best answer, and how often it was looked for in vain."""

    question: Question
    times: int


@dataclass(frozen=True)
class TypeEffect:
    """The leads of one customer type by month, and in which months nothing is told of them."""

    cohorts: dict[Month, Cohort]
    hidden: set[Month]
    compared: Sequence[Month]

    def tells(self, month: Month) -> bool:
        """Whether a rate is shown: of enough leads, and of more than one or two people."""
        return month not in self.hidden and not self.cohorts[month].is_small

    @property
    def verdict(self) -> Verdict | None:
        """The first against the latest of the months compared; None while there are no two of this type."""
        told = [self.cohorts[month] for month in self.compared if self.tells(month)]
        return Verdict(told[0], told[-1]) if len(told) > 1 else None

    @cached_property
    def together(self) -> Cohort:
        """The leads of all months of which something is told: what a month hides is not in it either."""
        told = [cohort for month, cohort in self.cohorts.items() if month not in self.hidden and cohort.n]
        last = max((cohort.month for cohort in told), default=max(self.cohorts))
        return Cohort(last, leads=[lead for cohort in told for lead in cohort.leads])


class Effect:
    """What a person may see of it, in all products or in one."""

    def __init__(self, person: Person, product: int | None = None) -> None:
        self.person, self.product = person, product
        self.types: dict[int, CustomerType] = {}
        last = Month.of(clock.today())
        self._cohorts = Cohorts([last.plus(-n) for n in range(SHOWN)])

    @cached_property
    def months(self) -> list[Month]:
        """From the first month with a lead on."""
        begun = [
            cohort.month for months in self.by_product.values() for cohort in months.values() if cohort.n
        ]
        months = self._cohorts.months
        return [month for month in months if month >= min(begun, default=months[-1])]

    @property
    def by_product(self) -> dict[int | None, dict[Month, Cohort]]:
        return self._cohorts.by_product

    @cached_property
    def left_out(self) -> set[tuple[int | None, Month]]:
        """The cohorts that the sum of all products leaves out, since it would tell how one or two others did.

        What is left out of one of the months compared is left out of all of them: else they would differ by
        what they hold.
        """
        return self._left_out(told_by_rest(self.by_product, self.person, self.compared))

    def _left_out(self, always: Collection[int | None] = ()) -> set[tuple[int | None, Month]]:
        """By what each month would tell by itself, and these products always; nothing where one is chosen."""
        if self.product is not None:
            return set()
        return {
            (product, month)
            for month in self._cohorts.months
            for product in told_by_rest(self.by_product, self.person, [month], always)
        }

    @cached_property
    def compared(self) -> list[Month]:
        """The months whose rate could be told by itself.

        This month counts once as many leads were contacted as in the last: which months are compared does not
        hang on what came of them.
        """
        alone = self._sums(self._left_out())
        found = [alone[month] for month in self.months]
        if len(found) > 1 and found[-1].n < found[-2].n:
            found.pop()
        return [cohort.month for cohort in found if self.tells(cohort)]

    def _sums(self, without: Collection[tuple[int | None, Month]]) -> dict[Month, Cohort]:
        if self.product is not None:
            return self.by_product.get(self.product) or {
                month: Cohort(month, self.product) for month in self.months
            }
        return self._cohorts.all_products(without)

    @cached_property
    def total(self) -> dict[Month, Cohort]:
        """The product's cohorts, or those of all products, by month."""
        return self._sums(self.left_out)

    @property
    def whole(self) -> dict[Month, Cohort]:
        """With nothing left out: for those alone who read everyone's pay."""
        return self._sums(())

    @cached_property
    def told(self) -> list[Cohort]:
        """The months that are compared, oldest first."""
        return [self.total[month] for month in self.compared if self.tells(self.total[month])]

    def hides(self, cohort: Cohort) -> bool:
        """Whether it is not for this person to see, nor how many leads it has."""
        emptied = not cohort.n and any(
            self.by_product[product][month].n for product, month in self.left_out if month == cohort.month
        )
        return cohort.names(self.person) or emptied

    def tells(self, cohort: Cohort) -> bool:
        """Whether its rate is shown: large enough, and of more than one or two people."""
        return not cohort.is_small and not cohort.names(self.person)

    @cached_property
    def cycle_times(self) -> dict[Month, CycleTime]:
        """How long it took from the first contact to the won deal, of the months of which that is told."""
        told = [self.total[month] for month in self.months if self.tells(self.total[month])]
        times = {cohort.month: cohort.cycle_time(self.person) for cohort in told}
        return {month: time for month, time in times.items() if time is not None}

    @cached_property
    def by_type(self) -> dict[int | None, TypeEffect]:
        """The sums of all products by customer type, the largest first, what has none last; empty where a
        product is chosen: type and product together would tell of few people what each alone does not.
        """
        if self.product is not None:
            return {}
        mixed = {
            month: Mixed(self.total[month].leads, self._types, self._closed(month)) for month in self.months
        }
        found: dict[int | None, dict[Month, Cohort]] = {}
        for month in self.months:
            for lead in mixed[month].leads:
                kind = mixed[month].type_of(lead)
                by = found.setdefault(kind, {each: Cohort(each) for each in self.months})
                by[month].leads.append(lead)
        hidden = {month: mixed[month].hidden_from(self.person) for month in self.months}
        size = {kind: sum(cohort.n for cohort in by.values()) for kind, by in found.items()}
        order = sorted(found, key=lambda kind: (kind is None, -size[kind], kind or 0))
        return {
            kind: TypeEffect(found[kind], {m for m in self.months if kind in hidden[m]}, self.compared)
            for kind in order
        }

    def _closed(self, month: Month) -> set[int | None]:
        """The products of which a month tells nothing by themselves."""
        return {product for product, by in self.by_product.items() if by[month].names(self.person)}

    @cached_property
    def _types(self) -> dict[int, int]:
        """The type of each customer among the leads that has one; what these are called is in `types`."""
        leads = (lead for month in self.months for lead in self.total[month].leads)
        customers = {lead.first.customer for lead in leads if lead.first.customer is not None}
        named = Customer.select(Customer.id, CustomerType.id, CustomerType.name, CustomerType.name_en)
        rows: Any = named.join(CustomerType).where(Customer.id.in_(among(customers))).tuples()
        found = list(rows) if customers else []
        self.types = {ident: CustomerType(id=ident, name=name, name_en=en) for _, ident, name, en in found}
        return {customer: ident for customer, ident, _, _ in found}

    @property
    def verdict(self) -> Verdict | None:
        """None while there are no two months to compare."""
        return Verdict(self.told[0], self.told[-1]) if len(self.told) > 1 else None

    @cached_property
    def accepted(self) -> dict[Month, int]:
        """How many experiences were accepted and still stand, by month."""
        return counted(Acceptance.at, accepted(self.months, self.product), self.months)

    @property
    def sees_gaps(self) -> bool:
        """Whether they see what colleagues looked for in vain."""
        return Gap.open_to(self.person)

    @cached_property
    def uncovered(self) -> list[Uncovered]:
        """The doubts of all these months that wait most for a best answer: what was looked for most often in
        vain, for whoever sees that, before what waits longest; not what was put away (S12).
        """
        vain = (Gap.question == Question.id) & ~Lookup.opened
        times: Any = (
            Lookup.select(fn.COUNT(Lookup.id)).join(Gap, on=(Gap.folded == Lookup.folded)).where(vain)
        )
        times = times if self.sees_gaps else Value(0)
        asked = doubts(self.months, self.product).select(Question.id)
        rows: Any = (
            Question.visible_to(self.person)
            .select(Question, Topic, times.alias("times"))
            .join(Topic, JOIN.LEFT_OUTER)
            .where(Question.id.in_(asked) & Question.archived_at.is_null() & ~is_covered())
            .order_by(SQL("times").desc(), Question.created_at, Question.id)
            .limit(TOP)
        )
        return [Uncovered(one, int(one.times)) for one in rows]

    @cached_property
    def coverage(self) -> dict[Month, Covered]:
        """Of the doubts of each month, how many have a best answer by now."""
        asked = doubts(self.months, self.product)
        every, best = counted_twice(Question.created_at, asked, self.months, is_covered())
        return {month: Covered(every[month], best[month]) for month in self.months}


def counted(at: Any, rows: ModelSelect[Any], months: Sequence[Month]) -> dict[Month, int]:
    """How many of the rows fall in each month: one count each, of one query."""
    (found,) = rows.select(*_counts(at, months)).tuples()
    return dict(zip(months, found, strict=True))


def counted_twice(
    at: Any, rows: ModelSelect[Any], months: Sequence[Month], which: Any
) -> tuple[dict[Month, int], dict[Month, int]]:
    """The same, and how many of them fulfil a condition: of one query too."""
    (found,) = rows.select(*_counts(at, months), *_counts(at, months, which)).tuples()
    every, some = found[: len(months)], found[len(months) :]
    return dict(zip(months, every, strict=True)), dict(zip(months, some, strict=True))


def _counts(at: Any, months: Sequence[Month], which: Any = True) -> list[Any]:
    within = [(at >= month.start) & (at < month.end) for month in months]
    held = [each if which is True else each & which for each in within]
    name = "m" if which is True else "n"
    return [fn.COUNT(1).filter(each).alias(f"{name}{place}") for place, each in enumerate(held)]


def accepted(months: Sequence[Month], product: int | None = None) -> ModelSelect[Acceptance]:
    """What was accepted in these months and became knowledge; not what was taken back."""
    taken_back = Revocation.select(Revocation.acceptance)
    within = (Acceptance.at >= months[0].start) & (Acceptance.at < months[-1].end)
    found = (
        Acceptance.select()
        .join(Article, JOIN.INNER, on=Acceptance.article)
        .where(within & Acceptance.id.not_in(taken_back))
    )
    return found if product is None else found.where(Article.product == product)


def doubts(months: Sequence[Month], product: int | None = None) -> ModelSelect[Question]:
    """The customers' doubts that were written down in these months. One that was put away was a doubt all the
    same, or whoever puts away what nobody answers would raise the coverage; it was none where whoever asked
    took it back within a day.
    """
    within = (Question.created_at >= months[0].start) & (Question.created_at < months[-1].end)
    by_asker = Event.select(1).where(
        (Event.subject_kind == Question.kind())
        & (Event.subject == Question.id)
        & (Event.verb == "archived")
        & (Event.actor == Question.asker)
    )
    at_once = days_between(Question.created_at, Question.archived_at) < 1
    found = Question.select().where(
        within & (Question.archived_at.is_null() | ~at_once | ~fn.EXISTS(by_asker))
    )
    return found if product is None else found.where(Question.product == product)


def is_covered() -> Any:
    """The condition that a doubt has a best answer."""
    return Question.id.in_(BestAnswer.select(BestAnswer.question))
