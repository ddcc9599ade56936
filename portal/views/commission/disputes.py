"""Disputes: a payee objects to a line, finance answers."""

from __future__ import annotations

from starlette.responses import Response

from portal.clock import Month
from portal.forms.commission.commission import DisputeForm, MessageForm, ResolutionForm
from portal.i18n import Phrase
from portal.models.base.record import Invalid
from portal.models.commission.disputes import Dispute
from portal.models.commission.periods import Period
from portal.models.commission.statements import Line, Statement
from portal.models.company.settings import Setting
from portal.models.people.people import Person
from portal.views.base.lists import ListPage
from portal.views.commission.commission import month_of
from portal.views.commission.years import payee_of
from portal.web import Request, find, form_page, go, named, permit, render, view


class DisputeList(ListPage[Dispute]):
    """The disputes that a person may see, the newest first."""

    noun, template = Dispute, "commission/disputes/index.html"
    title = Phrase("Disputes")
    subtitle = Phrase("Objections to statements, and what became of them.")
    sorts = {"id": Dispute.id}
    usual = "-id"
    columns = (Phrase("Statement"), Phrase("Payee"), Phrase("State"), Phrase("Answer due"))


@view
def index(request: Request) -> Response:
    disputes = DisputeList(request)
    people = Person.select().where(Person.id.in_([row.opened_by_id for row in disputes.rows]))
    dues = Dispute.answers_due(disputes.rows)
    return disputes.page(people={person.id: person for person in people}, dues=dues)


@view
def create(request: Request, id: int) -> Response:
    statement = find(Statement.visible_to(request.user), id)
    permit(Dispute.openable_by(statement, request.user))
    line = named(Line.select().where(Line.statement == statement), request.query.get("line", ""))
    form = DisputeForm(request.form)
    text = form.text.data or ""
    if form.accept(Dispute.open, statement, line, text, by=request.user):
        return go(request, form.result.url)
    return _asked(request, form, statement.month, statement.url, line)


@view
def create_of_month(request: Request, month: str, person: int) -> Response:
    payee, period = payee_of(request, person), Period.of(month_of(month))
    permit(period.is_closed and payee.id == request.user.id)
    if kept := Statement.of(payee, period.month):
        return go(request, f"/commission/statements/{kept.id}/disputes/new")
    form = DisputeForm(request.form)
    if form.accept(Dispute.open_month, period, form.text.data or "", by=request.user):
        return go(request, form.result.url)
    return _asked(request, form, period.month, Statement.page_of(period.month, payee.id))


def _asked(
    request: Request, form: DisputeForm, month: Month, back: str, line: Line | None = None
) -> Response:
    facts = {"month": month, "back": back, "line": line, "days": Setting.read("dispute.answer_days")}
    return form_page(request, "commission/disputes/new.html", form, **facts)


@view
def show(request: Request, id: int) -> Response:
    return _page(request, find(Dispute.visible_to(request.user), id))


def _page(
    request: Request,
    dispute: Dispute,
    message: MessageForm | None = None,
    answer: ResolutionForm | None = None,
) -> Response:
    form, line, mine = message or answer, dispute.item, dispute.opened_by_id == request.user.id
    barred = dispute.barred() if dispute.is_open else set[int]()
    may_answer = dispute.is_open and dispute.resolvable_by(request.user, barred)
    return render(
        request,
        "commission/disputes/show.html",
        status=form.status if form else 200,
        dispute=dispute,
        reply_due_at=dispute.reply_due_at,
        thread=dispute.thread,
        line=line,
        message=message or MessageForm(),
        answer=answer or ResolutionForm(),
        mine=mine,
        sees=Statement.readable_by(request.user, dispute.opened_by),
        outcome=dispute.outcome if dispute.adjustment_id else None,
        unanswerable=dispute.is_open and not may_answer and dispute.is_unanswerable(barred),
        may_answer=may_answer,
    )


@view
def say(request: Request, id: int) -> Response:
    dispute = find(Dispute.visible_to(request.user), id)
    permit(dispute.opened_by_id == request.user.id)
    form = MessageForm(request.form)
    if form.accept(dispute.say, form.text.data or "", by=request.user):
        return go(request, dispute.url)
    return _page(request, dispute, message=form)


@view
def resolve(request: Request, id: int) -> Response:
    dispute = find(Dispute.visible_to(request.user), id)
    permit(dispute.resolvable_by(request.user))
    form = ResolutionForm(request.form)
    if form.accept(_answer, dispute, by=request.user, **form.facts):
        return go(request, dispute.url)
    return _page(request, dispute, answer=form)


def _answer(dispute: Dispute, *, by: Person, outcome: str, text: str, amount: int | None) -> None:
    amount = amount or 0
    if outcome == "upheld":
        dispute.uphold(text, amount, by=by)
    elif amount:
        raise Invalid({"amount": Phrase("An amount belongs to the answer that the payee is right.")})
    elif outcome == "ask":
        dispute.ask(text, by=by)
    else:
        dispute.reject(text, by=by)


@view
def withdraw(request: Request, id: int) -> Response:
    dispute = find(Dispute.visible_to(request.user), id)
    permit(dispute.opened_by_id == request.user.id)
    dispute.withdraw(by=request.user)
    return go(request, dispute.url)
