"""What the commission tests tell their stories with: money received, experiences accepted, months closed."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Any

from portal import clock
from portal.clock import Month
from portal.i18n import minor
from portal.models.commission import closing
from portal.models.commission.calculation import Reckoning
from portal.models.commission.periods import Period
from portal.models.commission.policies import Policy
from portal.models.commission.reckoning import reckon_one
from portal.models.commission.terms import WHOLE
from portal.models.customers.customers import Customer
from portal.models.experiences.experiences import Credit, Experience
from portal.models.experiences.reviews import Acceptance, Revocation
from portal.models.people.people import Person
from portal.models.products.products import Product
from portal.models.sales.deals import Deal, DealShare
from portal.models.sales.lines import DealLine

APRIL, MAY, JUNE, JULY = (Month(2026, number) for number in (4, 5, 6, 7))


def noon(day: date) -> datetime:
    """Noon in Shanghai."""
    return clock.start_of(day) + timedelta(hours=12)


def approved(fin: Person, fiona: Person, **terms: Any) -> Policy:
    """A policy from January 2016 on, with the default terms but for those named; approved the day before."""
    facts = {"name": "2026", "effective_from": Month(2016, 1), **terms}
    with clock.moved(noon(facts["effective_from"].previous.last_day)):
        policy = Policy.draft(by=fin, **facts)
        policy.propose(by=fin)
        policy.approve(by=fiona)
    return policy


def product() -> Product:
    return Product.get_or_none(Product.code == "A-1") or Product.create(code="A-1", name="翠湖花园")


def customer() -> Customer:
    return Customer.get_or_none(Customer.name == "刘先生") or Customer.create(name="刘先生")


def deal_of(owner: Person, amount: str, **facts: Any) -> Deal:
    """A won deal."""
    values = {"customer": customer(), "product": product(), "closed_on": date(2026, 5, 1)} | facts
    return Deal.create(
        title=f"Deal of {owner.name}", owner=owner, stage="won", amount=minor(amount), **values
    )


def paid(
    owner: Person, amount: str, on: date, *, shares: dict[Person, int] | None = None, **facts: Any
) -> DealLine:
    """Money received for a deal of its own, and confirmed."""
    deal = deal_of(owner, amount, **facts)
    for person, share in (shares or {}).items():
        DealShare.create(deal=deal, person=person, share=share)
    return DealLine.create(
        deal=deal, trigger="payment", on=on, amount=minor(amount), confirmed_at=clock.now()
    )


def signed(owner: Person, amount: str, on: date, *, trigger: str = "contract", **facts: Any) -> DealLine:
    """A contract, or what else a policy may pay on, of a deal of its own: finance confirmed it."""
    deal, at = deal_of(owner, amount, **facts), clock.now()
    return DealLine.create(deal=deal, trigger=trigger, on=on, amount=minor(amount), confirmed_at=at)


def undone(line: DealLine, on: date) -> DealLine:
    """The money given back."""
    return DealLine.create(deal=line.deal_id, trigger=line.trigger, on=on, amount=-line.amount, reverses=line)


def lesson(
    author: Person,
    submitted: datetime,
    accepted: datetime | None = None,
    *,
    shares: dict[Person, int] | None = None,
    counts: int = 1,
) -> Experience:
    """An experience, accepted when a moment is given."""
    made = Experience.create(
        author=author,
        kind_of="debrief",
        state="accepted" if accepted else "submitted",
        title=f"Lesson of {author.name}",
        first_submitted_at=submitted,
        submitted_at=submitted,
        decided_at=accepted,
    )
    for person, share in (shares or {author: WHOLE}).items():
        Credit.create(experience=made, person=person, share=share)
    if accepted:
        accept(made, accepted, counts=counts)
    return made


def accept(experience: Experience, at: datetime, *, counts: int = 1) -> Acceptance:
    return Acceptance.create(experience=experience, at=at, score=8000, counts=counts)


def revoke(experience: Experience, reason: str, by: Person, at: datetime) -> None:
    acceptance = Acceptance.get(Acceptance.experience == experience)
    Revocation.create(acceptance=acceptance, reason=reason, by=by, at=at)


def close(month: Month, by: Person) -> Period:
    """Close a month on the fifth of the next."""
    with clock.moved(noon(month.next.first_day + timedelta(days=4))):
        closing.close(month, by=by.id)
    return Period.of(month)


def reckoned(person: Person, month: Month) -> Reckoning:
    return reckon_one(person.fresh(), month)


def words(html: str) -> str:
    """What a page says, without its frame."""
    main = html[html.index("<main") : html.index("</main>")]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())
