"""Deals: the list, one deal on its way to won or lost, and its money."""

from __future__ import annotations

from collections.abc import Iterable

from peewee import ModelSelect, chunked
from starlette.responses import Response

from portal import clock, i18n
from portal.forms.customers.customers import HandOverForm, InteractionForm
from portal.forms.sales.deals import (
    DealForm,
    LoseForm,
    PaymentForm,
    ReasonsForm,
    ReversalForm,
    SharesForm,
    WinForm,
)
from portal.i18n import Phrase, names
from portal.models.base.intake import portal_id
from portal.models.base.listing import number_of
from portal.models.base.record import Invalid
from portal.models.commission.merit import Merit
from portal.models.customers.customers import Customer
from portal.models.customers.interactions import Interaction
from portal.models.experiences import stories
from portal.models.experiences.debriefs import debriefs_of
from portal.models.experiences.experiences import Experience, look_once_who_worked
from portal.models.experiences.interviews import Interview
from portal.models.insights.answers import figures_of
from portal.models.knowledge.fitting import fitting_articles, helpers
from portal.models.people.people import Person
from portal.models.products.products import Product
from portal.models.sales import closings
from portal.models.sales.answer_uses import AnswerUse, fitting_answers
from portal.models.sales.article_uses import ArticleUse
from portal.models.sales.deals import OPEN_STAGES, Deal, reasons_of
from portal.models.sales.lines import DealLine
from portal.models.sales.shares import share_with
from portal.models.sales.words import Stage
from portal.views.base.archiving import archiving
from portal.views.base.filters import Links, Part, Parts, only_chosen, owned_by
from portal.views.base.lists import Column, ListPage
from portal.views.base.selection import HandingOver, selection
from portal.views.base.tabs import Facts, Tab, Tabs
from portal.views.customers.interactions import quick_form
from portal.views.customers.timeline import timeline_of
from portal.views.learning.post_needs import needs_at
from portal.web import Request, find, form_page, go, named, permit, render, view

PIECE = 200
"""So many deals of a file are read at once."""
CURRENT = Deal.archived_at.is_null()
OPEN = CURRENT & Deal.closed_on.is_null()
SHOWS = Parts(
    name="show",
    label=Phrase("Show"),
    look="tools",
    parts={
        "": Part(Phrase.among("deals", "Open"), lambda me: OPEN),
        **owned_by(Deal.owner, OPEN),
        "won": Part(Phrase("Won"), lambda me: CURRENT & (Deal.stage == Stage.WON)),
        "lost": Part(Phrase("Lost"), lambda me: CURRENT & (Deal.stage == Stage.LOST)),
        "all": Part(Phrase("All"), lambda me: CURRENT),
        "archived": Part(Phrase("Archived"), lambda me: Deal.archived_at.is_null(False)),
    },
)


class DealList(ListPage[Deal]):
    """The deals that a person may see."""

    noun, template, picks, asks = Deal, "sales/deals/index.html", True, ("owner",)
    search = Phrase("Title, code or customer")
    sorts = {
        "updated": Deal.updated_at,
        "amount": Deal.amount,
        "expected": Deal.expected_on,
        "closed": Deal.closed_on,
    }
    usual = "-updated"
    filters = (SHOWS, Links(name="product", field=Deal.product, offers=only_chosen(Product), passing=True))
    columns = (
        Phrase("Deal"),
        Phrase("Customer"),
        Phrase("Stage"),
        Phrase("Owner"),
        Column(Phrase("Amount"), "amount", "end"),
        Column(Phrase("Expected on"), "expected", "end"),
        Column(Phrase("Closed on"), "closed", "end"),
        Column(Phrase("Last change"), "updated", "end"),
    )
    exports = {
        Phrase("Title"): lambda deal, me: deal.title,
        Phrase("Code"): lambda deal, me: deal.code,
        Phrase("Customer"): lambda deal, me: i18n.label(deal.customer),
        Phrase("Product"): lambda deal, me: i18n.label(deal.product),
        Phrase("Owner"): lambda deal, me: i18n.label(deal.owner),
        Phrase("Stage"): lambda deal, me: i18n.label(deal.stage),
        Phrase("Amount"): lambda deal, me: None if deal.amount is None else i18n.major(deal.amount),
        Phrase("Expected on"): lambda deal, me: deal.expected_on,
        Phrase("Closed on"): lambda deal, me: deal.closed_on,
        Phrase("Reasons"): lambda deal, me: i18n.join(map(i18n.label, deal.why)),
        Phrase("Reason lost"): lambda deal, me: deal.lost_reason,
        Phrase("Competitor"): lambda deal, me: deal.competitor,
        Phrase("Portal ID"): lambda deal, me: portal_id(deal),
    }

    @classmethod
    def exportable_by(cls, person: Person) -> bool:
        """An auditor reads customers and follows who took them out; a file of them is not theirs to have."""
        return not person.is_auditor

    def read(self, query: ModelSelect[Deal]) -> ModelSelect[Deal]:
        return Deal.with_names(query)

    def lines(self, rows: Iterable[Deal]) -> Iterable[Deal]:
        for some in chunked(rows, PIECE):
            why = reasons_of(some)
            for deal in some:
                deal.why = why.get(deal.id, [])
                yield deal

    @property
    def about(self) -> str:
        """The product whose deals they are, if the address names one."""
        chosen = number_of(self.state["product"])
        return i18n.label(Product.get_or_none(Product.id == chosen)) if chosen else ""


@view
def index(request: Request) -> Response:
    return DealList(request).page()


@view(confirmed=True, reading=True)
def export(request: Request) -> Response:
    return DealList(request, path="/deals").sheet()


@view
def create(request: Request) -> Response:
    permit(Deal.addable_by(request.user))
    customer = named(Customer.dealt_with_by(request.user), request.query.get("customer", ""))
    begun = {"customer": customer, "title": customer.name if customer else ""}
    form = DealForm(request.form, data=begun).offering(request.user)
    if form.accepts(Deal.open, by=request.user):
        return go(request, form.result.url, note=Phrase("The deal is open."))
    known = Deal.of_title(form.title.data or "", form.customer.data, request.user) if form.errors else None
    return form_page(request, "sales/deals/edit.html", form, deal=None, known=known)


def _timeline(request: Request, deal: Deal, beside: Facts) -> Facts:
    return {"form": quick_form(deal), **timeline_of(request, deal)}


def _money(request: Request, deal: Deal, beside: Facts) -> Facts:
    lines = list(DealLine.of(deal))
    for line in lines:
        line.deal = deal  # known already: asking who may reverse it costs no query
    payments = [line for line in lines if line.trigger == "payment"]
    return {
        "lines": lines,
        "standing": {line.id for line in DealLine.standing_among(lines)},
        "received": sum(line.amount for line in payments),
        "unconfirmed": sum(line.amount for line in DealLine.standing_among(payments) if line.is_waiting),
        "shares": deal.sharers(),
    }


def _knowledge(request: Request, deal: Deal, beside: Facts) -> Facts:
    fitting = fitting_answers(deal)
    return {
        "fitting": fitting,
        "figures": figures_of([one.answer.id for one in fitting], request.user),
        "fitting_articles": ArticleUse.beside(deal, beside["articles"], request.user),
        "sayable": AnswerUse.sayable_by(request.user, deal),
        "action": f"{deal.url}/articles",
    }


TABS = Tabs(
    timeline=Tab(Phrase("Timeline"), "sales/deals/_timeline.html", _timeline),
    money=Tab(Phrase("Money"), "sales/deals/_money.html", _money),
    knowledge=Tab(Phrase("Knowledge"), "sales/deals/_knowledge.html", _knowledge),
)


@view
def show(request: Request, id: int) -> Response:
    deal = find(ArticleUse.noted(Deal.with_names(Deal.known_to(request.user))), id)
    if not deal.opens_for(request.user):
        return render(request, "sales/deals/closed.html", deal=deal)
    return TABS.page(request, "sales/deals/show.html", deal, _beside(request, deal))


def _beside(request: Request, deal: Deal) -> Facts:
    """What stands beside each section: the way to its debrief, what and who can help."""
    types = [deal.customer.type_id] if deal.customer and deal.customer.type_id else []
    articles = fitting_articles(products=[deal.product_id] if deal.product_id else (), types=types)
    if not deal.is_open or not request.user.leads(deal.owner_id):  # else nothing below asks
        look_once_who_worked(deal, request.user)
    debriefs = debriefs_of(deal, to=request.user)
    reasons = [] if deal.is_open else deal.reasons
    return {
        "deal": deal,
        "stages": OPEN_STAGES,
        "reasons": reasons,
        "asks_why": deal.asks_why(reasons),
        "articles": articles,
        "helpers": helpers(articles, but=request.user),
        **needs_at(deal.stage, request.user),
        "debriefs": debriefs,
        **_interview(request, deal, debriefs),
        "tellable": stories.tellable_by(deal, request.user),
        "needed": Merit.needed_by(request.user) if deal.owner_id == request.user.id and not debriefs else 0,
        "my_debrief": next((e for e in debriefs or () if e.author_id == request.user.id), None),
    }


def _interview(request: Request, deal: Deal, debriefs: list[Experience] | None) -> Facts:
    """Who asks what it taught, or whether somebody may be asked to: for those whom its debrief concerns."""
    running = Interview.of(deal, request.user) if deal.closed_on is not None else None
    askable = running is None and debriefs is not None and deal.closed_on is not None
    return {
        "interview": running,
        "askable": askable and Interview.askable_by(deal, request.user, debriefs),
    }


@view
def log(request: Request, id: int) -> Response:
    deal = find(Deal.visible_to(request.user), id)
    permit(Deal.addable_by(request.user))
    form = InteractionForm(request.form).quick([deal])
    facts = {**form.logged, "deal": deal} if form.sent else {}
    if form.accept(Interaction.log, deal.customer, by=request.user, **facts):
        return go(request, deal.url, note=Phrase("Written down."))
    return form_page(request, "customers/interactions/new.html", form, customer=deal.customer, deal=deal)


@view
def make_customer(request: Request, id: int) -> Response:
    deal = find(Deal.visible_to(request.user), id)
    permit(deal.editable_by(request.user))
    try:
        customer = deal.make_customer(by=request.user)
    except Invalid as invalid:
        request.note(next(iter(invalid.errors.values())), "warning")
        return go(request, f"{deal.url}/edit")
    return go(request, customer.url, note=Phrase("%(customer)s is in.", customer=names(customer)))


@view
def edit(request: Request, id: int) -> Response:
    deal = find(Deal.visible_to(request.user), id)
    permit(deal.editable_by(request.user))
    form = DealForm(request.form, obj=deal).offering(request.user)
    if form.accepts(deal.edit, by=request.user):
        return go(request, deal.url, note=Phrase("Saved."))
    return form_page(request, "sales/deals/edit.html", form, deal=deal, known=None)


@view
def move(request: Request, id: int) -> Response:
    deal = find(Deal.visible_to(request.user), id)
    permit(deal.editable_by(request.user))
    before = deal.stage
    deal.move(str(request.form.get("stage", "")), by=request.user)
    moved = Phrase("Moved to %(stage)s.", stage=deal.stage.label) if deal.stage != before else None
    return go(request, deal.url, note=moved)


@view
def win(request: Request, id: int) -> Response:
    deal = find(Deal.visible_to(request.user), id)
    permit(deal.editable_by(request.user))
    form = WinForm(request.form, data={"amount": deal.amount, "on": clock.today()}).offering()
    if form.accepts(closings.win, deal, by=request.user):
        return _closed(request, deal, Phrase("Won. Well done!"))
    return form_page(request, "sales/deals/win.html", form, deal=deal)


@view
def lose(request: Request, id: int) -> Response:
    deal = find(Deal.visible_to(request.user), id)
    permit(deal.editable_by(request.user))
    form = LoseForm(request.form, data={"competitor": deal.competitor, "on": clock.today()}).offering()
    if form.accepts(closings.lose, deal, by=request.user):
        return _closed(request, deal, Phrase("Closed as lost. What it taught may win the next one."))
    return form_page(request, "sales/deals/lose.html", form, deal=deal)


def _closed(request: Request, deal: Deal, note: Phrase) -> Response:
    """To its debrief at once, for whoever looks after it (S10)."""
    if deal.owner_id != request.user.id:
        return go(request, deal.url, note=note)
    debrief = Experience.begin(by=request.user, kind="debrief", deal=deal)
    return go(request, f"{debrief.url}/edit" if debrief.is_writable else deal.url, note=note)


@view
def say_why(request: Request, id: int) -> Response:
    deal = find(Deal.visible_to(request.user), id)
    permit(deal.editable_by(request.user) and not deal.is_open)
    form = ReasonsForm(request.form, obj=deal).offering(deal)
    if not form.reasons.offered:
        return go(request, deal.url, note=Phrase("The list has no reason for deals that ended so."))
    if form.accepts(deal.say_why, by=request.user):
        return go(request, deal.url, note=Phrase("Saved."))
    return form_page(request, "sales/deals/reasons.html", form, deal=deal)


@view
def reopen(request: Request, id: int) -> Response:
    deal = find(Deal.visible_to(request.user), id)
    permit(deal.reopenable_by(request.user))
    closings.reopen(deal, by=request.user)
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
            note=Phrase("%(who)s looks after %(what)s now.", who=names(form.facts["to"]), what=deal.title),
        )
    return form_page(request, "sales/deals/hand_over.html", form, deal=deal)


archive, restore = archiving(Deal)
select, select_owner = selection(DealList, HandingOver(Deal.hand_over))


@view
def pay(request: Request, id: int) -> Response:
    deal = find(Deal.visible_to(request.user), id)
    permit(deal.payable_by(request.user))
    form = PaymentForm(request.form, data={"trigger": "payment", "on": clock.today()})
    if form.accepts(DealLine.receive, deal, by=request.user):
        return go(request, f"{deal.url}?tab=money", note=form.result.told)
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
    share_with(deal, form.shares, by=request.user)
