"""What people earn in a month, from the records as they are now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from portal.clock import Month
from portal.models.commission.calculation import LineKind, MonthFacts, Reckoning, compute
from portal.models.commission.facts import Reading
from portal.models.commission.periods import Period
from portal.models.commission.rulebook import Rulebook
from portal.models.people.people import Person


def reckon(
    month: Month,
    *,
    people: Iterable[Person] | None = None,
    periods: Mapping[Month, Period] | None = None,
) -> list[Reckoning]:
    """Everyone's reckoning of a month as the records are now; of some people only when they are named.

    `periods` (`Period.known()`) spares reading them again.
    """
    periods = Period.known() if periods is None else periods
    found = map(compute, Reading(month, people, Rulebook.read(), periods).inputs())
    return [one for one in found if not one.is_empty]


def reckon_one(
    person: Person,
    month: Month,
    *,
    book: Rulebook | None = None,
    periods: Mapping[Month, Period] | None = None,
) -> Reckoning:
    """One person's reckoning of a month that is not closed, as the records are now.

    `book` and `periods` (`Period.known()`) spare reading them again.
    """
    book = book or Rulebook.read()
    periods = Period.known() if periods is None else periods
    reading = Reading(month, [person], book, periods)
    for inputs in reading.inputs():
        return compute(inputs)
    return Reckoning(person.id, reading.month_facts(person.id, month), ())


def nothing_kept(
    person: Person, month: Month, *, book: Rulebook, periods: Mapping[Month, Period]
) -> tuple[Reckoning, Month, int]:
    """A closed month in which someone has no statement: nothing, for ever.

    With the month in which what was recorded for it since will come, and how much that is in minor units
    (RULES 4.1: late money is shown where it is paid, once).
    """
    after = max(when for when, period in periods.items() if period.is_closed).next
    coming = reckon_one(person, after, book=book, periods=periods)
    kinds = LineKind.TRUE_UP, LineKind.CAP
    late = sum(line.amount for line in coming.lines if line.kind in kinds and line.about == month)
    reading = Reading(month, [person], book, periods)
    return Reckoning(person.id, MonthFacts(month, reading.terms_at_end(person.id)), ()), after, late
