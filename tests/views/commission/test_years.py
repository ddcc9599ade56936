"""A month beside the one before, and a year: the parts sum to what was paid (RULES 4.1)."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal import clock
from portal.clock import Month
from portal.models.commission.adjustments import Adjustment
from portal.models.commission.calculation import CalculatedLine, LineKind
from portal.models.commission.comparison import PayComparison, PayParts, Year
from portal.models.commission.policies import Policy
from portal.models.people.people import Person, Role
from tests.commission import JUNE, MAY, approved, close, lesson, noon, paid, undone, words
from tests.conftest import SignIn, person
from tests.counting import MOST, queries


@pytest.fixture
def months(ada: Person, fin: Person, fiona: Person) -> Policy:
    """May: a million and two experiences, 20,500.00. June: half of it and one experience; a part of May's money
    goes back, and 100.00 are adjusted.
    """
    policy = approved(fin, fiona)
    line = paid(ada, "1000000.00", date(2026, 5, 10))
    for day in (4, 8):
        lesson(ada, noon(date(2026, 5, day)), noon(date(2026, 5, day + 1)))
    close(MAY, fin)
    paid(ada, "500000.00", date(2026, 6, 10))
    lesson(ada, noon(date(2026, 6, 4)), noon(date(2026, 6, 5)))
    second = paid(ada, "10000.00", date(2026, 6, 11))
    assert line.id != second.id
    undone(second, date(2026, 6, 12))
    Adjustment.propose(ada, JUNE, 100_00, "Taught a beginner", by=fin).decide(by=fiona, approve=True)
    return policy


def test_the_difference_is_explained_part_by_part(months: Policy, ada: Person, fin: Person) -> None:
    close(JUNE, fin)
    found = PayComparison.of(ada, JUNE)
    told = {name: (was, now) for name, _, was, now in found.parts}
    assert told == {
        "deals": (20_000_00, 10_000_00),
        "bonus": (500_00, 0),
        "adjustments": (0, 100_00),
    }
    assert found.before is not None
    assert (found.before.total, found.now.total) == (20_500_00, 10_100_00)


def test_an_open_month_is_compared_as_it_stands(months: Policy, ada: Person, sign_in: SignIn) -> None:
    with clock.moved(noon(date(2026, 6, 20))):
        browser = sign_in(ada)
        with queries() as asked:
            html = browser.get(f"/commission/statements/2026-06/{ada.id}/difference").text
    assert len(asked) <= MOST, "\n".join(asked)
    assert "is ¥10,400.00 less than ¥20,500.00 in May 2026" in words(html)
    assert "2 of 2 count, now 1 of 2" in words(html)
    assert "of ¥1,000,000.00, now of ¥500,000.00" in words(html)


def test_beside_a_month_that_is_not_closed_nothing_is_said(
    months: Policy, ada: Person, sign_in: SignIn
) -> None:
    with clock.moved(noon(date(2026, 7, 2))):
        html = sign_in(ada).get(f"/commission/statements/2026-07/{ada.id}/difference").text
    assert "June 2026 is not closed yet" in words(html)


def test_who_had_no_statement_before_is_compared_with_nothing(
    months: Policy, ben: Person, fin: Person
) -> None:
    paid(ben, "1000.00", date(2026, 6, 10))
    close(JUNE, fin)
    found = PayComparison.of(ben, JUNE)
    assert found.before is not None
    assert (found.before.total, found.now.total) == (0, 20_00)


def test_what_was_taken_back_of_an_earlier_month_is_a_correction(
    ada: Person, fin: Person, fiona: Person
) -> None:
    approved(fin, fiona)
    line = paid(ada, "100000.00", date(2026, 5, 10))
    close(MAY, fin)
    paid(ada, "500000.00", date(2026, 6, 10))
    undone(line, date(2026, 6, 12))
    close(JUNE, fin)
    found = PayComparison.of(ada, JUNE)
    assert ("corrections", 0, -2_000_00) in [(name, was, now) for name, _, was, now in found.parts]
    assert found.now.total == sum(now for _, _, _, now in found.parts)


def test_a_year_sums_its_closed_months(months: Policy, ada: Person, fin: Person, sign_in: SignIn) -> None:
    close(JUNE, fin)
    year = Year.of(ada, 2026)
    assert [parts.total for _, parts in year.months] == [one.total for one, _ in year.months]
    assert year.sum == PayParts(30_000_00, 500_00, 0, 100_00, 0)
    assert year.sum.total == 30_600_00
    assert year.counted == 3_000_000
    with clock.moved(noon(date(2026, 8, 1))):
        browser = sign_in(ada)
        with queries() as asked:
            html = browser.get(f"/commission/years/2026/{ada.id}").text
        assert len(asked) <= MOST
        assert "¥30,600.00" in html
        assert browser.get(f"/commission/years/2025/{ada.id}").status_code == 200
        assert browser.get(f"/commission/years/2027/{ada.id}").status_code == 404


def test_who_may_know_of_it(
    months: Policy, ada: Person, ben: Person, mona: Person, fin: Person, rita: Person, sign_in: SignIn
) -> None:
    auditor = person("Otto")
    auditor.grant(Role.AUDITOR, by=None)
    with clock.moved(noon(date(2026, 8, 1))):
        for path in (
            f"/commission/years/2026/{ada.id}",
            f"/commission/statements/2026-05/{ada.id}/difference",
        ):
            for who, status in ((ada, 200), (mona, 200), (fin, 200), (auditor, 200), (ben, 404), (rita, 404)):
                assert sign_in(who).get(path).status_code == status, (path, who.name)


def test_a_month_to_come_has_nothing_to_compare(months: Policy, ada: Person, sign_in: SignIn) -> None:
    with clock.moved(noon(date(2026, 6, 20))):
        assert sign_in(ada).get(f"/commission/statements/2026-07/{ada.id}/difference").status_code == 404


LINES = st.lists(
    st.tuples(
        st.sampled_from(LineKind), st.integers(-(10**9), 10**9), st.integers(-(10**6), 10**6), st.booleans()
    ),
    max_size=12,
)


@settings(max_examples=60)
@given(LINES)
def test_the_parts_always_sum_to_the_total(lines: list[tuple[LineKind, int, int, bool]]) -> None:
    made = [
        CalculatedLine(kind, amount, JUNE if own else Month(2026, 5), bonus=bonus)
        for kind, amount, bonus, own in lines
    ]
    assert PayParts.of(made, JUNE).total == sum(line.amount for line in made)
