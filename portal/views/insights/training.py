"""What a course did: conversion before and after it, by cohort."""

from __future__ import annotations

from starlette.responses import Response

from portal.models.company.settings import Setting
from portal.models.insights.training import WINDOW, TrainingEffect
from portal.models.learning.courses import Course
from portal.views.base.tabs import Facts
from portal.web import Request, find, permit, render, view


@view
def show(request: Request, id: int) -> Response:
    course = find(Course.visible_to(request.user), id)
    permit(TrainingEffect.readable_by(course, request.user))
    facts: Facts = {
        "course": course,
        "effect": TrainingEffect(course, request.user),
        "days": Setting.read("effect.won_days"),
        "window": WINDOW.days,
        "least": Setting.read("effect.least_leads"),
    }
    return render(request, "insights/training/show.html", **facts)
