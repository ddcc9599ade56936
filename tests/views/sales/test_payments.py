"""Payments through the browser: recorded by who sells, confirmed by finance, beside the bank's file."""

from __future__ import annotations

import re
from datetime import date

import pytest

from portal import clock
from portal.i18n import minor
from portal.models.people.people import Person, Role
from portal.models.sales.deals import WHOLE, Deal
from portal.models.sales.lines import DealLine
from tests.commission import MAY, approved, deal_of, noon, reckoned
from tests.conftest import SignIn

MAY_10 = date(2026, 5, 10)
BANK = '交易日期,摘要,收入金额\n2026-05-11,刘先生 购房款,"1,000,000.00"\n2026-05-12,不明,300.00\n'


@pytest.fixture
def deal(ada: Person, fin: Person, fiona: Person) -> Deal:
    """Ada's won deal of a million."""
    approved(fin, fiona)
    return deal_of(ada, "1000000.00")


@pytest.fixture
def line(deal: Deal, ada: Person) -> DealLine:
    """What Ada wrote down as received for it."""
    with clock.moved(noon(MAY_10)):
        return DealLine.receive(deal, by=ada, amount=minor("1000000.00"), on=MAY_10)


def test_who_records_is_told_that_finance_has_to_confirm(sign_in: SignIn, ada: Person, deal: Deal) -> None:
    browser, path = sign_in(ada), f"/deals/{deal.id}/payments/new"
    key = re.search(r'name="key"[^>]*value="([^"]+)"', browser.get(path).text)
    assert key
    sent = {"trigger": "payment", "amount": "500", "on": "2026-05-10", "key": key[1]}
    page = browser.post(path, data=sent, follow_redirects=True).text
    assert "It pays commission once finance has confirmed it." in page
    assert "Waiting for finance" in page
    assert "¥500.00 of ¥1,000,000.00, ¥500.00 of it waits for finance" in page
    statement = browser.get(f"/commission/statements/2026-05/{ada.id}").text
    assert "waiting for finance" in statement


def test_delivery_and_invoice_are_written_down_too(sign_in: SignIn, ada: Person, deal: Deal) -> None:
    browser, path = sign_in(ada), f"/deals/{deal.id}/payments/new"
    for trigger in ("delivery", "invoice"):
        sent = {"trigger": trigger, "amount": "1000000", "on": "2026-05-10", "key": trigger}
        assert browser.post(path, data=sent).status_code == 303
    assert {line.trigger: line.is_waiting for line in DealLine.of(deal)} == {
        "delivery": False,
        "invoice": False,
    }
    forged = {"trigger": "contract", "amount": "1", "on": "2026-05-10", "key": "x"}
    assert browser.post(path, data=forged).status_code == 422


def test_finance_confirms_what_it_ticks(
    sign_in: SignIn, fin: Person, fiona: Person, ada: Person, line: DealLine
) -> None:
    browser = sign_in(fin)
    page = browser.get("/payments").text
    assert f'value="{line.id}" form="confirming"' in page
    answer = browser.post("/payments/confirmation", data={"line": str(line.id)}, follow_redirects=True)
    assert "Payments confirmed: 1." in answer.text
    assert "No payment" in answer.text
    assert "Fin" in browser.get("/payments?show=confirmed").text
    again = sign_in(fiona).post("/payments/confirmation", data={"line": str(line.id)}, follow_redirects=True)
    assert "Payments confirmed: 0." in again.text
    assert reckoned(ada, MAY).total == 20_000_00


@pytest.mark.parametrize("wrong", ["", "x", "0", "-1", "9" * 30, "1 2026-99-99", "²"])
def test_what_is_no_payment_confirms_none(sign_in: SignIn, fin: Person, ada: Person, wrong: str) -> None:
    assert sign_in(fin).post("/payments/confirmation", data={"line": wrong}).status_code == 303


def test_only_finance_confirms(
    sign_in: SignIn, ada: Person, mona: Person, adam: Person, audrey: Person, rita: Person, line: DealLine
) -> None:
    for person in (ada, mona, adam, audrey, rita):
        browser = sign_in(person)
        assert browser.post("/payments/confirmation", data={"line": str(line.id)}).status_code == 403
        assert browser.get("/payments/bank").status_code == 403
        assert browser.get("/payments").status_code == (200 if person == audrey else 403)
    assert line.fresh().is_waiting
    assert 'form="confirming"' not in sign_in(audrey).get("/payments").text


def test_who_is_paid_by_it_sees_it_and_cannot_tick_it(
    sign_in: SignIn, fin: Person, fiona: Person, deal: Deal, line: DealLine
) -> None:
    other = deal_of(fin, "300.00")
    with clock.moved(noon(MAY_10)):
        mine = DealLine.receive(other, by=fin, amount=300_00, on=MAY_10)
    page = sign_in(fin).get("/payments").text
    assert f'value="{mine.id}" form="confirming"' not in page
    assert "pays you: someone else confirms it" in page
    sign_in(fin).post("/payments/confirmation", data={"line": [str(mine.id), str(line.id)]})
    assert (mine.fresh().is_waiting, line.fresh().is_waiting) == (True, False)
    assert other.shares() == {fin.id: WHOLE}


def test_the_banks_file_ticks_what_is_certain(
    sign_in: SignIn, fin: Person, ada: Person, line: DealLine
) -> None:
    browser = sign_in(fin)
    page = browser.post("/payments/bank", files={"file": ("bank.csv", BANK.encode("gb18030"))}).text
    ticked = re.search(r'name="line"\s+value="([^"]+)" checked', page)
    assert ticked
    assert ticked[1] == f"{line.id} 2026-05-11"
    assert "the bank says" in page
    browser.post("/payments/confirmation", data={"line": ticked[1]})
    assert (line.fresh().on, line.fresh().confirmed_by) == (date(2026, 5, 11), fin)
    assert browser.post("/payments/bank").status_code == 422
    assert browser.post("/payments/bank", files={"file": ("a.csv", b"\x00\x01")}).status_code == 422


def test_what_was_taken_back_before_stands_beside_it(
    sign_in: SignIn, fin: Person, ada: Person, deal: Deal, line: DealLine
) -> None:
    line.confirm(by=fin)
    line.reverse(by=fin, reason="refunded")
    with clock.moved(noon(MAY_10)):
        DealLine.receive(deal.fresh(), by=ada, amount=minor("1000000.00"), on=MAY_10)
    page = sign_in(fin).get("/payments").text
    assert "¥1,000,000.00 was taken back on" in page
    assert "refunded" in page


def test_a_manager_of_finance_sees_no_more_than_finance(
    sign_in: SignIn, mona: Person, line: DealLine
) -> None:
    mona.grant(Role.FINANCE, by=None)
    assert sign_in(mona.fresh()).get("/payments").status_code == 200
