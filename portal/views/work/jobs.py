"""Background jobs, as the administrator sees them."""

from __future__ import annotations

from peewee import ModelSelect
from starlette.responses import Response

from portal.i18n import Phrase
from portal.jobs import worker  # noqa: F401 - all that is done is known by its words
from portal.jobs.registry import WORK
from portal.models.work.jobs import Job
from portal.models.work.setbacks import Setback
from portal.views.base.lists import Column, ListPage
from portal.web import Request, find, go, permit, refresh, view


class JobList(ListPage[Job]):
    """All background work, the newest first."""

    noun, template, size = Job, "work/jobs/index.html", 30
    title = Phrase("Background jobs")
    over = (Phrase("Admin"), "admin")
    subtitle = Phrase("A failed job is tried again, each time later. After five tries it waits here for you.")
    sorts = {"newest": Job.id}
    usual = "-newest"
    columns = (
        Phrase("Job"),
        Phrase("State"),
        Column(Phrase("Progress"), align="end"),
        Column(Phrase("Tries"), align="end"),
        Phrase("Requested"),
        Phrase("Finished"),
        Column(Phrase("Try again"), hidden=True),
    )

    def everything(self) -> ModelSelect[Job]:
        return Job.select()

    @property
    def aside(self) -> list[Setback]:
        """What failed and was put aside."""
        return list(Setback.standing().limit(50))


@view
def index(request: Request) -> Response:
    permit(request.user.is_administrator)
    return JobList(request).page(work=WORK)


@view
def retry(request: Request, id: int) -> Response:
    permit(request.user.is_administrator)
    job = find(Job.select(), id)
    job.retry(by=request.user)
    return refresh(request, "work/jobs/_job.html", to="/admin/jobs", job=job.fresh(), work=WORK)


@view
def stop(request: Request, id: int) -> Response:
    permit(request.user.is_administrator)
    find(Job.select(), id).stop(by=request.user)
    return go(request, "/admin/jobs", note=Phrase("It is ended within seconds."))


@view
def drop(request: Request, id: int) -> Response:
    permit(request.user.is_administrator)
    find(Job.select(), id).drop(by=request.user)
    return go(request, "/admin/jobs", note=Phrase("It is dropped."))


@view
def retry_setback(request: Request, id: int) -> Response:
    permit(request.user.is_administrator)
    find(Setback.select(), id).retry(by=request.user)
    return go(request, "/admin/jobs", note=Phrase("It is tried again."))


@view
def drop_setback(request: Request, id: int) -> Response:
    permit(request.user.is_administrator)
    find(Setback.select(), id).drop(by=request.user)
    return go(request, "/admin/jobs", note=Phrase("It is dropped."))
