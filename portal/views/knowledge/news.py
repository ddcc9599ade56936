"""New knowledge for a job or a department."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from urllib.parse import quote

from starlette.responses import Response

from portal import i18n
from portal.models.base.listing import number_of
from portal.models.company.departments import Department
from portal.models.company.topics import Topic
from portal.models.knowledge.audience import JOB, ReaderGroup, jobs
from portal.models.knowledge.shelves import excerpts, topics_of
from portal.models.learning import news
from portal.views.base.tabs import Facts
from portal.web import Request, render, view

FEW = 6


@view
def index(request: Request) -> Response:
    if request.wants_fragment:
        return _newest(request)
    job, department = request.query.get("job", ""), number_of(request.query.get("department"))
    known, topics = Topic.every(), _topics(request, job, department)
    groups = _groups(job, department)
    facts: Facts = {
        **_shown(request, topics, groups, partial(_address, job, department)),
        "about": [topic for topic in known.values() if topic.id in topics],
        "jobs": _jobs(job),
        "departments": _departments(request, department),
        "is_mine": not job and not department,
    }
    return render(request, "knowledge/articles/news.html", **facts)


def _newest(request: Request) -> Response:
    """The few for the first page; where there is none, what stands there stays."""
    newest = list(news.new_about(news.topics_of(request.user), request.user).limit(FEW))
    if not newest:
        return Response(status_code=204)
    return render(request, "knowledge/articles/_news.html", articles=newest)


def _shown(
    request: Request, topics: set[int], groups: list[ReaderGroup] | None, address: Callable[[int], str]
) -> Facts:
    """A page of what is new about these topics or for these groups, and the address of what follows."""
    start = number_of(request.query.get("from")) or 0
    rows = list(news.new_about(topics, request.user, groups).limit(news.A_PAGE + 1).offset(start))
    articles = rows[: news.A_PAGE]
    return {
        "articles": articles,
        "topics_by_article": topics_of(articles),
        "excerpts": excerpts(articles, i18n.current()),
        "further": address(start + news.A_PAGE) if rows[news.A_PAGE :] else "",
    }


def _topics(request: Request, job: str, department: int | None) -> set[int]:
    if job:
        return news.topics_of_job(job)
    return news.topics_of_department(department) if department else news.topics_of(request.user)


def _groups(job: str, department: int | None) -> list[ReaderGroup] | None:
    """Whose news it is; None for one's own."""
    if job:
        return [ReaderGroup(JOB + job)]
    return news.groups_of_department(department) if department else None


def _address(job: str, department: int | None, start: int = 0) -> str:
    chosen = f"job={quote(job)}" if job else f"department={department}" if department else ""
    return "/articles/news?" + "&".join([*filter(None, [chosen]), *([f"from={start}"] if start else [])])


def _jobs(job: str) -> list[tuple[str, str, None, bool]]:
    """Each job that people have, with its address."""
    spoken = i18n.current() == "en"
    return [
        ((spoken and english) or title, _address(title, None), None, title == job)
        for title, english in jobs().items()
    ]


def _departments(request: Request, chosen: int | None) -> list[tuple[str, str, None, bool]]:
    known = Department.select().order_by(Department.id)
    return [(i18n.label(each), _address("", each.id), None, each.id == chosen) for each in known]
