"""Debriefs that are not written: which deals wait for one, and asking for it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from peewee import JOIN, fn

from portal import clock
from portal.i18n import Phrase
from portal.models.company.settings import Setting
from portal.models.customers.traits import AboutDeal, tells_debriefs
from portal.models.experiences.experiences import Experience, may_debrief
from portal.models.experiences.reviews import AT_FAULT, Acceptance, Revocation
from portal.models.people.notices import Notice
from portal.models.people.people import Person
from portal.models.products.products import Product
from portal.models.sales.deals import Deal, DealShare
from portal.models.work.clocks import Clock, step

RECENT_DAYS = 90


def undebriefed(person: Person, *, size: int = 20) -> list[Deal]:
    """The deals a person worked on, closed in the last 90 days, in whose debrief they wrote nothing yet."""
    shared = DealShare.select(DealShare.deal).where(DealShare.person == person)
    since = clock.today() - timedelta(days=RECENT_DAYS)
    return list(
        Deal.select(Deal, Product)
        .join(Product, JOIN.LEFT_OUTER)
        .where(
            ((Deal.owner == person) | Deal.id.in_(shared))
            & (Deal.closed_on >= since)
            & Deal.archived_at.is_null()
            & ~fn.EXISTS(_debrief_of(Deal).where(Experience.author == person))
        )
        .order_by(Deal.closed_on.desc(), Deal.id.desc())
        .limit(size)
    )


def debriefs_of(deal: Deal, *, to: Person) -> list[Experience] | None:
    """What was begun about a deal, for those who worked on it and who leads its owner; None for others.

    Nobody else is told whether there is anything: a reviewer would find the author by it (RULES 4.2).
    """
    if not (to.leads(deal.owner_id) or may_debrief(deal, to)):
        return None
    told = (Experience.deal == deal) & (Experience.state != "withdrawn") & Experience.is_new()
    told &= ~Experience.untouched()
    return list(Experience.select().where(told))


@tells_debriefs
def accepted(ids: Collection[int]) -> dict[int, AboutDeal]:
    """Those of some debriefs that were accepted and not revoked for a fault, with what they are about."""
    at_fault: Any = (
        Acceptance.select(Acceptance.experience).join(Revocation).where(Revocation.reason.in_(AT_FAULT))
    )
    rows: Any = (
        Experience.select(Experience.id, Deal.id, Deal.customer)
        .join(Deal)
        .where(Experience.id.in_(list(ids)) & Experience.state.in_(["accepted", "merged"]))
        .where(Experience.id.not_in(at_fault))
        .tuples()
    )
    return {ident: AboutDeal(deal, customer) for ident, deal, customer in rows}


def _debrief_of(deal: Any) -> Any:
    written = Experience.kind_of == "debrief"
    return Experience.select(1).where(
        (Experience.deal == deal.id) & written & (Experience.state != "rejected") & ~Experience.untouched()
    )


@step("debrief", "remind")
def ask_for_debrief(waiting: Clock) -> None:
    """Remind a deal's owner, once, of the debrief that nobody has begun.

    What was closed long ago is left in peace, also when the worker stood still until now.
    """
    lately = Deal.closed_on >= clock.today() - timedelta(days=Setting.read("debrief.until_days"))
    unwritten = lately & Deal.archived_at.is_null() & ~fn.EXISTS(_debrief_of(Deal))
    if deal := Deal.get_or_none((Deal.id == waiting.subject) & unwritten):
        Notice.tell(
            deal.owner_id,
            Phrase("The debrief is not written yet: %(title)s", title=deal.title),
            about=deal,
            url=f"/experiences/new?deal={deal.id}",
            key=f"debrief-{deal.id}",
            waits=f"{deal} debrief",
        )


@step("debrief", "forget")
def leave_in_peace(waiting: Clock) -> None:
    """After a while (two weeks) it is not asked for any more; its deal still offers it."""
    Clock.stop((Deal.kind(), waiting.subject), "debrief")
