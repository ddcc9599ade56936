"""What a line earns is settled on its day: group, policy, trigger, credit; what comes late is paid once."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from portal import clock
from portal.clock import Month
from portal.i18n import minor
from portal.models.base.record import Invalid
from portal.models.commission import closing
from portal.models.commission.adjustments import Adjustment
from portal.models.commission.calculation import LineKind
from portal.models.commission.merit import Merit
from portal.models.commission.policies import Policy
from portal.models.commission.reckoning import reckon
from portal.models.commission.statements import Line, Statement
from portal.models.commission.terms import WHOLE
from portal.models.company import lists
from portal.models.company.departments import Department
from portal.models.experiences import process
from portal.models.people.people import Person
from portal.models.sales import closings
from portal.models.sales.deals import Deal
from portal.models.sales.lines import DealLine
from portal.models.sales.shares import share_with
from tests.commission import (
    APRIL,
    JULY,
    JUNE,
    MAY,
    approved,
    close,
    customer,
    lesson,
    noon,
    product,
    reckoned,
    words,
)
from tests.conftest import SignIn

MILLION = "1000000.00"
MAY_10, JUNE_3 = date(2026, 5, 10), date(2026, 6, 3)


def won(
    owner: Person, amount: str, on: date, *, paid_on: date | None = None, shares: Any = None, **facts: Any
) -> Deal:
    """A deal won on a day, with the verbs and at noon of that day; finance confirms its contract at once."""
    with clock.moved(noon(on)):
        facts = {"customer": customer(), "product": product()} | facts
        deal = Deal.open(by=owner, title="Flat", stage="negotiation", **facts)
        if shares:
            share_with(deal, shares, by=owner)
        closings.win(deal, by=owner, amount=minor(amount), on=on)
        confirmed(deal)
    if paid_on is not None:
        pay(deal, amount, paid_on)
    return deal


def confirmed(deal: Deal) -> None:
    DealLine.confirm_many(DealLine.standing(deal), by=Person.get(Person.name == "Fin"))


def pay(deal: Deal, amount: str, on: date, *, at: datetime | None = None) -> DealLine:
    with clock.moved(at or noon(on)):
        line = DealLine.receive(deal.fresh(), by=deal.owner, amount=minor(amount), on=on)
        DealLine.confirm_many([line], by=Person.get(Person.name == "Fin"))
        return line


def back(line: DealLine, on: date) -> DealLine:
    with clock.moved(noon(on)):
        return line.reverse(by=None, reason="given back")


def moves(person: Person, department: Department | None, on: date) -> None:
    with clock.moved(noon(on)):
        person.fresh().edit(by=None, department=department)


def of_deals(person: Person) -> list[int]:
    """What closed statements paid someone for deals, line by line."""
    rows = Line.select().where((Line.person == person) & Line.deal_line.is_null(False)).order_by(Line.id)
    return [row.amount for row in rows]


# the group of the earn day


@pytest.fixture
def shops(fin: Person, fiona: Person) -> tuple[Department, Department]:
    """Two groups: one pays 2 %, the other 3 %."""
    two, three = Department.create(name="Two"), Department.create(name="Three")
    approved(fin, fiona, department=two, base_rate=20_000)
    approved(fin, fiona, department=three, base_rate=30_000)
    return two, three


def test_a_move_does_not_rate_anew_what_was_earned_before_it(
    ada: Person, fin: Person, shops: tuple[Department, Department]
) -> None:
    two, three = shops
    moves(ada, two, date(2026, 1, 5))
    won(ada, MILLION, MAY_10, paid_on=MAY_10)
    moves(ada, three, JUNE_3)
    won(ada, MILLION, date(2026, 6, 2), paid_on=date(2026, 6, 2))
    won(ada, MILLION, JUNE_3, paid_on=JUNE_3)
    assert reckoned(ada, MAY).total == 20_000_00
    assert sorted(line.amount for line in reckoned(ada, JUNE).lines) == [20_000_00, 30_000_00]
    close(MAY, fin)
    with clock.moved(noon(date(2026, 6, 20))):  # late money of May, at May's group
        late = won(ada, MILLION, MAY_10)
    pay(late, MILLION, MAY_10, at=noon(date(2026, 6, 20)))
    assert {(e.kind, e.amount) for e in reckoned(ada, JUNE).lines} == {
        (LineKind.TRUE_UP, 20_000_00),
        (LineKind.DEAL, 20_000_00),
        (LineKind.DEAL, 30_000_00),
    }


def test_several_moves_on_one_day_leave_where_one_was(
    ada: Person, shops: tuple[Department, Department]
) -> None:
    two, three = shops
    moves(ada, two, date(2026, 1, 5))
    won(ada, MILLION, MAY_10, paid_on=MAY_10)
    for department in (None, three, None, three):
        moves(ada, department, JUNE_3)
    assert reckoned(ada, MAY).total == 20_000_00


def test_a_department_put_elsewhere_does_not_rate_anew_what_was_earned_before(
    ada: Person, fin: Person, shops: tuple[Department, Department]
) -> None:
    two, three = shops
    shop = Department.create(name="Shop", parent=two)
    moves(ada, shop, date(2026, 1, 5))
    won(ada, MILLION, MAY_10, paid_on=MAY_10)
    with clock.moved(noon(JUNE_3)):
        lists.change(shop.fresh(), by=fin, name="Shop", parent=three)
    won(ada, MILLION, JUNE_3, paid_on=JUNE_3)
    assert (reckoned(ada, MAY).total, reckoned(ada, JUNE).total) == (20_000_00, 30_000_00)


def test_two_groups_of_a_month_each_count_by_their_own_rule(
    ada: Person, fin: Person, fiona: Person, shops: tuple[Department, Department]
) -> None:
    """One experience: enough after the move, where one is asked for, not before it."""
    two, _ = shops
    quick = Department.create(name="Quick")
    approved(fin, fiona, department=quick, tiers=[[1, 500]])
    moves(ada, two, date(2026, 1, 5))
    lesson(ada, noon(date(2026, 6, 1)), noon(date(2026, 6, 2)))
    won(ada, MILLION, date(2026, 6, 2), paid_on=date(2026, 6, 2))
    moves(ada, quick, JUNE_3)
    won(ada, MILLION, JUNE_3, paid_on=JUNE_3)
    assert [line.amount for line in reckoned(ada, JUNE).lines] == [20_000_00, 20_500_00]
    close(JUNE, fin)
    assert not reckon(JULY)
    lesson(ada, noon(date(2026, 6, 4)), noon(date(2026, 7, 2)))  # the second: late
    assert [line.amount for line in reckoned(ada, JULY).lines] == [500_00]


def test_a_statement_says_what_each_group_of_its_month_counted(
    ada: Person, fin: Person, fiona: Person, shops: tuple[Department, Department], sign_in: SignIn
) -> None:
    """One experience: enough before the move, where one is asked for, not after it. By hand: 2.05 % and 2 % of
    a million.
    """
    two, _ = shops
    quick = Department.create(name="Quick")
    approved(fin, fiona, department=quick, tiers=[[1, 500]], name="Quick rule")
    moves(ada, quick, date(2026, 1, 5))
    made = lesson(ada, noon(date(2026, 6, 1)), noon(date(2026, 6, 2)))
    won(ada, MILLION, date(2026, 6, 2), paid_on=date(2026, 6, 2))
    moves(ada, two, JUNE_3)
    won(ada, MILLION, JUNE_3, paid_on=JUNE_3)
    close(MAY, fin)
    for is_kept in (False, True):
        with clock.moved(noon(date(2026, 7, 10) if is_kept else date(2026, 6, 20))):
            page = words(sign_in(ada).get(f"/commission/statements/{JUNE}/{ada.id}").text)
            beside = words(sign_in(ada).get(f"/commission/statements/{JUNE}/{ada.id}/difference").text)
        assert "¥40,500.00" in page
        assert "no bonus by the rule of the group at the end of the month" in page
        assert (
            "What was earned before the change of group follows the rule of that group: its bonus is" in page
        )
        assert "Before the change of group: Quick rule" in page
        counted = page[page.index("Counted by the rule of the group before") :]
        assert made.title in counted or not is_kept
        assert "by the rules of two groups" in beside
        if not is_kept:
            close(JUNE, fin)


def test_lists_say_what_the_rule_of_a_former_group_counted(
    ada: Person,
    mona: Person,
    fin: Person,
    fiona: Person,
    shops: tuple[Department, Department],
    sign_in: SignIn,
) -> None:
    """Two written and accepted in June pay before the move; the group after it asks for uses, so none counts
    there. By hand: 2.05 % of a million is 20,500.00, 500.00 of it by the two.
    """
    two, _ = shops
    used = Department.create(name="Used", manager=mona)
    approved(fin, fiona, department=used, uses_needed=2, use_days=60)
    moves(ada, two, date(2026, 1, 5))
    for _n in range(2):
        lesson(ada, noon(date(2026, 6, 1)), noon(date(2026, 6, 2)))
    won(ada, MILLION, date(2026, 6, 2), paid_on=date(2026, 6, 2))
    moves(ada, used, JUNE_3)
    for state in ("open", "preview", "closed"):
        with clock.moved(noon(date(2026, 7, 10))):
            if state == "preview":
                closing.preview(JUNE, by=fin.id)
            lists = [(mona, f"/commission/team?month={JUNE}")]
            if state != "open":
                lists.append((fin, f"/commission/periods/{JUNE}"))
            if state == "closed":
                lists += [(ada, "/commission"), (ada, f"/commission/years/2026/{ada.id}")]
            for reader, address in lists:
                page = words(sign_in(reader).get(address).text)
                assert "0 and 2 by the rule of the group before" in page, (state, address)
                assert "¥500.00" in page
        if state == "preview":
            close(JUNE, fin)


# policies start in months that have not begun


def draft(fin: Person, start: Month, **terms: Any) -> Policy:
    return Policy.draft(by=fin, name="Next", effective_from=start, **terms)


@pytest.mark.parametrize("day", [date(2026, 6, 3), date(2026, 5, 28)])
def test_a_version_starts_in_a_month_that_has_not_begun(day: date, fin: Person, fiona: Person) -> None:
    approved(fin, fiona)
    with clock.moved(noon(date(2026, 4, 30))):
        policy = draft(fin, MAY, base_rate=100)
        policy.propose(by=fin)
    with clock.moved(noon(day)):
        with pytest.raises(Invalid, match="This month has begun"):
            policy.approve(by=fiona)
        with pytest.raises(Invalid, match="This month has begun"):
            draft(fin, MAY).propose(by=fin)
    with clock.moved(noon(date(2026, 4, 30))):
        policy.approve(by=fiona)
    assert policy.fresh().state == "approved"


def test_a_new_company_begins_with_policies_for_months_that_run(fin: Person, fiona: Person) -> None:
    shop, other = Department.create(name="Shop"), Department.create(name="Other")
    below = Department.create(name="Below", parent=shop)
    with clock.moved(noon(JUNE_3)):
        for department in (shop, other, None):  # nobody whom they cover had one before
            policy = draft(fin, MAY, department=department)
            policy.propose(by=fin)
            policy.approve(by=fiona)
        for covered in (below, Department.create(name="New"), shop):
            with pytest.raises(Invalid, match="begun"):
                draft(fin, JUNE, department=covered).propose(by=fin)


def test_once_a_month_is_closed_no_first_policy_reaches_back(ada: Person, fin: Person, fiona: Person) -> None:
    shop = Department.create(name="Shop")
    approved(fin, fiona, department=shop)
    close(APRIL, fin)
    with clock.moved(noon(JUNE_3)), pytest.raises(Invalid, match="begun"):
        draft(fin, MAY).propose(by=fin)


# a line earns once, whatever the trigger of the day


def test_a_deal_signed_under_one_trigger_and_paid_under_another_is_paid_once(
    ada: Person, fin: Person, fiona: Person
) -> None:
    approved(fin, fiona, earn_trigger="contract")
    approved(fin, fiona, effective_from=JUNE)
    deal = won(ada, MILLION, MAY_10)
    assert reckoned(ada, MAY).total == 20_000_00
    pay(deal, "400000.00", JUNE_3)
    pay(deal, "600000.00", date(2026, 6, 4))
    assert not reckon(JUNE)
    close(MAY, fin)
    assert not reckon(JUNE)
    close(JUNE, fin)
    assert of_deals(ada) == [20_000_00]


def test_a_move_to_a_group_with_another_trigger_pays_no_deal_twice(
    ada: Person, fin: Person, fiona: Person
) -> None:
    signed, received = Department.create(name="Signed"), Department.create(name="Received")
    approved(fin, fiona, department=signed, earn_trigger="contract")
    approved(fin, fiona, department=received)
    moves(ada, signed, date(2026, 1, 5))
    deal = won(ada, MILLION, MAY_10)
    moves(ada, received, JUNE_3)
    pay(deal, MILLION, JUNE_3)
    assert (reckoned(ada, MAY).total, len(reckon(JUNE))) == (20_000_00, 0)


def test_money_under_another_trigger_earns_what_exceeds(
    ada: Person, ben: Person, fin: Person, fiona: Person
) -> None:
    """300 delivered and earned; then payments count: 250, 250 and 500 earn 0, 200 and 500."""
    approved(fin, fiona, earn_trigger="delivery")
    approved(fin, fiona, effective_from=JUNE)
    deal = won(ada, "1000.00", MAY_10, shares={ada: 500_000, ben: 500_000})
    with clock.moved(noon(MAY_10)):
        DealLine.record(deal.fresh(), "delivery", 300_00, MAY_10, by=ada)
        confirmed(deal)
    close(MAY, fin)
    assert of_deals(ada) == of_deals(ben) == [3_00]
    pay(deal, "250.00", JUNE_3)
    pay(deal, "250.00", date(2026, 6, 4))
    last = pay(deal, "500.00", date(2026, 6, 5))
    first = reckoned(ada, JUNE).lines[0]
    assert [line.amount for line in reckoned(ada, JUNE).lines] == [2_00, 5_00]
    assert (first.product, first.base) == (2_00, 100_00)
    assert str(first.why) == (
        "Of ¥250.00, what is more than the deal earned before, when commission was due at another event."
    )
    close(JUNE, fin)
    kept = Statement.of(ada, JUNE)
    assert kept is not None
    assert kept.reckoning().lines[0].product == 2_00
    back(last, date(2026, 7, 2))
    assert [line.amount for line in reckoned(ada, JULY).lines if line.earning] == [-5_00]


def test_what_earned_under_another_trigger_and_was_taken_back_keeps_nothing_from_earning(
    ada: Person, fin: Person, fiona: Person
) -> None:
    approved(fin, fiona, earn_trigger="contract", max_recovery_share=WHOLE)
    approved(fin, fiona, effective_from=JUNE, max_recovery_share=WHOLE)
    deal = won(ada, MILLION, MAY_10)
    close(MAY, fin)
    (contract,) = DealLine.standing(deal)
    pay(deal, MILLION, JUNE_3)
    back(contract, date(2026, 6, 4))
    assert sorted(line.amount for line in reckoned(ada, JUNE).lines) == [-20_000_00, 20_000_00]


def test_what_is_recorded_late_earns_nothing_that_a_closed_month_paid(
    ada: Person, fin: Person, fiona: Person
) -> None:
    """Paid in June; a delivery of May, when deliveries counted, is recorded in July: it was earned already."""
    approved(fin, fiona, earn_trigger="delivery")
    approved(fin, fiona, effective_from=JUNE)
    deal = won(ada, "1000.00", MAY_10)
    close(MAY, fin)
    pay(deal, "1000.00", JUNE_3)
    close(JUNE, fin)
    with clock.moved(noon(date(2026, 7, 10))):
        DealLine.record(deal.fresh(), "delivery", 1000_00, MAY_10, by=ada)
        confirmed(deal)
    assert not reckon(JULY)
    close(JULY, fin)
    assert of_deals(ada) == [20_00]


def test_what_a_statement_showed_without_a_policy_keeps_nothing_from_earning(
    ada: Person, fin: Person, fiona: Person
) -> None:
    approved(fin, fiona, effective_from=APRIL)
    approved(fin, fiona, effective_from=JUNE, earn_trigger="contract")
    close(APRIL, fin)
    deal = won(ada, "500.00", JUNE_3)
    pay(deal, "500.00", date(2026, 3, 10), at=noon(date(2026, 6, 4)))
    close(MAY, fin)
    assert of_deals(ada) == [0]
    assert [line.amount for line in reckoned(ada, JUNE).lines] == [10_00]


# held back for one, paid to another


def test_who_was_held_back_is_paid_when_the_facts_are_there(
    ada: Person, ben: Person, fin: Person, fiona: Person
) -> None:
    free, strict = Department.create(name="Free"), Department.create(name="Strict")
    approved(fin, fiona, department=free, requires=[])
    approved(fin, fiona, department=strict, requires=["customer"])
    moves(ada, free, date(2026, 1, 5))
    moves(ben, strict, date(2026, 1, 5))
    shares = {ada: 500_000, ben: 500_000}
    deal = won(ada, MILLION, MAY_10, paid_on=MAY_10, shares=shares, customer=None)
    close(MAY, fin)
    assert (of_deals(ada), of_deals(ben)) == ([10_000_00], [])
    assert [one.missing for one in reckoned(ben, JUNE).pending] == [("customer",)]
    deal.fresh().edit(by=ada, customer=customer())
    assert [line.amount for line in reckoned(ben, JUNE).lines] == [10_000_00]
    assert not reckoned(ada, JUNE).lines
    payment = DealLine.standing(deal)[0]
    back(payment, date(2026, 6, 20))
    close(JUNE, fin)
    assert (sum(of_deals(ada)), of_deals(ben)) == (0, [10_000_00, -10_000_00])


def test_a_reversal_asks_nothing_of_whom_the_money_was_held_back_from(
    ada: Person, ben: Person, fin: Person, fiona: Person
) -> None:
    free, strict = Department.create(name="Free"), Department.create(name="Strict")
    approved(fin, fiona, department=free, requires=[])
    approved(fin, fiona, department=strict, requires=["customer"])
    moves(ada, free, date(2026, 1, 5))
    moves(ben, strict, date(2026, 1, 5))
    shares = {ada: 500_000, ben: 500_000}
    deal = won(ada, MILLION, MAY_10, paid_on=MAY_10, shares=shares, customer=None)
    close(MAY, fin)
    back(DealLine.standing(deal)[0], JUNE_3)
    close(JUNE, fin)
    deal.fresh().edit(by=ada, customer=customer())
    assert sum(line.amount for line in reckoned(ben, JULY).lines) == 0
    close(JULY, fin)
    assert (sum(of_deals(ada)), sum(of_deals(ben))) == (0, 0)


# credit stays with whom it was on the earn day


def test_shares_stand_while_money_does(ada: Person, ben: Person, fin: Person, fiona: Person) -> None:
    approved(fin, fiona)
    deal = won(ada, MILLION, MAY_10, paid_on=MAY_10)
    with clock.moved(noon(MAY_10)), pytest.raises(Invalid, match="Take the money back first"):
        share_with(deal.fresh(), {ben: WHOLE}, by=ada)
    back(DealLine.standing(deal)[0], date(2026, 5, 11))
    with clock.moved(noon(date(2026, 5, 12))):
        share_with(deal.fresh(), {ben: WHOLE}, by=ada)
    pay(deal, MILLION, date(2026, 5, 13))
    assert [line.amount for line in reckoned(ada, MAY).lines] == [20_000_00, -20_000_00]
    assert [line.amount for line in reckoned(ben, MAY).lines] == [20_000_00]


def test_what_was_taken_back_is_not_handed_on_by_sharing_anew(
    ada: Person, ben: Person, fin: Person, fiona: Person
) -> None:
    """Money of May, given back in June, shares changed in June: May's close pays whoever had the credit."""
    approved(fin, fiona)
    deal = won(ada, MILLION, MAY_10, paid_on=MAY_10)
    back(DealLine.standing(deal)[0], date(2026, 6, 1))
    with clock.moved(noon(date(2026, 6, 2))), pytest.raises(Invalid, match="Reopen the deal first"):
        share_with(deal.fresh(), {ben: WHOLE}, by=ada)
    with clock.moved(noon(date(2026, 6, 2))):
        deal = deal.fresh()
        closings.reopen(deal, by=fin)
        share_with(deal, {ben: WHOLE}, by=ada)
    close(MAY, fin)
    assert (of_deals(ada), of_deals(ben)) == ([20_000_00], [])
    assert [one.person for one in reckon(JUNE)] == [ada.id]


def test_sharing_anew_on_the_day_of_taking_back_leaves_both_with_whom_had_them(
    ada: Person, ben: Person, fin: Person, fiona: Person
) -> None:
    approved(fin, fiona)
    deal = won(ada, MILLION, MAY_10, paid_on=MAY_10)
    back(DealLine.standing(deal)[0], date(2026, 5, 12))
    with clock.moved(noon(date(2026, 5, 12))):
        share_with(deal.fresh(), {ben: WHOLE}, by=ada)
    assert [line.amount for line in reckoned(ada, MAY).lines] == [20_000_00, -20_000_00]
    assert not reckoned(ben, MAY).lines


def test_what_came_and_went_on_one_day_stays_with_whom_had_it(
    ada: Person, ben: Person, fin: Person, fiona: Person
) -> None:
    approved(fin, fiona)
    deal = won(ada, MILLION, MAY_10, paid_on=MAY_10)
    back(DealLine.standing(deal)[0], MAY_10)
    with clock.moved(noon(MAY_10)):
        share_with(deal.fresh(), {ben: WHOLE}, by=ada)
    assert [line.amount for line in reckoned(ada, MAY).lines] == [20_000_00, -20_000_00]
    assert not reckoned(ben, MAY).lines


def test_a_contracts_credit_is_that_of_its_day(ada: Person, ben: Person, fin: Person, fiona: Person) -> None:
    approved(fin, fiona, earn_trigger="contract")
    deal = won(ada, MILLION, MAY_10)
    with clock.moved(noon(MAY_10)):
        share_with(deal.fresh(), {ada: 500_000, ben: 500_000}, by=ada)
    with clock.moved(noon(date(2026, 5, 11))):
        share_with(deal.fresh(), {ben: WHOLE}, by=ada)
    assert (reckoned(ada, MAY).total, reckoned(ben, MAY).total) == (10_000_00, 10_000_00)
    close(MAY, fin)
    assert not reckon(JUNE)


def test_a_contract_of_one_whose_deal_was_shared_since_is_paid_once(
    ada: Person, ben: Person, fin: Person, fiona: Person
) -> None:
    approved(fin, fiona, earn_trigger="contract")
    deal = won(ada, MILLION, MAY_10)
    with clock.moved(noon(date(2026, 5, 11))):
        share_with(deal.fresh(), {ada: 500_000, ben: 500_000}, by=ada)
    close(MAY, fin)
    assert (of_deals(ada), of_deals(ben)) == ([20_000_00], [])
    assert not reckon(JUNE)


def test_a_contract_taken_back_later_is_taken_back_from_whom_it_was(
    ada: Person, ben: Person, fin: Person, fiona: Person
) -> None:
    approved(fin, fiona, earn_trigger="contract")
    deal = won(ada, MILLION, MAY_10)
    with clock.moved(noon(date(2026, 5, 11))):
        share_with(deal.fresh(), {ben: WHOLE}, by=ada)
    back(DealLine.standing(deal)[0], JUNE_3)
    assert [one.person for one in reckon(MAY)] == [one.person for one in reckon(JUNE)] == [ada.id]


def test_what_is_held_back_stays_on_the_statement_under_any_trigger(
    ada: Person, fin: Person, fiona: Person
) -> None:
    approved(fin, fiona)
    approved(fin, fiona, effective_from=MAY, earn_trigger="contract")
    won(ada, MILLION, MAY_10, customer=None)
    assert [(one.amount, one.missing) for one in reckoned(ada, MAY).pending] == [
        (minor(MILLION), ("customer",))
    ]


# days of joining and leaving


def test_a_leaving_day_corrected_after_the_close_is_trued_up(ada: Person, fin: Person, fiona: Person) -> None:
    approved(fin, fiona, proration=True)
    won(ada, MILLION, MAY_10, paid_on=MAY_10)
    lesson(ada, noon(date(2026, 5, 4)), noon(date(2026, 5, 6)))
    close(MAY, fin)
    assert of_deals(ada) == [20_000_00]
    ada.fresh().edit(by=fin, left_on=date(2026, 5, 14))  # 14 of 31 days: one is enough
    (line,) = reckoned(ada, JUNE).lines
    assert (line.kind, line.amount) == (LineKind.TRUE_UP, 500_00)
    assert str(line.why).startswith("The days of joining or leaving changed")
    close(JUNE, fin)
    ada.fresh().edit(by=fin, left_on=None)
    assert [line.amount for line in reckoned(ada, JULY).lines if line.earning] == [-500_00]


def test_a_kept_statement_says_what_was_asked_of_part_of_a_month(
    ada: Person, fin: Person, fiona: Person, sign_in: SignIn
) -> None:
    approved(fin, fiona, proration=True)
    ada.edit(by=fin, hired_on=date(2026, 5, 17))  # 15 of 31 days
    won(ada, MILLION, date(2026, 5, 20), paid_on=date(2026, 5, 20))
    lesson(ada, noon(date(2026, 5, 18)), noon(date(2026, 5, 19)))
    live = reckoned(ada, MAY)
    close(MAY, fin)
    kept = Statement.of(ada, MAY)
    assert kept is not None
    assert (live.facts.needed, kept.reckoning().facts.needed) == (1, 1)
    assert kept.reckoning().facts.bonus == live.facts.bonus == 500
    page = words(sign_in(ada).get(kept.url).text)
    assert "from one accepted experience on" in page
    assert "as they were here, 15 of 31 days, rounded up" in page
    ada.write(locale="zh")
    told = words(sign_in(ada).get(kept.url).text).replace("</a>", "")
    assert "： 被采纳" not in told, "no blank between Chinese words"
    assert "被采纳的经验达到 1 条，全月提成比例提高 0.05 个百分点。按提交月份计入" in told


# nothing is silently gone


def test_money_before_the_first_closed_month_is_paid_in_the_open_one(
    ada: Person, fin: Person, fiona: Person
) -> None:
    approved(fin, fiona)
    early = won(ada, MILLION, date(2026, 3, 10), paid_on=date(2026, 3, 10))  # before anything was closed
    close(MAY, fin)
    pay(won(ada, "500.00", date(2026, 3, 10)), "500.00", date(2026, 3, 10), at=noon(date(2026, 6, 20)))
    assert early.id
    assert [(e.kind, e.about, e.amount) for e in reckoned(ada, JUNE).lines] == [
        (LineKind.TRUE_UP, Month(2026, 3), 10_00)
    ]
    assert (
        reckoned(ada, Month(2026, 3)).total == 20_000_00
    )  # what was recorded before waits for its own close
    close(JUNE, fin)
    close(Month(2026, 3), fin)
    assert sorted(of_deals(ada)) == [10_00, 20_000_00]
    assert not reckon(JULY)


def test_an_adjustment_about_such_a_month_is_paid_in_the_open_one(
    ada: Person, fin: Person, fiona: Person
) -> None:
    approved(fin, fiona)
    close(MAY, fin)
    with clock.moved(noon(date(2026, 6, 20))):
        one = Adjustment.propose(ada, Month(1990, 1), 5_00, "Owed since then", by=fin)
        one.decide(by=fiona, approve=True)
    assert not reckoned(ada, Month(1990, 1)).lines
    assert reckoned(ada, JUNE).total == 5_00
    close(JUNE, fin)
    close(APRIL, fin)
    assert not reckon(JULY)


def test_what_was_paid_late_is_not_paid_again_when_an_earlier_month_is_closed(
    ada: Person, fin: Person, fiona: Person
) -> None:
    """March was passed over by May's close and February is closed after all: March is open as before."""
    approved(fin, fiona)
    march = date(2026, 3, 10)
    close(MAY, fin)
    pay(won(ada, "500.00", march), "500.00", march, at=noon(date(2026, 6, 20)))
    close(JUNE, fin)
    with clock.moved(noon(date(2026, 7, 20))):
        closing.close(Month(2026, 2), by=fin.id)
    assert not reckon(Month(2026, 3))
    pay(won(ada, "300.00", march), "300.00", march, at=noon(date(2026, 7, 21)))
    assert reckoned(ada, Month(2026, 3)).total == 6_00
    with clock.moved(noon(date(2026, 7, 22))):
        closing.close(Month(2026, 3), by=fin.id)
    assert of_deals(ada) == [10_00, 6_00]


def test_money_of_a_time_without_a_policy_keeps_nothing_from_earning(
    ada: Person, fin: Person, fiona: Person
) -> None:
    approved(fin, fiona, effective_from=APRIL, earn_trigger="contract")
    approved(fin, fiona, effective_from=JUNE)
    deal = won(ada, "500.00", MAY_10)
    close(APRIL, fin)
    pay(deal, "500.00", date(2026, 3, 10), at=noon(MAY_10))
    assert [(e.kind, e.amount) for e in reckoned(ada, MAY).lines] == [(LineKind.DEAL, 10_00)]
    close(MAY, fin)
    assert sum(of_deals(ada)) == 10_00


# what pages say is what pay reads


@pytest.mark.parametrize(
    ("terms", "hired", "days", "said"),
    [
        ({"operator": ">"}, None, [(4, 5), (6, 7)], (2 * WHOLE, 3, False)),
        ({"count_by": "decided_at"}, None, [(4, 5), (6, 7)], (2 * WHOLE, 2, True)),
        ({"proration": True}, date(2026, 5, 17), [(18, 19)], (WHOLE, 1, True)),
        ({"proration": True, "operator": ">"}, date(2026, 5, 17), [(18, 19)], (WHOLE, 2, False)),
    ],
)
def test_merit_is_what_pay_counts(
    terms: dict[str, Any],
    hired: date | None,
    days: list[tuple[int, int]],
    said: tuple[int, int, bool],
    ada: Person,
    fin: Person,
    fiona: Person,
) -> None:
    approved(fin, fiona, **terms)
    if hired:
        ada.edit(by=fin, hired_on=hired)
    for written, decided in days:
        lesson(ada, noon(date(2026, 5, written)), noon(date(2026, 5, decided)))
    merit, facts = Merit.of(ada.fresh(), MAY), reckoned(ada, MAY).facts
    assert merit is not None
    assert (merit.counted, merit.needed, merit.reached) == said
    assert (facts.counted, facts.needed, facts.tier is not None) == said


def test_merit_leaves_out_what_is_accepted_after_leaving_and_what_was_revoked(
    ada: Person, mona: Person, fin: Person, fiona: Person
) -> None:
    approved(fin, fiona, counts_after_leaving=False)
    ada.edit(by=fin, left_on=date(2026, 5, 10))
    for accepted in (5, 11):
        lesson(ada, noon(date(2026, 5, 4)), noon(date(2026, 5, accepted)))
    stolen = lesson(ada, noon(date(2026, 5, 4)), noon(date(2026, 5, 6)))
    with clock.moved(noon(date(2026, 5, 7))):
        process.revoke(stolen, by=mona, reason="plagiarism", note="Found elsewhere")
    merit = Merit.of(ada.fresh(), MAY)
    assert merit is not None
    assert merit.counted == reckoned(ada, MAY).facts.counted == WHOLE


def test_a_true_up_names_the_revoked_experience_and_keeps_no_title(
    ada: Person, mona: Person, fin: Person, fiona: Person, sign_in: SignIn
) -> None:
    """Revoked as its title told who a customer is: what is taken out of the title is on no statement either."""
    approved(fin, fiona)
    won(ada, MILLION, MAY_10, paid_on=MAY_10)
    first = lesson(ada, noon(date(2026, 5, 4)), noon(date(2026, 5, 6)))
    stolen = lesson(ada, noon(date(2026, 5, 4)), noon(date(2026, 5, 6)))
    type(stolen).update(title="Copied of Quentin").where(type(stolen).id == stolen.id).execute()
    close(MAY, fin)
    with clock.moved(noon(JUNE_3) + timedelta(hours=1)):
        process.revoke(stolen, by=mona, reason="plagiarism", note="Found elsewhere")
    line = next(each for each in reckoned(ada, JUNE).lines if each.kind == LineKind.TRUE_UP)
    said = "What counted was revoked after the month was closed: paid at 2.05%, due at 2.00%."
    assert str(line.why) == said
    assert line.experiences == (first.id, stolen.id)
    close(JUNE, fin)
    statement = Statement.of(ada, JUNE)
    assert statement
    for title in ("Copied of Quentin", "Copied of 〔…〕"):
        type(stolen).update(title=title).where(type(stolen).id == stolen.id).execute()
        page = words(sign_in(fin).get(statement.url).text)
        assert f"{title} Revoked" in page
        assert said in page
    assert "Quentin" not in page
    before = Line(
        why="Revoked: %(titles)s. %(paid)s, %(due)s", why_values={"titles": "Q", "paid": 1, "due": 2}
    )
    assert str(before.reason) == said.replace("2.05%", "1").replace("2.00%", "2"), (
        "as they were written before"
    )
