"""One's own points: what for, the place among neighbours, and whether one takes part in the ranking."""

from __future__ import annotations

from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import Response

from portal import clock
from portal.clock import Month
from portal.models.base.listing import listing
from portal.models.expertise.points import PointEntry, Unranked, standings
from portal.models.knowledge.reuse import most_reused
from portal.models.people.people import Person
from portal.web import Request, find, go, permit, render, view


def own(request: Request, id: int) -> Person:
    """A person whose points are for themselves alone, as who asks."""
    person: Person = find(Person.visible_to(request.user), id)
    permit(person.id == request.user.id)
    return person


@view
def show(request: Request, id: int) -> Response:
    person, month = own(request, id), _asked_month(request)
    after = request.query.get("after", "")
    return render(
        request,
        "knowledge/people/points.html",
        person=person,
        entries=listing(PointEntry.of(person), sorts={"at": PointEntry.at}, sort="-at", after=after),
        total=PointEntry.total(person),
        **_standing(person, month, team=request.query.get("among") == "team"),
    )


def _asked_month(request: Request) -> Month:
    """The month in the query, else this one; 404 for none, and for one to come."""
    try:
        month = Month.parse(request.query.get("month") or str(Month.of(clock.today())))
    except ValueError as unknown:
        raise HTTPException(404) from unknown
    if month > Month.of(clock.today()):
        raise HTTPException(404)
    return month


def _standing(person: Person, month: Month, *, team: bool) -> dict[str, Any]:
    """A person's place among their neighbours in a month."""
    takes_part = not Unranked.select().where(Unranked.person == person).exists()
    board = standings(month, person, team=team) if takes_part else []
    people = Person.select().where(Person.id.in_([one.person_id for one in board]))
    return {
        "month": month,
        "this_month": Month.of(clock.today()),
        "team": team,
        "takes_part": takes_part,
        "board": board,
        "names": {each.id: each for each in people},
        "reused": most_reused(month),
    }


@view
def step_in(request: Request, id: int) -> Response:
    own(request, id)
    Unranked.step_in(by=request.user)
    return go(request, f"/people/{id}/points")


@view
def step_out(request: Request, id: int) -> Response:
    own(request, id)
    Unranked.step_out(by=request.user)
    return go(request, f"/people/{id}/points")
