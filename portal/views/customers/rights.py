"""Who opens which customer and deal: the matrix, and asking for one customer."""

from __future__ import annotations

from starlette.responses import Response

from portal.forms.customers.rights import AccessForm, RightsForm
from portal.i18n import Phrase
from portal.models.company.settings import Setting
from portal.models.customers.access import Access
from portal.models.customers.customers import Customer
from portal.models.customers.rights import WHO, by_need
from portal.models.customers.words import FORMS
from portal.views.company.about import about
from portal.views.customers.requests import requests_of
from portal.web import Request, find, form_page, go, permit, view


@view
def show(request: Request) -> Response:
    form = RightsForm(None, data=RightsForm.held())
    return form_page(
        request, "customers/rights/show.html", form, who=WHO, need=by_need(), editing=False, **about("rights")
    )


@view(confirmed=True)
def edit(request: Request) -> Response:
    permit(request.user.is_administrator)
    form = RightsForm(request.form, data=RightsForm.held())
    if form.accepts(RightsForm.choose, by=request.user):
        return go(request, "/rights", note=Phrase("Saved."))
    return form_page(
        request, "customers/rights/show.html", form, who=WHO, need=by_need(), editing=True, **about("rights")
    )


def closed(request: Request, customer: Customer, form: AccessForm | None = None) -> Response:
    """The page of a customer who does not open: that they exist, who looks after them, and asking."""
    return form_page(
        request,
        "customers/customers/closed.html",
        form or AccessForm(None),
        record=customer,
        asked=Access.standing_for(customer, request.user),
        askable=Access.askable_by(request.user),
        form_words=FORMS,
        days=Setting.read("access.days"),
        **requests_of(customer),
    )


@view
def ask(request: Request, id: int) -> Response:
    customer = find(Customer.with_people(Customer.known_to(request.user)), id)
    permit(Access.askable_by(request.user))
    if customer.opens_for(request.user):
        return go(request, customer.url)
    form = AccessForm(request.form)
    if form.accepts(Access.ask, customer, by=request.user):
        return go(request, customer.url, note=form.result.told)
    return closed(request, customer, form)


@view
def grant(request: Request, id: int) -> Response:
    access = find(Access.visible_to(request.user), id)
    permit(access.answerable_by(request.user))
    access.grant(by=request.user)
    return go(request, access.url)


@view
def refuse(request: Request, id: int) -> Response:
    access = find(Access.visible_to(request.user), id)
    permit(access.answerable_by(request.user))
    access.refuse(by=request.user)
    return go(request, access.url)


@view
def end(request: Request, id: int) -> Response:
    access = find(Access.visible_to(request.user), id)
    permit(access.endable_by(request.user))
    access.end(by=request.user)
    return go(request, access.url, note=Phrase("Closed again."))
