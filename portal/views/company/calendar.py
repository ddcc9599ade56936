"""Working days: whose holidays are kept, the company's own days, and the months to come."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from portal import clock, i18n
from portal.clock import Month
from portal.forms.company.calendar import CalendarDayForm, CalendarForm
from portal.i18n import Phrase
from portal.models.company.calendar import Calendar, CalendarDay
from portal.views.company.about import about
from portal.web import Request, find, go, permit, render, view

PAGE = "/admin/company/working-days"


def _page(request: Request, form: CalendarForm, day_form: CalendarDayForm) -> Response:
    calendar, first = Calendar.read(), Month.of(clock.today())
    context: dict[str, Any] = {
        "form": form,
        "day_form": day_form,
        "own": CalendarDay.select().order_by(CalendarDay.day.desc()),
        "months": calendar.months(first, 12, i18n.current()),
        "unannounced": calendar.unannounced(first, 12),
    }
    context |= about("calendar")
    status = max(form.status, day_form.status)
    return render(request, "company/admin/calendar.html", status=status, **context)


@view
def calendar(request: Request) -> Response:
    permit(request.user.is_administrator)
    form = CalendarForm.of(request.form)
    if form.accepts(Calendar.follow, by=request.user):
        return go(request, PAGE, note=Phrase("Saved."))
    return _page(request, form, CalendarDayForm())


@view
def choose_day(request: Request) -> Response:
    permit(request.user.is_administrator)
    form = CalendarDayForm(request.form)
    if form.accepts(CalendarDay.choose, by=request.user):
        return go(request, PAGE, note=Phrase("Saved."))
    return _page(request, CalendarForm.of(), form)


@view
def remove_day(request: Request, id: int) -> Response:
    permit(request.user.is_administrator)
    find(CalendarDay.select(), id).remove(by=request.user)
    return go(request, PAGE)
