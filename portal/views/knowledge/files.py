"""Files taken out of articles and answers, for good."""

from __future__ import annotations

from starlette.responses import Response

from portal.i18n import Phrase
from portal.models.base.record import Record
from portal.models.files.attachments import Attachment, Enclosure
from portal.models.knowledge.articles import Article
from portal.models.knowledge.questions import Answer, Question
from portal.web import Request, find, go, permit, view


@view
def of_article(request: Request, id: int, file: int) -> Response:
    article = find(Article.visible_to(request.user), id)
    permit(article.editable_by(request.user))
    return _take_out(request, article, file, f"{article.url}/edit")


@view
def of_answer(request: Request, id: int, file: int) -> Response:
    answer = find(Answer.select(), id)
    question = find(Question.visible_to(request.user), answer.question_id)
    permit(answer.editable_by(request.user))
    return _take_out(request, question, file, f"/answers/{id}/edit")


def _take_out(request: Request, record: Record, file: int, then: str) -> Response:
    attachment = find(Attachment.visible_to(request.user), file)
    Enclosure.take_out(record, attachment, by=request.user)
    return go(request, then, note=Phrase("Taken out for good: %(file)s", file=attachment.name))
