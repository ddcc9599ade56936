"""What becomes of an accepted suggestion."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from portal.forms.knowledge.outcomes import OutcomeForm, OutcomeOwnerForm
from portal.i18n import Phrase
from portal.models.knowledge.outcomes import SuggestionOutcome
from portal.web import Request, find, form_page, go, permit, render, view

NOTHING = Phrase("Nothing has changed.")
PAGE = "knowledge/outcomes/show.html"


@view
def show(request: Request, id: int) -> Response:
    outcome = find(SuggestionOutcome.visible_to(request.user), id)
    if not outcome.answerable_by(request.user):
        return go(request, f"{outcome.article.url}#outcome")
    form = OutcomeForm(request.form, data=_said(outcome))
    if form.accepts(outcome.say, by=request.user):
        answered = Phrase("Answered. Who proposed it is told.")
        return go(request, outcome.article.url, note=answered if form.result else NOTHING)
    owner = OutcomeOwnerForm().offering(outcome)
    return form_page(request, PAGE, form, outcome=outcome, owner_form=owner)


def _said(outcome: SuggestionOutcome) -> dict[str, Any]:
    return {
        "state": outcome.state if outcome.answered_at else "",
        "planned_on": outcome.planned_on,
        "text": outcome.answer,
    }


@view
def pass_on(request: Request, id: int) -> Response:
    outcome = find(SuggestionOutcome.visible_to(request.user), id)
    permit(outcome.answerable_by(request.user))
    form = OutcomeOwnerForm(request.form).offering(outcome)
    if form.accepts(outcome.pass_on, by=request.user):
        return go(request, outcome.article.url, note=Phrase("Passed on. The same day holds."))
    facts = {"form": OutcomeForm(data=_said(outcome)), "owner_form": form}
    return render(request, PAGE, status=form.status, outcome=outcome, **facts)
