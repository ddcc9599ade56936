"""New knowledge for a job or a department."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from starlette.responses import Response

from portal import i18n
from portal.models.base.listing import number_of
from portal.models.company.departments import Department
from portal.models.company.topics import Topic
from portal.models.knowledge.shelves import excerpts, topics_of
from portal.models.learning import news
from portal.web import Request, render, view

FEW = 6


@view
def index(request: Request) -> Response:
    if request.wants_fragment:
        newest = list(news.new_about(news.topics_of(request.user), request.user).limit(FEW))
        kept = Response(status_code=204)  # what stands there stays
        return render(request, "knowledge/articles/_news.html", articles=newest) if newest else kept
    job, department = request.query.get("job", ""), number_of(request.query.get("department"))
    known, topics = Topic.every(), _topics(request, job, department)
    found = news.new_about(topics, request.user)
    before = number_of(request.query.get("before"))
    rows = list((found.offset(before) if before else found).limit(news.A_PAGE + 1))
    shown = rows[: news.A_PAGE]
    facts: dict[str, Any] = {
        "articles": shown,
        "topics_by_article": topics_of(shown),
        "excerpts": excerpts(shown, i18n.current()),
        "about": [topic for topic in known.values() if topic.id in topics],
        "further": _address(job, department, (before or 0) + news.A_PAGE) if rows[news.A_PAGE :] else "",
        "jobs": _jobs(job),
        "departments": _departments(request, department),
        "is_mine": not job and not department,
    }
    return render(request, "knowledge/articles/news.html", **facts)


def _topics(request: Request, job: str, department: int | None) -> set[int]:
    if job:
        return news.topics_of_job(job)
    return news.topics_of_department(department) if department else news.topics_of(request.user)


def _address(job: str, department: int | None, before: int = 0) -> str:
    chosen = f"job={quote(job)}" if job else f"department={department}" if department else ""
    return "/articles/news?" + "&".join([*filter(None, [chosen]), *([f"before={before}"] if before else [])])


def _jobs(job: str) -> list[tuple[str, str, None, bool]]:
    """Each job that people have, with its address."""
    spoken = i18n.current() == "en"
    return [
        ((spoken and english) or title, _address(title, None), None, title == job)
        for title, english in news.jobs().items()
    ]


def _departments(request: Request, chosen: int | None) -> list[tuple[str, str, None, bool]]:
    known = Department.select().order_by(Department.id)
    return [(i18n.label(each), _address("", each.id), None, each.id == chosen) for each in known]
