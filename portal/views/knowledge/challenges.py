"""Challenges of a team: read by it, set and called off by who leads it."""

from __future__ import annotations

from starlette.responses import Response

from portal.forms.knowledge.challenges import ChallengeForm
from portal.models.expertise.challenges import TeamChallenge, needed
from portal.web import Request, find, form_page, go, permit, render, view

SHOWN = 50


@view
def index(request: Request) -> Response:
    mine = TeamChallenge.visible_to(request.user).order_by(TeamChallenge.id.desc()).limit(SHOWN)
    may_set = TeamChallenge.settable_by(request.user)
    needs = needed() if request.user.team and not may_set else None
    return render(
        request, "knowledge/challenges/index.html", challenges=list(mine), may_set=may_set, needs=needs
    )


@view
def show(request: Request, id: int) -> Response:
    challenge = find(TeamChallenge.visible_to(request.user), id)
    return render(request, "knowledge/challenges/show.html", challenge=challenge, reached=challenge.so_far)


@view
def create(request: Request) -> Response:
    permit(TeamChallenge.settable_by(request.user))
    form = ChallengeForm(request.form)
    if form.accepts(TeamChallenge.pose, by=request.user):
        return go(request, "/challenges")
    return form_page(request, "knowledge/challenges/new.html", form)


@view
def call_off(request: Request, id: int) -> Response:
    challenge = find(TeamChallenge.visible_to(request.user), id)
    permit(challenge.by_id == request.user.id)
    challenge.call_off(by=request.user)
    return go(request, challenge.url)
