"""The rules that a company chooses: read by all, changed by administrators, agreed to by a second person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from portal.forms.company.rules import RefusalForm, RulesForm
from portal.i18n import Phrase
from portal.models.base.record import Event
from portal.models.company.rooms import ROOMS
from portal.models.company.settings import Setting
from portal.models.experiences.panels import thin_topics
from portal.models.people.people import Person
from portal.models.people.rule_changes import TITLES, RuleChange
from portal.views.base import audit
from portal.views.company.about import about, asking
from portal.web import Request, find, form_page, go, permit, render, view

WORDS = ("review.weights", "review.pass_mark", "review.gap")


@view
def index(request: Request) -> Response:
    values = {
        name: Setting.read(name)
        for name in (*WORDS, *(r.name for room in ROOMS.values() for r in room.rules))
    }
    return render(request, "company/rules/index.html", rooms=ROOMS, values=values)


@view(confirmed=True)
def edit(request: Request, page: str) -> Response:
    permit(request.user.is_administrator)
    permit(page in ROOMS, otherwise=404)
    form = RulesForm.of(page, request.form)
    if form.accepts(RuleChange.of_room, page, by=request.user):
        return go(request, f"/admin/rules/{page}", note=outcome(form.result))
    context = about(page) | asking(page, request.user) | _thin(page)
    return form_page(request, "company/rules/edit.html", form, page=page, room=ROOMS[page], **context)


def _thin(page: str, values: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The topics that have fewer reviewers than the panel that is, or would be, asked for."""
    size = (values or {}).get("review.panel", Setting.read("review.panel"))
    return {"thin": thin_topics(size) if page == "reviews" else [], "panel_size": size}


def outcome(made: RuleChange | None) -> Phrase:
    """What became of a form of rules that was sent."""
    if made is None:
        return Phrase("Nothing is different: the rules stay as they are.")
    if made.state == "asked":
        return Phrase("Proposed. It holds once a second person agrees.")
    return Phrase("Saved. It holds from now on.")


def _page(request: Request, change: RuleChange, form: RefusalForm) -> Response:
    events = list(Event.about(change).order_by(Event.id))
    people = {each.id: each for each in Person.select().where(Person.id.in_(sorted(audit.named(events))))}
    facts = {"change": change, "title": TITLES[change.page], "told": audit.entries(events, people)}
    facts |= _thin(change.page, change.values)
    return form_page(request, "company/rules/show.html", form, changers=people, **facts)


@view
def show(request: Request, id: int) -> Response:
    return _page(request, find(RuleChange.visible_to(request.user), id), RefusalForm(None))


@view(confirmed=True)
def approve(request: Request, id: int) -> Response:
    change = find(RuleChange.visible_to(request.user), id)
    permit(change.answerable_by(request.user) or change.state != "asked")
    form = RefusalForm(request.form)
    if form.accept(change.approve, by=request.user):
        return go(request, change.url)
    return _page(request, change, form)


@view
def refuse(request: Request, id: int) -> Response:
    change = find(RuleChange.visible_to(request.user), id)
    permit(change.answerable_by(request.user) or change.state != "asked")
    form = RefusalForm(request.form)
    if form.accepts(change.refuse, by=request.user):
        return go(request, change.url)
    return _page(request, change, form)


@view
def withdraw(request: Request, id: int) -> Response:
    change = find(RuleChange.visible_to(request.user), id)
    permit(change.proposed_by_id == request.user.id)
    change.withdraw(by=request.user)
    return go(request, change.url)
