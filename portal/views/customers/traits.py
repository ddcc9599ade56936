"""What customers are like: noted, dismissed, taken back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from peewee import ModelSelect
from starlette.responses import Response

from portal.forms.customers.traits import TraitForm
from portal.i18n import Phrase
from portal.models.base.listing import number_of
from portal.models.base.record import Invalid
from portal.models.customers.customers import Customer
from portal.models.customers.interactions import Interaction
from portal.models.customers.trait_kinds import TraitKind
from portal.models.customers.traits import (
    DEBRIEF,
    Trait,
    TraitReading,
    TraitSource,
    debriefs_among,
    noted_by,
    read,
    suggested,
)
from portal.models.experiences.experiences import Experience
from portal.models.experiences.parts import compose
from portal.models.people.people import Person
from portal.models.sales.deals import Deal
from portal.views.base.tabs import Facts
from portal.web import Request, find, form_page, go, local_path, permit, view

RECENT = 20
"""So many of the latest conversations are offered as sources."""


def suggestions(
    customer: Customer, talks: Iterable[Interaction], reading: TraitReading, person: Person
) -> dict[int, list[TraitKind]]:
    """What conversations let suspect, where this person may decide on it."""
    mine = [(talk, talk.text) for talk in talks if not talk.is_archived and noted_by(customer, person, talk)]
    return suggested(mine, *reading)


@view
def create(request: Request, id: int) -> Response:
    customer = find(Customer.visible_to(request.user), id)
    permit(customer.addable_by(request.user))
    talks, debriefs = _sources(customer, request.user)
    form = TraitForm(request.form, data={"holds": "y"}).offering(customer, request.user, [*talks, *debriefs])
    if form.accepts(Trait.note, customer, by=request.user):
        return go(request, customer.url, note=Phrase("Noted."))
    return form_page(request, "customers/traits/new.html", form, **_found(customer, debriefs, request.user))


def _sources(customer: Customer, person: Person) -> tuple[list[Interaction], list[Experience]]:
    """The latest conversations, and a person's own accepted debriefs of deals with this customer."""
    talks = Interaction.select().where((Interaction.customer == customer) & Interaction.archived_at.is_null())
    deals = Deal.select(Deal.id).where(Deal.customer == customer)
    debriefs = Experience.select().where(Experience.deal.in_(deals) & (Experience.author == person))
    latest = list(debriefs.order_by(Experience.id.desc()).limit(RECENT))
    stand = debriefs_among([each.id for each in latest])
    talked = list(talks.order_by(Interaction.at.desc()).limit(RECENT))
    return talked, [each for each in latest if each.id in stand]


def _found(customer: Customer, debriefs: list[Experience], person: Person) -> Facts:
    """What is known already, and what a person's own debriefs let suspect."""
    texts = [(each, f"{each.title}\n{compose(each)}") for each in debriefs]
    reading = read(customer, to=person)
    found = suggested(texts, *reading) if texts else {}
    return {"customer": customer, "reading": reading, "debriefs": debriefs, "suggestions": found}


@view
def decide(request: Request, id: int) -> Response:
    customer = find(Customer.visible_to(request.user), id)
    source: Any = find(_decidable(request, customer), number_of(str(request.form.get("source", ""))))
    permit(noted_by(customer, request.user, source))
    kind = find(TraitKind.visible_to(request.user), number_of(str(request.form.get("kind", ""))))
    permit(kind in read(customer, to=request.user).kinds, otherwise=404)
    keep = request.form.get("answer") != "dismiss"
    _decide(request, customer, kind, source, keep=keep)
    return go(request, local_path(str(request.form.get("next", "")), customer.url))


def _decidable(request: Request, customer: Customer) -> ModelSelect[Any]:
    if request.form.get("of") == DEBRIEF:
        deals = Deal.select(Deal.id).where(Deal.customer == customer)
        return Experience.select().where(Experience.deal.in_(deals) & (Experience.author == request.user))
    return Interaction.select().where(Interaction.customer == customer)


def _decide(request: Request, customer: Customer, kind: TraitKind, source: Any, *, keep: bool) -> None:
    try:
        if keep:
            Trait.note(customer, kind, by=request.user, source=source)
        else:
            Trait.dismiss(customer, kind, by=request.user, source=source)
    except Invalid as invalid:
        request.note(next(iter(invalid.errors.values())), "warning")
    else:
        request.note(Phrase("Noted.") if keep else Phrase("Dismissed: it is not suggested here again."))


@view
def withdraw(request: Request, id: int) -> Response:
    source = find(TraitSource.visible_to(request.user), id)
    permit(source.withdrawable_by(request.user))
    source.withdraw(by=request.user)
    return go(request, source.url, note=Phrase("Withdrawn."))
