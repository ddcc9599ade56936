"""Files taken out of articles and answers, for good."""

from __future__ import annotations

from starlette.responses import Response

from portal.i18n import Phrase
from portal.models.base.record import Record
from portal.models.files.attachments import Attachment, Enclosure
from portal.models.files.file_texts import FileText
from portal.models.knowledge.articles import Article
from portal.models.knowledge.questions import Answer
from portal.web import Request, find, go, permit, view


@view
def of_article(request: Request, id: int, file: int) -> Response:
    article = find(Article.visible_to(request.user), id)
    permit(article.editable_by(request.user) or article.erasable_by(request.user))
    back = "edit" if article.editable_by(request.user) else "erasing"
    return _take_out(request, article, file, f"{article.url}/{back}")


@view
def of_answer(request: Request, id: int, file: int) -> Response:
    answer = find(Answer.visible_to(request.user), id)
    permit(answer.editable_by(request.user) or answer.question.erasable_by(request.user))
    change = f"/answers/{id}/edit"
    back = change if answer.editable_by(request.user) else f"{answer.question.url}/erasing"
    return _take_out(request, answer, file, back)


def _take_out(request: Request, record: Record, file: int, then: str) -> Response:
    attachment = find(Attachment.visible_to(request.user), file)
    Enclosure.take_out(record, attachment, by=request.user)
    return go(request, then, note=Phrase("Taken out for good: %(file)s", file=attachment.name))


def enclosed(record: Record) -> tuple[str, int, list[Attachment], dict[int, Phrase]]:
    """The files of a text, by which address they are taken out, how each is found: for `_enclosed.html`."""
    files = Enclosure.of(record)
    return f"{record.kind()}_file_removal", record.id, files, FileText.states(files)
