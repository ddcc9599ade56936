"""Absences: noted, and taken back."""

from __future__ import annotations

from starlette.responses import Response

from portal.forms.people.absences import AbsenceForm
from portal.i18n import Phrase
from portal.models.base.record import along
from portal.models.people.absences import Absence
from portal.models.people.people import Person
from portal.web import Request, find, form_page, go, permit, view


@view
def create(request: Request, id: int) -> Response:
    person = find(Person.visible_to(request.user), id)
    permit(Absence.may_note(request.user, person))
    form = AbsenceForm(request.form).offering(person)
    if form.accepts(Absence.note, by=request.user, person=person):
        return go(request, person.url, note=Phrase("The absence is noted."))
    coming = Absence.coming(person)
    return form_page(request, "people/absences/new.html", form, person=person, coming=coming)


@view
def take_back(request: Request, id: int) -> Response:
    absence = find(along(Absence.select(), Absence.person), id)
    permit(Absence.may_note(request.user, absence.person))
    absence.take_back(by=request.user)
    return go(request, absence.person.url, note=Phrase("The absence is taken back."))
