"""Who should call a customer, on the customer's page and on the deal's."""

from __future__ import annotations

from starlette.responses import Response

from portal.models.base.record import along
from portal.models.customers.customers import Customer
from portal.models.sales.callers import callers
from portal.models.sales.deals import Deal
from portal.web import Request, find, permit, render, view


@view
def of_customer(request: Request, id: int) -> Response:
    customer = find(Customer.visible_to(request.user), id)
    return _answer(request, customer, None)


@view
def of_deal(request: Request, id: int) -> Response:
    deal = find(along(Deal.visible_to(request.user), Deal.customer, whole=True), id)
    permit(deal.customer is None or deal.customer.opens_for(request.user), otherwise=404)
    return _answer(request, deal.customer, deal)


def _answer(request: Request, customer: Customer | None, deal: Deal | None) -> Response:
    """Of a lead nobody knows yet who it is."""
    found = callers(customer, to=request.user, deal=deal) if customer is not None else []
    template = "sales/callers/_list.html" if request.wants_fragment else "sales/callers/show.html"
    return render(request, template, customer=customer, about=deal or customer, callers=found)
