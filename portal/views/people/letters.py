"""Mail that the portal sends, as the administrator sees it."""

from __future__ import annotations

from starlette.responses import Response

from portal.models.base.listing import listing
from portal.models.people.letters import Letter
from portal.web import Request, find, permit, render, view


@view
def index(request: Request) -> Response:
    permit(request.user.is_administrator)
    found = listing(
        Letter.visible_to(request.user).order_by(),
        sorts={"newest": Letter.id},
        sort="-newest",
        after=request.query.get("after", ""),
        size=30,
    )
    return render(request, "people/letters/index.html", letters=found)


@view
def link(request: Request, id: int) -> Response:
    permit(request.user.is_administrator)
    letter = find(Letter.visible_to(request.user), id)
    link = letter.show_link(request.settings, by=request.user)
    return render(request, "people/letters/show.html", letter=letter, link=link)
