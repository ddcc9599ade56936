"""The answers to give to a customer, beside the deal and the customer, and that one was used."""

from __future__ import annotations

from starlette.responses import Response

from portal.i18n import Phrase
from portal.models.base.listing import number_of
from portal.models.base.record import Invalid, along
from portal.models.customers.customers import Customer
from portal.models.knowledge.questions import Answer
from portal.models.sales.answer_uses import AnswerUse, answers_for, fitting_answers
from portal.models.sales.deals import Deal
from portal.web import Request, find, go, permit, render, view


@view
def of_deal(request: Request, id: int) -> Response:
    deal = find(along(Deal.visible_to(request.user), Deal.customer, whole=True), id)
    return _answer(request, deal, deal)


@view
def of_customer(request: Request, id: int) -> Response:
    """To give in the deal that was open last, if one is; else what fits what their deals were about."""
    customer = find(Customer.visible_to(request.user), id)
    deals = Deal.visible_to(request.user).where(Deal.customer == customer)
    current = deals.where(Deal.closed_on.is_null() & Deal.archived_at.is_null())
    deal = current.order_by(Deal.updated_at.desc(), Deal.id.desc()).first()
    if deal is not None:
        deal.customer = customer
    return _answer(request, customer, deal)


def _answer(request: Request, about: Customer | Deal, deal: Deal | None) -> Response:
    if deal is not None:
        fitting, sayable = fitting_answers(deal), AnswerUse.sayable_by(request.user, deal)
    else:
        assert isinstance(about, Customer)
        mine = Deal.visible_to(request.user).where(Deal.customer == about)
        products = {each.product_id for each in mine if each.product_id}
        fitting, sayable = answers_for(about.type_id, products), False
    template = "sales/answers/_list.html" if request.wants_fragment else "sales/answers/show.html"
    return render(request, template, about=about, deal=deal, fitting=fitting, sayable=sayable)


@view
def use(request: Request, id: int) -> Response:
    deal = find(Deal.visible_to(request.user), id)
    permit(deal.editable_by(request.user))
    answer = find(Answer.visible_to(request.user), number_of(str(request.form.get("answer"))))
    back = f"{deal.url}?tab=knowledge"
    try:
        AnswerUse.say(deal, answer, by=request.user)
    except Invalid as invalid:
        request.note(next(iter(invalid.errors.values())), "warning")
        return go(request, back)
    if request.wants_fragment:
        return render(request, "sales/answers/_use.html", answer=answer, deal=deal, used=True, sayable=False)
    return go(request, f"{back}#answer-{answer.id}", note=Phrase("Noted: used in this deal."))
