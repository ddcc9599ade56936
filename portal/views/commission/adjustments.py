"""Adjustments by hand: proposed by one person, decided by another."""

from __future__ import annotations

from peewee import ModelSelect
from starlette.responses import Response

from portal import clock
from portal.clock import Month
from portal.forms.commission.commission import AdjustmentForm
from portal.i18n import Phrase
from portal.models.commission.adjustments import Adjustment, AdjustmentDecision
from portal.models.people.people import Person
from portal.views.base.lists import Column, ListPage
from portal.web import Request, find, form_page, go, permit, view


class AdjustmentList(ListPage[Adjustment]):
    """Adjustments, the newest first."""

    noun, template = Adjustment, "commission/adjustments/index.html"
    title = Phrase("Adjustments")
    subtitle = Phrase("Money added or taken by hand: a reason, and always a second person.")
    sorts = {"id": Adjustment.id}
    usual = "-id"
    columns = (
        Phrase("For whom"),
        Phrase("Month"),
        Phrase("Reason"),
        Phrase("Proposed by"),
        Phrase("Decision"),
        Column(Phrase("Amount"), align="end"),
    )

    def read(self, query: ModelSelect[Adjustment]) -> ModelSelect[Adjustment]:
        proposer = Person.alias()
        return (
            query.select(Adjustment, Person, proposer)
            .join(Person, on=Adjustment.person)
            .switch(Adjustment)
            .join(proposer, on=(Adjustment.proposed_by == proposer.id))
        )


@view
def index(request: Request) -> Response:
    permit(Adjustment.listed_for(request.user))
    adjustments = AdjustmentList(request)
    decisions = (
        AdjustmentDecision.select(AdjustmentDecision, Person)
        .join(Person)
        .where(AdjustmentDecision.adjustment.in_([row.id for row in adjustments.rows]))
    )
    return adjustments.page(decisions={one.adjustment_id: one for one in decisions})


@view
def create(request: Request) -> Response:
    permit(Adjustment.proposable_by(request.user))
    form = AdjustmentForm(request.form, data={"month": Month.of(clock.today())}).offering(request.user)
    if form.accepts(Adjustment.propose, by=request.user):
        return go(
            request,
            "/commission/adjustments",
            note=Phrase("Proposed. It counts once a second person approves it."),
        )
    return form_page(request, "commission/adjustments/new.html", form)


@view
def decide(request: Request, id: int) -> Response:
    one = find(Adjustment.visible_to(request.user), id)
    permit(one.decidable_by(request.user))
    one.decide(by=request.user, approve=request.form.get("answer") == "approve")
    return go(request, "/commission/adjustments")
