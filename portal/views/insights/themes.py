"""Why deals were won and lost: the themes of a month, and the deals and lessons behind each."""

from __future__ import annotations

from peewee import ModelSelect
from starlette.responses import Response

from portal import clock, i18n
from portal.clock import Month
from portal.i18n import Phrase
from portal.models.base.record import along
from portal.models.insights.themes import LEAST, LESSONS, Themes, learnt, months_until, of_reason
from portal.models.knowledge.articles import Article
from portal.models.sales.close_reasons import CloseReason
from portal.models.sales.deals import CLOSED_STAGES, Deal
from portal.models.sales.words import Stage
from portal.views.base.lists import Column, ListPage
from portal.views.commission.commission import asked_month, month_of
from portal.web import Request, find, permit, render, view

SHOWN = 6
"""So many months to choose from, this one among them."""


def _stage(request: Request) -> Stage:
    return Stage.WON if request.query.get("stage") == Stage.WON else Stage.LOST


@view
def show(request: Request) -> Response:
    month, stage = asked_month(request), _stage(request)
    present = Month.of(clock.today())
    permit(month <= present, otherwise=404)
    months = months_until(present, SHOWN)
    return render(
        request,
        "insights/themes/show.html",
        themes=Themes(request.user, stage, month),
        chips=[(i18n.month(each), _path(each, stage), None, each == month) for each in months],
        ends=[
            (i18n.label(each), _path(month, each), None, each == stage) for each in (Stage.LOST, Stage.WON)
        ],
        least=LEAST,
    )


def _path(month: Month, stage: Stage) -> str:
    return f"/themes?month={month}&stage={stage.value}"


class ThemeDeals(ListPage[Deal]):
    """The deals of a month that ended so for one reason, as many of them as a person opens."""

    noun, template = Deal, "insights/themes/deals.html"
    sorts = {"closed": Deal.closed_on, "amount": Deal.amount}
    usual = "-closed"
    columns = (
        Phrase("Deal"),
        Phrase("Owner"),
        Phrase("In own words"),
        Phrase("Competitor"),
        Column(Phrase("Amount"), "amount", "end"),
        Column(Phrase("Closed on"), "closed", "end"),
    )

    def __init__(self, request: Request, month: Month, stage: Stage, reason: CloseReason | None) -> None:
        super().__init__(request)
        self.month, self.stage, self.reason = month, stage, reason

    @property
    def title(self) -> str:  # type: ignore[override]
        """The reason, by its name."""
        return i18n.label(self.reason) if self.reason else i18n.gettext("Nobody said why")

    @property
    def about(self) -> str:
        return f"{i18n.label(self.stage)} · {i18n.month(self.month)}"

    @property
    def back(self) -> str:
        """Where the themes stand that it is one of."""
        return _path(self.month, self.stage)

    def everything(self) -> ModelSelect[Deal]:
        return of_reason(self.person, self.stage, self.month, self.reason)

    def read(self, query: ModelSelect[Deal]) -> ModelSelect[Deal]:
        return along(query, Deal.owner, Deal.customer)

    @property
    def lessons(self) -> list[Article]:
        """What was learnt of these deals."""
        return list(learnt(self.person, self.everything()).limit(LESSONS))


@view
def deals(request: Request, month: str, stage: str, reason: int) -> Response:
    ends: dict[str, Stage] = {each.value: each for each in CLOSED_STAGES}
    permit(stage in ends, otherwise=404)
    word = find(CloseReason.visible_to(request.user), reason) if reason else None
    return ThemeDeals(request, month_of(month), ends[stage], word).page()
