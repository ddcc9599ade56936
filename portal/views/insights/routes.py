"""What all of it brings: every URL."""

from __future__ import annotations

from portal.views.insights import calibration, effect, loop, themes, training, usage
from portal.web import form, get, post

ROUTES = [
    get("/effect", effect.show, "effect"),
    get("/effect/leads/{month}", effect.leads, "effect_leads"),
    get("/effect/accepted/{month}", effect.accepted_in, "effect_accepted"),
    get("/effect/doubts/{month}", effect.doubts_in, "effect_doubts"),
    get("/themes", themes.show, "themes"),
    get("/themes/{month}/{stage}/{reason:int}", themes.deals, "theme_deals"),
    get("/courses/{id:int}/effect", training.show, "course_effect"),
    get("/loop", loop.show, "loop"),
    get("/loop/questions/{kind}/{key}", loop.questions, "loop_questions"),
    form("/loop/groups", loop.groups, "loop_groups"),
    get("/articles/usage", usage.index, "usage"),
    get("/articles/usage/week", usage.week, "usage_week"),
    post("/articles/usage/letter", usage.choose_letter, "usage_letter"),
    get("/topics/{id:int}/usage", usage.of_topic, "topic_usage"),
    get("/admin/calibration", calibration.show, "calibration"),
]
