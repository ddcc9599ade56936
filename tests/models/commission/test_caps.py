"""Caps (RULES 4.1): the most that the deals of a month pay one person, as a line of its own; by hand."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from portal.models.base.record import Invalid
from portal.models.commission.calculation import LineKind
from portal.models.commission.comparison import PayParts
from portal.models.commission.periods import Period
from portal.models.commission.policies import Policy
from portal.models.commission.reckoning import nothing_kept
from portal.models.commission.rulebook import Rulebook
from portal.models.commission.statements import Line, Statement
from portal.models.commission.terms import WHOLE
from portal.models.people.people import Person
from tests.commission import JULY, JUNE, MAY, accept, approved, close, lesson, noon, paid, reckoned, undone

MAY_4, MAY_10 = date(2026, 5, 4), date(2026, 5, 10)
MILLION = "1000000.00"


@pytest.fixture
def policy(fin: Person, fiona: Person) -> Policy:
    return approved(fin, fiona, cap=20_200_00, max_recovery_share=WHOLE)


def caps(person: Person) -> list[tuple[str, int]]:
    rows = Line.select().where((Line.person == person) & (Line.kind_of == LineKind.CAP)).order_by(Line.id)
    return [(str(row.about), row.amount) for row in rows]


def total(person: Person, month: object) -> int:
    found = Statement.get_or_none((Statement.person == person) & (Statement.month == month))
    return found.total if found else 0


def test_a_month_pays_its_cap_and_the_line_says_why(ada: Person, ben: Person, policy: Policy) -> None:
    """2.05 % of 1,000,000.00 is 20,500.00, of which 20,200.00 are paid; 2 % of it, 20,000.00, is under the cap."""
    for person in (ada, ben):
        paid(person, MILLION, MAY_10)
    for _ in range(2):
        lesson(ada, noon(MAY_4), noon(MAY_10))
    made = reckoned(ada, MAY)
    assert [(line.kind, line.amount) for line in made.lines] == [
        (LineKind.DEAL, 20_500_00),
        (LineKind.CAP, -300_00),
    ]
    assert (made.total, made.deals_amount, made.other_amount) == (20_200_00, 20_200_00, 0)
    assert str(made.lines[1].why) == "The deals of 2026-05 pay ¥20,200.00 at most; they come to ¥20,500.00."
    assert (reckoned(ben, MAY).total, len(reckoned(ben, MAY).lines)) == (20_000_00, 1)


@pytest.mark.parametrize(
    ("cap", "added"), [(0, 500_00), (20_600_00, 500_00), (20_200_00, 200_00), (19_000_00, 0)]
)
def test_experiences_add_what_the_cap_leaves_of_it(
    ada: Person, fin: Person, fiona: Person, cap: int, added: int
) -> None:
    """20,000.00 without them and 20,500.00 with them: paid is at most the cap, on the page, kept, and by parts."""
    approved(fin, fiona, cap=cap)
    paid(ada, MILLION, MAY_10)
    for _ in range(2):
        lesson(ada, noon(MAY_4), noon(MAY_10))
    made = reckoned(ada, MAY)
    assert made.bonus == added
    close(MAY, fin)
    kept = Statement.get(Statement.person == ada)
    assert (kept.bonus, PayParts.of(Line.of(kept), MAY)) == (added, PayParts(made.total - added, added))


def test_what_is_accepted_late_pays_up_to_the_cap_of_its_month(
    ada: Person, fin: Person, policy: Policy
) -> None:
    """20,000.00 were paid; 500.00 more are due, of which 200.00 are under the cap of May."""
    paid(ada, MILLION, MAY_10)
    lessons = [lesson(ada, noon(MAY_4)) for _ in range(2)]
    close(MAY, fin)
    for one in lessons:
        accept(one, noon(date(2026, 6, 8)))
    close(JUNE, fin)
    assert (total(ada, MAY), total(ada, JUNE)) == (20_000_00, 200_00)
    assert caps(ada) == [("2026-05", -300_00)]


def test_what_is_taken_back_takes_first_what_the_cap_did_not_pay(
    ada: Person, fin: Person, policy: Policy
) -> None:
    """41,000.00 earned, 20,200.00 paid. 20,500.00 taken back leave 20,500.00: nothing moves. The rest taken back
    leaves nothing: the 20,200.00 go back.
    """
    lines = [paid(ada, MILLION, MAY_10 + timedelta(days=n)) for n in range(2)]
    for _ in range(2):
        lesson(ada, noon(MAY_4), noon(MAY_10))
    close(MAY, fin)
    assert (total(ada, MAY), caps(ada)) == (20_200_00, [("2026-05", -20_800_00)])
    undone(lines[0], date(2026, 6, 3))
    june = reckoned(ada, JUNE)
    assert sum(line.amount for line in june.lines if line.kind != LineKind.CARRY) == 0
    close(JUNE, fin)
    undone(lines[1], date(2026, 7, 3))
    july = reckoned(ada, JULY)
    owed = [line.amount for line in july.lines if line.kind not in (LineKind.CARRY, LineKind.CAP)]
    assert owed == [-20_500_00]
    assert sum(line.amount for line in (*june.lines, *july.lines) if line.kind == LineKind.CAP) == 20_800_00


def test_what_comes_late_for_a_month_without_a_statement_is_told_within_its_cap(
    ada: Person, ben: Person, fin: Person, policy: Policy
) -> None:
    """2 % of 2,000,000.00 is 40,000.00, recorded after the close; 20,200.00 will be paid."""
    paid(ben, MILLION, MAY_10)
    close(MAY, fin)
    paid(ada, "2000000.00", MAY_10)
    _, after, late = nothing_kept(ada, MAY, book=Rulebook.read(), periods=Period.known())
    assert (after, late, reckoned(ada, JUNE).total) == (JUNE, 20_200_00, 20_200_00)


def test_a_cap_is_no_less_than_nothing(fin: Person) -> None:
    with pytest.raises(Invalid):
        Policy.draft(by=fin, name="2027", effective_from=JULY, cap=-1)
