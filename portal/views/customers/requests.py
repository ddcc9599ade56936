"""What customers ask for: the list, one request, and who takes it."""

from __future__ import annotations

from typing import Any

from peewee import ModelSelect
from starlette.responses import Response

from portal import clock, i18n
from portal.forms.base import Form
from portal.forms.customers.requests import RequestForm, ResultForm
from portal.i18n import Phrase
from portal.models.base.record import along
from portal.models.base.undoing import just_done
from portal.models.customers.customers import Customer
from portal.models.customers.requests import CLOSED, OPEN, TAKEN, WITHDRAWN, CustomerRequest
from portal.models.knowledge.fitting import fitting_articles
from portal.models.people.people import Person
from portal.models.sales.article_uses import ArticleUse
from portal.models.sales.deals import Deal
from portal.views.base.filters import Links, Part, Parts, only_chosen
from portal.views.base.lists import Column, ListPage
from portal.views.base.selection import selection
from portal.views.base.tabs import Facts
from portal.web import Request, find, form_page, go, local_path, named, permit, view

MOST_DEALS = 20
"""Of so many deals of a customer the products tell which knowledge fits."""
STATE = CustomerRequest.state
SHOWS = Parts(
    name="show",
    label=Phrase("Show"),
    look="tools",
    parts={
        "": Part(Phrase("Not taken"), lambda me: STATE == OPEN),
        "mine": Part(Phrase("Mine"), lambda me: (CustomerRequest.taken_by == me) & (STATE == TAKEN)),
        "taken": Part(Phrase("Taken"), lambda me: STATE == TAKEN),
        "closed": Part(Phrase("Over"), lambda me: STATE.in_([CLOSED, WITHDRAWN])),
    },
)


class RequestList(ListPage[CustomerRequest]):
    """What the customers ask for."""

    noun, template = CustomerRequest, "customers/requests/index.html"
    picks, does = True, ("take", "withdraw")
    search = Phrase("Words or customer")
    over = Phrase("Customers"), "customers"
    sorts = {"written": CustomerRequest.created_at}
    usual = "-written"
    filters = (
        SHOWS,
        Links(name="customer", field=CustomerRequest.customer, offers=only_chosen(Customer), passing=True),
    )
    columns = (
        Phrase("Request"),
        Phrase("Customer"),
        Phrase("State"),
        Phrase("Taken by"),
        Phrase("By when"),
        Column(Phrase("Written down"), "written", "end"),
        Column(Phrase("Change"), hidden=True),
    )
    exports = {
        Phrase("Request"): lambda one, me: one.text,
        Phrase("Customer"): lambda one, me: i18n.label(one.customer),
        Phrase("State"): lambda one, me: i18n.label(one.state),
        Phrase("Taken by"): lambda one, me: i18n.label(one.taken_by),
        Phrase("By when"): lambda one, me: i18n.moment(one.due_at) if one.due_at else "",
        Phrase("What was done"): lambda one, me: one.result,
        Phrase("Who wrote it down"): lambda one, me: i18n.label(one.writer),
        Phrase("Written down"): lambda one, me: clock.local(one.created_at).date(),
    }

    @classmethod
    def pickable_by(cls, person: Person) -> bool:
        """An auditor takes nothing, and takes nothing away."""
        return not person.is_auditor

    @classmethod
    def exportable_by(cls, person: Person) -> bool:
        """As their customers."""
        return not person.is_auditor

    @property
    def acts(self) -> list[str]:
        """What is taken is not taken again, and what is over is not wanted again."""
        shown = self.state["show"]
        return [] if shown == "closed" else ["withdraw"] if shown in ("mine", "taken") else list(self.does)

    def read(self, query: ModelSelect[CustomerRequest]) -> ModelSelect[CustomerRequest]:
        return along(CustomerRequest.with_people(query), CustomerRequest.customer)

    @property
    def about(self) -> str:
        """The customer who asks, if the address names one."""
        return i18n.label(named(Customer.known_to(self.person), self.state["customer"]))


@view
def index(request: Request) -> Response:
    return RequestList(request).page()


@view(confirmed=True, reading=True)
def export(request: Request) -> Response:
    return RequestList(request, path="/requests").sheet()


(select,) = selection(RequestList)


def requests_of(customer: Customer, form: RequestForm | None = None) -> dict[str, Any]:
    """What `_list.html` needs of a customer; with the form as it was sent, where it could not be accepted."""
    found = list(CustomerRequest.of(customer))
    for one in found:
        one.customer = customer  # known already: asking who may do what costs no query
    return {"customer": customer, "requests": found, "request_form": form or _form()}


def _form(request: Request | None = None) -> RequestForm:
    return RequestForm(request.form if request else None)


@view
def create(request: Request, id: int) -> Response:
    customer = find(Customer.with_people(Customer.known_to(request.user)), id)
    permit(customer.loggable_by(request.user))
    form = _form(request)
    done = form.accepts(CustomerRequest.add, customer, by=request.user)
    if request.wants_fragment:
        shown = requests_of(customer, None if done else form)
        note = Phrase("Written down.") if done else None
        return form_page(request, "customers/requests/_list.html", form, said=note, **shown)
    if done:
        return go(request, customer.url, note=Phrase("Written down."))
    return form_page(request, "customers/requests/new.html", form, customer=customer)


def _visible(person: Person) -> ModelSelect[CustomerRequest]:
    return along(
        CustomerRequest.with_people(CustomerRequest.visible_to(person)), CustomerRequest.customer, whole=True
    )


@view
def show(request: Request, id: int) -> Response:
    found = find(_visible(request.user), id)
    facts = {**_alone(found), **_knowledge(found, request.user)}
    return form_page(request, "customers/requests/show.html", ResultForm(obj=found), **facts)


def _knowledge(found: CustomerRequest, person: Person) -> Facts:
    """The articles that fit the customer who asks, and which of them helped."""
    types = [found.customer.type_id] if found.customer.type_id else []
    deals = Deal.visible_to(person).where((Deal.customer == found.customer) & Deal.product.is_null(False))
    products = [deal.product_id or 0 for deal in deals.order_by(Deal.id.desc()).limit(MOST_DEALS)]
    fitting = fitting_articles(products=list(dict.fromkeys(products)), types=types)
    return {
        "fitting_articles": ArticleUse.beside(found, fitting, person, products=products),
        "sayable": ArticleUse.sayable_by(person, found),
        "action": f"{found.url}/articles",
    }


@view
def address(request: Request, id: int) -> Response:
    found = find(_visible(request.user), id)
    permit(found.addressed_to(request.user))
    found.customer.reveal(by=request.user, why="request")
    page = "customers/requests/show.html"
    return form_page(request, page, ResultForm(obj=found), revealed=True, **_alone(found))


def _alone(found: CustomerRequest) -> Facts:
    """What a request's own page needs: the list with this one alone."""
    return {
        "record": found,
        "customer": found.customer,
        "requests": [found],
        "request_form": None,
        "alone": True,
    }


@view
def take(request: Request, id: int) -> Response:
    found, form = find(_visible(request.user), id), Form(request.form)
    permit(found.takeable_by(request.user))
    form.accepts(found.take, by=request.user)
    return _answer(request, found, form, Phrase("It is yours now."))


@view
def release(request: Request, id: int) -> Response:
    found, form = find(_visible(request.user), id), Form(request.form)
    permit(found.releasable_by(request.user))
    form.accepts(found.release, by=request.user)
    return _answer(request, found, form, Phrase("Handed back."))


@view
def close(request: Request, id: int) -> Response:
    found = find(_visible(request.user), id)
    form = ResultForm(request.form, obj=found)
    permit(found.closable_by(request.user))
    form.accepts(found.close, by=request.user)
    return _answer(request, found, form, Phrase("Done."))


@view
def withdraw(request: Request, id: int) -> Response:
    found, form = find(_visible(request.user), id), Form(request.form)
    permit(found.withdrawable_by(request.user))
    form.accepts(found.withdraw, by=request.user)
    return _answer(request, found, form, Phrase("Withdrawn."))


def _answer(request: Request, found: CustomerRequest, form: Form, note: Phrase) -> Response:
    """The customer's list for htmx; else back to where it was pressed, or the request with what is wrong."""
    if request.wants_fragment:
        shown, act = requests_of(found.customer), just_done(request.user) if form.status == 200 else None
        facts = {"acted": found, "said": note, "act": act.id if act else 0, **shown}
        return form_page(request, "customers/requests/_list.html", form, **facts)
    if form.status == 200:
        return go(request, local_path(str(request.form.get("next", "")), found.customer.url), note=note)
    return form_page(request, "customers/requests/show.html", form, acted=found, **_alone(found.fresh()))
