"""A month is closed once, whole, and for ever: twice asked, raced, killed half-way."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import peewee
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal import clock
from portal.jobs.worker import drain
from portal.models.base.database import db, transact
from portal.models.base.record import Invalid
from portal.models.commission import closing
from portal.models.commission.adjustments import Adjustment, AdjustmentDecision
from portal.models.commission.back_tests import BackTest, Sums, back_test, tried
from portal.models.commission.comparison import Before
from portal.models.commission.periods import Period
from portal.models.commission.policies import Policy, PolicyApproval
from portal.models.commission.reckoning import reckon
from portal.models.commission.rulebook import Rulebook
from portal.models.commission.statements import Line, Statement
from portal.models.company.departments import Department
from portal.models.experiences.reviews import Acceptance
from portal.models.people.notices import Notice
from portal.models.people.people import Person
from portal.models.work.jobs import Job
from portal.settings import ROOT, Settings
from tests.commission import JULY, JUNE, MAY, accept, approved, close, lesson, noon, paid, reckoned

MAY_10 = date(2026, 5, 10)
LATER = clock.Month(2099, 1)
FIFTH = noon(date(2026, 6, 5))


@pytest.fixture
def policy(fin: Person, fiona: Person) -> Policy:
    return approved(fin, fiona)


@pytest.fixture
def may(ada: Person, ben: Person, policy: Policy) -> None:
    paid(ada, "1000000.00", MAY_10)
    paid(ben, "123456.78", MAY_10, shares={ada: 300_000, ben: 700_000})
    for day in (4, 8):
        lesson(ada, noon(date(2026, 5, day)), noon(date(2026, 5, day + 2)))


def kept() -> list[tuple[Any, ...]]:
    """Everything a close leaves behind, without ids and times."""
    heads = Statement.select().order_by(Statement.person)
    lines = Line.select().order_by(Line.person, Line.position)
    return [(s.person_id, s.total, s.bonus, s.counted, s.digest) for s in heads] + [
        (one.person_id, one.position, one.kind_of, one.amount, one.key) for one in lines
    ]


def at_once(*acts: Any) -> list[BaseException]:
    """Do several things at the same moment, each in its own thread and connection."""
    start, failed = threading.Barrier(len(acts)), []

    def run(act: Any) -> None:
        start.wait()
        try:
            act()
        except BaseException as error:
            failed.append(error)
        finally:
            if not db.is_closed():
                db.close()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return failed


# the same again


def test_reckoning_an_open_month_again_gives_the_same(may: None) -> None:
    assert reckon(MAY) == reckon(MAY)


def test_previewing_twice_keeps_one_statement_each(may: None, fin: Person, fiona: Person) -> None:
    for person in (fin, fiona):
        closing.preview(MAY, by=person.id)
    assert Statement.select().count() == 2
    assert Line.select().count() == 0
    assert Period.of(MAY).state == "preview"


def test_a_close_after_a_preview_reckons_anew(may: None, ada: Person, fin: Person) -> None:
    closing.preview(MAY, by=fin.id)
    paid(ada, "100.00", MAY_10)
    closed = close(MAY, fin)
    assert closed.total == sum(one.total for one in Statement.select())
    assert {s.person_id: s.total for s in Statement.select()}[ada.id] == 20_500_00 + 759_26 + 2_05
    # 123,456.78 x 30 % x 2.05 % = 759.259197


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(st.integers(1, 10**10), min_size=1, max_size=5))
def test_digests_follow_from_the_inputs_alone(
    may: None, ada: Person, fin: Person, amounts: list[int]
) -> None:
    with db.atomic() as undo:
        for amount in amounts:
            paid(ada, f"{amount // 100}.{amount % 100:02d}", MAY_10)
        closing.preview(MAY, by=fin.id)
        first = Period.of(MAY).digest
        closing.preview(MAY, by=fin.id)
        assert Period.of(MAY).digest == first
        undo.rollback()


# for ever


def test_the_database_refuses_to_change_what_is_closed(may: None, ada: Person, fin: Person) -> None:
    close(MAY, fin)
    statement, line = Statement.get(), Line.get()
    forbidden = [
        Statement.update(total=1),
        Statement.delete(),
        Line.update(amount=1),
        Line.delete(),
        Period.update(total=1),
        Period.update(state="open", closed_at=None),
        Period.delete(),
        Line.insert(
            statement=statement, person=ada, position=99, kind_of="carry", about=MAY, amount=1, key="more"
        ),
        Statement.insert(period=statement.period_id, month=MAY, person=fin, payee_name="Fin"),
        Policy.update(base_rate=1),
        Policy.delete(),
        PolicyApproval.delete(),
    ]
    before = kept()
    for query in forbidden:
        with pytest.raises(peewee.DatabaseError, match="settled and never changes"), db.atomic():
            query.execute()
    assert kept() == before
    assert line.fresh().amount == line.amount


def test_adjustments_and_their_decisions_never_change(
    ada: Person, fin: Person, fiona: Person, policy: Policy
) -> None:
    Adjustment.propose(ada, MAY, 100, "Agreed in April", by=fin).decide(by=fiona, approve=True)
    for query in (
        Adjustment.update(amount=1),
        AdjustmentDecision.update(approved=False),
        Adjustment.delete(),
    ):
        with pytest.raises(peewee.DatabaseError, match="settled and never changes"), db.atomic():
            query.execute()


def test_a_paid_month_stays_paid(may: None, fin: Person, fiona: Person) -> None:
    period = close(MAY, fin)
    period.pay(by=fiona)
    period.pay(by=fin)  # a no-op now, whoever asks
    assert Period.of(MAY).paid_by_id == fiona.id
    with pytest.raises(peewee.DatabaseError, match="settled and never changes"), db.atomic():
        Period.update(paid_by=None).execute()


def test_the_closer_does_not_pay(may: None, fin: Person) -> None:
    with pytest.raises(Invalid, match="Someone other than who closed the month"):
        close(MAY, fin).pay(by=fin)


def test_versions_do_not_overlap(policy: Policy, fin: Person, fiona: Person) -> None:
    twin = Policy.draft(by=fin, name="Twin", effective_from=policy.effective_from)
    with pytest.raises(Invalid, match="Another version begins in this month"):
        twin.propose(by=fin)


def test_a_version_cannot_begin_in_a_closed_month(may: None, fin: Person) -> None:
    close(MAY, fin)
    with pytest.raises(Invalid, match="A month from then on is closed"):
        Policy.draft(by=fin, name="Late", effective_from=MAY).propose(by=fin)


def test_the_author_does_not_approve(fin: Person) -> None:
    policy = Policy.draft(by=fin, name="Mine", effective_from=MAY)
    policy.propose(by=fin)
    with pytest.raises(Invalid, match="Someone other than the author"):
        policy.approve(by=fin)


def test_a_back_test_reckons_closed_months_under_other_terms(may: None, ada: Person, fin: Person) -> None:
    close(MAY, fin)
    doubled = Policy.draft(by=fin, name="Double", effective_from=JUNE, base_rate=40_000)
    total = Period.of(MAY).total
    # 1,000,000 x 4.05 % + 37,037.034 x 4.05 % + 86,419.746 x 4 %
    assert tried(doubled)[0] == [("2026-05", total, 40_500_00 + 1_500_00 + 3_456_79)]


def test_a_back_test_leaves_adjustments_out_on_both_sides(
    may: None, ada: Person, ben: Person, fin: Person, fiona: Person
) -> None:
    Adjustment.propose(ada, MAY, 500_00, "Taught a beginner", by=fin).decide(by=fiona, approve=True)
    period = close(MAY, fin)
    Adjustment.propose(ben, MAY, 77_00, "Approved after the close", by=fin).decide(by=fiona, approve=True)
    same = Policy.draft(by=fin, name="As it was", effective_from=JUNE)
    # 1,000,000 x 2.05 % + 37,037.034 x 2.05 % + 86,419.746 x 2 %
    deals = 20_500_00 + 759_26 + 1_728_39
    assert period.total == deals + 500_00
    assert tried(same)[0] == [("2026-05", deals, deals)]


def test_a_back_test_says_who_gains_and_who_loses(may: None, ada: Person, ben: Person, fin: Person) -> None:
    """A tenth of the rate, and no bonus under five experiences: both lose, Ada 500.00 of bonus with it."""
    close(MAY, fin)
    was = {one.person: one.deals_amount for one in reckon(MAY, periods={})}
    none = Policy.draft(by=fin, name="Tenth", effective_from=LATER, base_rate=2_000, tiers=[[5, 500]])
    back_test(none, by=fin)
    found = BackTest.beside(none, fin)
    assert found is not None
    assert none.back_test == [["2026-05", sum(was.values()), found.named[0].would + found.named[1].would]]
    assert found.sums is not None
    assert (found.sums.gain, found.sums.lose, found.sums.same) == (0, 2, 0)
    assert found.sums.lost == sum(one.was - one.would for one in found.named)
    by_person = {one.person_id: (one.was, one.would) for one in found.named}
    # 1,000,000 x 0.2 % + 37,037.034 x 0.2 %, and 86,419.746 x 0.2 %
    assert by_person == {ada.id: (was[ada.id], 2_000_00 + 74_07), ben.id: (was[ben.id], 172_84)}


def test_a_back_test_tries_a_departments_version_on_its_people_alone(
    may: None, ada: Person, ben: Person, stan: Person, fin: Person
) -> None:
    paid(stan, "100000.00", MAY_10)
    close(MAY, fin)
    theirs = Policy.draft(
        by=fin, name="Logistics", effective_from=LATER, department=stan.department, base_rate=40_000
    )
    back_test(theirs, by=fin)
    found = BackTest.beside(theirs, fin)
    assert found is not None
    (only,) = found.named
    assert (only.person_id, only.was, only.would) == (stan.id, 2_000_00, 4_000_00)
    assert found.sums == Sums(1, 2_000_00, 0, 0, 2)


def test_nobody_reads_in_a_back_test_what_a_colleague_would_get(
    may: None, ada: Person, ben: Person, mona: Person, rita: Person, fin: Person
) -> None:
    """As with statements: finance, managers of their teams; a payee their own (RULES 4.10)."""
    close(MAY, fin)
    doubled = Policy.draft(by=fin, name="Double", effective_from=LATER, base_rate=40_000)
    back_test(doubled, by=fin)

    def named(who: Person) -> set[int]:
        found = BackTest.beside(doubled, who)
        return {one.person_id for one in found.named} if found else set()

    assert named(fin) == named(mona) == {ada.id, ben.id}
    assert named(ada) == named(rita) == set()
    mine = BackTest.beside(doubled, ada)
    assert mine is not None
    assert mine.mine is not None
    assert mine.mine.person_id == ada.id
    assert mine.sums is None, "she would take her own line from it: the rest is Ben's"
    assert BackTest.beside(doubled, rita) is None
    of_team = BackTest.beside(doubled, mona)
    assert of_team is not None
    assert of_team.sums is None


def test_proposed_again_it_is_tested_anew(may: None, fin: Person, fiona: Person) -> None:
    close(MAY, fin)
    policy = Policy.draft(by=fin, name="Double", effective_from=LATER, base_rate=40_000)
    back_test(policy, by=fin)
    back_test(policy, by=fin)
    policy.send_back(by=fiona, reason="Too much.")
    policy.redraft(by=fin, name="Same", effective_from=LATER, base_rate=20_000)
    back_test(policy, by=fin)
    found = BackTest.beside(policy, fin)
    assert found is not None
    assert (found.sums, found.named) == (Sums(0, 0, 0, 0, 2), [])


def test_a_back_test_counts_what_came_late_in_its_own_month(may: None, ben: Person, fin: Person) -> None:
    slow = lesson(ben, noon(date(2026, 5, 6)))
    lesson(ben, noon(date(2026, 5, 7)), noon(date(2026, 5, 8)))
    close(MAY, fin)
    accept(slow, noon(date(2026, 6, 10)))
    paid(ben, "10000.00", MAY_10)
    close(JUNE, fin)
    same = Policy.draft(by=fin, name="As it was", effective_from=JUNE)
    # with Ben's second lesson 86,419.746 x 2.05 % and 10,000 x 2.05 %
    deals = 20_500_00 + 759_26 + 1_771_60 + 205_00
    assert tried(same)[0] == [("2026-05", deals, deals), ("2026-06", 0, 0)]


def test_a_policy_says_on_which_working_days_a_month_is_due(fin: Person, fiona: Person) -> None:
    approved(fin, fiona)
    approved(fin, fiona, name="Quick", effective_from=JUNE, preview_working_day=1, close_working_day=3)
    sales = Department.create(name="Sales")
    approved(fin, fiona, name="Sales", effective_from=JUNE, department=sales, close_working_day=4)
    book = Rulebook.read()
    # 31 May 2026 is a Sunday, 30 June a Tuesday
    assert clock.local(book.preview_due(MAY)).isoformat() == "2026-06-02T23:59:59+08:00"
    assert clock.local(book.close_due(MAY)).isoformat() == "2026-06-05T23:59:59+08:00"
    assert clock.local(book.preview_due(JUNE)).isoformat() == "2026-07-01T23:59:59+08:00"
    assert clock.local(book.close_due(JUNE)).isoformat() == "2026-07-03T23:59:59+08:00"
    with pytest.raises(Invalid, match="The close comes after the preview"):
        Policy.draft(by=fin, name="Odd", effective_from=JULY, preview_working_day=6)


def previews_told(person: Person) -> int:
    words = Notice.text.startswith("The preview of your commission")
    return Notice.select().where((Notice.person == person) & words).count()


def test_a_month_is_previewed_in_time_by_itself_and_payees_are_told_once(
    may: None, ada: Person, fin: Person
) -> None:
    """31 May 2026 is a Sunday: the second working day is Tuesday, 2 June."""
    for moment, asked in ((noon(date(2026, 6, 1)), 0), (noon(date(2026, 6, 2)), 1)):
        with clock.moved(moment):
            closing.preview_in_time()
            assert Job.select().where(Job.name == "preview_period").count() == asked
            assert Period.of(MAY).running is None or asked
            drain()
    period = Period.of(MAY)
    assert (period.state, period.total, period.previewed_by_id) == ("preview", 20_500_00 + 2_487_65, None)
    assert previews_told(ada) == 1
    with clock.moved(noon(date(2026, 6, 3))):
        closing.preview_in_time()
        closing.preview(MAY, by=fin.id)
        assert Job.select().where(Job.name == "preview_period").count() == 1
    assert previews_told(ada) == 1


def test_a_preview_while_the_month_runs_is_not_the_one_that_was_promised(
    may: None, ada: Person, fin: Person
) -> None:
    with clock.moved(noon(date(2026, 5, 20))):
        closing.preview(MAY, by=fin.id)
    assert previews_told(ada) == 0
    with clock.moved(noon(date(2026, 6, 2))):
        closing.preview_in_time()
        assert Period.of(MAY).running is not None


def test_a_month_says_what_each_statement_differs_by_from_the_month_before(
    may: None, ada: Person, ben: Person, fin: Person
) -> None:
    close(MAY, fin)
    assert [one.change for one in Statement.select()] == [None, None]  # April was not closed
    assert Before.of(Period.of(MAY)) is None
    paid(ada, "1000.00", date(2026, 6, 10))
    with clock.moved(noon(date(2026, 7, 3))):
        closing.preview(JUNE, by=fin.id)
    was = {one.person_id: one.total for one in Statement.select().where(Statement.month == MAY)}
    (june,) = Statement.select().where(Statement.month == JUNE)
    assert (june.person_id, june.total, june.change) == (ada.id, 20_00, 20_00 - was[ada.id])
    before = Before(MAY, 2, was[ada.id] + was[ben.id], 1, was[ben.id])
    assert Before.of(Period.of(JUNE)) == before


def test_progress_reaches_its_end(may: None, fin: Person) -> None:
    seen: list[tuple[int, int]] = []
    with clock.moved(FIFTH):
        closing.preview(MAY, by=fin.id, progress=lambda *step: seen.append(step))
        closing.close(MAY, by=fin.id, progress=lambda *step: seen.append(step))
    assert seen == [(2, 3), (3, 3)] * 2


# at the same moment


def test_two_closers_have_one_effect(may: None, fin: Person, fiona: Person) -> None:
    with clock.moved(FIFTH):
        failed = at_once(
            lambda: closing.close(MAY, by=fin.id),
            lambda: closing.close(MAY, by=fiona.id),
            lambda: closing.close(MAY, by=fin.id),
        )
    assert not failed
    assert Period.select().where(Period.state == "closed").count() == 1
    assert Statement.select().count() == 2
    assert len({line.key for line in Line.select()}) == Line.select().count() == 3


def test_two_approvers_of_two_versions_have_one_effect(fin: Person, fiona: Person, adam: Person) -> None:
    versions = [Policy.draft(by=fin, name=name, effective_from=MAY) for name in ("One", "Two")]
    for version in versions:
        version.propose(by=fin)
    failed = at_once(
        lambda: transact(lambda: Policy.get_by_id(versions[0].id).approve(by=fiona)),
        lambda: transact(lambda: Policy.get_by_id(versions[1].id).approve(by=adam)),
    )
    assert [type(error) for error in failed] == [Invalid]
    assert Policy.select().where(Policy.state == "approved").count() == 1


def test_two_decisions_of_an_adjustment_have_one_effect(
    ada: Person, fin: Person, fiona: Person, adam: Person, policy: Policy
) -> None:
    one = Adjustment.propose(ada, MAY, 100, "Agreed in April", by=fin)
    failed = at_once(
        lambda: transact(lambda: one.decide(by=fiona, approve=True)),
        lambda: transact(lambda: one.decide(by=adam, approve=False)),
    )
    assert not failed
    assert AdjustmentDecision.select().count() == 1


@pytest.mark.parametrize("turn", range(4))
def test_accepting_while_closing_pays_the_bonus_once(
    turn: int, ada: Person, fin: Person, policy: Policy
) -> None:
    paid(ada, "1000000.00", MAY_10)
    lesson(ada, noon(date(2026, 5, 4)), noon(date(2026, 5, 6)))
    slow = lesson(ada, noon(date(2026, 5, 8)))
    with clock.moved(FIFTH):
        failed = at_once(
            lambda: closing.close(MAY, by=fin.id), lambda: transact(lambda: accept(slow, clock.now()))
        )
    assert not failed
    assert Acceptance.select().count() == 2
    may = Statement.of(ada, MAY)
    assert may
    assert may.total + reckoned(ada, JUNE).total == 20_500_00


def test_closing_two_months_at_once_corrects_once(
    ada: Person, fin: Person, fiona: Person, policy: Policy
) -> None:
    paid(ada, "1000000.00", MAY_10)
    lesson(ada, noon(date(2026, 5, 4)), noon(date(2026, 5, 6)))
    slow = lesson(ada, noon(date(2026, 5, 8)))
    close(MAY, fin)
    accept(slow, noon(date(2026, 6, 9)))
    with clock.moved(noon(date(2026, 8, 5))):
        failed = at_once(
            lambda: closing.close(JUNE, by=fin.id), lambda: closing.close(JUNE.next, by=fiona.id)
        )
    assert not failed
    paid_so_far = sum(one.total for one in Statement.select())
    assert paid_so_far + reckoned(ada, JUNE.plus(2)).total == 20_500_00


# killed half-way

KILLED = """
import os, sys
from portal import clock
from portal.clock import Month
from portal.models.base import database
from portal.models.commission import closing
from portal.settings import Settings

# All that the month's close needs of the portal: pages and search would take most of the time.
clock.use_zone(Settings().time_zone)
database.connect(sys.argv[1])
left = int(sys.argv[2])
insert = database.db.obj.execute_sql

def count_down():
    global left
    left -= 1
    if left == 0:
        os._exit(9)

def until_killed(sql, *args, **kwargs):
    if sql.startswith(("INSERT", "UPDATE", "DELETE", "COMMIT")):
        count_down()
    return insert(sql, *args, **kwargs)

database.db.obj.execute_sql = until_killed
closing.close(Month(2026, 5), by=int(sys.argv[3]))
"""


@pytest.mark.parametrize("after", [2, 3, 4, 5, 6, 7, 8])
def test_killed_in_the_middle_of_a_close_and_run_again(
    after: int, may: None, fin: Person, settings: Settings, tmp_path: Path
) -> None:
    script = tmp_path / "close.py"
    script.write_text(KILLED)
    command = [sys.executable, str(script), settings.database, str(after), str(fin.id)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    ended = subprocess.run(command, env=environment, capture_output=True, timeout=600, check=False)
    assert ended.returncode == 9, ended.stderr.decode()
    assert Period.of(MAY).state == "open"  # no half effect
    assert not kept()
    with clock.moved(FIFTH):
        closing.close(MAY, by=fin.id)
    done = kept()
    assert Period.of(MAY).state == "closed"
    assert [row[1] for row in done[:2]] == [20_500_00 + 759_26, 1_728_39]  # 86,419.746 x 2 % = 1,728.39492
    assert FIFTH + timedelta(0) == Period.of(MAY).closed_at
