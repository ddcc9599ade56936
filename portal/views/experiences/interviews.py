"""Interviews on closed deals: asked for, held, called off."""

from __future__ import annotations

from starlette.responses import Response

from portal.forms.experiences.interviews import InterviewAskForm, InterviewForm
from portal.i18n import Phrase
from portal.models.experiences.interviews import Interview
from portal.models.sales.deals import Deal
from portal.web import Request, find, form_page, go, permit, view


@view
def ask(request: Request, id: int) -> Response:
    deal = find(Deal.visible_to(request.user), id)
    permit(Interview.askable_by(deal, request.user))
    running = Interview.of(deal, request.user)
    form = InterviewAskForm(request.form).offering(deal, request.user)
    if form.accepts(Interview.ask, deal, by=request.user):
        return go(request, deal.url, note=Phrase("Asked. It waits in their Needs me."))
    return form_page(request, "experiences/interviews/ask.html", form, deal=deal, running=running)


@view
def show(request: Request, id: int) -> Response:
    interview = find(Interview.visible_to(request.user), id)
    form = InterviewForm(request.form)
    if form.sent:
        permit(interview.answerable_by(request.user))
    if form.accept(form.note, interview, by=request.user):
        return go(request, interview.url, note=Phrase("Thank you. It stands in the draft of the debrief."))
    sees = Deal.visible_to(request.user).where(Deal.id == interview.deal_id).exists()
    return form_page(request, "experiences/interviews/show.html", form, interview=interview, sees=sees)


@view
def end(request: Request, id: int) -> Response:
    interview = find(Interview.visible_to(request.user), id)
    interview.end(by=request.user)
    mine = interview.interviewer_id == request.user.id
    note = Phrase("Whoever asked is told.") if mine else Phrase("Called off.")
    return go(request, "/needs-me" if mine else interview.deal.url, note=note)
