"""Two articles become one, and what links an article."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from portal.i18n import Phrase
from portal.models.base.listing import number_of
from portal.models.base.record import Invalid
from portal.models.help.pages import HelpPage
from portal.models.help.words import HelpState
from portal.models.insights.backlinks import backlinks
from portal.models.knowledge import merging
from portal.models.knowledge.articles import Article
from portal.models.knowledge.outside_links import OutsideLink
from portal.models.knowledge.questions import Question
from portal.models.knowledge.shelves import related
from portal.models.learning.courses import Course
from portal.models.people.people import Person
from portal.web import Request, find, go, permit, render, view

SHOWN = 20


@view
def offer(request: Request, id: int) -> Response:
    article = find(Article.visible_to(request.user), id)
    permit(merging.mergeable_by(article, request.user))
    words = request.query.get("q", "")
    others = merging.offered(article, words) if words.strip() else related(article, article.topics, SHOWN)
    page = HelpPage.of(article)
    is_public = page is not None and page.state == HelpState.PUBLIC
    facts: dict[str, Any] = {"article": article, "words": words, "others": others, "is_public": is_public}
    return render(request, "knowledge/articles/merge.html", **facts)


@view
def merge(request: Request, id: int) -> Response:
    article = find(Article.visible_to(request.user), id)
    permit(merging.mergeable_by(article, request.user))
    chosen = Article.id == number_of(str(request.form.get("into")))
    into = Article.visible_to(request.user).where(chosen).first() or article
    try:
        merging.merge(article, into, by=request.user)
    except Invalid as invalid:
        request.note(next(iter(invalid.errors.values())), "warning")
        return go(request, f"{article.url}/merging")
    return go(request, into.url, note=Phrase("Merged. The other address leads here for ever."))


@view
def links(request: Request, id: int) -> Response:
    article = find(Article.visible_to(request.user), id)
    broken = OutsideLink.broken_in(article) if article.editable_by(request.user) else ()
    return _links(request, article, broken=list(broken))


@view
def question_links(request: Request, id: int) -> Response:
    return _links(request, find(Question.visible_to(request.user), id))


@view
def course_links(request: Request, id: int) -> Response:
    return _links(request, find(Course.visible_to(request.user), id))


@view
def person_links(request: Request, id: int) -> Response:
    return _links(request, find(Person.visible_to(request.user), id))


def _links(request: Request, record: Any, **facts: Any) -> Response:
    page = "knowledge/articles/_links.html" if request.wants_fragment else "knowledge/articles/links.html"
    of, before = request.query.get("of", ""), number_of(request.query.get("before"))
    groups = backlinks(record, request.user, of=of, before=before)
    facts = {"broken": [], "address": request.path, **facts}
    return render(request, page, record=record, groups=groups, **facts)
