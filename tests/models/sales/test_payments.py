"""Payments pay commission once finance has confirmed them: who may, what waits, what a bank's file says."""

from __future__ import annotations

import io
import threading
from datetime import date

import pytest

from portal import clock
from portal.i18n import minor
from portal.jobs import worker
from portal.models.base.database import transact
from portal.models.base.record import Event, Invalid
from portal.models.imports.imports import Import
from portal.models.people.approvals import Approval
from portal.models.people.needs import needs
from portal.models.people.notices import Notice
from portal.models.people.people import Person, Role
from portal.models.sales import bank, closings
from portal.models.sales.bank import matches, read_bank_file
from portal.models.sales.deals import WHOLE, Deal
from portal.models.sales.lines import DealLine
from portal.models.sales.shares import share_with
from portal.models.work.clocks import Clock
from tests.commission import JUNE, MAY, accept, approved, close, customer, deal_of, lesson, noon, reckoned

MAY_10, JUNE_2, JUNE_9 = date(2026, 5, 10), date(2026, 6, 2), date(2026, 6, 9)
MILLION = minor("1000000.00")


@pytest.fixture
def deal(ada: Person, fin: Person, fiona: Person) -> Deal:
    """Ada's won deal of a million, under a policy of 2 % of what came in."""
    approved(fin, fiona)
    return deal_of(ada, "1000000.00")


def record(deal: Deal, by: Person, on: date = MAY_10, amount: int = MILLION) -> DealLine:
    with clock.moved(noon(on)):
        return DealLine.receive(deal.fresh(), by=by, amount=amount, on=on)


def total(person: Person) -> int:
    return reckoned(person, MAY).total


def asked(person: Person) -> list[str]:
    return [str(need.text) for need in needs(person.fresh())]


def test_what_a_seller_writes_down_pays_nothing_until_finance_confirms_it(
    deal: Deal, ada: Person, fin: Person, fiona: Person
) -> None:
    line = record(deal, ada)
    assert line.is_waiting
    assert total(ada) == 0
    assert [(one.part, one.confirmed) for one in reckoned(ada, MAY).pending] == [(MILLION, False)]
    for person in (fin, fiona):
        assert any("¥1,000,000.00 came in" in text for text in asked(person))
    line.confirm(by=fin)
    assert total(ada) == 20_000_00
    assert not reckoned(ada, MAY).pending
    assert not asked(fiona)
    approval = Approval.get(Approval.purpose == "payment")
    assert (approval.state, approval.asked_by, approval.answered_by) == ("approved", ada, fin)


def test_nobody_confirms_money_that_pays_themselves(
    deal: Deal, ada: Person, fin: Person, fiona: Person
) -> None:
    share_with(deal, {ada: WHOLE // 2, fin: WHOLE // 2}, by=fiona)
    line = record(deal, fin)
    assert line.is_waiting, "finance that is paid by it waits for another"
    assert not line.confirmable_by(fin)
    with pytest.raises(Invalid):
        line.confirm(by=fin)
    assert DealLine.confirm_many([line], by=fin) == 0
    assert not any("came in" in text for text in asked(fin)), "asked alone whether they worked on it"
    assert len(asked(fiona)) == 1
    line.confirm(by=fiona)
    assert (total(ada), total(fin)) == (10_000_00, 10_000_00)


def test_who_has_no_duty_does_not_confirm(
    deal: Deal, ada: Person, ben: Person, mona: Person, adam: Person, audrey: Person
) -> None:
    line = record(deal, ada)
    for person in (ada, ben, mona, adam, audrey):
        with pytest.raises(Invalid):
            line.confirm(by=person)
    assert total(ada) == 0


def test_finance_that_writes_it_down_has_confirmed_it(deal: Deal, ada: Person, fin: Person) -> None:
    line = record(deal, fin)
    assert (line.is_waiting, line.fresh().confirmed_by) == (False, fin)
    assert total(ada) == 20_000_00
    assert not Approval.select().where(Approval.purpose == "payment").exists()


def test_what_finance_took_back_does_not_come_back_by_the_payee(deal: Deal, ada: Person, fin: Person) -> None:
    line = record(deal, ada)
    line.confirm(by=fin)
    with clock.moved(noon(MAY_10)):
        line.reverse(by=fin, reason="refunded")
    assert total(ada) == 0
    again = record(deal, ada)
    assert (again.is_waiting, total(ada)) == (True, 0)
    again.reverse(by=fin, reason="still refunded")
    assert total(ada) == 0
    assert not reckoned(ada, MAY).pending, "what is taken back waits for nobody"
    assert Notice.select().where(Notice.person == ada, Notice.text.contains("was taken back")).count() == 2
    with pytest.raises(Invalid):
        again.confirm(by=fin)


def test_who_wrote_it_down_takes_it_back_until_it_is_confirmed(deal: Deal, ada: Person, fin: Person) -> None:
    line = record(deal, ada, amount=minor("100.00"))
    assert line.reversible_by(ada)
    line.reverse(by=ada, reason="a slip")
    assert asked(fin) == []
    assert Approval.get(Approval.purpose == "payment").state == "withdrawn"
    second = record(deal, ada)
    second.confirm(by=fin)
    assert not second.fresh().reversible_by(ada)


def test_the_day_is_confirmed_with_the_money(deal: Deal, ada: Person, fin: Person) -> None:
    line = record(deal, ada, on=JUNE_9)  # June has no bonus, May has
    for day in (3, 4):
        experience = lesson(ada, noon(date(2026, 5, day)))
        accept(experience, noon(date(2026, 5, 20)))
    with pytest.raises(Invalid):
        line.confirm(by=fin, on=date(2100, 1, 1))
    line.confirm(by=fin, on=MAY_10)
    assert (total(ada), reckoned(ada, JUNE).total) == (20_500_00, 0)
    assert Event.get(Event.verb == "confirmed").changes["on"] == ["2026-06-09", "2026-05-10"]


def test_confirmed_after_the_close_it_is_paid_once_in_the_open_month(
    deal: Deal, ada: Person, fin: Person
) -> None:
    line = record(deal, ada)
    period = close(MAY, fin)
    assert period.total == 0
    line.confirm(by=fin)
    assert reckoned(ada, JUNE).total == 20_000_00
    assert close(JUNE, fin).total == 20_000_00
    assert reckoned(ada, JUNE.next).total == 0


def test_two_who_confirm_at_once_confirm_once(deal: Deal, ada: Person, fin: Person, fiona: Person) -> None:
    line, start, failures = record(deal, ada), threading.Barrier(2), list[BaseException]()

    def confirm(person: Person) -> None:
        start.wait()
        try:
            transact(lambda: DealLine.get_by_id(line.id).confirm(by=person))
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=confirm, args=(person,)) for person in (fin, fiona)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert Event.select().where(Event.verb == "confirmed").count() == 1
    assert total(ada) == 20_000_00


HEADER = "opportunity_id,sales_agent,account,product,deal_stage,engage_date,close_date,close_value\n"


def imported(by: Person, *rows: str) -> Import:
    made = Import.begin(by=by, file=io.BytesIO((HEADER + "".join(rows)).encode()), name="deals.csv")
    made.map(columns=made.columns, paid_on_close=True)
    worker.drain()
    made.fresh().start(by=by)
    worker.drain()
    return made.fresh()


def test_an_import_confirms_what_its_importer_may_confirm(
    ada: Person, fin: Person, fiona: Person, adam: Person
) -> None:
    approved(fin, fiona, requires=())
    fin.grant(Role.MANAGER, by=None)
    customer()
    rows = [
        "D1,Ada,刘先生,,Won,2026-05-01,2026-05-10,1000\n",
        "D2,Fin,刘先生,,Won,2026-05-01,2026-05-10,2000\n",
    ]
    assert imported(fin.fresh(), *rows).counts["created"] == 2
    waiting = [line.deal.code for line in DealLine.waiting()]
    assert waiting == ["D2"], "her own deal waits for another"
    assert (total(ada), total(fin)) == (20_00, 0)


def test_what_others_import_is_asked_once_and_confirmed_as_one(
    ada: Person, fin: Person, fiona: Person, adam: Person
) -> None:
    approved(fin, fiona, requires=())
    customer()
    rows = [f"D{n},Ada,刘先生,,Won,2026-05-01,2026-05-10,1000\n" for n in range(3)]
    made = imported(adam, *rows)
    assert total(ada) == 0
    assert asked(fin) == [f"Confirm the payments that import {made.id} brought."]
    lines = list(DealLine.waiting())
    assert DealLine.confirm_many(lines[:1], by=fin) == 1
    assert len(asked(fin)) == 1
    assert DealLine.confirm_many(lines, by=fin) == 2
    assert (asked(fin), total(ada)) == ([], 60_00)
    assert Event.select().where(Event.verb == "confirmed").count() == 3


def test_an_import_taken_back_waits_for_nobody(ada: Person, fin: Person, adam: Person) -> None:
    customer()
    made = imported(adam, "D1,Ada,刘先生,,Won,2026-05-01,2026-05-10,1000\n")
    assert len(asked(fin)) == 1
    made.undo(by=adam)
    worker.drain()
    assert asked(fin) == []
    assert not Clock.select().where(Clock.subject_kind == "import", Clock.running.is_null(False)).exists()


# ---------------------------------------------------------------- the bank's file

BANK = (
    "交易日期,摘要,收入金额,支出金额,余额\n"
    '2026-05-11,翠湖花园首付 {code} 刘先生,"1,000,000.00",,2000000.00\n'
    '2026-05-12,退款,,"1,000,000.00",1000000.00\n'
    "2026-05-13,王女士,300.00,,1000300.00\n"
)


def compared(text: str, *lines: DealLine) -> list[tuple[int, int, bool, date | None]]:
    table = read_bank_file(io.BytesIO(text.encode("gb18030")), "bank.csv")
    return [(one.line.id, one.row, one.certain, one.other_day) for one in matches(table, lines)]


def test_a_row_that_names_the_deal_or_its_customer_is_certain(deal: Deal, ada: Person) -> None:
    line = record(deal, ada)
    assert compared(BANK.format(code=""), line) == [(line.id, 2, True, date(2026, 5, 11))]


def test_what_only_agrees_in_the_amount_decides_nothing(deal: Deal, ada: Person, ben: Person) -> None:
    small = record(deal_of(ben, "300.00"), ben, amount=300_00)
    assert compared(BANK.format(code=""), small) == [(small.id, 4, False, date(2026, 5, 13))]


def test_one_row_for_two_payments_is_certain_of_neither(deal: Deal, ada: Person, ben: Person) -> None:
    lines = [record(deal, ada), record(deal_of(ben, "1000000.00"), ben)]
    assert [certain for _, _, certain, _ in compared(BANK.format(code=""), *lines)] == [False, False]


def test_whom_a_payment_paid_is_told_that_it_was_taken_back(
    deal: Deal, ada: Person, ben: Person, fin: Person, fiona: Person
) -> None:
    """Finance wrote it down and takes it back: who shares in it reads so before their statement does."""
    share_with(deal, {ada: 600_000, ben: 400_000}, by=fin)
    for confirmed, told in ((False, 0), (True, 1)):
        line = record(deal, fiona) if confirmed else record(deal, ada)
        if line.is_waiting and confirmed:
            line.confirm(by=fin)
        line.reverse(by=fin, reason="refunded")
        for who in (ada, ben):
            heard = Notice.select().where(Notice.person == who, Notice.text.contains("was taken back"))
            assert heard.count() == told + (who == ada), (who.name, confirmed)
    assert not Notice.select().where(Notice.person == fin, Notice.text.contains("was taken back")).exists()


def test_many_rows_of_one_amount_are_not_compared_without_end(
    deal: Deal, ben: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = record(deal_of(ben, "300.00"), ben, amount=300_00)
    text = "日期,备注,收入\n" + "2026-05-11,月费,300.00\n" * 3
    assert len(compared(text, line)) == 3
    monkeypatch.setattr(bank, "MOST_PAIRS", 2)
    with pytest.raises(Invalid, match="fewer days"):
        compared(text, line)


def test_a_contract_taken_back_is_no_payment_taken_back(deal: Deal, ada: Person, mona: Person) -> None:
    with clock.moved(noon(MAY_10)):
        mine = Deal.open(by=ada, title="Flat")
        closings.win(mine, by=ada, amount=100, on=MAY_10)
        closings.reopen(mine.fresh(), by=mona)
    assert not Notice.select().where(Notice.person == ada, Notice.text.contains("was taken back")).exists()


def test_a_file_without_money_that_came_in_is_refused(deal: Deal) -> None:
    with pytest.raises(Invalid, match="which money came in"):
        compared("日期,备注\n2026-05-11,x\n2026-05-12,y\n")
    with pytest.raises(Invalid):
        read_bank_file(None, "")


def test_money_does_not_come_before_its_deal(deal: Deal, ada: Person) -> None:
    """Won on 1 May 2026 without a beginning noted: a year before is the earliest."""
    for day in (date(1800, 1, 1), date(1990, 1, 1), date(2025, 4, 29)):
        with clock.moved(noon(MAY_10)), pytest.raises(Invalid):
            DealLine.receive(deal.fresh(), by=ada, amount=100, on=day)
    record(deal, ada, on=date(2025, 4, 30))
    deal.fresh().write(engaged_on=date(2026, 4, 20))
    with clock.moved(noon(MAY_10)), pytest.raises(Invalid):
        DealLine.receive(deal.fresh(), by=ada, amount=100, on=date(2026, 4, 19))
