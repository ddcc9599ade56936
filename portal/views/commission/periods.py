"""Commission months: preview, close, export, pay."""

from __future__ import annotations

from typing import Any

from peewee import fn
from starlette.responses import Response

from portal import clock
from portal.clock import Month
from portal.forms.commission.commission import ExportForm, PayrollColumnsForm
from portal.i18n import Phrase
from portal.models.base.listing import listing
from portal.models.base.record import Invalid, names_of
from portal.models.commission import closing, payroll
from portal.models.commission.checklist import NAMED, Checklist
from portal.models.commission.comparison import Before
from portal.models.commission.handouts import Handout
from portal.models.commission.periods import Period
from portal.models.commission.rulebook import Rulebook
from portal.models.commission.statements import Statement
from portal.models.people.people import Person, Role
from portal.models.sales.lines import DealLine
from portal.views.commission.commission import month_of
from portal.web import Request, attachment, form_page, go, permit, refresh, render, view

SHOWN = 18
SORTS: dict[str, Any] = {"payee": Statement.payee_name, "total": Statement.total, "change": Statement.change}
MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
STEPS = ("open", "preview", "closed", "paid")


@view
def index(request: Request) -> Response:
    permit(Period.listed_for(request.user))
    newest = Month.of(clock.today())
    before = month_of(request.query["before"]) if request.query.get("before") else newest.next
    first = DealLine.select(fn.MIN(DealLine.on)).scalar()
    oldest = min(Month.of(first), newest) if first else newest
    months = [month for n in range(1, SHOWN + 1) if oldest <= (month := before.plus(-n))]
    known = {p.month: p for p in Period.select().where(Period.month.in_(months))}
    periods = [known.get(month) or Period(month=month) for month in months]
    more = months[-1] if months and months[-1] > oldest else None
    return render(request, "commission/periods/index.html", periods=periods, more=more, book=Rulebook.read())


@view
def show(request: Request, month: str) -> Response:
    permit(Period.listed_for(request.user))
    return _page(request, Period.of(month_of(month)))


def _page(
    request: Request, period: Period, *, status: int = 200, problem: str = "", again: bool = False
) -> Response:
    rows = Statement.select().where(Statement.period == period.id)
    sort, after = request.query.get("sort", "-total"), request.query.get("after", "")
    month, book = period.month, Rulebook.read()
    due = None if period.is_closed else (book.preview_due(month), book.close_due(month))
    found = listing(rows, sorts=SORTS, sort=sort, after=after)
    left_out = payroll.not_going_out(period) if period.is_closed else {}
    unnamed = Person.select().where(Person.id.in_(list(left_out)))
    gone, shown = Handout.outstanding(period), Person.id.in_([one.person_id for one in found.rows])
    named: list[Any] = list(Person.select(*names_of(Person), gone.alias("gone")).where(shown | gone))
    return render(
        request,
        "commission/periods/show.html",
        status=status,
        period=period,
        found=found,
        payees={person.id: person for person in named},
        before=Before.of(period),
        step=STEPS.index(period.state),
        checklist=None if period.is_closed else Checklist.of(period),
        left_out=list(unnamed.order_by(Person.sort_name).limit(NAMED)) if left_out else [],
        going_out=(period.people - len(left_out), period.total - sum(left_out.values())),
        has_policy=bool(period.is_closed or book.in_force(month)),
        due=due,
        early=due is not None and period.is_over and clock.now() < due[1],
        closable=not period.is_closed and closing.closable_by(period, request.user, book),
        problem=problem,
        again=again,
        leavers=[each for each in named if each.gone] if period.is_closed else [],
        shown_leavers=NAMED,
        relaid=period.is_closed and payroll.columns() != payroll.columns(period),
    )


def _ask(request: Request, period: Period, verb: Any, **facts: str) -> Response:
    """Ask for work on a month; what cannot be is said on the page."""
    try:
        verb(period, by=request.user, **facts)
    except Invalid as invalid:
        return _page(request, period, status=422, problem=invalid.errors[""])
    return go(request, period.url)


@view
def preview(request: Request, month: str) -> Response:
    period = Period.of(month_of(month))
    permit(period.previewable_by(request.user))
    return _ask(request, period, closing.ask_preview)


@view(confirmed=True)
def close(request: Request, month: str) -> Response:
    period = Period.of(month_of(month))
    permit(closing.closable_by(period, request.user))
    return _ask(request, period, closing.ask_close, seen=str(request.form.get("seen", "")))


@view(confirmed=True)
def pay(request: Request, month: str) -> Response:
    period = Period.of(month_of(month))
    permit(period.payable_by(request.user))
    return _ask(request, period, payroll.pay)


@view
def progress(request: Request, month: str) -> Response:
    period = Period.of(month_of(month))
    permit(Period.listed_for(request.user))
    if period.running is None:
        return go(request, period.url)
    return refresh(request, "commission/periods/_work.html", to=period.url, period=period)


@view(confirmed=True)
def export(request: Request, month: str) -> Response:
    period = Period.of(month_of(month))
    permit(period.payable_by(request.user))
    form = ExportForm(request.form)
    if not form.accepts(payroll.export, period, by=request.user):
        problem = [*form.kind.errors, *form.laid_out.errors, *form.reason.errors, *form.form_errors][0]
        return _page(request, period, status=422, problem=problem, again=period.is_closed)
    made: payroll.PayrollFile = form.result
    headers = attachment(made.name) | {"X-Checksum-SHA256": made.checksum}
    return Response(made.content, media_type=MEDIA[made.kind], headers=headers)


@view
def columns(request: Request) -> Response:
    permit(request.user.does(Role.PAYER))
    laid_out = "\n".join(f"{title} = {name}" for title, name in payroll.columns())
    form = PayrollColumnsForm(request.form, data={"columns": laid_out})
    if form.accepts(payroll.choose_columns, by=request.user):
        note = Phrase("Months that are closed from now on have these columns.")
        return go(request, "/commission/periods", note=note)
    return form_page(request, "commission/periods/columns.html", form, fields=payroll.HEADER)
