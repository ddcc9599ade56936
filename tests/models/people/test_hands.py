"""Nobody appoints their own second person for money: policies, adjustments, payments (RULES 4.1)."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import pytest

from portal import clock
from portal.clock import Month
from portal.i18n import minor
from portal.jobs import worker
from portal.models.base.record import Invalid
from portal.models.commission.adjustments import Adjustment
from portal.models.commission.policies import Policy
from portal.models.imports.imports import Import
from portal.models.people.people import Person, Role, RoleGrant
from portal.models.sales.lines import DealLine
from portal.models.sales.shares import share_with
from tests.commission import MAY, deal_of
from tests.conftest import SignIn


@pytest.fixture
def boss(adam: Person) -> Person:
    """Administrator, finance and seller in one, for long."""
    adam.grant(Role.FINANCE, by=None)
    settle(adam)
    return adam.fresh()


def settle(*people: Person) -> None:
    long_ago = clock.now() - timedelta(days=200)
    RoleGrant.update(created_at=long_ago).where(RoleGrant.person.in_(people)).execute()


def puppet(by: Person) -> Person:
    made = Person.add(by=by, email="eve@example.com", name="Eve", locale="en")
    made.grant(Role.FINANCE, by=by)
    return made.fresh()


def proposed(by: Person) -> Policy:
    policy = Policy.draft(by=by, name="Mine", effective_from=Month(2016, 1), base_rate=900_000)
    policy.propose(by=by)
    return policy


def recorded(by: Person) -> DealLine:
    return DealLine.record(
        deal_of(by, "1000.00"), "payment", minor("1000.00"), clock.today(), by=by, key="mine"
    )


@pytest.mark.parametrize("who_proposes", ["boss", "puppet"])
def test_no_policy_by_one_who_made_the_other(boss: Person, fin: Person, who_proposes: str) -> None:
    settle(fin)
    eve = puppet(boss)
    first, second = (boss, eve) if who_proposes == "boss" else (eve, boss)
    policy = proposed(first)
    if second is boss:
        assert policy.approvable_by(boss)  # by role they may, by hand they may not
    with pytest.raises(Invalid, match="for less than a month"):
        policy.approve(by=second)
    assert policy.fresh().state == "proposed"
    fin.grant(Role.ADMINISTRATOR, by=None)
    policy.approve(by=fin.fresh())
    assert policy.fresh().state == "approved"


def test_the_first_policy_of_a_company_of_two_is_approved(adam: Person) -> None:
    eve = puppet(adam)
    policy = proposed(eve)
    policy.approve(by=adam)
    assert policy.fresh().state == "approved"


def test_who_took_the_role_from_the_other_is_not_alone(adam: Person, fiona: Person) -> None:
    settle(adam, fiona)
    eve = puppet(adam)
    fiona.withdraw(Role.FINANCE, by=adam)
    with pytest.raises(Invalid, match="for less than a month"):
        proposed(eve).approve(by=adam)


def test_no_adjustment_by_one_who_made_the_other(
    boss: Person, fin: Person, fiona: Person, ada: Person
) -> None:
    """Nor where the one who made them is who gets it; refusing is free."""
    settle(fin, fiona)
    eve = puppet(boss)
    for payee, by in ((ada, boss), (boss, fin)):
        adjustment = Adjustment.propose(payee, MAY, 100_00, "For the fair", by=by)
        with pytest.raises(Invalid, match="for less than a month"):
            adjustment.decide(by=eve, approve=True)
        adjustment.decide(by=eve, approve=False)
    kept = Adjustment.propose(ada, MAY, 100_00, "For the fair", by=boss)
    kept.decide(by=fin, approve=True)
    assert Adjustment.undecided().count() == 0


def test_who_sells_makes_nobody_who_confirms_it(boss: Person, fin: Person, sign_in: SignIn) -> None:
    """Not by Confirm, not by tick, not as what she wrote down herself, nor as her import."""
    settle(fin)
    eve, line = puppet(boss), recorded(boss)
    browser = sign_in(eve)
    browser.post("/payments/confirmation", data={"line": str(line.id)})
    with pytest.raises(Invalid, match="for less than a month"):
        line.confirm(by=eve)
    assert line.fresh().is_waiting
    hers = DealLine.record(
        deal_of(boss, "500.00"), "payment", minor("500.00"), clock.today(), by=eve, key="hers"
    )
    assert hers.fresh().is_waiting
    eve.grant(Role.MANAGER, by=boss)  # who brings deals in
    day = clock.today().isoformat()
    file = f"标题,负责人,阶段,金额,成交日期\nBig,adam@example.com,won,1000000,{day}\n"
    made = Import.begin(by=eve, file=BytesIO(file.encode()), name="deals.csv", kind="deals")
    made.map(columns=made.columns, paid_on_close=True)
    worker.drain()
    assert browser.post(f"/imports/{made.id}/run").status_code == 303
    worker.drain()
    assert [each.is_waiting for each in DealLine.select().where(DealLine.trigger == "payment")] == [True] * 3
    assert line.confirmable_by(fin)
    line.confirm(by=fin)
    assert not line.fresh().is_waiting


def test_the_only_one_in_finance_confirms_also_what_pays_who_made_them(adam: Person) -> None:
    settle(adam)
    eve = puppet(adam)
    line = recorded(adam)
    line.confirm(by=eve)
    assert not line.fresh().is_waiting


def test_after_a_month_it_is_nobody_s_hand(boss: Person, fin: Person) -> None:
    settle(fin)
    with clock.moved(clock.now() - timedelta(days=31)):
        eve = puppet(boss)
    line = recorded(boss)
    line.confirm(by=eve)
    assert not line.fresh().is_waiting


def test_who_cannot_decide_it_keeps_nobody_waiting(adam: Person, fin: Person, ada: Person) -> None:
    """Fin closes months: he may not approve policies, so that Adam may, who made the one who proposes it."""
    fin.grant(Role.CLOSER, by=None)
    settle(adam, fin)
    eve = puppet(adam)
    approver = Person.add(by=adam, email="bo@example.com", name="Bo", locale="en")
    approver.grant(Role.FINANCE, by=adam)
    approver.grant(Role.APPROVER, by=adam)
    policy = proposed(eve)
    policy.approve(by=adam)
    assert policy.fresh().state == "approved"


def test_two_administrators_and_a_first_one_in_finance(adam: Person) -> None:
    """The other administrator does not confirm payments: Eve may, also what pays Adam."""
    second = Person.add(by=None, email="two@example.com", name="Two", roles=[Role.ADMINISTRATOR])
    settle(adam, second)
    eve = puppet(adam)
    line = recorded(adam)
    assert line.confirmable_by(eve)
    line.confirm(by=eve)


def test_who_is_paid_by_it_is_no_other(boss: Person, fin: Person) -> None:
    """Fin shares in the deal: only Eve is left."""
    settle(fin)
    eve = puppet(boss)
    deal = deal_of(boss, "1000.00")
    share_with(deal, {boss: 500_000, fin: 500_000}, by=boss)
    line = DealLine.record(deal, "payment", minor("1000.00"), clock.today(), by=boss, key="mine")
    assert line.confirmable_by(eve)


def test_a_policy_that_waited_a_month_is_approved_by_who_then_has_the_role_long(
    boss: Person, fin: Person
) -> None:
    settle(fin)
    eve, policy = puppet(boss), proposed(boss)
    with clock.moved(clock.now() + timedelta(days=31)):
        fresh = Policy.draft(by=boss, name="Then", effective_from=Month.of(clock.today()).next)
        fresh.propose(by=boss)
        eve.grant(Role.ADMINISTRATOR, by=None)
        fresh.approve(by=eve.fresh())
    assert policy.state == "proposed"
