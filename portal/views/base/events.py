"""The audit log."""

from __future__ import annotations

from typing import Any

from peewee import ModelSelect
from starlette.responses import Response

from portal.i18n import Phrase
from portal.models.base.nouns import NOUNS
from portal.models.base.record import Event
from portal.models.experiences.reviews import told_of
from portal.models.people.people import Person
from portal.views.base import audit
from portal.views.base.filters import Values
from portal.views.base.lists import ListPage
from portal.web import Request, permit, view

KINDS = (
    "person",
    "customer",
    "deal",
    "experience",
    "review",
    "article",
    "question",
    "policy",
    "period",
    "import",
)
"""The nouns whose events can be picked out."""


class EventList(ListPage[Any]):
    """Everything that happened."""

    noun, template = Event, "base/events/index.html"
    title = Phrase("Events")
    subtitle = Phrase("Who did what, when. Nothing here is ever changed or deleted.")
    sorts = {"newest": Event.id}
    usual = "-newest"
    filters = (
        Values(
            name="about",
            label=Phrase("Filter"),
            look="tools",
            every=Phrase("All"),
            counted=False,
            field=Event.subject_kind,
            words=lambda: {kind: NOUNS[kind].one for kind in KINDS},
        ),
    )
    columns = (Phrase("When"), Phrase("Who"), Phrase("What"), Phrase("Record"), Phrase("Changes"))

    def everything(self) -> ModelSelect[Event]:
        return Event.select().where(told_of(self.person))


@view
def index(request: Request) -> Response:
    permit(request.user.is_auditor or request.user.is_administrator)
    events = EventList(request)
    people = {p.id: p for p in Person.select().where(Person.id.in_(audit.named(events.rows)))}
    return events.page(events=audit.entries(events.rows, people), people=people)
