"""What a person's month of writing adds to their commission, before the month is reckoned."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Self

from peewee import fn

from portal import clock
from portal.clock import Month
from portal.models.base.prepared import Prepared
from portal.models.commission.facts import Reading
from portal.models.commission.rulebook import Rulebook
from portal.models.commission.terms import Terms
from portal.models.company.settings import Setting
from portal.models.experiences.experiences import Credit, Experience
from portal.models.people.people import Person


@dataclass(frozen=True)
class Merit:
    """How many experiences of a month count so far, and what the next tier of the policy asks and gives: as
    the month's commission reads them, by the same function.

    `counted`, `waiting` and `unused` are in millionths of an experience; `bonus` in millionths, of the rate
    or of the commission as the policy reads it.
    """

    month: Month
    counted: int
    waiting: int
    needed: int
    bonus: int
    reached: bool
    bonus_mode: str = "percentage_points"
    count_by: str = "submitted_at"
    asked_at: datetime | None = None
    """When the revision of which it is told was asked for."""
    unused: int = 0
    """Accepted, and without the uses that the policy asks for."""

    @property
    def is_over(self) -> bool:
        """Whether nothing that is written now can count for it."""
        return self.month < Month.of(clock.today())

    @property
    def revision_days(self) -> int:
        """Within so many working days a revision keeps the month of its first submission."""
        return int(Setting.as_of("review.revision_days", self.asked_at))

    @classmethod
    def of(
        cls, person: Person, month: Month | None = None, *, asked_at: datetime | None = None
    ) -> Self | None:
        """The merit of one month (the current one); None where no policy pays for experiences. `asked_at`: of
        an experience that is to be revised, since when.
        """
        month = month or Month.of(clock.now())
        reading = Reading(month, [person], Rulebook.read(), {})
        terms = reading.terms_at_end(person.id)
        if not terms.tiers:
            return None
        facts = reading.facts_alone()
        reached = facts.tier
        tier = reached or terms.tiers[0]
        return cls(
            month,
            facts.counted,
            _waiting(person, month, terms),
            facts.needed_for(tier),
            tier.bonus,
            reached is not None,
            terms.bonus_mode,
            terms.count_by,
            asked_at,
            sum(one.share for one in facts.unused),
        )

    @staticmethod
    def needed_by(person: Person) -> int:
        """How many accepted experiences raise someone's commission this month; 0: none do."""
        month = Month.of(clock.now())
        reading = Reading(month, [person], Rulebook.read(), {})
        terms = reading.terms_at_end(person.id)
        return terms.needed(terms.tiers[0], *reading.parts(person.id, month, terms)) if terms.tiers else 0


def _waiting(person: Person, month: Month, terms: Terms) -> int:
    """Credit for what may still count for the month."""
    asked = _credit_waiting(terms.count_by)
    return asked.rows(person=person.id, start=month.start, end=month.end)[0][0] or 0


@cache
def _credit_waiting(count_by: str) -> Prepared[Any]:
    submitted, undecided = Experience.first_submitted_at, Experience.state.in_(("submitted", "revision"))
    undecided &= Experience.is_new()

    def write(person: Any, start: Any, end: Any) -> Any:
        query = _credit(person).where(undecided & (submitted < end))
        return query.where(submitted >= start) if count_by == "submitted_at" else query

    return Prepared(write)


def _credit(person: Any) -> Any:
    joined = Credit.select(fn.SUM(Credit.share)).join(Experience, on=(Credit.experience == Experience.id))
    return joined.where(Credit.person == person)
