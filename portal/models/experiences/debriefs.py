"""What the portal knows of a closed deal, as the beginning of its debrief; no personal data."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from peewee import JOIN, fn

from portal import clock, i18n
from portal.i18n import Phrase
from portal.models.customers.contacts import Contact
from portal.models.customers.customers import Customer
from portal.models.customers.interactions import KINDS, Interaction
from portal.models.experiences.experiences import Experience
from portal.models.people.notices import Notice
from portal.models.people.people import Person
from portal.models.products.products import Product
from portal.models.sales.deals import Deal, DealShare, Stage
from portal.text.personal_data import scrub

MOST_INTERACTIONS = 12
RECENT_DAYS = 90
REMIND_DAYS = 7
REMIND_UNTIL_DAYS = 14
"""A debrief is asked for a week after the deal is closed (S10); deals closed long ago are left in peace."""


def undebriefed(person: Person, *, size: int = 20) -> list[Deal]:
    """The deals a person worked on, closed in the last 90 days, whose debrief they have not begun."""
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


def _debrief_of(deal: Any) -> Any:
    written = Experience.kind_of == "debrief"
    return Experience.select(1).where(
        (Experience.deal == deal.id) & written & (Experience.state != "rejected")
    )


def ask_for_debriefs() -> int:
    """Remind the owners of deals closed a week ago that nobody has written a debrief; once for each deal."""
    last = clock.today() - timedelta(days=REMIND_DAYS)
    first = clock.today() - timedelta(days=REMIND_UNTIL_DAYS)
    unwritten = (
        Deal.select()
        .where(
            Deal.closed_on.between(first, last) & Deal.archived_at.is_null() & ~fn.EXISTS(_debrief_of(Deal))
        )
        .order_by(Deal.id)
    )
    return sum(
        Notice.tell(
            deal.owner_id,
            Phrase("The debrief is not written yet: %(title)s", title=deal.title),
            url=f"/experiences/new?deal={deal.id}",
            about=deal,
            key=f"debrief-{deal.id}",
        )
        for deal in unwritten
    )


def prefilled(deal: Deal) -> dict[str, Any]:
    """The fields of a debrief that the deal answers: product, customer type, situation, outcome.

    Text is in the language in use. Names, numbers and addresses of the customer are left out.
    """
    customer = Customer.get_or_none(Customer.id == deal.customer_id)
    return {
        "product": deal.product_id,
        "customer_type": customer.type_id if customer else None,
        "situation": _situation(deal, customer),
        "outcome": _outcome(deal),
        "created_at": clock.now(),
        "updated_at": clock.now(),
    }


def _situation(deal: Deal, customer: Customer | None) -> str:
    facts = []
    if customer is not None and customer.type is not None:
        facts.append(i18n.gettext("Customer type: %(type)s", type=i18n.label(customer.type)))
    if customer is not None and customer.source:
        facts.append(i18n.gettext("Came through: %(source)s", source=customer.source))
    if deal.product is not None:
        facts.append(i18n.gettext("Product: %(product)s", product=i18n.label(deal.product)))
    if deal.engaged_on:
        facts.append(i18n.gettext("First contact: %(day)s", day=i18n.day(deal.engaged_on)))
    names = _names(customer)
    if deal.note.strip():
        facts.append(scrub(deal.note.strip(), names).replace("\n", " "))
    text = "\n".join(f"- {fact}" for fact in facts)
    steps = "\n".join(_step(each, names) for each in _interactions(deal))
    return "\n\n".join(part for part in (text, steps) if part)


def _names(customer: Customer | None) -> list[str]:
    if customer is None:
        return []
    contacts = Contact.select(Contact.name).where(Contact.customer == customer.id)
    return [name for name in (customer.name, customer.name_en, *(c.name for c in contacts)) if name]


def _interactions(deal: Deal) -> list[Interaction]:
    latest = (
        Interaction.select()
        .where(Interaction.deal == deal.id)
        .order_by(Interaction.at.desc(), Interaction.id.desc())
        .limit(MOST_INTERACTIONS)
    )
    return list(latest)[::-1]


def _step(interaction: Interaction, names: list[str]) -> str:
    text = scrub(interaction.text.strip(), names).replace("\n", " ")
    kind = i18n.gettext(KINDS[interaction.kind_of])
    return f"- {i18n.day(interaction.at)} {kind}{i18n.gettext(': ')}{text}"


def _outcome(deal: Deal) -> str:
    """Won or lost, when, for how much or why."""
    day = i18n.day(deal.closed_on)
    if deal.stage == Stage.WON:
        if deal.amount is None:
            return i18n.gettext("Won on %(day)s.", day=day)
        return i18n.gettext("Won on %(day)s for %(amount)s.", day=day, amount=i18n.money(deal.amount))
    text = i18n.gettext("Lost on %(day)s.", day=day)
    if deal.lost_reason:
        text += " " + i18n.gettext("Reason: %(reason)s", reason=deal.lost_reason)
    if deal.competitor:
        text += "\n\n" + i18n.gettext("Chose instead: %(competitor)s", competitor=deal.competitor)
    return text
