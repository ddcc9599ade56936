"""Mail that the portal sends, as the administrator sees it."""

from __future__ import annotations

from typing import Any

from peewee import ModelSelect
from starlette.responses import Response

from portal.forms.base import Form
from portal.i18n import Phrase
from portal.models.people.letters import Letter
from portal.views.base.lists import Column, ListPage
from portal.web import Request, find, go, permit, render, view


class LetterList(ListPage[Any]):
    """All mail, the newest first."""

    noun, template, size = Letter, "people/letters/index.html", 30
    title = Phrase("Mail")
    over = (Phrase("Admin"), "admin")
    subtitle = Phrase(
        "Mail the portal sends. Without a mail server, show the link and hand it over yourself."
    )
    sorts = {"newest": Letter.id}
    usual = "-newest"
    columns = (
        Phrase("To"),
        Phrase("Subject"),
        Phrase("Written"),
        Phrase("Sent"),
        Column(Phrase("Link"), hidden=True),
    )

    def everything(self) -> ModelSelect[Letter]:
        return Letter.visible_to(self.person).order_by()


@view
def index(request: Request) -> Response:
    permit(request.user.is_administrator)
    return LetterList(request).page()


@view(confirmed=True)
def link(request: Request, id: int) -> Response:
    permit(request.user.is_administrator)
    letter = find(Letter.visible_to(request.user), id)
    form = Form()
    if not form.accept(letter.show_link, request.settings, by=request.user):
        request.note(form.form_errors[0], "danger")
        return go(request, "/admin/letters")
    link = form.result
    return render(request, "people/letters/show.html", letter=letter, link=link)
