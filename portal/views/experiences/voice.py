"""An experience spoken into a phone: heard by its author alone, who types it up."""

from __future__ import annotations

from functools import partial
from typing import Any

from starlette.responses import Response

from portal.forms.experiences.voice import VoiceNoteForm
from portal.i18n import Phrase
from portal.models.base.database import transact
from portal.models.company.settings import Setting
from portal.models.experiences.experiences import Experience
from portal.models.experiences.voice import VoiceNote
from portal.models.files.attachments import Arrived, Attachment
from portal.models.people.people import Person
from portal.web import Request, find, form_page, go, permit, view


@view(upload=True, transaction=False)
def show(request: Request, id: int) -> Response:
    """Its recordings, and one more. A store on another machine takes its time: no writer waits for it."""
    form = VoiceNoteForm(request.form)
    experience = transact(partial(_mine, request.user, id, adds=form.sent), write=False)
    arrived = form.read() if form.sent else None
    if arrived and transact(partial(form.accept, _keep, experience, arrived, by=request.user)):
        return go(request, f"{experience.url}/voice", note=Phrase("Kept. Nobody but you hears it."))
    return transact(partial(_page, request, experience, form), write=False)


def _mine(person: Person, id: int, *, adds: bool) -> Experience:
    """Handed in, it takes no recording more; those that there are are heard and taken out all the same."""
    experience = find(Experience.visible_to(person), id)
    keeps = not adds and bool(VoiceNote.of(experience, person))
    permit(keeps or VoiceNote.addable_by(experience, person))
    return experience


def _keep(experience: Experience, arrived: Arrived, *, by: Person) -> VoiceNote:
    return VoiceNote.add(experience, Attachment.bring(arrived, by=by), by=by)


def _page(request: Request, experience: Experience, form: VoiceNoteForm) -> Response:
    facts: dict[str, Any] = {"experience": experience, "notes": VoiceNote.of(experience, request.user)}
    facts["is_addable"] = VoiceNote.addable_by(experience, request.user)
    days = Setting.read("keep.recordings")
    return form_page(request, "experiences/experiences/voice.html", form, days=days, **facts)


@view
def take_out(request: Request, id: int) -> Response:
    note = find(VoiceNote.visible_to(request.user), id)
    note.take_out(by=request.user)
    experience = note.experience
    back = note.url if VoiceNote.addable_by(experience, request.user) else experience.url
    return go(request, back, note=Phrase("Taken out, for good."))
