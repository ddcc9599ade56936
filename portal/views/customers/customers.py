"""Customers: the list, one customer with all that happened, and the changes."""

from __future__ import annotations

from typing import Any

from peewee import ModelSelect
from starlette.responses import Response

from portal import i18n
from portal.forms.customers.customers import CustomerForm, HandOverForm
from portal.i18n import Phrase
from portal.models.base.listing import counted, listing
from portal.models.company.customer_types import CustomerType
from portal.models.customers.contacts import Contact
from portal.models.customers.customers import Customer
from portal.models.customers.interactions import Interaction
from portal.models.customers.masks import shown
from portal.models.customers.words import FORMS
from portal.models.knowledge.fitting import fitting_articles, helpers
from portal.models.knowledge.questions import Question
from portal.models.people.people import Person
from portal.models.sales import handover
from portal.models.sales.deals import Deal
from portal.views.base.export import MOST, sheet
from portal.views.base.lists import ListState
from portal.views.customers.interactions import quick_form
from portal.views.customers.timeline import SHOWS, timeline
from portal.web import Request, find, form_page, go, permit, render, view

SORTS: dict[str, Any] = {"name": Customer.sort_name, "updated": Customer.updated_at}


@view
def index(request: Request) -> Response:
    state, query = _listed(request)
    types = list(CustomerType.visible_to(request.user).limit(12))
    found = listing(Customer.with_people(query), sorts=SORTS, sort=state.sort, after=state.after)
    return render(
        request,
        "customers/customers/index.html",
        found=found,
        state=state,
        types=types,
        chips=_chips(request, state, types),
    )


@view
def export(request: Request) -> Response:
    state, query = _listed(request)
    column = SORTS.get(state.sort.lstrip("-"), Customer.sort_name)
    found = Customer.with_people(query).order_by(column, Customer.id).limit(MOST)
    header = [Phrase(w) for w in ("Name", "Code", "Customer type", "Owner", "City", "Sector", "Source")]
    header += [Phrase("Phone"), Phrase("E-mail"), Phrase("Address")]
    rows = ([*_plain(c), *(shown(c, f, to=request.user) for f in Customer.restricted)] for c in found)
    return sheet(request, "customers", [i18n.gettext(words) for words in header], rows)


def _plain(customer: Customer) -> list[str]:
    labels = [
        i18n.label(customer),
        customer.code or "",
        i18n.label(customer.type),
        i18n.label(customer.owner),
    ]
    return [*labels, customer.city, customer.sector, customer.source]


def _listed(request: Request) -> tuple[ListState, ModelSelect[Customer]]:
    state = ListState(request, "show", "type", sort="name", path="/customers")
    query = _shown(request.user, state["show"])
    if (kind := state.number("type")) is not None:
        query = query.where(Customer.type == kind)
    return state, query.where(Customer.matching(state.q)) if state.q else query


def _shown(person: Person, show: str) -> ModelSelect[Customer]:
    every = Customer.visible_to(person)
    if show == "archived":
        return every.where(Customer.archived_at.is_null(False))
    query = every.where(Customer.archived_at.is_null())
    if show == "mine":
        return query.where(Customer.owner == person)
    if show == "team":
        return query.where(Customer.owner.in_(list(person.team) or [0]))
    return query.where(Customer.owner.is_null()) if show == "unowned" else query


def _chips(request: Request, state: ListState, types: list[CustomerType]) -> dict[str, Any]:
    words = {
        "": Phrase("All"),
        "mine": Phrase("Mine"),
        "team": Phrase("My team"),
        "unowned": Phrase("No owner"),
    }
    words |= {"archived": Phrase("Archived")}
    if not request.user.team:
        del words["team"]
    chosen = _shown(request.user, state["show"])
    queries = {name: _shown(request.user, name) for name in words}
    queries |= {f"type-{t.id}": chosen.where(Customer.type == t) for t in types}
    counts = counted(queries)
    shows = [(name, i18n.gettext(phrase), counts[name]) for name, phrase in words.items()]
    kinds = [(str(t.id), i18n.label(t), counts[f"type-{t.id}"]) for t in types]
    return {"show": state.chips("show", shows), "type": state.chips("type", kinds)}


@view
def create(request: Request) -> Response:
    permit(Customer.addable_by(request.user))
    form = CustomerForm(request.form, data={"name": request.query.get("name", "")}).offering(request.user)
    if form.accepts(Customer.add, by=request.user):
        return go(
            request,
            form.result.url,
            note=Phrase("%(customer)s is in.", customer=form.result.name),
        )
    return form_page(request, "customers/customers/new.html", form)


@view
def show(request: Request, id: int) -> Response:
    customer = find(Customer.with_parent(Customer.with_people(Customer.visible_to(request.user))), id)
    tab = request.query.get("tab", "timeline")
    return render(request, "customers/customers/show.html", **page(request, customer, tab), form=quick_form())


def page(request: Request, customer: Customer, tab: str) -> dict[str, Any]:
    """What a customer's page shows beside the form for a new contact."""
    tab = tab if tab in ("timeline", "deals", "contacts", "knowledge") else "timeline"
    state = ListState(request, "show", sort="", path=customer.url)
    deals = list(
        Deal.with_names(Deal.visible_to(request.user).where(Deal.customer == customer))
        .order_by(Deal.updated_at.desc(), Deal.id.desc())
        .limit(50)
    )
    products = list(dict.fromkeys(deal.product_id for deal in deals if deal.product_id))
    articles = fitting_articles(products=products, types=[customer.type_id] if customer.type_id else ())
    return {
        "customer": customer,
        "tab": tab,
        "timeline": timeline(customer, show=state["show"], after=state.after) if tab == "timeline" else None,
        "timeline_state": state,
        "timeline_shows": [(name, i18n.gettext(words), None) for name, words in SHOWS.items()],
        "deals": deals,
        "contacts": _contacts(customer) if tab == "contacts" else None,
        "promises": list(Interaction.promised(customer)),
        "articles": articles,
        "helpers": helpers(articles, but=request.user),
        "questions": _questions(request, products) if tab == "knowledge" else (),
        "shown": shown,
        "form_words": FORMS,
    }


def _contacts(customer: Customer) -> list[Contact]:
    found = list(Contact.of(customer))
    for contact in found:
        contact.customer = customer  # known already: asking who may see its phone costs no query
    return found


def _questions(request: Request, products: list[int]) -> list[Question]:
    about = Question.product.in_(products) & Question.archived_at.is_null()
    found = Question.visible_to(request.user).where(about).order_by(Question.id.desc())
    return list(found.limit(10)) if products else []


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
            note=Phrase("%(who)s looks after %(what)s now.", who=form.facts["to"].name, what=customer.name),
        )
    return form_page(request, "customers/customers/hand_over.html", form, customer=customer)


@view
def archive(request: Request, id: int) -> Response:
    customer = find(Customer.visible_to(request.user), id)
    permit(customer.editable_by(request.user))
    customer.archive(by=request.user)
    request.note(Phrase("Archived. You can bring it back any time."))
    return go(request, customer.url)


@view
def restore(request: Request, id: int) -> Response:
    customer = find(Customer.visible_to(request.user), id)
    permit(customer.editable_by(request.user))
    customer.restore(by=request.user)
    return go(request, customer.url)


@view
def reveal(request: Request, id: int) -> Response:
    customer = find(Customer.visible_to(request.user), id)
    permit(customer.revealable_to(request.user))
    customer.reveal(by=request.user)
    context: dict[str, Any] = {"customer": customer, "revealed": True, "shown": shown}
    if request.wants_fragment:
        return render(request, "customers/customers/_private.html", **context)
    return render(request, "customers/customers/private.html", **context)
