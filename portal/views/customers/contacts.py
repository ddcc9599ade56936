"""The people at a customer."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from portal.forms.customers.customers import ContactForm
from portal.i18n import Phrase
from portal.models.customers.contacts import Contact
from portal.models.customers.customers import Customer
from portal.models.customers.masks import shown
from portal.views.base.archiving import archiving
from portal.web import Request, find, form_page, go, permit, render, view


@view
def create(request: Request, id: int) -> Response:
    customer = find(Customer.visible_to(request.user), id)
    permit(customer.editable_by(request.user))
    form = ContactForm(request.form).offering(request.user, customer)
    if form.accepts(Contact.add, customer, by=request.user):
        return go(request, f"{customer.url}?tab=contacts", note=Phrase("Saved."))
    return form_page(request, "customers/contacts/edit.html", form, customer=customer, contact=None)


@view
def edit(request: Request, id: int) -> Response:
    contact = find(Contact.visible_to(request.user), id)
    permit(contact.editable_by(request.user))
    form = ContactForm(request.form, obj=contact).offering(request.user, contact.customer, contact)
    if form.accepts(contact.edit, by=request.user):
        return go(request, f"/customers/{contact.customer_id}?tab=contacts", note=Phrase("Saved."))
    return form_page(
        request, "customers/contacts/edit.html", form, customer=contact.customer, contact=contact
    )


archive, restore = archiving(Contact, to=lambda contact: f"/customers/{contact.customer_id}?tab=contacts")


@view
def reveal(request: Request, id: int) -> Response:
    contact = find(Contact.visible_to(request.user), id)
    permit(contact.revealable_to(request.user))
    contact.reveal(by=request.user)
    context: dict[str, Any] = {"contact": contact, "revealed": True, "shown": shown}
    if request.wants_fragment:
        return render(request, "customers/contacts/_private.html", **context)
    return render(request, "customers/contacts/private.html", **context)
