"""Leave that is noted after a month was closed: it counts there once a second person says so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from peewee import fn

from portal.clock import Month
from portal.i18n import Phrase, month_in_each, names
from portal.models.base.database import db
from portal.models.base.record import Event, Invalid, Record
from portal.models.base.undoing import hinders
from portal.models.commission.periods import Period
from portal.models.people.absences import Absence, follows_its_days
from portal.models.people.approvals import Approval
from portal.models.people.hands import FROM_ONE_HAND, are_one_hand
from portal.models.people.needs import SECOND
from portal.models.people.notices import Notice
from portal.models.people.people import Person, Role

LATE_LEAVE = "late leave"


def counts_for(month: Month) -> Any:
    """The condition that an absence counts for a month: noted by somebody else, while it was open or with
    the word of a second person, as every other correction of what is closed (RULES 4.1).
    """
    noted = Absence.by != Absence.person
    period = Period.known().get(month)
    if period is None or period.closed_at is None:
        return noted
    return noted & ((Absence.created_at <= period.closed_at) | _is_agreed())


def _is_agreed() -> Any:
    """The condition that a second person let an absence count."""
    asked = (Approval.subject_kind == Absence.kind()) & (Approval.subject == Absence.id)
    asked &= (Approval.purpose == LATE_LEAVE) & (Approval.asked_at >= Absence.created_at)
    return fn.EXISTS(Approval.select(1).where(asked & (Approval.state == "approved")))


def decidable_by(absence: Absence, person: Person) -> bool:
    """A second person: neither who noted it nor whose leave it is."""
    able = person.does(Role.ADJUSTER) or person.is_administrator
    return person.is_active and able and person.id not in (absence.by_id, absence.person_id)


def decide(absence: Absence, *, by: Person, approve: bool) -> None:
    """Let it count for the closed months, or not; the first answer stands. Raises Invalid."""
    if not decidable_by(absence, by):
        raise Invalid(Phrase("Someone else has to decide this: not who noted it, not whose leave it is."))
    theirs = {one for one in (absence.by_id, absence.person_id) if one is not None}
    if approve and are_one_hand(theirs, by.id, duty=Role.ADJUSTER):
        raise Invalid(FROM_ONE_HAND)
    with db.atomic():
        if Approval.settle(absence, LATE_LEAVE, by=by, approve=approve):
            days = {"first_day": [None, str(absence.first_day)], "last_day": [None, str(absence.last_day)]}
            absence.person.track(
                "late leave counts" if approve else "late leave refused", by=by, changes=days
            )
            said = (
                Phrase("The leave of %(name)s counts for the closed month.", name=names(absence.person))
                if approve
                else Phrase(
                    "The leave of %(name)s does not count for the closed month.", name=names(absence.person)
                )
            )
            if absence.by_id is not None:
                Notice.tell(absence.by_id, said, about=absence.person)


def _closed_months(absence: Absence) -> Sequence[Month]:
    """The closed months of its days."""
    first, last = Month.of(absence.first_day), Month.of(absence.last_day)
    return sorted(month for month in Period.settled() if first <= month <= last)


@follows_its_days
def ask_a_second_person(absence: Absence, by: Person, noted: bool) -> None:
    """Days that lie in a closed month, noted by somebody else, wait for a second person."""
    if not noted:
        Approval.withdraw(absence, LATE_LEAVE)
        return
    closed = _closed_months(absence)
    if not closed or by.id == absence.person_id:
        return
    text = Phrase(
        "Leave of %(name)s from %(first)s to %(last)s was noted after %(month)s was closed: "
        "does it count there?",
        name=names(absence.person),
        first=absence.first_day.isoformat(),
        last=absence.last_day.isoformat(),
        month=month_in_each(closed[-1]),
    )
    Approval.ask(absence, LATE_LEAVE, text, by=by, who=SECOND, but=[absence.person_id])


@hinders(Person, "absence noted")
def rests_on_it(person: Record, event: Event) -> Phrase | None:
    """What a closed month paid is not changed by one hand."""
    absence = Absence.get_or_none(Absence.id == event.changes["absence"][1])
    if absence is None:
        return None
    if Absence.select().where((Absence.id == absence.id) & _is_agreed()).exists():
        return Phrase("A second person let these days count: what that pays rests on them.")
    known = Period.settled()
    for month in _closed_months(absence):
        closed_at = known[month].closed_at
        if closed_at is not None and absence.created_at <= closed_at:
            return Phrase(
                "%(month)s is closed: what it paid rests on these days.", month=month_in_each(month)
            )
    return None
