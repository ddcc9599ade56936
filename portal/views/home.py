"""My day: what needs me, and where I stand."""

from __future__ import annotations

from starlette.responses import Response

from portal.models.queue import needs
from portal.web import Request, render, view


@view
def home(request: Request) -> Response:
    return render(request, "home.html", needs=needs(request.user))
