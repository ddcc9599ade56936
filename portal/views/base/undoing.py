"""Undoing what one did by a click."""

from __future__ import annotations

from datetime import datetime

from starlette.responses import Response

from portal import i18n
from portal.i18n import Phrase
from portal.models.base import undoing
from portal.models.base.nouns import NOUNS
from portal.models.base.record import Event, Invalid, Record
from portal.web import Request, find, go, local_path, permit, view


@view
def undo(request: Request, id: int) -> Response:
    """It is undone, or it says why it stands: back to where one was, from a form to what it was done to."""
    event = find(undoing.own_acts(request.user), id)
    permit(undoing.may_undo(event, by=request.user))
    try:
        _undo(request, event)
    except Invalid as invalid:
        request.note(next(iter(invalid.errors.values())), "warning")
    back, path = local_path(str(request.form.get("next", ""))), NOUNS[event.subject_kind].path
    home = back.endswith("/edit") or undoing.goes_to_record(event)
    return go(request, path.format(id=event.subject) if path and home else back)


def _undo(request: Request, event: Event) -> None:
    """The one act; where a message offers it, all that its click did, saying what of it stands."""
    if not request.form.get("whole"):
        undoing.undo(event, by=request.user)
        return request.note(Phrase("Undone. It is as it was."))
    outcome = undoing.undo_click(event, by=request.user)
    if len(outcome.done) > 1:
        request.note(Phrase("Undone: %(count)s.", count=len(outcome.done)))
    elif outcome.done:
        request.note(Phrase("Undone. It is as it was."))
    for why in outcome.refused:
        request.note(why, "warning")
    return None


def acts_on(request: Request, record: Record) -> list[tuple[int, datetime, str]]:
    """What who looks did to a record today and may undo: the event, when, and the act in words."""
    said = NOUNS[record.kind()].said
    return [
        (event.id, event.at, i18n.gettext(said(event.verb).words))
        for event in undoing.undoable(record, by=request.user)
    ]
