"""Background jobs, as the administrator sees them."""

from __future__ import annotations

from starlette.responses import Response

from portal.jobs.registry import WORK
from portal.models.base.listing import listing
from portal.models.work.jobs import Job
from portal.web import Request, find, permit, refresh, render, view


@view
def index(request: Request) -> Response:
    permit(request.user.is_administrator)
    found = listing(
        Job.select(), sorts={"newest": Job.id}, sort="-newest", after=request.query.get("after", ""), size=30
    )
    return render(request, "work/jobs/index.html", jobs=found, work=WORK)


@view
def retry(request: Request, id: int) -> Response:
    permit(request.user.is_administrator)
    job = find(Job.select(), id)
    job.retry(by=request.user)
    return refresh(request, "work/jobs/_job.html", to="/admin/jobs", job=job.fresh(), work=WORK)
