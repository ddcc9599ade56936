"""What spellings of earlier files are taken for: seen, and withdrawn."""

from __future__ import annotations

from peewee import ModelSelect
from starlette.responses import Response

from portal.i18n import Phrase
from portal.models.base.record import along
from portal.models.imports.aliases import Alias
from portal.models.imports.imports import Import
from portal.models.imports.named import NAMED
from portal.views.base.lists import ListPage
from portal.web import Request, find, go, permit, view


class NameList(ListPage[Alias]):
    """All that is remembered, the newest first."""

    noun, template = Alias, "imports/names/index.html"
    subtitle = Phrase("What spellings in files are taken for, because someone said so.")
    over = (Phrase("Imports"), "imports")
    sorts = {"when": Alias.id}
    usual = "-when"
    columns = (
        Phrase("In the file"),
        Phrase("What is named"),
        Phrase("Taken for"),
        Phrase("By"),
        Phrase("When"),
        Phrase("Forget it"),
    )

    def read(self, query: ModelSelect[Alias]) -> ModelSelect[Alias]:
        return along(query, Alias.by)


@view
def index(request: Request) -> Response:
    permit(Import.creatable_by(request.user))
    return NameList(request).page(named=NAMED)


@view
def withdraw(request: Request, id: int) -> Response:
    alias = find(Alias.visible_to(request.user), id)
    permit(alias.withdrawable_by(request.user))
    alias.withdraw(by=request.user)
    return go(request, "/imports/names", note=Phrase("Forgotten: the next file with it asks."))
