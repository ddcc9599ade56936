"""Payments: what waits for finance, one by one, as a list, or against the bank's file."""

from __future__ import annotations

from typing import Any

from peewee import JOIN, ModelSelect, fn
from starlette.responses import Response

from portal.forms.sales.payments import BankForm, chosen
from portal.i18n import Phrase
from portal.models.base.listing import number_of
from portal.models.base.record import names_of
from portal.models.customers.customers import Customer
from portal.models.people.people import Person, Role
from portal.models.sales.bank import Match, matches, read_bank_file
from portal.models.sales.deals import Deal, DealShare
from portal.models.sales.lines import DealLine
from portal.views.base.filters import Links, Part, Parts
from portal.views.base.lists import Column, ListPage
from portal.web import Request, form_page, go, permit, view

STANDING = DealLine.is_standing()
SHOWS = Parts(
    name="show",
    label=Phrase("Show"),
    look="tools",
    parts={
        "": Part(Phrase("Waiting"), lambda me: STANDING & DealLine.confirmed_at.is_null()),
        "confirmed": Part(Phrase("Confirmed"), lambda me: STANDING & DealLine.confirmed_at.is_null(False)),
        "all": Part(Phrase("All"), lambda me: None),
    },
)


class PaymentList(ListPage[DealLine]):
    """The money that came in for deals, and what else pays commission."""

    noun, template = DealLine, "sales/payments/index.html"
    title = Phrase("Payments")
    subtitle = Phrase(
        "What pays commission does so once someone in finance, who is not paid by it, confirmed it."
    )
    search = Phrase("Title, code or customer")
    sorts = {"id": DealLine.id, "on": DealLine.on, "amount": DealLine.amount}
    usual = "-id"
    filters = (
        SHOWS,
        Links(
            name="import",
            offers=lambda me, chosen: (),
            about=lambda number: DealLine.key.startswith(f"import-{number}-"),
        ),
    )
    columns = (
        Phrase("Deal"),
        Column(Phrase("Received on"), "on"),
        Phrase("Recorded by"),
        Phrase("State"),
        Column(Phrase("Amount"), "amount", "end"),
    )

    def everything(self) -> ModelSelect[DealLine]:
        return super().everything().where(DealLine.is_asked())

    def matching(self, text: str) -> Any:
        held = Deal.id.in_(self.held(Deal.kind(), text))
        return DealLine.deal.in_(Deal.select(Deal.id).where(Deal.matching(text) | held))

    def read(self, query: ModelSelect[DealLine]) -> ModelSelect[DealLine]:
        return with_names(query)


def with_names(query: ModelSelect[DealLine]) -> ModelSelect[DealLine]:
    """The same payments with deal, customer, and who wrote and who confirmed them read along."""
    writer, confirmer = Person.alias(), Person.alias()
    return (
        query.select_extend(Deal, *names_of(Customer), *names_of(writer), *names_of(confirmer))
        .join_from(DealLine, Deal)
        .join_from(Deal, Customer, JOIN.LEFT_OUTER)
        .join_from(DealLine, writer, JOIN.LEFT_OUTER, on=(DealLine.recorded_by == writer.id))
        .join_from(DealLine, confirmer, JOIN.LEFT_OUTER, on=(DealLine.confirmed_by == confirmer.id))
    )


def _listed_for(person: Person) -> bool:
    return person.is_finance or person.is_auditor


def _about(request: Request, lines: list[DealLine]) -> dict[str, Any]:
    """What stands beside payments: what was taken back of their deals, and which deals pay who looks."""
    deals = [line.deal_id for line in lines]
    back = DealLine.reverses.is_null(False) & DealLine.deal.in_(deals)
    taken_back = list(DealLine.select().where(back).order_by(DealLine.id))
    shares = DealShare.select(DealShare.deal).where(DealShare.person == request.user)
    return {
        "confirms": request.user.does(Role.PAYMENTS),
        "undone": {line.reverses_id: line for line in taken_back},
        "taken_back": {line.deal_id: line for line in taken_back if line.trigger == "payment"},
        "mine": {share.deal_id for share in shares.where(DealShare.deal.in_(deals))},
    }


@view
def index(request: Request) -> Response:
    permit(_listed_for(request.user))
    payments = PaymentList(request)
    return payments.page(brought=_brought(request, payments), **_about(request, payments.rows))


def _brought(request: Request, payments: PaymentList) -> tuple[int, int] | None:
    """How many payments of one import wait, and how much they are, where the address names one."""
    if not number_of(payments.state["import"]):
        return None
    sums: Any = payments.query().select(fn.COUNT(DealLine.id), fn.SUM(DealLine.amount)).tuples()
    count, amount = next(iter(sums))
    return count, amount or 0


@view
def confirm(request: Request) -> Response:
    permit(request.user.does(Role.PAYMENTS))
    days, number = chosen(request.form), number_of(str(request.form.get("import", "")))
    which = DealLine.key.startswith(f"import-{number}-") if number else DealLine.id.in_(list(days))
    lines = list(with_names(DealLine.waiting().where(which)))
    done = DealLine.confirm_many([line for line in lines if not days.get(line.id)], by=request.user)
    for line in lines:
        if days.get(line.id):
            line.confirm(by=request.user, on=days[line.id])
            done += 1
    return go(request, "/payments", note=Phrase("Payments confirmed: %(count)s.", count=done))


@view(upload=True)
def bank(request: Request) -> Response:
    permit(request.user.does(Role.PAYMENTS))
    form = BankForm(request.form)
    lines = list(with_names(DealLine.waiting().where(DealLine.trigger == "payment")))
    found: dict[str, Any] = {"matches": None}
    if form.accept(_compared, lines, **form.upload):
        found = {"matches": form.result, "lines": lines, **_about(request, lines)}
    return form_page(request, "sales/payments/bank.html", form, **found)


def _compared(lines: list[DealLine], file: Any, name: str) -> list[Match]:
    return matches(read_bank_file(file, name), lines)
