"""What all of it brings: every URL."""

from __future__ import annotations

from portal.views.insights import calibration, effect
from portal.web import get

ROUTES = [
    get("/effect", effect.show, "effect"),
    get("/effect/leads/{month}", effect.leads, "effect_leads"),
    get("/effect/accepted/{month}", effect.accepted_in, "effect_accepted"),
    get("/effect/doubts/{month}", effect.doubts_in, "effect_doubts"),
    get("/admin/calibration", calibration.show, "calibration"),
]
