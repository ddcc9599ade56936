"""What the portal knows of a closed deal, as the beginning of its debrief.

No personal data, no amount and no day: by these its reviewers would find the deal, and with it the author.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from portal import clock, i18n
from portal.models.customers.contacts import names_at
from portal.models.customers.customers import Customer
from portal.models.customers.interactions import KINDS, Interaction
from portal.models.sales.deals import Deal
from portal.models.sales.words import Stage
from portal.text.personal_data import scrub

MOST_INTERACTIONS = 12


def amounts_of(deal: Deal) -> list[str]:
    """The ways in which the deal's amount is written."""
    if not deal.amount:
        return []
    amount = i18n.major(deal.amount)
    whole, parts = int(amount), [f"{amount:,.2f}", f"{amount:.2f}"]
    if amount == whole:
        parts += [f"{whole:,}", str(whole)]
    if whole >= 10_000 and whole % 100 == 0:
        tens = f"{whole / 10_000:f}".rstrip("0").rstrip(".")
        parts += [f"{tens}万", f"{tens} 万"]
    return [part for part in parts if len(part) > 2]


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
    names = [*(names_at(customer) if customer is not None else []), deal.title, *amounts_of(deal)]
    if deal.note.strip():
        facts.append(scrub(deal.note.strip(), names).replace("\n", " "))
    text = "\n".join(f"- {fact}" for fact in facts)
    contacts = _interactions(deal)
    first = deal.engaged_on or (clock.local(contacts[0].at).date() if contacts else None)
    steps = "\n".join(_step(each, names, first) for each in contacts)
    return "\n\n".join(part for part in (text, steps) if part)


def _interactions(deal: Deal) -> list[Interaction]:
    latest = (
        Interaction.select()
        .where((Interaction.deal == deal.id) & Interaction.archived_at.is_null())
        .order_by(Interaction.at.desc(), Interaction.id.desc())
        .limit(MOST_INTERACTIONS)
    )
    return list(latest)[::-1]


def _step(interaction: Interaction, names: list[str], first: date | None) -> str:
    text = scrub(interaction.text.strip(), names).replace("\n", " ")
    kind = i18n.gettext(KINDS[interaction.kind_of])
    n = _days(first, clock.local(interaction.at).date()) + 1
    return f"- {i18n.gettext('Day %(n)s', n=n)} {kind}{i18n.gettext(': ')}{text}"


def _days(first: date | None, last: date | None) -> int:
    return max(0, (last - first).days) if first and last else 0


def _outcome(deal: Deal) -> str:
    """Won or lost, how soon, and why."""
    n = _days(deal.engaged_on, deal.closed_on)
    if deal.stage == Stage.WON:
        return i18n.gettext("Won after %(n)s days.", n=n) if n else i18n.gettext("Won.")
    text = i18n.gettext("Lost after %(n)s days.", n=n) if n else i18n.gettext("Lost.")
    if deal.lost_reason:
        text += " " + i18n.gettext("Reason: %(reason)s", reason=deal.lost_reason)
    if deal.competitor:
        text += "\n\n" + i18n.gettext("Chose instead: %(competitor)s", competitor=deal.competitor)
    return text
