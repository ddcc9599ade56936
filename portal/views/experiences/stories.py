"""Telling the story of a won deal."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from portal.i18n import Phrase
from portal.models.base.record import Invalid
from portal.models.experiences import stories
from portal.models.sales.deals import Deal
from portal.web import Request, find, go, permit, render, view


@view
def show(request: Request, id: int) -> Response:
    deal = find(Deal.visible_to(request.user), id)
    permit(stories.tellable_by(deal, request.user))
    passages, left_out = stories.passages(deal, by=request.user)
    about: dict[str, Any] = {
        "deal": deal,
        "passages": passages,
        "left_out": left_out,
        "waits": stories.read_blind(deal.id),
    }
    about["begun"] = stories.story_of(deal, by=request.user)
    return render(request, "experiences/stories/show.html", **about)


@view
def begin(request: Request, id: int) -> Response:
    deal = find(Deal.visible_to(request.user), id)
    permit(stories.tellable_by(deal, request.user))
    try:
        story = stories.begin(deal, by=request.user)
    except Invalid as invalid:
        request.note(next(iter(invalid.errors.values())), "warning")
        return go(request, deal.url)
    return go(request, f"{story.url}/edit", note=Phrase("A draft: only you see it until you publish it."))
