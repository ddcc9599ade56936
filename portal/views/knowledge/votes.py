"""What is held of colleagues' votes for each other, and letting it count or not (RULES 4.3)."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.responses import Response

from portal.i18n import Phrase
from portal.models.expertise.votes import held_for
from portal.web import Request, go, permit, render, view


@view
def index(request: Request) -> Response:
    permit(request.user.is_auditor or request.user.is_administrator)
    return render(request, "knowledge/votes/index.html", votes=held_for(request.user))


@view
def decide(request: Request, id: int) -> Response:
    permit(request.user.is_auditor or request.user.is_administrator)
    vote = next((each.vote for each in held_for(request.user) if each.id == id), None)
    if vote is None:
        return go(request, "/admin/votes", note=Phrase("This was decided already."))
    permit(vote.decidable_by(request.user))
    decisions = {"release": vote.release, "drop": vote.drop}
    decide = decisions.get(str(request.form.get("answer", "")))
    if decide is None:
        raise HTTPException(422)
    decide(by=request.user)
    return go(request, "/admin/votes", note=Phrase("Decided."))
