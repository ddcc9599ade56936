"""Adjustments by hand: proposed by one person, decided by another."""

from __future__ import annotations

import secrets

from starlette.responses import Response

from portal import clock
from portal.clock import Month
from portal.forms.commission.commission import AdjustmentForm
from portal.i18n import Phrase
from portal.models.base.listing import listing
from portal.models.commission.adjustments import Adjustment, AdjustmentDecision
from portal.models.people.people import Person
from portal.web import Request, find, form_page, go, permit, render, view


@view
def index(request: Request) -> Response:
    permit(Adjustment.listed_for(request.user))
    proposer = Person.alias()
    query = (
        Adjustment.visible_to(request.user)
        .select(Adjustment, Person, proposer)
        .join(Person, on=Adjustment.person)
        .switch(Adjustment)
        .join(proposer, on=(Adjustment.proposed_by == proposer.id))
    )
    found = listing(query, sorts={"id": Adjustment.id}, sort="-id", after=request.query.get("after", ""))
    decisions = {
        one.adjustment_id: one
        for one in AdjustmentDecision.select(AdjustmentDecision, Person)
        .join(Person)
        .where(AdjustmentDecision.adjustment.in_([row.id for row in found.rows]))
    }
    return render(request, "commission/adjustments/index.html", found=found, decisions=decisions)


@view
def create(request: Request) -> Response:
    permit(Adjustment.proposable_by(request.user))
    form = AdjustmentForm(request.form, data={"month": Month.of(clock.today())}).offering(request.user)
    key = str(request.form.get("key", ""))[:60] or secrets.token_urlsafe(12)
    if form.accepts(Adjustment.propose, by=request.user, key=key):
        return go(
            request,
            "/commission/adjustments",
            note=Phrase("Proposed. It is paid once a second person approves it."),
        )
    return form_page(request, "commission/adjustments/new.html", form, key=key)


@view
def decide(request: Request, id: int) -> Response:
    one = find(Adjustment.visible_to(request.user), id)
    permit(one.decidable_by(request.user))
    one.decide(by=request.user, approve=request.form.get("answer") == "approve")
    return go(request, "/commission/adjustments")
