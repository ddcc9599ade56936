"""The people at a customer."""

from __future__ import annotations

from typing import Any

from peewee import ModelSelect
from starlette.responses import Response

from portal import i18n
from portal.forms.customers.customers import ContactForm
from portal.i18n import Phrase
from portal.models.base.record import along
from portal.models.customers.contacts import Contact
from portal.models.customers.customers import Customer
from portal.models.customers.masks import shown
from portal.models.people.people import Person
from portal.views.base.archiving import archiving
from portal.views.base.lists import ListPage, chosen_ids
from portal.views.base.selection import nothing_chosen, selection
from portal.web import Request, find, form_page, go, local_path, permit, render, view

YES, NO = Phrase("Yes"), Phrase("No")


class ContactList(ListPage[Contact]):
    """The people at customers, of whom some are chosen on the page of their customer."""

    noun, template, picks, does = Contact, "customers/contacts/_list.html", True, ("archive",)
    title = Phrase("Contacts")
    sorts = {"name": Contact.name}
    exports = {
        Phrase("Full name"): lambda contact, me: contact.name,
        Phrase("Title"): lambda contact, me: contact.title,
        Phrase("Customer"): lambda contact, me: i18n.label(contact.customer),
        Phrase("Phone"): lambda contact, me: shown(contact, "phone", to=me),
        Phrase("E-mail"): lambda contact, me: shown(contact, "email", to=me),
        Phrase("Decides"): lambda contact, me: i18n.gettext(YES if contact.decides else NO),
        Phrase("Reports to"): lambda contact, me: contact.reports_to.name if contact.reports_to else "",
    }

    @classmethod
    def exportable_by(cls, person: Person) -> bool:
        """As their customers."""
        return not person.is_auditor

    def everything(self) -> ModelSelect[Contact]:
        return Contact.visible_to(self.person).where(Contact.archived_at.is_null())

    def taken(self, query: ModelSelect[Contact]) -> ModelSelect[Contact]:
        return along(query, Contact.customer, Contact.reports_to, whole=True)


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


(select,) = selection(ContactList)


@view(confirmed=True, reading=True)
def export(request: Request) -> Response:
    """Those that were chosen: there is no file of everyone's people."""
    if chosen_ids(request) or not ContactList.exportable_by(request.user):
        return ContactList(request, path="/contacts").sheet()
    return nothing_chosen(request, local_path(str(request.form.get("next", "")), "/customers"))
