"""Customers: the list, one customer with all that happened, and the changes."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any

from peewee import ModelSelect
from starlette.responses import Response

from portal import i18n
from portal.forms.customers.customers import CustomerForm, HandOverForm
from portal.i18n import Phrase, names
from portal.models.base.intake import portal_id
from portal.models.base.listing import number_of
from portal.models.company.customer_types import CustomerType
from portal.models.customers.access import Access
from portal.models.customers.contacts import Contact
from portal.models.customers.customers import Customer
from portal.models.customers.interactions import Interaction
from portal.models.customers.masks import shown
from portal.models.customers.rights import by_need, opens_all
from portal.models.customers.trait_kinds import TraitKind
from portal.models.customers.traits import Trait, read
from portal.models.customers.words import FORMS
from portal.models.knowledge.fitting import fitting_articles
from portal.models.knowledge.questions import Question
from portal.models.people.people import Person
from portal.models.sales import handover
from portal.models.sales.deals import Deal
from portal.views.base.archiving import archiving
from portal.views.base.filters import Filter, Links, Option, Part, Parts, owned_by
from portal.views.base.lists import Column, ListPage
from portal.views.base.selection import HandingOver, selection
from portal.views.base.tabs import Facts, Tab, Tabs
from portal.views.customers.interactions import quick_form
from portal.views.customers.requests import requests_of
from portal.views.customers.rights import closed
from portal.views.customers.timeline import SHOWS as TIMELINE
from portal.views.customers.timeline import timeline_of
from portal.views.customers.traits import suggestions
from portal.web import Request, find, form_page, go, permit, render, view

CURRENT = Customer.archived_at.is_null()
SHOWS = Parts(
    name="show",
    label=Phrase("Show"),
    look="tools",
    parts={
        "": Part(Phrase("All"), lambda me: CURRENT),
        **owned_by(Customer.owner, CURRENT),
        "unowned": Part(Phrase("No owner"), lambda me: CURRENT & Customer.owner.is_null()),
        "archived": Part(Phrase("Archived"), lambda me: Customer.archived_at.is_null(False)),
    },
)


class Traits(Filter):
    """Those with a confirmed trait, as far as whoever looks may know of it."""

    def options(self, person: Person, chosen: str) -> Iterable[Option]:
        return [Option(str(kind.id), kind) for kind in TraitKind.visible_to(person)]

    def where(self, chosen: str, person: Person) -> Any:
        return Trait.having(kind, to=person) if (kind := number_of(chosen)) else None


class CustomerList(ListPage[Customer]):
    """The customers."""

    noun, template, picks, asks = Customer, "customers/customers/index.html", True, ("owner",)
    search = Phrase("Name, pinyin, code, contact or phone")
    sorts = {"name": Customer.sort_name, "updated": Customer.updated_at}
    filters = (
        SHOWS,
        Links(
            name="type",
            label=Phrase("Customer type"),
            look="tools",
            field=Customer.type,
            offers=lambda me, chosen: CustomerType.visible_to(me).limit(12),
        ),
        Traits(name="trait", label=Phrase("Trait"), look="tools", filled=True),
    )
    columns = (
        Column(Phrase("Name"), "name"),
        Phrase("Customer type"),
        Phrase("City"),
        Phrase("Owner"),
        Column(Phrase("Last change"), "updated", "end"),
    )
    exports = {
        Phrase("Name"): lambda customer, me: customer.name,
        Phrase("Code"): lambda customer, me: customer.code,
        Phrase("Customer type"): lambda customer, me: i18n.label(customer.type),
        Phrase("Owner"): lambda customer, me: i18n.label(customer.owner),
        Phrase("City"): lambda customer, me: customer.city,
        Phrase("Sector"): lambda customer, me: customer.sector,
        Phrase("Source"): lambda customer, me: customer.source,
        Phrase("Phone"): lambda customer, me: shown(customer, "phone", to=me),
        Phrase("E-mail"): lambda customer, me: shown(customer, "email", to=me),
        Phrase("Address"): lambda customer, me: shown(customer, "address", to=me),
        Phrase("Name in English"): lambda customer, me: customer.name_en,
        Phrase("Portal ID"): lambda customer, me: portal_id(customer),
    }

    @classmethod
    def exportable_by(cls, person: Person) -> bool:
        """An auditor reads customers and follows who took them out; a file of them is not theirs to have."""
        return not person.is_auditor

    def everything(self) -> ModelSelect[Customer]:
        """Those that open; by name all, so that nobody takes in a customer whom another looks after."""
        return Customer.known_to(self.person) if self.state.q else Customer.visible_to(self.person)

    def read(self, query: ModelSelect[Customer]) -> ModelSelect[Customer]:
        return Customer.with_people(query)

    def taken(self, query: ModelSelect[Customer]) -> ModelSelect[Customer]:
        return super().taken(
            query.where(Customer.id.in_(Customer.visible_to(self.person).select(Customer.id)))
        )

    @cached_property
    def closed(self) -> frozenset[int]:
        """Which of the rows only exist for this person."""
        shown_ = {row.id for row in self.rows}
        if opens_all(self.person, Customer.kind()) or not self.state.q:
            return frozenset()
        opening = Customer.visible_to(self.person).where(Customer.id.in_(shown_))
        return frozenset(shown_ - {row.id for row in opening.select(Customer.id)})


@view
def index(request: Request) -> Response:
    return CustomerList(request).page()


@view(confirmed=True, reading=True)
def export(request: Request) -> Response:
    return CustomerList(request, path="/customers").sheet()


@view
def create(request: Request) -> Response:
    permit(Customer.addable_by(request.user))
    form = CustomerForm(request.form, data={"name": request.query.get("name", "")}).offering(request.user)
    if form.accepts(Customer.add, by=request.user):
        return go(
            request,
            form.result.url,
            note=Phrase("%(customer)s is in.", customer=names(form.result)),
        )
    known = Customer.of_name(form.name.data) if form.name.errors and form.name.data else None
    return form_page(request, "customers/customers/new.html", form, known=known)


def _timeline(request: Request, customer: Customer, beside: Facts) -> Facts:
    shown_ = timeline_of(request, customer, TIMELINE)
    talks = [item.said for item in shown_["timeline"].items if item.said is not None]
    found = suggestions(customer, talks, beside["reading"], request.user)
    return {"form": quick_form(deals=beside["deals"]), "suggestions": found, **shown_}


def _contacts(request: Request, customer: Customer, beside: Facts) -> Facts:
    found = list(Contact.of(customer))
    for contact in found:
        contact.customer = customer  # known already: asking who may see its phone costs no query
    return {"contacts": found}


def _knowledge(request: Request, customer: Customer, beside: Facts) -> Facts:
    products = beside["products"]
    asked = Question.visible_to(request.user).where(Question.product.in_(products))
    newest = asked.where(Question.archived_at.is_null()).order_by(Question.id.desc())
    return {"questions": list(newest.limit(10)) if products else []}


TABS = Tabs(
    timeline=Tab(Phrase("Timeline"), "customers/customers/_timeline.html", _timeline),
    deals=Tab(Phrase("Deals"), "sales/deals/_list.html"),
    contacts=Tab(Phrase("Contacts"), "customers/contacts/_list.html", _contacts),
    knowledge=Tab(Phrase("Knowledge"), "customers/customers/_knowledge.html", _knowledge),
)


@view
def show(request: Request, id: int) -> Response:
    customer = find(Customer.with_parent(Customer.with_people(Customer.known_to(request.user))), id)
    if not customer.opens_for(request.user):
        return closed(request, customer)
    beside = _beside(request, customer)
    template = "customers/customers/show.html"
    return TABS.page(request, template, customer, beside, deals=len(beside["deals"]))


def _beside(request: Request, customer: Customer) -> Facts:
    """What stands beside each section: what is asked for, deals, what was promised, and what can help."""
    deals = list(
        Deal.with_names(Deal.visible_to(request.user).where(Deal.customer == customer))
        .order_by(Deal.updated_at.desc(), Deal.id.desc())
        .limit(50)
    )
    products = list(dict.fromkeys(deal.product_id for deal in deals if deal.product_id))
    articles = fitting_articles(products=products, types=[customer.type_id] if customer.type_id else ())
    return {
        **requests_of(customer),
        "accesses": Access.of(customer) if by_need() else [],
        "reading": read(customer, to=request.user),
        "deals": deals,
        "products": products,
        "promises": list(Interaction.promised(customer)),
        "articles": articles,
        "shown": shown,
        "form_words": FORMS,
    }


@view
def edit(request: Request, id: int) -> Response:
    customer = find(Customer.visible_to(request.user), id)
    permit(customer.editable_by(request.user))
    form = CustomerForm(request.form, obj=customer).offering(request.user, customer)
    if form.accepts(customer.edit, by=request.user):
        return go(request, customer.url, note=Phrase("Saved."))
    return form_page(request, "customers/customers/edit.html", form, customer=customer)


@view
def hand_over(request: Request, id: int) -> Response:
    customer = find(Customer.visible_to(request.user), id)
    permit(customer.editable_by(request.user))
    form = HandOverForm(request.form).offering(request.user)
    if form.accepts(handover.hand_over, customer, by=request.user):
        return go(
            request,
            customer.url,
            note=Phrase(
                "%(who)s looks after %(what)s now.", who=names(form.facts["to"]), what=names(customer)
            ),
        )
    return form_page(request, "customers/customers/hand_over.html", form, customer=customer)


archive, restore = archiving(Customer)
select, select_owner = selection(CustomerList, HandingOver(handover.hand_over))


@view
def reveal(request: Request, id: int) -> Response:
    customer = find(Customer.visible_to(request.user), id)
    permit(customer.revealable_to(request.user))
    customer.reveal(by=request.user)
    context: dict[str, Any] = {"customer": customer, "revealed": True, "shown": shown}
    if request.wants_fragment:
        return render(request, "customers/customers/_private.html", **context)
    return render(request, "customers/customers/private.html", **context)
