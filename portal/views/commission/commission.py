"""Commission: where I stand this month, my statements, and my team's."""

from __future__ import annotations

from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import Response

from portal import clock
from portal.clock import Month
from portal.forms.commission.commission import LookUpForm
from portal.models.commission.payroll import unpaid_among
from portal.models.commission.periods import Period
from portal.models.commission.readers import to_read
from portal.models.commission.reckoning import reckon, reckon_one
from portal.models.commission.rulebook import Rulebook
from portal.models.commission.statements import Statement
from portal.models.people.people import Person
from portal.web import Request, go, permit, render, view

SHOWN = 24


def month_of(text: str) -> Month:
    """A month from an address, else 404."""
    try:
        return Month.parse(text)
    except ValueError as unknown:
        raise HTTPException(404) from unknown


def asked_month(request: Request) -> Month:
    """The month in the query, else this one."""
    text = request.query.get("month", "")
    return month_of(text) if text else Month.of(clock.today())


@view
def index(request: Request) -> Response:
    month, periods, book = Month.of(clock.today()), Period.known(), Rulebook.read(reader=request.user)
    last = periods.get(month.previous)
    statements = list(Statement.closed_of(request.user).limit(SHOWN))
    unpaid = unpaid_among([one.period for one in statements])
    return render(
        request,
        "commission/commission/index.html",
        month=month,
        reckoning=reckon_one(request.user, month, book=book, periods=periods),
        to_read=to_read(request.user, book) if not request.user.is_auditor else [],
        statements=statements,
        unpaid={period for period, people in unpaid.items() if request.user.id in people},
        unclosed=None if last and last.is_closed else month.previous,
    )


@view
def team(request: Request) -> Response:
    permit(request.user.is_manager)
    month, this_month = asked_month(request), Month.of(clock.today())
    permit(month <= this_month, otherwise=404)
    people = list(Person.select().where(Person.id.in_(request.user.team)).order_by(Person.sort_name))
    return render(
        request,
        "commission/commission/team.html",
        month=month,
        this_month=this_month,
        people=people,
        **_sums(month, people),
    )


def _sums(month: Month, people: list[Person]) -> dict[str, Any]:
    """What each gets for a month: as it was closed, else as it stands so far."""
    periods = Period.known()
    period = periods.get(month) or Period(month=month)
    if period.is_closed:
        kept = Statement.select().where((Statement.period == period) & Statement.person.in_(people))
        return {"period": period, "sums": {one.person_id: one for one in kept}}
    sums = {one.person: one for one in reckon(month, people=people, periods=periods)}
    return {"period": period, "sums": sums}


@view
def look_up(request: Request) -> Response:
    everyone = request.user.is_finance or request.user.is_auditor
    seen = (
        Person.select()
        if everyone
        else Person.select().where(Person.id.in_([request.user.id, *request.user.team]))
    )
    form = LookUpForm(request.http.query_params).offering(seen.order_by(Person.sort_name))
    if request.query and form.validate():
        return go(request, f"/commission/statements/{form.month.data}/{form.person.data.id}")
    form.status = 422 if request.query else 200
    return render(request, "commission/statements/look_up.html", form=form, status=form.status)
