"""Ways to money that is not there, or is not one's own: what is right by RULES 4.1 and the attacks' table."""

from __future__ import annotations

import re
from datetime import date
from io import BytesIO

import pytest

from portal import clock
from portal.clock import Month
from portal.jobs import worker
from portal.models.base.record import Invalid
from portal.models.commission.policies import Policy
from portal.models.commission.reckoning import reckon_one
from portal.models.commission.statements import Statement
from portal.models.imports.imports import Import
from portal.models.people.people import Person, Role
from portal.models.sales import closings
from portal.models.sales.deals import Deal
from portal.models.sales.lines import DealLine, pays
from portal.models.sales.shares import share_with
from tests.commission import (
    APRIL,
    JULY,
    JUNE,
    MAY,
    approved,
    close,
    customer,
    deal_of,
    lesson,
    noon,
    product,
    reckoned,
)
from tests.conftest import SignIn

MAY_10, JUNE_10 = date(2026, 5, 10), date(2026, 6, 10)
MILLION = {"trigger": "payment", "amount": "1000000", "on": "2026-05-10"}


@pytest.fixture
def policy(fin: Person, fiona: Person) -> None:
    approved(fin, fiona)


def record(sign_in: SignIn, by: Person, deal: Deal, key: str = "mine", **other: str) -> DealLine:
    """What is written down as received through the form."""
    answer = sign_in(by).post(f"/deals/{deal.id}/payments/new", data=MILLION | {"key": key} | other)
    assert answer.status_code == 303, answer.text[-500:]
    return DealLine.select().where(DealLine.trigger == "payment").order_by(DealLine.id.desc()).get()


def of(person: Person, month: object = MAY) -> int:
    return reckoned(person, month).total  # type: ignore[arg-type]


def test_no_close_pays_what_nobody_confirmed(
    policy: None, sign_in: SignIn, ada: Person, ben: Person, fin: Person
) -> None:
    """2 % of Ben's million; nothing of Ada's, in May nor in June, until it is confirmed."""
    line = record(sign_in, ada, deal_of(ada, "1000000.00"))
    record(sign_in, ben, deal_of(ben, "1000000.00"), key="his").confirm(by=fin)
    for month in (MAY, JUNE):
        close(month, fin)
    paid = {(s.person.name, str(s.period.month)): s.total for s in Statement.select()}
    assert sum(total for (name, _), total in paid.items() if name == "Ada") == 0
    assert paid["Ben", "2026-05"] == 20_000_00
    assert line.fresh().is_waiting


@pytest.mark.parametrize("shared_later", [False, True])
def test_finance_does_not_confirm_what_pays_it(
    policy: None, sign_in: SignIn, ada: Person, fin: Person, fiona: Person, shared_later: bool
) -> None:
    """By tick, by the bank's day, by the bank's file, by the import's number: whoever shares in it may not."""
    deal = deal_of(ada, "1000000.00") if shared_later else deal_of(fin, "1000000.00")
    if shared_later:
        share_with(deal, {ada: 990_000, fin: 10_000}, by=ada)
    line, browser = record(sign_in, deal.owner, deal), sign_in(fin)
    assert line.is_waiting
    browser.post("/payments/confirmation", data={"line": str(line.id)})
    browser.post("/payments/confirmation", data={"line": [str(line.id)] * 3, "import": "²"})
    assert browser.post("/payments/confirmation", data={"line": f"{line.id} 2026-05-09"}).status_code == 422
    bank = "交易日期,摘要,收入金额\n2026-05-10,刘先生,1000000\n".encode()
    page = browser.post("/payments/bank", files={"file": ("bank.csv", bank)}).text
    assert not re.search(r'name="line"\s+value="\d[^"]*"', page)
    assert line.fresh().is_waiting
    sign_in(fiona).post("/payments/confirmation", data={"line": str(line.id)})
    assert line.fresh().confirmed_by == fiona


def test_shares_taken_after_recording_are_refused(
    policy: None, sign_in: SignIn, ada: Person, ben: Person, fin: Person
) -> None:
    """Nobody steps out of a deal to confirm it, nor steps in once it is confirmed."""
    deal = deal_of(fin, "1000000.00")
    record(sign_in, fin, deal)
    sent = {"person_1": f"#{ben.id}", "share_1": "100"}
    assert sign_in(fin).post(f"/deals/{deal.id}/shares", data=sent).status_code == 422
    sign_in(fin).post(f"/deals/{deal.id}/owner", data={"to": f"#{ben.id}"})
    sign_in(fin).post("/payments/confirmation", data={"line": str(DealLine.get().id)})
    assert (DealLine.get().is_waiting, deal.shares()) == (True, {fin.id: 1_000_000})


def test_a_manager_of_finance_confirms_her_teams_money_and_not_her_own(
    policy: None, sign_in: SignIn, mona: Person, ada: Person
) -> None:
    mona.grant(Role.FINANCE, by=None)
    browser = sign_in(mona.fresh())
    hers = record(sign_in, mona, deal_of(mona, "1000000.00"))
    shared = deal_of(ada, "1000000.00")
    share_with(shared, {ada: 500_000, mona: 500_000}, by=ada)
    both, theirs = (
        record(sign_in, ada, shared, key="both"),
        record(sign_in, ada, deal_of(ada, "1000000.00"), key="theirs"),
    )
    browser.post("/payments/confirmation", data={"line": [str(each.id) for each in (hers, both, theirs)]})
    assert [each.fresh().is_waiting for each in (hers, both, theirs)] == [True, True, False]
    assert (of(mona), of(ada)) == (0, 20_000_00)


def test_what_was_taken_back_waits_again_when_it_is_recorded_again(
    policy: None, sign_in: SignIn, ada: Person, fin: Person
) -> None:
    """Confirmed once says nothing of the second time. 20,000.00, nothing, nothing, 20,000.00."""
    deal = deal_of(ada, "1000000.00")
    record(sign_in, ada, deal).confirm(by=fin)
    assert of(ada) == 20_000_00
    with clock.moved(noon(date(2026, 5, 12))):
        path = f"/deal-lines/{DealLine.get().id}/reversal"
        assert sign_in(ada).post(path, data={"reason": "To record it anew"}).status_code == 403
        sign_in(fin).post(path, data={"reason": "It came from somebody else"})
        assert of(ada) == 0
        again = record(sign_in, ada, deal.fresh(), key="again")
        assert (again.is_waiting, of(ada)) == (True, 0)
        sign_in(ada).post("/payments/confirmation", data={"line": str(again.id)})
        assert (again.fresh().is_waiting, of(ada)) == (True, 0)
        sign_in(fin).post("/payments/confirmation", data={"line": str(again.id)})
        assert of(ada) == 20_000_00


def test_the_bank_says_on_which_day_money_came(
    policy: None, sign_in: SignIn, ada: Person, fin: Person
) -> None:
    """May has the bonus (two accepted), June none: money of June dated May is paid by June's rate, 2 %."""
    for day in (3, 4):
        lesson(ada, noon(date(2026, 5, day)), noon(date(2026, 5, day + 1)))
    with clock.moved(noon(date(2026, 6, 20))):
        line = record(sign_in, ada, deal_of(ada, "1000000.00"), on="2026-05-31")
        assert (of(ada), of(ada, JUNE)) == (0, 0)
        sent = {"line": f"{line.id} 2026-06-15"}
        assert sign_in(fin).post("/payments/confirmation", data=sent).status_code == 303
        assert (of(ada), of(ada, JUNE)) == (0, 20_000_00)


@pytest.mark.parametrize("on", ["2026-05-13", "0001-01-01", "2026-02-30", "9999-12-31", "²"])
def test_a_day_that_cannot_be_is_refused(policy: None, sign_in: SignIn, ada: Person, on: str) -> None:
    deal = deal_of(ada, "1000000.00", engaged_on=date(2026, 4, 1))
    with clock.moved(noon(date(2026, 5, 12))):
        answer = sign_in(ada).post(f"/deals/{deal.id}/payments/new", data=MILLION | {"on": on})
    assert (answer.status_code, DealLine.select().count()) == (422, 0)


@pytest.mark.parametrize(
    "amount", ["US$100", "100欧元", "€ 100", "100 USD", "£5", "HK$100", "1e6", "-5", "0", "0.001", "NaN", "∞"]
)
def test_an_amount_that_is_none_is_refused(policy: None, sign_in: SignIn, ada: Person, amount: str) -> None:
    deal = deal_of(ada, "1000000.00")
    answer = sign_in(ada).post(f"/deals/{deal.id}/payments/new", data=MILLION | {"amount": amount})
    assert (answer.status_code, DealLine.select().count()) == (422, 0)


def test_a_payees_own_import_waits_for_finance(
    sign_in: SignIn, mona: Person, fin: Person, fiona: Person
) -> None:
    """A manager's file with her own deals, paid on closing; with `import=` she confirms none of them."""
    approved(fin, fiona, requires=[])
    file = "标题,负责人,阶段,金额,成交日期\nBig,mona@example.com,won,1000000,2026-05-10\n"
    with clock.moved(noon(date(2026, 5, 12))):
        made = Import.begin(by=mona, file=BytesIO(file.encode()), name="deals.csv", kind="deals")
        made.map(columns=made.columns, paid_on_close=True)
        worker.drain()
        sign_in(mona).post(f"/imports/{made.id}/run")
        worker.drain()
        line = DealLine.get(DealLine.trigger == "payment")
        assert (line.amount, line.is_waiting, of(mona)) == (1_000_000_00, True, 0)
        form = {"import": str(made.id)}
        assert sign_in(mona).post("/payments/confirmation", data=form).status_code == 403
        mona.grant(Role.FINANCE, by=None)
        sign_in(mona).post("/payments/confirmation", data=form)
        assert (line.fresh().is_waiting, of(mona)) == (True, 0)
        sign_in(fin).post("/payments/confirmation", data=form)
        assert (line.fresh().confirmed_by, of(mona)) == (fin, 20_000_00)


def test_a_key_of_an_import_confirms_nothing_along_with_it(
    policy: None, sign_in: SignIn, ada: Person, fin: Person
) -> None:
    """A payment that calls itself part of import 1 is not confirmed when finance confirms import 1."""
    line = record(sign_in, ada, deal_of(ada, "1000000.00"), key="import-1-2-payment")
    sign_in(fin).post("/payments/confirmation", data={"import": "1"})
    assert line.fresh().is_waiting
    assert line.key == "form-import-1-2-payment"


# what pays without a payment: contract, delivery, invoice


@pytest.mark.parametrize("trigger", ["contract", "delivery", "invoice"])
def test_the_payees_own_word_and_day_earn_nothing_under_any_trigger(
    trigger: str, ada: Person, ben: Person, fin: Person, fiona: Person
) -> None:
    """1,000,000.00 at 2.05 % is 20,500.00: two were accepted in May, none in June, and the contract is of June.

    Dated back to May, it waits for the duty "payments", which confirms the day as well.
    """
    approved(fin, fiona, earn_trigger=trigger)
    for day in (4, 8):
        lesson(ada, noon(date(2026, 5, day)), noon(date(2026, 5, day)))
    close(MAY, fin)
    with clock.moved(noon(date(2026, 6, 20))):
        deal = Deal.open(by=ada, title="Flat", stage="negotiation", customer=customer(), product=product())
        closings.win(deal, by=ada, amount=1_000_000_00, on=date(2026, 5, 31))
        if trigger != "contract":
            DealLine.record(deal.fresh(), trigger, 1_000_000_00, date(2026, 5, 31), by=ada)
        (line,) = DealLine.waiting()
        assert line.trigger == trigger
        june = reckon_one(ada, JUNE)
        assert (june.total, [one.confirmed for one in june.pending]) == (0, [False])
        assert (line.confirmable_by(ada), line.confirmable_by(ben)) == (False, False)
        line.confirm(by=fin, on=date(2026, 6, 20))
        assert reckon_one(ada, JUNE).total == 20_000_00, "at the terms of June, its true day"


def test_who_confirmed_a_contract_is_given_no_share_of_it(
    ada: Person, ben: Person, fin: Person, fiona: Person
) -> None:
    """RULES 4.1: confirmed by someone who is not its payee, afterwards too."""
    approved(fin, fiona, earn_trigger="contract")
    with clock.moved(noon(date(2026, 6, 20))):
        deal = Deal.open(by=ada, title="Flat", stage="negotiation", customer=customer(), product=product())
        closings.win(deal, by=ada, amount=1_000_000_00, on=date(2026, 6, 20))
        DealLine.waiting().get().confirm(by=fin)
        with pytest.raises(Invalid):
            share_with(deal.fresh(), {ada: 500_000, fin: 500_000}, by=ada)
        share_with(deal.fresh(), {ada: 500_000, ben: 500_000}, by=ada)


def test_what_pays_nobody_is_asked_of_nobody(ada: Person, fin: Person, fiona: Person) -> None:
    """Where payments pay, a contract is no matter for finance; under another policy from May on, it is."""
    approved(fin, fiona)
    deal = Deal.open(by=ada, title="Flat", stage="negotiation")
    closings.win(deal, by=ada, amount=100_00, on=clock.today())
    assert not DealLine.waiting().exists()
    month = Month.of(clock.today())
    approved(fin, fiona, effective_from=month.next, earn_trigger="contract")
    assert not DealLine.waiting().exists()
    with clock.moved(noon(month.next.first_day)):
        other = Deal.open(by=ada, title="House", stage="negotiation")
        closings.win(other, by=ada, amount=100_00, on=clock.today())
        assert [line.deal_id for line in DealLine.waiting()] == [other.id]


def test_what_a_policy_paid_on_until_another_followed_is_asked_of_nobody_since(
    ada: Person, fin: Person, fiona: Person
) -> None:
    """Contracts pay in May and June, payments from July on: what is dated back to June is asked still."""
    approved(fin, fiona, effective_from=MAY, earn_trigger="contract")
    approved(fin, fiona, effective_from=JULY)
    assert [pays("contract", month.first_day) for month in (APRIL, MAY, JUNE, JULY)] == [
        False,
        True,
        True,
        False,
    ]
    assert pays("payment", APRIL.first_day)


def test_a_first_policy_that_begins_in_the_past_asks_about_what_was_on_record(
    ada: Person, fin: Person, fiona: Person
) -> None:
    with clock.moved(noon(date(2026, 5, 20))):
        deal = Deal.open(by=ada, title="Flat", stage="negotiation")
        closings.win(deal, by=ada, amount=100_00, on=date(2026, 5, 20))
        assert not DealLine.waiting().exists()
        policy = Policy.draft(by=fin, name="2026", effective_from=MAY, earn_trigger="contract", requires=[])
        policy.propose(by=fin)
        policy.approve(by=fiona)
        assert reckon_one(ada, MAY).total == 0
        DealLine.waiting().get().confirm(by=fin)
        assert reckon_one(ada, MAY).total == 2_00
