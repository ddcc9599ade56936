"""Do more leads become deals: the answer, the picture, the numbers, and the lists behind them."""

from __future__ import annotations

from typing import Any

from peewee import ModelSelect
from starlette.responses import Response

from portal import i18n
from portal.clock import Month
from portal.i18n import Phrase
from portal.models.base.database import among
from portal.models.base.listing import number_of
from portal.models.base.record import along
from portal.models.company.settings import Setting
from portal.models.insights import cost, loop
from portal.models.insights.effect import Effect, accepted, doubts, is_covered
from portal.models.insights.leads import LEAST_WON, Cohort, Lead
from portal.models.knowledge.articles import Article
from portal.models.knowledge.questions import Question
from portal.models.products.products import Product
from portal.models.sales.deals import Deal
from portal.views.base.filters import Links, Part, Parts, only_chosen
from portal.views.base.lists import Column, ListPage
from portal.views.commission.commission import month_of
from portal.views.insights.plot import Mark, Scale, across
from portal.web import Request, permit, render, view

TALL, LOW = 190, 56
"""Pixels of the picture of the rate, and of each beside it."""


@view
def show(request: Request) -> Response:
    product = number_of(request.query.get("product", "")) or None
    effect = Effect(request.user, product)
    permit(product is None or product in effect.by_product, otherwise=404)
    products = {each.id: each for each in Product.select().where(Product.id.in_([*effect.by_product]))}
    return render(
        request,
        "insights/effect/show.html",
        effect=effect,
        verdict=effect.verdict,
        product=products.get(product) if product else None,
        products=products,
        chips=_chips(effect, products),
        picture=_picture(effect),
        days=Setting.read("effect.won_days"),
        cost=cost.reckoning(effect) if product is None and cost.readable_by(request.user) else None,
        loop=loop.readable_by(request.user),
        least_won=LEAST_WON,
        least=(Setting.read("effect.least_leads"), Setting.read("effect.least_people")),
    )


def _chips(effect: Effect, products: dict[int, Product]) -> list[tuple[str, str, None, bool]]:
    """Every product that has leads, and all of them."""
    every = [(i18n.gettext("All products"), "/effect", None, effect.product is None)]
    each = [
        (i18n.label(products[ident]), f"/effect?product={ident}", None, ident == effect.product)
        for ident in effect.by_product
        if ident in products
    ]
    return [*every, *each] if len(each) > 1 else []


def _picture(effect: Effect) -> dict[str, Any]:
    """The rate with its interval, the days to the deal, what was accepted, and how many doubts are covered,
    month by month.
    """
    months = effect.months
    told = {month: effect.total[month] for month in months if effect.tells(effect.total[month])}
    rates = Scale.of([cohort.interval[1] for cohort in told.values()], TALL, least=5)
    days = Scale.of([time.high for time in effect.cycle_times.values()], LOW, least=4, lines=2)
    bars = Scale.of([float(n) for n in effect.accepted.values()], LOW, least=2, lines=2)
    share = Scale(100, 50, LOW)
    places = {month: across(place, len(months)) for place, month in enumerate(months)}
    return {
        "labels": [(places[month], i18n.short_month(month)) for month in months],
        "rates": rates,
        "points": [_point(cohort, places[month], rates) for month, cohort in told.items()],
        "days": days,
        "times": [
            Mark(
                places[month],
                days.y(time.median),
                time.median,
                i18n.number(time.median, 1),
                days.y(time.low),
                days.y(time.high),
                effect.total[month].is_maturing,
            )
            for month, time in effect.cycle_times.items()
        ],
        "accepted": bars,
        "bars": [
            Mark(
                places[month],
                bars.y(effect.accepted[month]),
                effect.accepted[month],
                str(effect.accepted[month]),
            )
            for month in months
        ],
        "share": share,
        "covered": [
            Mark(places[month], share.y(rate), rate, f"{i18n.number(rate, 0)}%")
            for month in months
            if (rate := effect.coverage[month].rate) is not None
        ],
    }


def _point(cohort: Cohort, x: str, scale: Scale) -> Mark:
    low, high = cohort.interval
    return Mark(
        x,
        scale.y(cohort.rate),
        cohort.rate,
        i18n.number(cohort.rate, 1),
        scale.y(low),
        scale.y(high),
        cohort.is_maturing,
    )


# ---------------------------------------------------------------- the lists behind the numbers

OF_PRODUCT = Links(name="product", counted=False, field=Deal.product, offers=only_chosen(Product))


class LeadList(ListPage[Deal]):
    """The leads of one month, as many of them as a person opens."""

    noun, template = Deal, "insights/effect/leads.html"
    title = Phrase("Leads")
    over = (Phrase("Effect"), "effect")
    sorts = {"updated": Deal.updated_at, "closed": Deal.closed_on}
    usual = "-updated"
    filters = (
        Parts(
            name="show",
            label=Phrase("Show"),
            look="segmented",
            counted=False,
            parts={
                "": Part(Phrase("All"), lambda me: None),
                "won": Part(Phrase("Became a deal"), lambda me: None),
            },
        ),
        OF_PRODUCT,
    )
    columns = (
        Phrase("Lead"),
        Phrase("Owner"),
        Phrase("First contact"),
        Phrase("Became a deal"),
        Phrase("Stage"),
    )

    def __init__(self, request: Request, month: Month, effect: Effect) -> None:
        super().__init__(request)
        self.month, self.days = month, Setting.read("effect.won_days")
        self.cohort = effect.total[month]
        wanted = self.cohort.leads
        if self.state["show"] == "won":
            wanted = [lead for lead in wanted if lead.is_won(self.days)]
        self.leads: dict[int, Lead] = {lead.first.deal: lead for lead in wanted}

    @property
    def about(self) -> str:
        return i18n.month(self.month)

    def everything(self) -> ModelSelect[Deal]:
        return Deal.visible_to(self.person).where(Deal.id.in_(among(self.leads)))

    def read(self, query: ModelSelect[Deal]) -> ModelSelect[Deal]:
        return along(query, Deal.owner, Deal.product)

    @property
    def unseen(self) -> int:
        """How many others there are, whom colleagues look after; not how many of these became deals."""
        if self.state["show"]:
            return 0
        return len(self.leads) - self.everything().count()


@view
def leads(request: Request, month: str) -> Response:
    effect = Effect(request.user, number_of(request.query.get("product", "")) or None)
    asked = month_of(month)
    permit(asked in effect.months, otherwise=404)
    permit(not effect.hides(effect.total[asked]))
    permit(effect.tells(effect.total[asked]) or not request.query.get("show"))
    return LeadList(request, asked, effect).page()


class AcceptedList(ListPage[Article]):
    """What was accepted in one month."""

    noun, template, size = Article, "insights/effect/accepted.html", 20
    title = Phrase("Accepted experiences")
    over = (Phrase("Effect"), "effect")
    sorts = {"published": Article.published_at, "uses": Article.uses}
    usual = "-uses"
    filters = (Links(name="product", counted=False, field=Article.product, offers=only_chosen(Product)),)
    columns = (Phrase("Title"), Phrase("Author"), Column(Phrase("Worked for"), "uses", "end"))

    def __init__(self, request: Request, month: Month) -> None:
        super().__init__(request)
        self.month = month

    @property
    def about(self) -> str:
        return i18n.month(self.month)

    def everything(self) -> ModelSelect[Article]:
        from_month = accepted([self.month]).select(Article.id)
        return Article.visible_to(self.person).where(Article.id.in_(from_month))

    def read(self, query: ModelSelect[Article]) -> ModelSelect[Article]:
        return along(query, Article.author)


@view
def accepted_in(request: Request, month: str) -> Response:
    return AcceptedList(request, month_of(month)).page()


class DoubtList(ListPage[Question]):
    """What customers asked in one month, and whether there is a best answer to it."""

    noun, template, size = Question, "insights/effect/doubts.html", 30
    title = Phrase("Customers' doubts")
    over = (Phrase("Effect"), "effect")
    sorts = {"asked": Question.created_at}
    usual = "-asked"
    filters = (
        Parts(
            name="show",
            label=Phrase("Show"),
            look="tools",
            parts={
                "": Part(Phrase("All"), lambda me: None),
                "covered": Part(Phrase("With a best answer"), lambda me: is_covered()),
                "uncovered": Part(Phrase("Without a best answer"), lambda me: ~is_covered()),
            },
        ),
        Links(name="product", counted=False, field=Question.product, offers=only_chosen(Product)),
    )
    columns = (Phrase("Question"), Phrase("Topic"), Phrase("Best answer"))

    def __init__(self, request: Request, month: Month) -> None:
        super().__init__(request)
        self.month = month

    @property
    def about(self) -> str:
        return i18n.month(self.month)

    def everything(self) -> ModelSelect[Question]:
        asked = doubts([self.month]).select(Question.id)
        return Question.visible_to(self.person).where(Question.id.in_(asked))

    def read(self, query: ModelSelect[Question]) -> ModelSelect[Question]:
        return along(query.select_extend(is_covered().alias("covered")), Question.topic)


@view
def doubts_in(request: Request, month: str) -> Response:
    return DoubtList(request, month_of(month)).page()
