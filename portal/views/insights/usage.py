"""How knowledge is used: by topic, by article, and the week's report."""

from __future__ import annotations

from starlette.responses import Response

from portal.i18n import Phrase
from portal.models.company.topics import Topic
from portal.models.insights import usage
from portal.models.knowledge.articles import Article, ArticleTopic
from portal.models.people.letters import REPORTS, UnwantedLetter
from portal.web import Request, find, go, permit, render, view


@view
def index(request: Request) -> Response:
    permit(usage.open_to(request.user))
    return render(request, "insights/usage/index.html", rows=usage.by_topic(request.user))


@view
def of_topic(request: Request, id: int) -> Response:
    permit(usage.open_to(request.user))
    topic = find(Topic.visible_to(request.user), id)
    under = ArticleTopic.select(ArticleTopic.article).where(ArticleTopic.topic == topic)
    published = Article.select().where((Article.state == "published") & Article.id.in_(under))
    rows = usage.of_articles(published, request.user)
    return render(request, "insights/usage/topic.html", topic=topic, rows=rows, most=usage.MOST)


@view
def week(request: Request) -> Response:
    permit(usage.open_to(request.user))
    last = usage.week_of(request.user)
    mailed = UnwantedLetter.wants(request.user) if last.topics else None
    return render(request, "insights/usage/week.html", week=last, read_of=usage.read_of, mailed=mailed)


@view
def choose_letter(request: Request) -> Response:
    permit(usage.open_to(request.user))
    wanted = request.form.get("wanted") == "y"
    UnwantedLetter.choose(by=request.user, wanted=wanted)
    told = (
        Phrase("The report is mailed to you each week.")
        if wanted
        else Phrase("It is no longer mailed to you.")
    )
    return go(request, REPORTS, note=told)
