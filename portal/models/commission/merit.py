"""What a person's month of writing adds to their commission, before the month is reckoned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from peewee import fn

from portal import clock
from portal.clock import Month
from portal.models.commission.policies import Rulebook
from portal.models.experiences.experiences import Credit, Experience
from portal.models.experiences.reviews import AT_FAULT, Acceptance, Revocation
from portal.models.people.people import Person


@dataclass(frozen=True)
class Merit:
    """How many experiences of a month count so far, and what the next tier of the policy asks and gives.

    `counted` and `waiting` are in millionths of an experience; `bonus` in millionths of the rate.
    """

    month: Month
    counted: int
    waiting: int
    threshold: int
    bonus: int
    reached: bool

    @classmethod
    def of(cls, person: Person, month: Month | None = None) -> Self | None:
        """The merit of one month (the current one); None where no policy pays for experiences."""
        month = month or Month.of(clock.now())
        terms = Rulebook.read().terms(person.department_id, month)
        if terms is None or not terms.tiers:
            return None
        counted = _counted(person, month)
        reached = terms.reached(counted)
        above = [tier for tier in sorted(terms.tiers, key=lambda t: t.threshold) if reached != tier]
        tier = reached or above[0]
        return cls(month, counted, _waiting(person, month), tier.threshold, tier.bonus, reached is not None)


def _counted(person: Person, month: Month) -> int:
    """Credit for what was submitted in the month and accepted, revoked for no fault (RULES 4.1)."""
    revoked = Revocation.select(Revocation.acceptance).where(Revocation.reason.in_(AT_FAULT))
    return (
        _credit(person, month)
        .join(Acceptance, on=(Acceptance.experience == Experience.id))
        .where((Acceptance.counts == 1) & Acceptance.id.not_in(revoked))
        .scalar()
        or 0
    )


def _waiting(person: Person, month: Month) -> int:
    return _credit(person, month).where(Experience.state.in_(("submitted", "revision"))).scalar() or 0


def _credit(person: Person, month: Month) -> Any:
    return (
        Credit.select(fn.SUM(Credit.share))
        .join(Experience, on=(Credit.experience == Experience.id))
        .where(
            (Credit.person == person)
            & (Experience.first_submitted_at >= month.start)
            & (Experience.first_submitted_at < month.end)
        )
    )
