"""Knowledge at risk, and the map of topics."""

from __future__ import annotations

from starlette.responses import Response

from portal.forms.base import Form
from portal.i18n import Phrase, names
from portal.models.base.listing import number_of
from portal.models.company.topics import Topic
from portal.models.knowledge import risks
from portal.models.knowledge.risks import Risk
from portal.models.people.people import Person
from portal.views.knowledge.bubbles import TopicMap
from portal.web import Request, find, go, permit, render, view


@view
def index(request: Request) -> Response:
    every, sees = risks.topic_risks(), risks.may_see_people(request.user)
    return render(
        request,
        "knowledge/risks/index.html",
        risks=[each for each in every if each.risk is not Risk.WELL],
        count=len(every),
        sees=sees,
        may_teach=not request.user.is_auditor,
        busy=risks.busy_experts(every) if sees else [],
    )


@view
def topic_map(request: Request) -> Response:
    every = risks.topic_risks()
    return render(request, "knowledge/risks/map.html", risks=every, picture=TopicMap.of(every))


@view
def ask(request: Request) -> Response:
    permit(risks.may_see_people(request.user))
    topic = find(Topic.visible_to(request.user), number_of(str(request.form.get("topic"))))
    person = find(Person.visible_to(request.user), number_of(str(request.form.get("person"))))
    form = Form(request.form)
    if form.accept(risks.ask_to_write, topic, person, by=request.user):
        return go(request, "/people/risk", note=Phrase("%(name)s is asked to write.", name=names(person)))
    request.note(form.form_errors[0], "warning")
    return go(request, "/people/risk")
