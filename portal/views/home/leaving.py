"""Someone leaves: what they hold, and who takes it over."""

from __future__ import annotations

from starlette.responses import Response

from portal import i18n
from portal.forms.home.leaving import LeavingForm
from portal.i18n import Phrase
from portal.models.home import leaving as leaver
from portal.models.people.people import Person
from portal.web import Request, find, form_page, go, permit, view


@view(confirmed=True)
def leaving(request: Request, id: int) -> Response:
    permit(request.user.is_administrator)
    person = find(Person.visible_to(request.user), id)
    form = LeavingForm.of(person, request.form)
    if form.accepts(leaver.leave, person, by=request.user):
        note = Phrase("Done. Handed on: %(count)s.", count=i18n.number(form.result))
        return go(request, f"/admin/accounts/{id}/leaving", note=note)
    held = leaver.holdings(person, request.user)
    return form_page(request, "home/leaving.html", form, person=person, held=held)
