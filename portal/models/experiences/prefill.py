"""What the portal knows of a closed deal, as the beginning of its debrief; no personal data."""

from __future__ import annotations

from typing import Any

from portal import clock, i18n
from portal.models.customers.contacts import names_at
from portal.models.customers.customers import Customer
from portal.models.customers.interactions import KINDS, Interaction
from portal.models.sales.deals import Deal
from portal.models.sales.words import Stage
from portal.text.personal_data import scrub

MOST_INTERACTIONS = 12


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
    names = names_at(customer) if customer is not None else []
    if deal.note.strip():
        facts.append(scrub(deal.note.strip(), names).replace("\n", " "))
    text = "\n".join(f"- {fact}" for fact in facts)
    steps = "\n".join(_step(each, names) for each in _interactions(deal))
    return "\n\n".join(part for part in (text, steps) if part)


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
