"""Taking personal data out of what was published, and out of all that was kept of it (RULES 4.10)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from starlette.responses import Response

from portal.forms.knowledge.erasing import ErasureForm
from portal.i18n import Phrase
from portal.models.experiences import process
from portal.models.experiences.erasing import erasable_by, erase
from portal.models.experiences.experiences import Experience
from portal.models.knowledge.articles import Article
from portal.models.knowledge.questions import Answer, Question
from portal.views.knowledge.files import enclosed
from portal.web import Request, find, form_page, go, permit, view


@view
def article(request: Request, id: int) -> Response:
    record = find(Article.visible_to(request.user), id)
    permit(record.erasable_by(request.user))
    return _erase(request, record, process.erase, back=record.url, texts=[enclosed(record)])


@view
def question(request: Request, id: int) -> Response:
    record = find(Question.visible_to(request.user), id)
    permit(record.erasable_by(request.user))
    texts = [enclosed(answer) for answer in Answer.select().where(Answer.question == record)]
    return _erase(request, record, Question.erase, back=record.url, texts=texts)


@view
def experience(request: Request, id: int) -> Response:
    """One that became no article; of one that did, the article. To all others it does not exist."""
    record = find(Experience.select(), id)
    permit(erasable_by(record, request.user), otherwise=404)
    if born := Article.select().where(Article.was_born_of(record.kind(), record.id)).first():
        return go(request, f"{born.url}/erasing")
    seen = Experience.visible_to(request.user).where(Experience.id == id).exists()
    return _erase(request, record, erase, back=record.url if seen else "/needs-me")


def _erase(request: Request, record: Any, verb: Any, *, back: str, texts: Sequence[Any] = ()) -> Response:
    form = ErasureForm(request.form)
    if form.accepts(verb, record, by=request.user):
        n = sum(form.result.values())
        return go(request, back, note=Phrase("Taken out, in all places together: %(n)s.", n=n))
    title = getattr(record, record.texts[0])
    found = {"record": record, "title": title, "back": back, "texts": texts}
    return form_page(request, "knowledge/erasing.html", form, **found)
