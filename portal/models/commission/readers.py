"""Whom a version of a policy covers: they are told of it when it is approved, and say that they read it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from portal import clock
from portal.i18n import Phrase, month_in_each
from portal.models.base import bulk
from portal.models.base.database import db
from portal.models.commission.policies import Policy, PolicyAcknowledgement
from portal.models.commission.rulebook import Rulebook
from portal.models.people.notices import Notice
from portal.models.people.people import Person, auditors
from portal.models.work.clocks import Clock, Waits

READING = "reading"
"""What waits for who has not read the rule that they are paid by: one for each person at a time."""


def approve(policy: Policy, *, by: Person, compared: bool = True) -> None:
    """Make it the rule from its month on, and tell everyone whom it covers; twice is harmless. Raises
    Invalid.
    """
    if policy.state == "approved":
        return
    with db.atomic():
        policy.approve(by=by, compared=compared)
        text = Phrase(
            "From %(month)s on a new rule of pay holds for you: %(name)s. Please read it.",
            month=month_in_each(policy.effective_from),
            name=policy.name,
        )
        rows = [
            {
                "person": person,
                "text": text.msgid,
                "values": text.values,
                "url": policy.url,
                "key": f"policy {policy.id} {person}",
            }
            for person in covered(policy)
            if person not in (by.id, policy.drafted_by_id)
        ]
        bulk.insert(Notice, rows, ignore=True)
        await_reading()


def acknowledge(policy: Policy, *, by: Person) -> None:
    """Somebody has read it, and is asked for the next that they have not; twice is harmless."""
    with db.atomic():
        policy.acknowledge(by=by)
        unread_yet = [] if by.is_auditor else to_read(by, Rulebook.read(reader=by))
        waiting = Clock.of(by, READING)
        if waiting is not None and waiting.about not in [one.id for one in unread_yet[:1]]:
            Clock.stop(by, READING)
        for first in unread_yet[:1]:
            Clock.start(by, READING, **_asks(first, by.id))


def await_reading() -> None:
    """Ask everyone whom a version covers to read it, until they have: also who joins or changes their group
    after it was approved. Of several it is the one that holds first; who left, or whom it covers no more, is
    not asked any longer.
    """
    book, active = Rulebook.read(), Person.deactivated_at.is_null() & Person.id.not_in(auditors())
    people: Any = Person.select(Person.id, Person.department).where(active).order_by(Person.id).tuples()
    rows: Any = PolicyAcknowledgement.select(PolicyAcknowledgement.person, PolicyAcknowledgement.policy)
    read, held = set(rows.tuples()), dict[int | None, list[Policy]]()
    wanted: dict[int, Policy] = {}
    for ident, department in people:
        if department not in held:
            held[department] = _held(department, book)
        first = next((one for one in held[department] if (ident, one.id) not in read), None)
        if first is not None:
            wanted[ident] = first
    waiting: Any = Clock.select(Clock.subject, Clock.about).where(
        (Clock.what == READING) & Clock.stopped_at.is_null()
    )
    pairs = list(waiting.tuples())
    asked = {who for who, policy in pairs if who in wanted and wanted[who].id == policy}
    over = [who for who, _ in pairs if who not in asked]
    Clock.stop_many(Person.kind(), READING, over)
    new = [(who, policy) for who, policy in wanted.items() if who not in asked]
    Clock.start_many(READING, [((Person.kind(), who), _asks(policy, who)) for who, policy in new])


def _asks(policy: Policy, person: int) -> Waits:
    text = Phrase(
        "Read the rule of pay that holds for you from %(month)s on: %(name)s.",
        month=month_in_each(policy.effective_from),
        name=policy.name,
    )
    begins = policy.effective_from.start
    due = begins if begins > clock.now() else None
    return {
        "about": policy,
        "who": f"{Person.kind()}-{person}",
        "text": text,
        "url": policy.url,
        "due_at": due,
    }


def covered(policy: Policy) -> list[int]:
    """The ids of those who work here and whom an approved version covers from its first day on; auditors, who
    are paid for nothing, are not asked.
    """
    book, day = Rulebook.read(), policy.effective_from.first_day
    active = Person.deactivated_at.is_null() & Person.id.not_in(auditors())
    people: Any = Person.select(Person.id, Person.department).where(active).order_by(Person.id).tuples()
    groups: dict[int | None, bool] = {}
    found = []
    for ident, department in people:
        if department not in groups:
            held = book.policy(department, day)
            groups[department] = held is not None and held.id == policy.id
        if groups[department]:
            found.append(ident)
    return found


def readers_of(policy: Policy) -> set[int]:
    """The ids of those who said that they have read a version, whomever it covers."""
    read = PolicyAcknowledgement.select(PolicyAcknowledgement.person)
    return {row.person_id for row in read.where(PolicyAcknowledgement.policy == policy)}


def unread(policy: Policy, readers: Collection[int]) -> tuple[int, list[int]]:
    """How many a version covers, and the ids of those of them who are not among its readers."""
    everyone = covered(policy)
    return len(everyone), [person for person in everyone if person not in readers]


def to_read(person: Person, book: Rulebook) -> list[Policy]:
    """The versions that hold for someone today or from a later month on, and that they have not read yet;
    `book`: as they read it.
    """
    return [policy for policy in _held(person.department_id, book) if not policy.was_read]


def _held(department: int | None, book: Rulebook) -> list[Policy]:
    """The versions for a department, that of today first, then those that follow."""
    today = clock.today()
    starts = {policy.effective_from.first_day for policy in book.policies.values()}
    days = [today, *sorted(day for day in starts if day > today)]
    held = {found.id: found for day in days if (found := book.policy(department, day))}
    return list(held.values())
