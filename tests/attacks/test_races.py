"""Two sessions at one moment, through the whole portal: one effect, or both in a row, never half of each."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from portal import clock
from portal.jobs import worker
from portal.models.base.record import Event
from portal.models.commission.adjustments import Adjustment, AdjustmentDecision
from portal.models.commission.periods import Period
from portal.models.commission.statements import Statement
from portal.models.people.people import Person, Role, RoleGrant
from portal.models.sales.deals import Deal, DealLine
from tests.attacks.parts import at_once
from tests.client import Client
from tests.commission import MAY, approved, close, deal_of, noon, reckoned
from tests.conftest import SignIn

MAY_10 = date(2026, 5, 10)
ROUNDS = 4


def post(client: Client, path: str, **data: str) -> Any:
    return lambda: client.post(path, data=data).status_code


def waiting(ada: Person) -> DealLine:
    """A million that Ada wrote down."""
    deal = deal_of(ada, "1000000.00")
    with clock.moved(noon(MAY_10)):
        return deal.receive_payment(by=ada, amount=1_000_000_00, on=MAY_10)


def test_two_who_confirm_confirm_once(sign_in: SignIn, ada: Person, fin: Person, fiona: Person) -> None:
    approved(fin, fiona)
    line, path = waiting(ada), "/payments/confirmation"
    answers = at_once(*(post(sign_in(each), path, line=str(line.id)) for each in (fin, fiona, fin)))
    assert answers == [303, 303, 303]
    assert Event.select().where(Event.verb == "confirmed").count() == 1
    assert line.fresh().confirmed_by in (fin, fiona)
    assert reckoned(ada, MAY).total == 20_000_00


def test_confirmed_and_taken_back_at_once_pays_nothing(
    sign_in: SignIn, ada: Person, fin: Person, fiona: Person
) -> None:
    """Whichever is first: it is taken back once, and what is paid for May and later is nothing."""
    approved(fin, fiona)
    confirming, reversing = sign_in(fin), sign_in(fiona)
    for _ in range(ROUNDS):
        line = waiting(ada)
        with clock.moved(noon(date(2026, 5, 12))):
            answers = at_once(
                post(confirming, "/payments/confirmation", line=str(line.id)),
                post(reversing, f"/deal-lines/{line.id}/reversal", reason="It never came"),
            )
        assert answers == [303, 303]
        assert DealLine.select().where(DealLine.reverses == line).count() == 1
        assert reckoned(ada, MAY).total == 0
    with clock.moved(noon(date(2026, 6, 5))):
        close(MAY, fin)
    assert sum(one.total for one in Statement.select().where(Statement.person == ada)) == 0


def test_an_adjustment_is_decided_once(
    sign_in: SignIn, ada: Person, fin: Person, fiona: Person, adam: Person
) -> None:
    approved(fin, fiona)
    yes, no = sign_in(fiona), sign_in(adam)
    for number in range(ROUNDS):
        one = Adjustment.propose(ada, MAY, 5_00 + number, "Paid too little", by=fin)
        path = f"/commission/adjustments/{one.id}/decision"
        assert at_once(post(yes, path, answer="approve"), post(no, path, answer="refuse")) == [303, 303]
        decided = AdjustmentDecision.select().where(AdjustmentDecision.adjustment == one)
        assert decided.count() == 1
        verbs = Event.select(Event.verb).where((Event.subject_kind == one.kind()) & (Event.subject == one.id))
        told = [event.verb for event in verbs if event.verb != "proposed"]
        assert told == ["approved" if decided.get().approved else "refused"]


def test_a_month_is_closed_once(
    sign_in: SignIn, ada: Person, ben: Person, fin: Person, fiona: Person
) -> None:
    """Two ask, two workers work: one statement of 20,000.00, closed by one of them."""
    approved(fin, fiona)
    waiting(ada).confirm(by=fin)
    other = ben
    other.grant(Role.FINANCE, by=None)
    path = f"/commission/periods/{MAY}/close"
    with clock.moved(noon(date(2026, 6, 5))):
        answers = at_once(post(sign_in(fin), path), post(sign_in(other), path), post(sign_in(fin), path))
        assert set(answers) == {303}
        at_once(worker.drain, worker.drain)
    assert Period.get().state == "closed"
    assert [(one.person, one.total) for one in Statement.select().where(Statement.total != 0)] == [
        (ada, 20_000_00)
    ]
    assert Event.select().where((Event.verb == "closed") & (Event.subject_kind == "period")).count() == 1


PAIRS = [
    (Role.CLOSER, Role.PAYER),
    (Role.CLOSER, Role.APPROVER),
    (Role.CLOSER, Role.REVIEWER),
    (Role.AUDITOR, Role.ADMINISTRATOR),
]


@pytest.mark.parametrize("pair", PAIRS, ids=" and ".join)
def test_of_two_roles_that_must_be_apart_one_is_given(
    sign_in: SignIn, adam: Person, pair: tuple[Role, Role]
) -> None:
    second = Person.add(by=None, email="second@example.com", name="Second")
    second.grant(Role.ADMINISTRATOR, by=None)
    browsers = [sign_in(adam), sign_in(second)]
    for number in range(ROUNDS):
        person = Person.add(by=None, email=f"p{number}@example.com", name=f"P{number}")
        if Role.AUDITOR not in pair:
            person.grant(Role.FINANCE, by=None)
        path = f"/admin/accounts/{person.id}/roles"
        answers = at_once(*(post(b, path, role=str(r)) for b, r in zip(browsers, pair, strict=True)))
        assert sorted(answers) == [303, 422]
        held = {g.role for g in RoleGrant.select().where(RoleGrant.person == person)}
        assert len(held & set(pair)) == 1


def test_one_form_sent_twice_at_once_is_one(sign_in: SignIn, ada: Person) -> None:
    """A double click, whatever the second is answered."""
    deal, browser = deal_of(ada, "1000.00"), sign_in(ada)
    sent = {"trigger": "payment", "amount": "300", "on": "2026-05-10", "key": "mine"}
    answers = at_once(*(post(browser, f"/deals/{deal.id}/payments/new", **sent) for _ in range(3)))
    assert 303 in answers
    assert set(answers) <= {303, 409}
    assert Deal.get_by_id(deal.id).lines().count() == 1
