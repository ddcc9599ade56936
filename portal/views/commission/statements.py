"""One person's statement of one month: kept for ever when closed, reckoned on the spot when not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from portal import clock
from portal.clock import Month
from portal.forms.commission.commission import HandoutForm
from portal.i18n import Phrase
from portal.models.base.record import along
from portal.models.commission.calculation import Reckoning
from portal.models.commission.disputes import Dispute
from portal.models.commission.handouts import Handout
from portal.models.commission.payroll import unpaid_of
from portal.models.commission.periods import Period
from portal.models.commission.reckoning import nothing_kept, reckon_one
from portal.models.commission.rulebook import Rulebook
from portal.models.commission.statements import Acknowledgement, Line, Statement
from portal.models.experiences.experiences import Experience
from portal.models.experiences.reviews import AT_FAULT, Acceptance, Revocation
from portal.models.people.people import Person
from portal.models.sales.deals import Deal
from portal.views.commission.commission import month_of
from portal.views.commission.years import payee_of
from portal.web import Request, find, form_page, go, permit, render, view

NOT_KEPT: dict[str, Any] = {
    "statement": None,
    "comes_in": None,
    "late": 0,
    "line_ids": [],
    "disputes": {},
    "disputable": False,
    "disputable_until": None,
    "acknowledged": None,
    "about_month": None,
    "objections_until": None,
    "unpaid": False,
    "handout": None,
    "handout_form": None,
}
"""What a page says of a statement that no close has kept."""


@view
def show(request: Request, month: str, person: int) -> Response:
    payee, when = payee_of(request, person), month_of(month)
    return render(request, "commission/statements/show.html", **_page(payee, when, request.user))


def _page(payee: Person, month: Month, reader: Person) -> dict[str, Any]:
    """A month's statement as it was kept, or as it stands so far."""
    book, (periods, statement) = Rulebook.read(), Statement.beside(payee, month)
    context = _kept(statement, payee, reader) if statement else _not_kept(payee, month, book, periods, reader)
    return {
        "to_fill": _to_fill(context["reckoning"], reader),
        "payee": payee,
        "month": month,
        "policies": book.policies,
        "this_month": Month.of(clock.today()),
        "titles": _titles(context["reckoning"]),
        "revoked": _revoked(context["reckoning"]),
        **NOT_KEPT,
        **context,
    }


def _kept(statement: Statement, payee: Person, reader: Person) -> dict[str, Any]:
    lines = Line.of(statement)
    disputes = {one.line_id: one for one in Dispute.select().where(Dispute.statement == statement)}
    last = Dispute.last_moment(statement.period) if Dispute.openable_by(statement, reader) else None
    return {
        "statement": statement,
        "period": statement.period,
        "reckoning": statement.reckoning(lines),
        "line_ids": [line.id for line in lines],
        "disputes": disputes,
        "disputable": last is not None and clock.now() <= last,
        "disputable_until": last,
        "objections_until": None if payee.is_active else Dispute.last_moment(statement.period),
        "unpaid": statement.person_id in unpaid_of(statement.period),
        "acknowledged": Acknowledgement.get_or_none(Acknowledgement.statement == statement),
        **_handed(statement, payee, reader),
    }


def _handed(statement: Statement, payee: Person, reader: Person) -> dict[str, Any]:
    """Whether who left was given it, or where finance notes that."""
    if payee.is_active:
        return {}
    handout, notable = Handout.of(statement), Handout.notable_by(statement, reader)
    form = HandoutForm(data={"on": clock.today()}) if notable and handout is None else None
    return {"handout": handout, "handout_form": form}


def _not_kept(
    payee: Person, month: Month, book: Rulebook, periods: Mapping[Month, Period], reader: Person
) -> dict[str, Any]:
    """A month as the records are now; once it is closed nothing, whatever they say since."""
    period = periods.get(month) or Period(month=month)
    if not period.is_closed:
        return {"period": period, "reckoning": reckon_one(payee, month, book=book, periods=periods)}
    reckoning, comes_in, late = nothing_kept(payee, month, book=book, periods=periods)
    last = Dispute.last_moment(period) if payee.id == reader.id else None
    return {
        "period": period,
        "reckoning": reckoning,
        "comes_in": comes_in,
        "late": late,
        "about_month": Dispute.of_month(payee, month),
        "disputable": last is not None and clock.now() <= last,
        "disputable_until": last,
    }


def _to_fill(reckoning: Reckoning, reader: Person) -> dict[int, dict[str, str]]:
    """By deal, and by what keeps it from being paid: where the reader may fill that in."""
    asked = sorted({earning.deal for earning in reckoning.pending if earning.missing})
    found: dict[int, dict[str, str]] = {}
    for deal in along(Deal.select().where(Deal.id.in_(asked)), Deal.customer, whole=True) if asked else ():
        if deal.editable_by(reader):
            found[deal.id] = {name: f"{deal.url}/edit#{name}" for name in ("customer", "product")}
        if deal.customer is not None and deal.customer.editable_by(reader):
            found.setdefault(deal.id, {})["customer_type"] = f"{deal.customer.url}/edit#type"
    return found


def _titles(reckoning: Any) -> dict[int, str]:
    """Titles of the experiences that only corrections name."""
    known = {one.experience: one.title for one in reckoning.facts.experiences}
    wanted = {ident for line in reckoning.lines for ident in line.experiences} - known.keys()
    if wanted:
        known |= {e.id: e.title for e in Experience.select().where(Experience.id.in_(sorted(wanted)))}
    return known


def _revoked(reckoning: Reckoning) -> set[int]:
    """Those of the experiences on which lines take something back that were revoked for a fault."""
    named = {ident for line in reckoning.lines if line.tells_of_revocation for ident in line.experiences}
    if not named:
        return set()
    found = Revocation.select(Acceptance.experience).join(Acceptance)
    rows: Any = found.where(Acceptance.experience.in_(sorted(named)) & Revocation.reason.in_(AT_FAULT))
    return {ident for (ident,) in rows.tuples()}


@view
def acknowledge(request: Request, id: int) -> Response:
    statement = find(Statement.visible_to(request.user), id)
    permit(statement.person_id == request.user.id)
    statement.acknowledge(by=request.user)
    return go(request, statement.url)


@view
def hand_over(request: Request, id: int) -> Response:
    statement = find(Statement.visible_to(request.user), id)
    permit(Handout.notable_by(statement, request.user))
    form = HandoutForm(request.form)
    if form.accepts(Handout.note, statement, by=request.user):
        note = Phrase("Noted: it was handed over.") if form.result else Phrase("It was noted already.")
        return go(request, statement.url, note=note)
    context = _page(statement.person, statement.month, request.user) | {"handout_form": form}
    return form_page(request, "commission/statements/show.html", form, **context)
