"""Whether reviewers judge alike, as an auditor reads it: nobody else may learn who judges whose work."""

from __future__ import annotations

from starlette.responses import Response

from portal.models.base.record import along
from portal.models.company.settings import Setting
from portal.models.experiences.anchors import Anchor
from portal.models.insights.agreement import TARGET, WATCH, reading
from portal.models.insights.calibration import Calibration, anchored
from portal.models.people.people import Person
from portal.views.experiences.panels import ReviewLog
from portal.web import Request, permit, render, view

SHOWN = 30
"""So many pairs: those with most reviews."""


@view
def show(request: Request) -> Response:
    permit(request.user.is_auditor)
    calibration = Calibration(ReviewLog(request).everything())
    standings, pairs, mutual = calibration.standings, calibration.pairs[:SHOWN], calibration.mutual[:SHOWN]
    apart = anchored(request.user)
    also = sorted(apart.keys() - {each.reviewer for each in standings})
    standings += [calibration.standing(who) for who in also]
    named = {each.reviewer for each in standings} | {who for pair in (*pairs, *mutual) for who in pair[:2]}
    return render(
        request,
        "insights/calibration/show.html",
        calibration=calibration,
        standings=standings,
        anchored=apart,
        pairs=pairs,
        mutual=mutual,
        anchors=list(along(Anchor.visible_to(request.user), Anchor.experience, whole=True).limit(SHOWN)),
        names={each.id: each for each in Person.select().where(Person.id.in_(sorted(named)))},
        reading=reading,
        target=TARGET,
        watch=WATCH,
        limits=(Setting.read("calibration.points"), Setting.read("calibration.items")),
    )
