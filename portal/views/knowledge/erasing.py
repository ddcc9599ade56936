"""Taking personal data out of what was published, and out of all that was kept of it (RULES 4.10)."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from portal.forms.knowledge.erasing import ErasureForm
from portal.i18n import Phrase
from portal.models.experiences import process
from portal.models.knowledge.articles import Article
from portal.models.knowledge.questions import Question
from portal.web import Request, find, form_page, go, permit, view


@view
def article(request: Request, id: int) -> Response:
    return _erase(request, find(Article.visible_to(request.user), id), process.erase)


@view
def question(request: Request, id: int) -> Response:
    return _erase(request, find(Question.visible_to(request.user), id), Question.erase)


def _erase(request: Request, record: Any, verb: Any) -> Response:
    permit(record.erasable_by(request.user))
    form = ErasureForm(request.form)
    if form.accepts(verb, record, by=request.user):
        n = sum(form.result.values())
        return go(request, record.url, note=Phrase("Taken out, in all places together: %(n)s.", n=n))
    title = getattr(record, record.texts[0])
    return form_page(request, "knowledge/erasing.html", form, record=record, title=title)
