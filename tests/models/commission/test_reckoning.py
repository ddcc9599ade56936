"""Statements from records: what counts, when, for whom, and what happens after a month is closed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette

from portal import clock
from portal.clock import Month
from portal.i18n import minor
from portal.models.base.database import db
from portal.models.commission.adjustments import Adjustment
from portal.models.commission.calculation import LineKind
from portal.models.commission.periods import Period
from portal.models.commission.policies import Policy
from portal.models.commission.reckoning import reckon
from portal.models.commission.statements import Line, Statement
from portal.models.commission.terms import WHOLE, later
from portal.models.company.departments import Department
from portal.models.experiences.experiences import Experience
from portal.models.people.people import Person
from portal.models.sales.lines import DealLine
from tests.commission import (
    APRIL,
    JULY,
    JUNE,
    MAY,
    accept,
    approved,
    close,
    deal_of,
    lesson,
    noon,
    paid,
    reckoned,
    revoke,
    signed,
    undone,
)

MILLION = "1000000.00"
MAY_4, MAY_8, MAY_10 = date(2026, 5, 4), date(2026, 5, 8), date(2026, 5, 10)
JUNE_2, JUNE_9 = date(2026, 6, 2), date(2026, 6, 9)


@pytest.fixture
def policy(fin: Person, fiona: Person) -> Policy:
    return approved(fin, fiona)


def accepted(person: Person, *days: date) -> None:
    for day in days:
        lesson(person, noon(day), noon(day + timedelta(days=3)))


def totals(person: Person) -> dict[str, int]:
    """What closed statements pay, by month."""
    return {str(one.month): one.total for one in Statement.closed_of(person)}


def test_two_accepted_pay_20_500_and_one_pays_20_000(ada: Person, ben: Person, policy: Policy) -> None:
    for person in (ada, ben):
        paid(person, MILLION, MAY_10)
    accepted(ada, MAY_4, MAY_8)
    accepted(ben, MAY_4)
    assert (reckoned(ada, MAY).total, reckoned(ada, MAY).bonus) == (20_500_00, 500_00)
    assert (reckoned(ben, MAY).total, reckoned(ben, MAY).bonus) == (20_000_00, 0)


def test_the_month_is_that_of_writing_in_the_companys_zone(ada: Person, policy: Policy) -> None:
    paid(ada, MILLION, date(2026, 5, 31))
    last = datetime(2026, 5, 31, 15, 59, 59, tzinfo=UTC)  # 23:59:59 in Shanghai
    lesson(ada, last, noon(JUNE_2))
    lesson(ada, last, noon(JUNE_2))
    first = datetime(2026, 5, 31, 16, 0, 0, tzinfo=UTC)  # 00:00:00 of 1 June
    lesson(ada, first, noon(JUNE_2))
    assert reckoned(ada, MAY).facts.counted == 2 * WHOLE
    assert reckoned(ada, MAY).total == 20_500_00
    assert reckoned(ada, JUNE).facts.counted == WHOLE


@pytest.mark.parametrize(
    ("zone", "month", "end"),
    [
        ("Asia/Shanghai", Month(2026, 5), "2026-05-31T16:00:00"),
        ("Asia/Kathmandu", Month(2026, 5), "2026-05-31T18:15:00"),
        ("America/New_York", Month(2026, 3), "2026-04-01T04:00:00"),  # summer time began in it
        ("America/New_York", Month(2026, 11), "2026-12-01T05:00:00"),  # and ended in it
    ],
)
def test_the_last_microsecond_of_a_month_is_of_it_in_every_zone(
    zone: str, month: Month, end: str, ada: Person, policy: Policy
) -> None:
    """Two at the last microsecond raise 20,000.00 to 20,500.00; one at the first of the next is of the next."""
    known, moment = clock.zone(), datetime.fromisoformat(end).replace(tzinfo=UTC)
    try:
        clock.use_zone(zone)
        paid(ada, MILLION, month.last_day)
        for at in (moment - timedelta(microseconds=1), moment - timedelta(microseconds=1), moment):
            lesson(ada, at, moment + timedelta(days=2))
        assert (month.end, reckoned(ada, month).facts.counted) == (moment, 2 * WHOLE)
        assert reckoned(ada, month).total == 20_500_00
        assert reckoned(ada, month.next).facts.counted == WHOLE
    finally:
        clock.use_zone(str(known))


def test_by_month_of_decision_where_the_policy_says_so(ada: Person, fin: Person, fiona: Person) -> None:
    approved(fin, fiona, count_by="decided_at")
    paid(ada, MILLION, JUNE_9)
    accepted(ada, date(2026, 5, 30), date(2026, 5, 31))  # accepted on 2 and 3 June
    assert reckoned(ada, MAY).facts.counted == 0
    assert reckoned(ada, JUNE).total == 20_500_00


def test_money_belongs_to_the_day_it_came(ada: Person, policy: Policy) -> None:
    paid(ada, "100.00", date(2026, 5, 1))
    paid(ada, "200.00", date(2026, 5, 31))
    paid(ada, "400.00", date(2026, 6, 1))
    assert reckoned(ada, MAY).total == 6_00
    assert reckoned(ada, JUNE).total == 8_00


def test_only_the_earn_trigger_counts(ada: Person, fin: Person, fiona: Person) -> None:
    approved(fin, fiona, earn_trigger="contract")
    paid(ada, "100.00", MAY_10)
    signed(ada, "300.00", MAY_10)
    assert reckoned(ada, MAY).total == 6_00


def test_undecided_uncounted_and_others_items_do_not_count(ada: Person, ben: Person, policy: Policy) -> None:
    accepted(ada, MAY_4)
    lesson(ada, noon(MAY_8))  # not decided
    lesson(ada, noon(MAY_8), noon(MAY_10), counts=0)  # a duplicate
    accepted(ben, MAY_8)
    assert reckoned(ada, MAY).facts.counted == WHOLE


def test_co_authors_count_their_shares(ada: Person, ben: Person, policy: Policy) -> None:
    accepted(ada, MAY_4)
    lesson(ada, noon(MAY_8), noon(MAY_10), shares={ada: 600_000, ben: 400_000})
    assert reckoned(ada, MAY).facts.counted == 1_600_000
    assert reckoned(ada, MAY).facts.bonus == 0
    assert reckoned(ben, MAY).facts.counted == 400_000


def test_a_shared_deal_is_parted_without_losing_a_cent(ada: Person, ben: Person, policy: Policy) -> None:
    paid(ada, "100.01", MAY_10, shares={ada: 500_000, ben: 500_000})
    parts = [reckoned(person, MAY).lines[0].base or 0 for person in (ada, ben)]
    assert sorted(parts) == [50_00, 50_01]
    assert [reckoned(person, MAY).total for person in (ada, ben)] == [1_00, 1_00]  # 1.0001


def test_a_department_may_have_its_own_policy(
    ada: Person, sales: Department, fin: Person, fiona: Person
) -> None:
    approved(fin, fiona)
    part = Department.create(name="一店", parent=sales)
    approved(fin, fiona, department=sales, base_rate=30_000)
    paid(ada, "100.00", MAY_10)
    assert reckoned(ada, MAY).total == 3_00
    Person.update(department=part).where(Person.id == ada.id).execute()
    assert reckoned(ada.fresh(), MAY).total == 3_00


def test_a_new_version_holds_from_its_month(ada: Person, policy: Policy, fin: Person, fiona: Person) -> None:
    approved(fin, fiona, effective_from=JUNE, base_rate=10_000)
    paid(ada, "100.00", MAY_10)
    paid(ada, "100.00", JUNE_2)
    assert (reckoned(ada, MAY).total, reckoned(ada, JUNE).total) == (2_00, 1_00)


def test_without_a_policy_nothing_is_earned(ada: Person) -> None:
    paid(ada, "100.00", MAY_10)
    reckoning = reckoned(ada, MAY)
    assert (reckoning.total, reckoning.facts.terms.policy) == (0, 0)


def test_joiners_need_fewer_where_the_policy_prorates(ada: Person, fin: Person, fiona: Person) -> None:
    approved(fin, fiona, proration=True)
    Person.update(hired_on=date(2026, 5, 17)).where(Person.id == ada.id).execute()  # 15 of 31 days
    paid(ada, MILLION, date(2026, 5, 20))
    accepted(ada, date(2026, 5, 18))
    assert reckoned(ada, MAY).total == 20_500_00


@pytest.mark.parametrize("proration", [True, False])
def test_a_month_without_employment_has_no_bonus(
    ada: Person, fin: Person, fiona: Person, proration: bool
) -> None:
    """Money that comes after one has left pays 2 %, whatever was written then; prorated to nothing, too."""
    approved(fin, fiona, proration=proration)
    Person.update(left_on=date(2026, 4, 30)).where(Person.id == ada.id).execute()
    paid(ada, MILLION, MAY_10)
    assert reckoned(ada, MAY).total == 20_000_00
    accepted(ada, MAY_4, MAY_8)
    assert (reckoned(ada, MAY).total, reckoned(ada, MAY).bonus) == (20_000_00, 0)


def test_leavers_items_count_unless_the_contract_says_no(ada: Person, fin: Person, fiona: Person) -> None:
    approved(fin, fiona)
    approved(fin, fiona, effective_from=MAY, counts_after_leaving=False)
    Person.update(left_on=MAY_8).where(Person.id == ada.id).execute()
    accepted(ada, MAY_4, date(2026, 5, 6))  # accepted on 7 and 9 May
    accepted(ada, date(2026, 4, 28), date(2026, 4, 29))
    assert reckoned(ada, MAY).facts.counted == WHOLE
    assert reckoned(ada, APRIL).facts.counted == 2 * WHOLE


def test_what_is_missing_holds_a_deal_back_until_it_is_filled_in(ada: Person, policy: Policy) -> None:
    line = paid(ada, "100.00", MAY_10, customer=None)
    reckoning = reckoned(ada, MAY)
    assert (reckoning.total, [one.missing for one in reckoning.pending]) == (0, [("customer",)])
    other = deal_of(ada, "1.00")
    type(other).update(customer=other.customer_id).where(type(other).id == line.deal_id).execute()
    assert reckoned(ada, MAY).total == 2_00


# after the close


def test_closing_keeps_lines_with_their_sources(ada: Person, fin: Person, policy: Policy) -> None:
    line = paid(ada, MILLION, MAY_10)
    accepted(ada, MAY_4, MAY_8)
    period = close(MAY, fin)
    statement = Statement.get()
    kept = Line.get()
    assert (period.state, period.total, period.people) == ("closed", 20_500_00, 1)
    assert (statement.total, statement.bonus, statement.counted) == (20_500_00, 500_00, 2 * WHOLE)
    assert (statement.payee_no, statement.payee_name) == ("E001", "Ada")
    assert (kept.deal_line_id, kept.policy_id, kept.rate, kept.bonus_rate) == (
        line.id,
        policy.id,
        20_000,
        500,
    )
    assert statement.inputs["lines"] == [line.id]
    assert [share for _, _, share in statement.inputs["experiences"]] == [WHOLE, WHOLE]
    assert len(statement.digest) == len(period.digest) == 64


def test_closing_twice_changes_nothing(ada: Person, fin: Person, fiona: Person, policy: Policy) -> None:
    paid(ada, MILLION, MAY_10)
    first = close(MAY, fin)
    again = close(MAY, fiona)
    assert (again.closed_by_id, again.closed_at, again.digest) == (fin.id, first.closed_at, first.digest)
    assert (Statement.select().count(), Line.select().count()) == (1, 1)


def test_a_late_acceptance_is_trued_up_in_the_open_month(ada: Person, fin: Person, policy: Policy) -> None:
    paid(ada, MILLION, MAY_10)
    accepted(ada, MAY_4)
    slow = lesson(ada, noon(MAY_8))
    close(MAY, fin)
    accept(slow, noon(JUNE_9))
    (line,) = reckoned(ada, JUNE).lines
    assert (line.kind, line.about, line.amount, line.bonus_rate) == (LineKind.TRUE_UP, MAY, 500_00, 500)
    assert len(line.experiences) == 2
    close(JUNE, fin)
    assert totals(ada) == {"2026-06": 500_00, "2026-05": 20_000_00}
    assert not reckon(JULY)


def test_a_true_up_uses_the_terms_of_its_month(
    ada: Person, fin: Person, fiona: Person, policy: Policy
) -> None:
    approved(fin, fiona, effective_from=JUNE, base_rate=50_000, tiers=[[2, 9000]])
    paid(ada, MILLION, MAY_10)
    accepted(ada, MAY_4)
    slow = lesson(ada, noon(MAY_8))
    close(MAY, fin)
    accept(slow, noon(JUNE_9))
    assert reckoned(ada, JUNE).total == 500_00


def test_late_money_of_a_closed_month_is_paid_with_its_bonus(
    ada: Person, fin: Person, policy: Policy
) -> None:
    paid(ada, "100.00", MAY_10)
    accepted(ada, MAY_4, MAY_8)
    close(MAY, fin)
    paid(ada, MILLION, MAY_10)
    (line,) = reckoned(ada, JUNE).lines
    assert (line.kind, line.about, line.amount) == (LineKind.TRUE_UP, MAY, 20_500_00)


def test_a_reversal_takes_back_at_the_original_rate(ada: Person, fin: Person, policy: Policy) -> None:
    line = paid(ada, MILLION, MAY_10)
    accepted(ada, MAY_4, MAY_8)
    close(MAY, fin)
    paid(ada, "9000000.00", JUNE_9)  # 180,000 in June, with no bonus
    undone(line, JUNE_2)
    reckoning = reckoned(ada, JUNE)
    assert [(e.kind, e.amount) for e in reckoning.lines] == [
        (LineKind.REVERSAL, -20_500_00),
        (LineKind.DEAL, 180_000_00),
    ]
    assert reckoning.total == 159_500_00


def test_what_is_taken_back_is_printed_at_the_rate_at_which_it_was_paid(
    ada: Person, fin: Person, policy: Policy
) -> None:
    """Paid at 2.05 %, then one of the two is revoked and the money goes back, both in June: -20,500.00."""
    line = paid(ada, MILLION, MAY_10)
    accepted(ada, MAY_4, MAY_8)
    close(MAY, fin)
    revoke(Experience.get(), "plagiarism", fin, noon(JUNE_2))
    undone(line, JUNE_9)
    back = next(each for each in reckoned(ada, JUNE).lines if each.kind == LineKind.REVERSAL)
    assert (back.amount, back.product) == (-20_500_00, -20_500_00)
    assert back.full_rate == 20_500


def test_each_share_multiplies_out_to_the_cent(
    ada: Person, ben: Person, mona: Person, policy: Policy
) -> None:
    """74.25 x 33.3333 % x 2 % is 0.49499995, x 33.3334 % is 0.49500099: 0.49, 0.49 and 0.50."""
    shares = {ada: 333_333, ben: 333_333, mona: 333_334}
    paid(ada, "74.25", MAY_10, shares=shares)
    lines = [reckoned(person, MAY).lines[0] for person in shares]
    assert [line.amount for line in lines] == [49, 49, 50]
    assert [line.product for line in lines] == [49, 49, 50]


def test_what_cannot_be_taken_back_is_carried_until_it_is(ada: Person, fin: Person, policy: Policy) -> None:
    line = paid(ada, MILLION, MAY_10)
    accepted(ada, MAY_4, MAY_8)
    close(MAY, fin)
    undone(line, JUNE_2)
    assert reckoned(ada, JUNE).total == 0
    close(JUNE, fin)
    paid(ada, "5000000.00", date(2026, 7, 3))  # earns 100,000: a fifth is 20,000 of the 20,500 owed
    assert (reckoned(ada, JULY).total, reckoned(ada, JULY).carried) == (80_000_00, 500_00)
    close(JULY, fin)
    paid(ada, MILLION, date(2026, 8, 3))
    assert reckoned(ada, Month(2026, 8)).total == 19_500_00
    close(Month(2026, 8), fin)
    assert sum(totals(ada).values()) == 100_000_00 + 20_000_00  # May's 20,500 came back in full


@pytest.mark.parametrize("reason", ["plagiarism", "false", "privacy breach", "conflict of interest"])
def test_a_revocation_for_fault_takes_the_bonus_back(
    reason: str, ada: Person, mona: Person, fin: Person, policy: Policy
) -> None:
    paid(ada, MILLION, MAY_10)
    accepted(ada, MAY_4)
    stolen = lesson(ada, noon(MAY_8), noon(MAY_10))
    close(MAY, fin)
    paid(ada, MILLION, JUNE_9)
    revoke(stolen, reason, mona, noon(JUNE_9))
    reckoning = reckoned(ada, JUNE)
    assert sorted(e.amount for e in reckoning.lines) == [-500_00, 20_000_00]
    assert reckoning.total == 19_500_00


@pytest.mark.parametrize("reason", ["superseded", "product ended"])
def test_an_outdated_item_keeps_its_bonus(
    reason: str, ada: Person, mona: Person, fin: Person, policy: Policy
) -> None:
    paid(ada, MILLION, MAY_10)
    accepted(ada, MAY_4)
    old = lesson(ada, noon(MAY_8), noon(MAY_10))
    close(MAY, fin)
    revoke(old, reason, mona, noon(JUNE_9))
    assert not reckon(JUNE)


def test_a_revocation_that_leaves_two_changes_nothing(
    ada: Person, mona: Person, fin: Person, policy: Policy
) -> None:
    paid(ada, MILLION, MAY_10)
    accepted(ada, MAY_4, MAY_8)
    third = lesson(ada, noon(MAY_8), noon(MAY_10))
    close(MAY, fin)
    revoke(third, "false", mona, noon(JUNE_9))
    assert not reckon(JUNE)


def test_after_six_months_from_payment_nothing_is_taken_back(
    ada: Person, mona: Person, fin: Person, fiona: Person, policy: Policy
) -> None:
    paid(ada, MILLION, MAY_10)
    accepted(ada, MAY_4)
    stolen = lesson(ada, noon(MAY_8), noon(MAY_10))
    period = close(MAY, fin)
    with clock.moved(noon(date(2026, 6, 8))):
        period.pay(by=fiona)
    revoke(stolen, "plagiarism", mona, noon(date(2026, 12, 8)))
    assert not reckon(JUNE)


def test_on_the_last_day_of_the_window_it_still_is(
    ada: Person, mona: Person, fin: Person, fiona: Person, policy: Policy
) -> None:
    paid(ada, MILLION, MAY_10)
    accepted(ada, MAY_4)
    stolen = lesson(ada, noon(MAY_8), noon(MAY_10))
    period = close(MAY, fin)
    with clock.moved(noon(date(2026, 6, 8))):
        period.pay(by=fiona)
    revoke(stolen, "plagiarism", mona, noon(date(2026, 12, 8)) - timedelta(seconds=1))
    paid(ada, MILLION, JUNE_9)
    assert reckoned(ada, JUNE).total == 19_500_00


def test_six_months_end_with_a_shorter_month() -> None:
    assert clock.local(later(noon(date(2026, 8, 31)), 6)).date() == date(2027, 2, 28)


def test_a_true_up_that_is_revoked_goes_back_too(
    ada: Person, mona: Person, fin: Person, policy: Policy
) -> None:
    paid(ada, MILLION, MAY_10)
    accepted(ada, MAY_4)
    slow = lesson(ada, noon(MAY_8))
    close(MAY, fin)
    accept(slow, noon(JUNE_9))
    close(JUNE, fin)
    revoke(slow, "false", mona, noon(date(2026, 7, 10)))
    paid(ada, MILLION, date(2026, 7, 3))
    assert sorted(e.amount for e in reckoned(ada, JULY).lines) == [-500_00, 20_000_00]


def test_closed_credit_never_moves_with_the_owner(
    ada: Person, ben: Person, fin: Person, policy: Policy
) -> None:
    line = paid(ada, MILLION, MAY_10)
    close(MAY, fin)
    type(line.deal).update(owner=ben).where(type(line.deal).id == line.deal_id).execute()
    assert not reckon(JUNE)
    undone(line, JUNE_2)
    assert [one.person for one in reckon(JUNE)] == [ada.id]
    assert reckoned(ada, JUNE).lines[0].amount == -20_000_00
    assert not reckoned(ben, JUNE).lines


def test_an_adjustment_needs_its_second_person_to_be_paid(
    ada: Person, fin: Person, fiona: Person, policy: Policy
) -> None:
    one = Adjustment.propose(ada, MAY, 123_00, "Travel bonus agreed in April", by=fin)
    assert not reckon(MAY)
    one.decide(by=fiona, approve=True)
    assert reckoned(ada, MAY).total == 123_00
    close(MAY, fin)
    assert totals(ada) == {"2026-05": 123_00}
    assert not reckon(JUNE)


def test_an_adjustment_of_a_closed_month_is_paid_in_the_open_one(
    ada: Person, fin: Person, fiona: Person, policy: Policy
) -> None:
    paid(ada, MILLION, MAY_10)
    close(MAY, fin)
    Adjustment.propose(ada, MAY, 5_00, "One line was short", by=fin).decide(by=fiona, approve=True)
    assert [(e.kind, e.about, e.amount) for e in reckoned(ada, JUNE).lines] == [
        (LineKind.ADJUSTMENT, MAY, 5_00)
    ]


@pytest.fixture
def owing(ada: Person, fin: Person, policy: Policy) -> None:
    """20,000.00 were paid for May, and the money went back in June: they are still to be taken back."""
    line = paid(ada, MILLION, MAY_10)
    undone(line, JUNE_9)
    close(MAY, fin)
    close(JUNE, fin)
    assert reckoned(ada, JULY).carried == 20_000_00


def waived(person: Person, amount: int, fin: Person, fiona: Person, month: Month = JULY) -> None:
    one = Adjustment.propose(person, month, amount, "She left, and we let it go", by=fin, waives=True)
    one.decide(by=fiona, approve=True)


def told(person: Person, month: Month) -> list[tuple[str, int]]:
    return [(line.kind.value, line.amount) for line in reckoned(person, month).lines]


@pytest.mark.parametrize("amount", [20_000_00, 90_000_00])
def test_what_is_waived_is_neither_paid_nor_taken_back(
    ada: Person, fin: Person, fiona: Person, owing: None, amount: int
) -> None:
    """As an ordinary adjustment it would pay 16,000.00 of the 20,000.00 to who owes them."""
    waived(ada, amount, fin, fiona)
    assert told(ada, JULY) == [("adjustment", 20_000_00), ("carry", -20_000_00)]
    close(JULY, fin)
    assert totals(ada)[str(JULY)] == 0
    assert not reckon(JULY.next)


def test_what_is_waived_in_part_leaves_the_rest_and_the_pay(
    ada: Person, fin: Person, fiona: Person, owing: None
) -> None:
    """500,000.00 at 2 % earn 10,000.00. Of the 5,000.00 left, 2,000.00 may be taken, a fifth of the month."""
    paid(ada, "500000.00", date(2026, 7, 10))
    waived(ada, 15_000_00, fin, fiona)
    assert told(ada, JULY) == [
        ("deal", 10_000_00),
        ("adjustment", 15_000_00),
        ("carry", -20_000_00),
        ("carry", 3_000_00),
    ]
    assert reckoned(ada, JULY).total == 8_000_00


def test_a_waiver_lets_nothing_go_that_is_owed_later(
    ada: Person, ben: Person, fin: Person, fiona: Person, owing: None
) -> None:
    """Where nothing was owed it is spent all the same; about a later month it waits for what is owed then."""
    line = paid(ben, MILLION, date(2026, 7, 10))
    waived(ben, 20_000_00, fin, fiona)
    waived(ada, 20_000_00, fin, fiona, month=JULY.next)
    assert told(ben, JULY) == [("deal", 20_000_00), ("adjustment", 0)]
    assert not reckoned(ada, JULY.next).lines
    close(JULY, fin)
    undone(line, date(2026, 8, 3))
    assert told(ben, JULY.next) == [("reversal", -20_000_00), ("carry", 20_000_00)]
    assert told(ada, JULY.next) == [("adjustment", 20_000_00), ("carry", -20_000_00)]


def test_a_refused_adjustment_pays_nothing(ada: Person, fin: Person, fiona: Person, policy: Policy) -> None:
    one = Adjustment.propose(ada, MAY, 5_00, "One line was short", by=fin)
    one.decide(by=fiona, approve=False)
    one.decide(by=fiona, approve=True)
    assert not reckon(MAY)


def test_one_person_alone_gives_the_same_as_everyone(
    ada: Person, ben: Person, fin: Person, policy: Policy
) -> None:
    first = paid(ada, MILLION, MAY_10, shares={ada: 700_000, ben: 300_000})
    accepted(ada, MAY_4)
    slow = lesson(ada, noon(MAY_8))
    close(MAY, fin)
    accept(slow, noon(JUNE_2))
    paid(ben, "777.77", MAY_10)
    paid(ben, "123456.78", JUNE_9)
    undone(first, JUNE_9)
    everyone = {one.person: one for one in reckon(JUNE)}
    assert everyone == {person.id: reckoned(person, JUNE) for person in (ada, ben)}


EVENTS = st.lists(
    st.sampled_from(["pay", "share", "accept", "revoke", "reverse", "close", "owner"]),
    min_size=4,
    max_size=12,
)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(EVENTS, st.integers(1, 10**9))
def test_a_fully_reversed_deal_sums_to_zero_in_any_order_of_events(
    app: Starlette, tmp_path: Path, events: list[str], amount: int
) -> None:
    with db.atomic() as undo:
        _tell(events, amount)
        sums: dict[int, int] = {}
        for line in Line.select().where(Line.deal_line.is_null(False)):
            sums[line.person_id] = sums.get(line.person_id, 0) + line.amount
        assert all(total == 0 for total in sums.values()), (events, sums)
        owed = sum(line.amount for line in Line.select().where(Line.kind_of == LineKind.CARRY))
        assert sum(s.total for s in Statement.select()) == owed >= 0
        undo.rollback()


def _tell(events: list[str], amount: int) -> None:
    """Act out the events in order, a month from one close to the next; at the end all money is given back."""
    ada, ben, fin, fiona = (
        Person.add(by=None, email=f"{name}@a.example", name=name) for name in ("a", "b", "f", "g")
    )
    approved(fin, fiona, max_recovery_share=WHOLE)
    month, items = MAY, [lesson(ada, noon(MAY_4)) for _ in range(3)]
    lines: list[DealLine] = []
    known: list[Experience] = []
    for event in [*events, "reverse", "close", "close"]:
        day = month.first_day + timedelta(days=9)
        if event == "pay":
            lines.append(paid(ada, f"{amount // 100}.{amount % 100:02d}", day))
        elif event == "share":
            lines.append(
                paid(ada, f"{amount // 100}.{amount % 100:02d}", day, shares={ada: 333_333, ben: 666_667})
            )
        elif event == "accept" and items:
            accept(items[0], noon(day))
            known.append(items.pop(0))
        elif event == "revoke" and known:
            revoke(known.pop(), "false", fin, noon(day))
        elif event == "reverse":
            for line in lines:
                undone(line, day)
            lines = []
        elif event == "owner":
            for line in lines:
                type(line.deal).update(owner=ben).where(type(line.deal).id == line.deal_id).execute()
        elif event == "close":
            close(month, fin)
            month = month.next


def test_rates_on_file_are_exact(ada: Person, policy: Policy) -> None:
    paid(ada, "123456.78", MAY_10)
    accepted(ada, MAY_4, MAY_8)
    (line,) = reckoned(ada, MAY).lines
    assert line.amount == minor("2530.86")  # 123,456.78 x 2.05 % = 2,530.863990
    assert line.amount - line.bonus == minor("2469.14")  # x 2 % = 2,469.1356


def test_periods_may_be_closed_out_of_order(ada: Person, fin: Person, policy: Policy) -> None:
    paid(ada, "100.00", MAY_10)
    line = paid(ada, "300.00", date(2026, 4, 10))
    close(MAY, fin)
    undone(line, JUNE_2)
    close(JUNE, fin)  # April is still open: nothing of it was paid, and its reversal is booked first
    close(APRIL, fin)
    close(JULY, fin)
    assert sum(e.amount for e in Line.select().where(Line.deal_line.is_null(False))) == 2_00
    assert Period.select().where(Period.state == "closed").count() == 4


def test_a_policy_left_as_it_is_has_the_numbers_of_the_rules(fin: Person) -> None:
    """RULES 4.1: two counted, of the month of writing, add 0.05 points; paid money earns; days 2 and 5; half a
    year; a fifth of the wage; nothing prorated; whoever left keeps what is accepted later.
    """
    terms = Policy.draft(by=fin, name="2026", effective_from=JUNE).fresh()
    assert (terms.operator, terms.count_by, terms.tiers) == (">=", "submitted_at", [[2, 500]])
    assert (terms.bonus_mode, terms.earn_trigger) == ("percentage_points", "payment")
    assert (terms.preview_working_day, terms.close_working_day) == (2, 5)
    assert (terms.revocation_months, terms.max_recovery_share) == (6, 200_000)
    assert (terms.proration, terms.leave_prorates, terms.counts_after_leaving) == (False, False, True)
    assert (terms.uses_needed, terms.use_days, terms.cap) == (0, 60, 0)
