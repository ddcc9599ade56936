"""What the commission asks of people: the queue's entries for finance and for second pairs of eyes."""

from __future__ import annotations

from portal import clock
from portal.clock import Month
from portal.i18n import Phrase
from portal.models.commission.adjustments import Adjustment
from portal.models.commission.disputes import OPEN_STATES, Dispute
from portal.models.commission.periods import Period
from portal.models.commission.policies import Policy
from portal.models.commission.rulebook import Rulebook
from portal.models.people.needs import SOURCES, Need
from portal.models.people.people import Person


def commission_waiting(person: Person) -> list[Need]:
    """Approvals, disputes and months that wait for this person."""
    if not (person.is_finance or person.is_administrator):
        return []
    found = [
        Need(
            "approval",
            Phrase("The policy %(name)s waits for a second pair of eyes.", name=policy.name),
            policy.url,
            since=policy.proposed_at,
        )
        for policy in Policy.select().where(Policy.state == "proposed")
        if policy.approvable_by(person)
    ]
    found += [
        Need(
            "adjustment",
            Phrase("An adjustment waits for a second person: %(reason)s", reason=one.reason),
            "/commission/adjustments",
            since=one.created_at,
        )
        for one in Adjustment.undecided()
        if one.decidable_by(person)
    ]
    if person.is_finance:
        found += _disputes(person) + _month(person)
    return found


def _disputes(person: Person) -> list[Need]:
    waiting = Dispute.visible_to(person).where(Dispute.state.in_(OPEN_STATES)).order_by(Dispute.due_at)
    return [
        Need(
            "dispute",
            Phrase("A dispute about %(month)s waits for an answer.", month=str(one.statement.month)),
            one.url,
            due_at=one.due_at,
            since=one.created_at,
        )
        for one in waiting
        if one.resolvable_by(person)
    ]


def _month(person: Person) -> list[Need]:
    """Last month, until it is closed and paid."""
    month = Month.of(clock.today()).previous
    period = Period.of(month)
    if period.state in ("open", "preview"):
        if not (period.id or Policy.select().where(Policy.state == "approved").exists()):
            return []
        text = Phrase("Close the month %(month)s.", month=str(month))
        return [Need("period", text, period.url, due_at=Rulebook.read().close_due(month), since=month.end)]
    if period.state == "closed" and period.payable_by(person):
        text = Phrase("Export and pay the month %(month)s.", month=str(month))
        return [Need("period", text, period.url, since=period.closed_at)]
    return []


SOURCES.append(commission_waiting)
