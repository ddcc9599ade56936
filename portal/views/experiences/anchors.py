"""Anchor texts, for whoever keeps calibration: written, put before reviewers, compared."""

from __future__ import annotations

from starlette.responses import Response

from portal.forms.experiences.anchors import AnchorAskForm, AnchorForm
from portal.forms.experiences.experiences import KINDS, WORDS
from portal.i18n import Phrase
from portal.models.base.record import along
from portal.models.experiences import rubric
from portal.models.experiences.anchors import Anchor
from portal.models.experiences.parts import PARTS
from portal.web import Request, find, form_page, go, permit, view


@view
def new(request: Request) -> Response:
    permit(request.user.is_auditor)
    form = AnchorForm(request.form).offering(request.user, request.query.get("kind", ""))
    if form.accepts(Anchor.write, by=request.user):
        return go(request, form.result.url, note=Phrase("Kept. Now choose who is to judge it."))
    return form_page(request, "experiences/anchors/new.html", form, criteria=rubric.CRITERIA)


@view
def show(request: Request, id: int) -> Response:
    permit(request.user.is_auditor)
    anchor = find(along(Anchor.visible_to(request.user), Anchor.experience, whole=True), id)
    form = AnchorAskForm(request.form).offering(anchor)
    if form.accepts(anchor.ask, by=request.user):
        return go(request, anchor.url, note=Phrase("It is among what they judge, like any other."))
    words, text = WORDS[anchor.experience.kind_of], anchor.experience
    return form_page(
        request,
        "experiences/anchors/show.html",
        form,
        anchor=anchor,
        kind=KINDS[text.kind_of],
        parts=[(words[part].label, getattr(text, part)) for part in PARTS[text.kind_of]],
        reviews=anchor.reviews(),
        right=float(anchor.scores.total(text.rule("review.weights"))),
        criteria=rubric.CRITERIA,
    )
