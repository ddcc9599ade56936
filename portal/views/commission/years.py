"""One person's pay over time: a month beside the one before, and a year."""

from __future__ import annotations

from starlette.responses import Response

from portal import clock
from portal.models.commission.comparison import PARTS, PayComparison, Year, years_of
from portal.models.commission.statements import Statement
from portal.models.people.people import Person
from portal.views.commission.commission import month_of
from portal.web import Request, find, permit, render, view


def payee_of(request: Request, person: int) -> Person:
    """Whose pay it is; 404 for those who may not know of it."""
    payee = request.user if person == request.user.id else find(Person.visible_to(request.user), person)
    permit(Statement.readable_by(request.user, payee), otherwise=404)
    return payee


@view
def difference(request: Request, month: str, person: int) -> Response:
    payee, when = payee_of(request, person), month_of(month)
    permit(when <= clock.Month.of(clock.today()), otherwise=404)
    comparison = PayComparison.of(payee, when)
    return render(
        request,
        "commission/years/difference.html",
        payee=payee,
        month=when,
        before=comparison.before,
        now=comparison.now,
        parts=comparison.parts,
        period=comparison.period,
    )


@view
def show(request: Request, year: int, person: int) -> Response:
    payee = payee_of(request, person)
    permit(2000 <= year <= clock.today().year, otherwise=404)
    found = Year.of(payee, year)
    return render(
        request, "commission/years/show.html", payee=payee, year=found, years=years_of(payee), words=PARTS
    )
