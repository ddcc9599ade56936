"""Contacts with customers, written down in seconds."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.responses import Response

from portal import clock
from portal.forms.customers.customers import InteractionForm
from portal.i18n import Phrase
from portal.models.customers.customers import Customer
from portal.models.customers.interactions import Interaction
from portal.models.sales.deals import Deal
from portal.views.base.archiving import archiving
from portal.web import Request, find, form_page, go, local_path, named, permit, view


def quick_form(deal: Deal | None = None, *, deals: Sequence[Deal] = ()) -> InteractionForm:
    """A fresh form for a contact, with a key of its own: sent twice, it is written once.

    On a deal's page it is about that; on a customer's it may be about one of their open `deals`.
    """
    if deal is not None:
        return InteractionForm(None, data={"deal": deal}).quick([deal])
    going = [each for each in deals if each.is_open and not each.is_archived]
    return InteractionForm(None).quick(going, proposes=True)


@view
def create(request: Request) -> Response:
    permit(Customer.addable_by(request.user))
    customer = named(Customer.visible_to(request.user), request.query.get("customer", ""))
    form = InteractionForm(request.form, data={"customer": customer}).offering(request.user)
    if form.accept(Interaction.log, form.customer.data, by=request.user, **form.logged):
        return go(request, f"/customers/{form.result.customer_id}", note=Phrase("Written down."))
    return form_page(request, "customers/interactions/new.html", form, customer=None)


@view
def log(request: Request, id: int) -> Response:
    customer = find(Customer.visible_to(request.user), id)
    permit(customer.loggable_by(request.user))
    form = InteractionForm(request.form).offering(request.user, customer)
    if form.accept(Interaction.log, customer, by=request.user, **form.logged):
        return go(
            request,
            local_path(str(request.form.get("next", "")), customer.url),
            note=Phrase("Written down."),
        )
    return form_page(request, "customers/interactions/new.html", form, customer=customer)


@view
def edit(request: Request, id: int) -> Response:
    said = find(Interaction.visible_to(request.user), id)
    permit(said.editable_by(request.user))
    form = InteractionForm(request.form, obj=said, data={"on": clock.local(said.at).date()}).correcting(
        said, request.user
    )
    if form.accepts(said.correct, by=request.user):
        return go(request, said.url, note=Phrase("Saved."))
    return form_page(request, "customers/interactions/edit.html", form, said=said)


archive, restore = archiving(
    Interaction,
    to=lambda said: said.url,
    said=Phrase("Withdrawn. You can bring it back any time."),
)


@view
def follow_up(request: Request, id: int) -> Response:
    interaction = find(Interaction.visible_to(request.user), id)
    permit(interaction.followable_by(request.user))
    kept = request.form.get("kept") != "n"
    interaction.follow_up(by=request.user, kept=kept)
    request.note(Phrase("Kept. Well done.") if kept else Phrase("Noted: it was not kept."))
    return go(request, local_path(str(request.form.get("next", "")), interaction.url))
