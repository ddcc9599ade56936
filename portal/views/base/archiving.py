"""Putting a record away and bringing it back: two views for every noun that can."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.responses import Response

from portal.i18n import Phrase
from portal.web import Request, find, go, permit, view

ARCHIVED = Phrase("Archived. You can bring it back any time.")


def archiving(
    noun: Any, *, to: Callable[[Any], str] = lambda record: record.url, said: Phrase = ARCHIVED
) -> tuple[Any, Any]:
    """The views that archive a record of this noun and that restore it; `to`: the page that follows; `said`:
    that it is put away, in the word of the button.
    """

    @view
    def archive(request: Request, id: int) -> Response:
        record = find(noun.visible_to(request.user), id)
        permit(record.archivable_by(request.user))
        record.archive(by=request.user)
        return go(request, to(record), note=said)

    @view
    def restore(request: Request, id: int) -> Response:
        record = find(noun.visible_to(request.user), id)
        permit(record.restorable_by(request.user))
        record.restore(by=request.user)
        return go(request, to(record), note=Phrase("Brought back."))

    return archive, restore
