"""One's own badges, level and weeks in a row, with what comes next."""

from __future__ import annotations

from starlette.responses import Response

from portal.models.expertise.points import PointEntry
from portal.models.knowledge.badges import Badge, level_of, next_of, streak_of
from portal.views.knowledge.points import own
from portal.web import Request, render, view


@view
def show(request: Request, id: int) -> Response:
    person = own(request, id)
    held, level, weeks = Badge.of(person), level_of(PointEntry.total(person)), streak_of(person)
    return render(
        request,
        "knowledge/people/badges.html",
        person=person,
        level=level,
        weeks=weeks,
        coming=next_of(person, held),
        badges=held,
    )
