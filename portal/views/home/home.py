"""My day: what needs me, and where I stand."""

from __future__ import annotations

from starlette.responses import Response

from portal.models.commission.reckoning import reckon_one
from portal.models.home.my_day import MyDay
from portal.models.home.setting_up import is_due
from portal.models.people.needs import needs
from portal.models.people.notices import Notice
from portal.web import Request, find, go, local_path, opens, refresh, render, view


@view
def home(request: Request) -> Response:
    return render(request, "home/home.html", day=MyDay.of(request.user), set_up=is_due(request.user))


@view
def month_so_far(request: Request) -> Response:
    day = MyDay.of(request.user)
    return render(
        request, "home/_month_so_far.html", reckoning=reckon_one(request.user, day.month), merit=day.merit
    )


@view
def needs_me(request: Request) -> Response:
    notices = Notice.of(request.user).limit(50)
    return render(request, "home/needs_me.html", needs=needs(request.user), notices=list(notices))


@view
def read_notice(request: Request, id: int) -> Response:
    """What it leads to, or what became of that: no notice leads to a page that does not open."""
    notice = find(Notice.of(request.user), id)
    notice.read()
    to = local_path(notice.url, "/needs-me") if request.form.get("open") else "/needs-me"
    if not opens(request, to):
        request.note(notice.what_became(), "warning")
        return go(request, "/needs-me")
    return refresh(request, "home/_notice.html", to=to, notice=notice.fresh())


@view
def read_all_notices(request: Request) -> Response:
    Notice.read_all(request.user)
    return go(request, "/needs-me")
