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
    today = clock.today()
    starts = {policy.effective_from.first_day for policy in book.policies.values()}
    days = [today, *sorted(day for day in starts if day > today)]
    held = {found.id: found for day in days if (found := book.policy(person.department_id, day))}
    return [policy for policy in held.values() if not policy.was_read]
