"""What a course did: how many leads of its learners became deals before they finished, and since."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from portal import clock
from portal.clock import Month
from portal.models.company.settings import Setting
from portal.models.insights.effect import Verdict
from portal.models.insights.leads import Cohort, Cohorts, Lead
from portal.models.learning.courses import Course
from portal.models.learning.enrolments import Enrolment
from portal.models.people.people import Person

WINDOW = timedelta(days=90)
"""Leads of so long before and after somebody finished are compared."""
SHOWN = 6
"""So many months of finishing, this one among them."""


@dataclass
class TrainedLeads(Cohort):
    """The leads of those who finished in one month, before or since; `month` is the month of finishing."""

    last_day: date = date.min
    """The latest day on which one of them may have been contacted first."""

    @property
    def is_maturing(self) -> bool:
        """Whether some of its leads still have time to become deals, or more are to come."""
        return clock.today() <= self.last_day + timedelta(days=Setting.read("effect.won_days"))


@dataclass(frozen=True)
class BeforeAndAfter:
    """Those who finished in one month, or in all that are told: their leads before and since."""

    month: Month | None
    learners: int
    before: TrainedLeads
    after: TrainedLeads

    @property
    def tells(self) -> bool:
        """Whether both sides are large enough."""
        return not (self.before.is_small or self.after.is_small)

    @property
    def verdict(self) -> Verdict:
        return Verdict(self.before, self.after)


class TrainingEffect:
    """What a course did to the people whom a person leads. Who makes a course chooses who is in it, so that
    two courses would tell of the one who is in the second alone: making it shows nobody's rates.
    """

    def __init__(self, course: Course, person: Person) -> None:
        self.course, self.person = course, person
        last = Month.of(clock.today())
        self.months = [last.plus(-n) for n in reversed(range(SHOWN))]

    @staticmethod
    def readable_by(course: Course, person: Person) -> bool:
        """Whoever leads people."""
        return course.staffed_by(person) and bool(person.team)

    @cached_property
    def _finished(self) -> dict[int, date]:
        """The day on which each of the learners finished, by their id."""
        since = self.months[0].start
        led = Enrolment.person.in_(sorted(self.person.team) or [0])
        found = Enrolment.in_course(self.course, self.person).where(led & (Enrolment.finished_at >= since))
        return {one.person_id: clock.local(one.finished_at).date() for one in found if one.finished_at}

    @cached_property
    def _leads(self) -> list[Lead]:
        """All leads from a window before the first month on, each in the month of its first contact."""
        first = Month.of(self.months[0].first_day - WINDOW)
        months = [first]
        while months[-1] != self.months[-1]:
            months.append(months[-1].next)
        return [lead for cohort in Cohorts(months).all_products().values() for lead in cohort.leads]

    @cached_property
    def every(self) -> list[BeforeAndAfter]:
        """By month of finishing, the first first; months in which nobody finished are left out."""
        by_month: dict[Month, dict[int, date]] = {}
        for person, day in self._finished.items():
            by_month.setdefault(Month.of(day), {})[person] = day
        return [self._compared(month, by_month[month]) for month in self.months if month in by_month]

    def _compared(self, month: Month, finished: Mapping[int, date]) -> BeforeAndAfter:
        latest = max(finished.values())
        before = TrainedLeads(month, last_day=latest - timedelta(days=1))
        after = TrainedLeads(month, last_day=latest + WINDOW - timedelta(days=1))
        for lead in self._leads:
            day = finished.get(lead.first.owner)
            if day is not None and day - WINDOW <= lead.first.on < day + WINDOW:
                (before if lead.first.on < day else after).leads.append(lead)
        return BeforeAndAfter(month, len(finished), before, after)

    @cached_property
    def told(self) -> list[BeforeAndAfter]:
        """The cohorts of which a rate is shown."""
        return [each for each in self.every if each.tells]

    @cached_property
    def hidden(self) -> int:
        """How many cohorts are too small to be told."""
        return len(self.every) - len(self.told)

    @cached_property
    def total(self) -> BeforeAndAfter | None:
        """All together."""
        whole = _together(self.every)
        return whole if self.every and whole.tells else None


def _together(some: Iterable[BeforeAndAfter]) -> BeforeAndAfter:
    some = list(some)
    first = Month.of(clock.today())
    days = {
        name: max((getattr(each, name).last_day for each in some), default=date.min)
        for name in ("before", "after")
    }
    before, after = (
        TrainedLeads(
            first, leads=[lead for each in some for lead in getattr(each, name).leads], last_day=days[name]
        )
        for name in ("before", "after")
    )
    return BeforeAndAfter(None, sum(each.learners for each in some), before, after)
