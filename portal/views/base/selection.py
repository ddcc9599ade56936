"""Acts on what was chosen in a list: handed over, put away, brought back (list.html)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.responses import Response

from portal import i18n
from portal.forms.customers.customers import HandOverForm
from portal.i18n import Phrase, names
from portal.models.base.selection import Acted, each
from portal.views.base.lists import ListPage, chosen_ids
from portal.web import Request, form_page, go, local_path, permit, view

NAMED = 3
"""So many of those that were refused are named."""
HandOver = Callable[..., bool]


def selection(page: type[ListPage[Any]], hand_over: HandOver) -> tuple[Any, Any]:
    """The views that act on rows of this list, and that give them to a new owner by this verb."""

    @view
    def act(request: Request) -> Response:
        chosen = str(request.form.get("act", ""))
        permit(chosen in ("owner", "archive", "restore"), otherwise=422)
        if chosen == "owner":
            return _form(request, page, HandOverForm().offering(request.user))
        right, verb = ("archivable_by", "archive") if chosen == "archive" else ("restorable_by", "restore")
        outcome = each(
            chosen_rows(request, page),
            lambda record: getattr(record, verb)(by=request.user),
            may=lambda record: bool(getattr(record, right)(request.user)),
        )
        done = len(outcome.done)
        said = Phrase("Brought back: %(count)s.", count=done)
        if chosen == "archive":
            said = Phrase("Archived: %(count)s.", count=done)
        return _answer(request, page, outcome, said)

    @view
    def owner(request: Request) -> Response:
        form = HandOverForm(request.form).offering(request.user)
        if not form.accept(_named, form):
            return _form(request, page, form)
        to, along = (
            form.to.data,
            {"with_deals": bool(form.with_deals.data)} if page.noun.kind() == "customer" else {},
        )
        outcome = each(
            chosen_rows(request, page),
            lambda record: hand_over(record, to, by=request.user, told=False, **along),
            may=lambda record: bool(record.editable_by(request.user)),
        )
        page.noun.tell_of_many(to, len(outcome.done), by=request.user)
        said = Phrase("Handed over to %(who)s: %(count)s.", who=names(to), count=len(outcome.done))
        return _answer(request, page, outcome, said)

    return act, owner


def _named(form: HandOverForm) -> None:
    """The form itself says whether a new owner is named."""


def chosen_rows(request: Request, page: type[ListPage[Any]]) -> list[Any]:
    """The rows that were chosen and that this person may see, no more than fit in one act."""
    noun = page.noun
    seen = noun.visible_to(request.user).where(noun.id.in_(chosen_ids(request))).order_by(noun.id)
    return list(seen)


def _form(request: Request, page: type[ListPage[Any]], form: HandOverForm) -> Response:
    ids = chosen_ids(request)
    if page.noun.kind() != "customer":
        del form["with_deals"]
    back = _back(request, page)
    if not ids:
        return _nothing(request, back)
    return form_page(request, "shared/selection.html", form, ids=ids, noun=page.noun.called, back=back)


def _back(request: Request, page: type[ListPage[Any]]) -> str:
    return local_path(str(request.form.get("next", "")), page.noun.called.list_path)


def _nothing(request: Request, back: str) -> Response:
    request.note(Phrase("Choose at least one row first."), "warning")
    return go(request, back)


def _answer(request: Request, page: type[ListPage[Any]], outcome: Acted, said: Phrase) -> Response:
    """How many it was done to, and which were refused and why; what they may not see is not named."""
    ids, back = chosen_ids(request), _back(request, page)
    if not ids:
        return _nothing(request, back)
    if outcome.done:
        request.note(said)
    for why, records in outcome.refused.items():
        request.note(_refused(why, records), "warning")
    hidden = len(ids) - len(outcome.done) - sum(map(len, outcome.refused.values()))
    if hidden:
        request.note(
            Phrase("Not done, because they are not open to you: %(count)s.", count=hidden), "warning"
        )
    return go(request, back)


def _refused(why: str, records: list[Any]) -> Phrase:
    called = [i18n.label(record) for record in records[:NAMED]]
    more = "…" if len(records) > NAMED else ""
    return Phrase(
        "Not done for %(count)s, because %(why)s: %(names)s",
        count=len(records),
        why=i18n.label(why),
        names=i18n.gettext(", ").join(called) + more,
    )
