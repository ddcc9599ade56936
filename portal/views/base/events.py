"""The audit log."""

from __future__ import annotations

from starlette.responses import Response

from portal.models.base.listing import listing
from portal.models.base.nouns import NOUNS
from portal.models.base.record import Event
from portal.models.people.people import Person
from portal.views.base import audit
from portal.web import Request, permit, render, view

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


@view
def index(request: Request) -> Response:
    permit(request.user.is_auditor or request.user.is_administrator)
    about, query = request.query.get("about", ""), Event.select()
    if about:
        query = query.where(Event.subject_kind == about)
    found = listing(query, sorts={"newest": Event.id}, sort="-newest", after=request.query.get("after", ""))
    people = {p.id: p for p in Person.select().where(Person.id.in_(audit.named(found.rows)))}
    return render(
        request,
        "base/events/index.html",
        events=audit.told(found.rows, people),
        more=found.more,
        people=people,
        about=about,
        kinds={kind: NOUNS[kind].one for kind in KINDS},
    )
