"""Deals: the list, one deal on its way to won or lost, and its money."""

from __future__ import annotations

import secrets
from typing import Any

from peewee import ModelSelect
from starlette.responses import Response

from portal import clock, i18n
from portal.clock import Month
from portal.forms.customers.customers import HandOverForm
from portal.forms.sales.deals import DealForm, LoseForm, PaymentForm, ReversalForm, SharesForm, WinForm
from portal.i18n import Phrase
from portal.models.base.listing import counted, listing
from portal.models.commission.rulebook import Rulebook
from portal.models.customers.customers import Customer
from portal.models.experiences.experiences import Experience
from portal.models.knowledge.fitting import fitting_articles, helpers
from portal.models.people.people import Person
from portal.models.products.products import Product
from portal.models.sales.deals import OPEN_STAGES, Deal, DealLine
from portal.models.sales.words import Stage
from portal.views.base.export import MOST, sheet
from portal.views.base.lists import ListState
from portal.views.customers.interactions import quick_form
from portal.views.customers.timeline import timeline
from portal.web import Request, find, form_page, go, named, permit, render, view

SORTS: dict[str, Any] = {
    "updated": Deal.updated_at,
    "amount": Deal.amount,
    "expected": Deal.expected_on,
    "closed": Deal.closed_on,
}


@view
def index(request: Request) -> Response:
    state, query = _listed(request)
    found = listing(Deal.with_names(query), sorts=SORTS, sort=state.sort, after=state.after)
    product = Product.get_or_none(Product.id == state.number("product")) if state["product"] else None
    context: dict[str, Any] = {
        "found": found,
        "state": state,
        "chips": _chips(request, state),
        "product": product,
    }
    return render(request, "sales/deals/index.html", **context)


@view
def export(request: Request) -> Response:
    state, query = _listed(request)
    column = SORTS.get(state.sort.lstrip("-"), Deal.updated_at)
    found = Deal.with_names(query).order_by(column, Deal.id).limit(MOST)
    words = ("Title", "Code", "Customer", "Product", "Owner", "Stage", "Amount", "Expected on", "Closed on")
    header = [i18n.gettext(Phrase(word)) for word in words]
    return sheet(request, "deals", header, (_plain(deal) for deal in found))


def _plain(deal: Deal) -> list[object]:
    labels = [deal.title, deal.code or "", i18n.label(deal.customer), i18n.label(deal.product)]
    amount = "" if deal.amount is None else i18n.major(deal.amount)
    return [
        *labels,
        i18n.label(deal.owner),
        i18n.gettext(deal.stage.label),
        amount,
        deal.expected_on,
        deal.closed_on,
    ]


def _listed(request: Request) -> tuple[ListState, ModelSelect[Deal]]:
    state = ListState(request, "show", "product", sort="-updated", path="/deals")
    query = _shown(request.user, state["show"])
    if (product := state.number("product")) is not None:
        query = query.where(Deal.product == product)
    return state, query.where(Deal.matching(state.q)) if state.q else query


def _shown(person: Person, show: str) -> ModelSelect[Deal]:
    every = Deal.visible_to(person)
    if show == "archived":
        return every.where(Deal.archived_at.is_null(False))
    query = every.where(Deal.archived_at.is_null())
    if show in (Stage.WON, Stage.LOST):
        return query.where(Deal.stage == show)
    if show == "all":
        return query
    query = query.where(Deal.closed_on.is_null())
    if show == "mine":
        return query.where(Deal.owner == person)
    return query.where(Deal.owner.in_(list(person.team) or [0])) if show == "team" else query


def _chips(request: Request, state: ListState) -> list[Any]:
    words = {"": Phrase("Open"), "mine": Phrase("Mine"), "team": Phrase("My team"), "won": Phrase("Won")}
    words |= {"lost": Phrase("Lost"), "all": Phrase("All"), "archived": Phrase("Archived")}
    if not request.user.team:
        del words["team"]
    counts = counted({name: _shown(request.user, name) for name in words})
    return state.chips("show", [(name, i18n.gettext(w), counts[name]) for name, w in words.items()])


@view
def create(request: Request) -> Response:
    permit(Deal.addable_by(request.user))
    customer = named(Customer.visible_to(request.user), request.query.get("customer", ""))
    begun = {"customer": customer, "title": customer.name if customer else ""}
    form = DealForm(request.form, data=begun).offering(request.user)
    if form.accepts(Deal.open, by=request.user):
        return go(request, form.result.url, note=Phrase("The deal is open."))
    return form_page(request, "sales/deals/edit.html", form, deal=None)


@view
def show(request: Request, id: int) -> Response:
    deal = find(Deal.with_names(Deal.visible_to(request.user)), id)
    tab = request.query.get("tab", "timeline")
    return render(request, "sales/deals/show.html", **page(request, deal, tab))


def page(request: Request, deal: Deal, tab: str) -> dict[str, Any]:
    """What a deal's page shows."""
    tab = tab if tab in ("timeline", "money", "knowledge") else "timeline"
    state = ListState(request, "show", sort="", path=deal.url)
    types = [deal.customer.type_id] if deal.customer and deal.customer.type_id else []
    articles = fitting_articles(products=[deal.product_id] if deal.product_id else (), types=types)
    lines = _lines(deal) if tab == "money" else []
    debriefs = list(Experience.select().where((Experience.deal == deal) & (Experience.state != "withdrawn")))
    return {
        "deal": deal,
        "tab": tab,
        "stages": OPEN_STAGES,
        "timeline": timeline(deal, after=state.after) if tab == "timeline" else None,
        "timeline_state": state,
        "form": quick_form(deal) if deal.customer else None,
        "lines": lines,
        "standing": {line.id for line in DealLine.standing_among(lines)},
        "received": sum(line.amount for line in lines if line.trigger == "payment"),
        "shares": deal.sharers() if tab == "money" else (),
        "articles": articles,
        "helpers": helpers(articles, but=request.user),
        "debriefs": debriefs,
        "needed": _needed(request.user) if deal.owner_id == request.user.id and not debriefs else 0,
        "my_debrief": next((e for e in debriefs if e.author_id == request.user.id), None),
    }


def _needed(person: Person) -> int:
    """How many accepted experiences of this month raise the person's commission."""
    return Rulebook.read().needed(person.department_id, Month.of(clock.now()))


def _lines(deal: Deal) -> list[DealLine]:
    found = list(deal.lines())
    for line in found:
        line.deal = deal  # known already: asking who may reverse it costs no query
    return found


@view
def edit(request: Request, id: int) -> Response:
    deal = find(Deal.visible_to(request.user), id)
    permit(deal.editable_by(request.user))
    form = DealForm(request.form, obj=deal).offering(request.user)
    if form.accepts(deal.edit, by=request.user):
        return go(request, deal.url, note=Phrase("Saved."))
    return form_page(request, "sales/deals/edit.html", form, deal=deal)


@view
def move(request: Request, id: int) -> Response:
    deal = find(Deal.visible_to(request.user), id)
    permit(deal.editable_by(request.user))
    deal.move(str(request.form.get("stage", "")), by=request.user)
    return go(request, deal.url)


@view
def win(request: Request, id: int) -> Response:
    deal = find(Deal.visible_to(request.user), id)
    permit(deal.editable_by(request.user))
    form = WinForm(request.form, data={"amount": deal.amount, "on": clock.today()})
    if form.accepts(deal.win, by=request.user):
        return go(request, deal.url, note=Phrase("Won. Well done!"))
    return form_page(request, "sales/deals/win.html", form, deal=deal)


@view
def lose(request: Request, id: int) -> Response:
    deal = find(Deal.visible_to(request.user), id)
    permit(deal.editable_by(request.user))
    form = LoseForm(request.form, data={"competitor": deal.competitor, "on": clock.today()})
    if form.accepts(deal.lose, by=request.user):
        return go(request, deal.url, note=Phrase("Closed as lost. What it taught may win the next one."))
    return form_page(request, "sales/deals/lose.html", form, deal=deal)


@view
def reopen(request: Request, id: int) -> Response:
    deal = find(Deal.visible_to(request.user), id)
    permit(deal.reopenable_by(request.user))
    deal.reopen(by=request.user)
    request.note(Phrase("The deal is open again."))
    return go(request, deal.url)


@view
def hand_over(request: Request, id: int) -> Response:
    deal = find(Deal.visible_to(request.user), id)
    permit(deal.editable_by(request.user))
    form = HandOverForm(request.form).offering(request.user)
    del form["with_deals"]
    if form.accepts(deal.hand_over, by=request.user):
        return go(
            request,
            deal.url,
            note=Phrase("%(who)s looks after %(what)s now.", who=form.facts["to"].name, what=deal.title),
        )
    return form_page(request, "sales/deals/hand_over.html", form, deal=deal)


@view
def archive(request: Request, id: int) -> Response:
    deal = find(Deal.visible_to(request.user), id)
    permit(deal.editable_by(request.user))
    deal.archive(by=request.user)
    request.note(Phrase("Archived. You can bring it back any time."))
    return go(request, deal.url)


@view
def restore(request: Request, id: int) -> Response:
    deal = find(Deal.visible_to(request.user), id)
    permit(deal.editable_by(request.user))
    deal.restore(by=request.user)
    return go(request, deal.url)


@view
def pay(request: Request, id: int) -> Response:
    deal = find(Deal.visible_to(request.user), id)
    permit(deal.payable_by(request.user))
    form = PaymentForm(request.form, data={"key": secrets.token_urlsafe(12), "on": clock.today()})
    if form.accepts(deal.receive_payment, by=request.user):
        return go(request, f"{deal.url}?tab=money", note=Phrase("The payment is recorded."))
    return form_page(request, "sales/deals/pay.html", form, deal=deal)


@view
def reverse(request: Request, id: int) -> Response:
    line = find(DealLine.visible_to(request.user), id)
    permit(line.reversible_by(request.user))
    form = ReversalForm(request.form)
    if form.accepts(line.reverse, by=request.user):
        return go(request, f"/deals/{line.deal_id}?tab=money", note=Phrase("Taken back."))
    return form_page(request, "sales/deals/reverse.html", form, line=line, deal=line.deal)


@view
def share(request: Request, id: int) -> Response:
    deal = find(Deal.visible_to(request.user), id)
    permit(deal.editable_by(request.user))
    form = SharesForm(request.form).offering(request.user, deal)
    if form.accept(_share, deal, form, request):
        return go(request, f"{deal.url}?tab=money", note=Phrase("Saved."))
    return form_page(request, "sales/deals/shares.html", form, deal=deal)


def _share(deal: Deal, form: SharesForm, request: Request) -> None:
    deal.share_with(form.shares, by=request.user)
