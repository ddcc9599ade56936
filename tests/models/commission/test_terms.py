"""Commission as arithmetic, by the numbers of RULES 4.1 and by hand."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.clock import Month
from portal.models.commission.calculation import (
    Approved,
    Booked,
    Counted,
    Earning,
    Inputs,
    LineKind,
    MonthFacts,
    compute,
)
from portal.models.commission.terms import WHOLE, Terms, Tier, half_up, recoverable, split

MAY, JUNE = Month(2026, 5), Month(2026, 6)
TERMS = Terms(policy=1, base_rate=20_000)


def lessons(count: int, share: int = WHOLE) -> tuple[Counted, ...]:
    return tuple(Counted(number, f"Lesson {number}", share) for number in range(1, count + 1))


def money(amount: int, line: int = 1, **facts: object) -> Earning:
    values = {"deal": 1, "title": "Flat", "on": date(2026, 5, 10), "month": MAY, "part": amount} | facts
    values = {"policy": TERMS.policy, **values}
    return Earning(line=line, amount=amount, **values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("amount", "bonus"),
    [(123_456_78, 61_73), (10_001_00, 5_00), (10_010_00, 5_01)],  # 61.728390, 5.0005, 5.005
)
def test_five_hundredths_of_a_percent_round_half_up(amount: int, bonus: int) -> None:
    assert Terms(1, 0).commission(amount, rate=0, bonus=500) == bonus


@pytest.mark.parametrize(
    ("value", "expected"),
    [("0.5", 1), ("-0.5", -1), ("1.5", 2), ("2.5", 3), ("2.49", 2), ("-2.5", -3), ("0", 0)],
)
def test_halves_go_away_from_zero(value: str, expected: int) -> None:
    assert half_up(*Fraction(value).as_integer_ratio()) == expected


@pytest.mark.parametrize(
    ("accepted", "total"), [(0, 20_000_00), (1, 20_000_00), (2, 20_500_00), (3, 20_500_00)]
)
def test_bonus_is_a_step_at_two(accepted: int, total: int) -> None:
    reckoning = compute(Inputs(1, MonthFacts(MAY, TERMS, lessons(accepted)), (money(1_000_000_00),)))
    assert reckoning.total == total
    assert reckoning.bonus == total - 20_000_00


def test_the_two_readings_differ_fifty_fold() -> None:
    relative = Terms(1, 20_000, bonus_mode="relative_percent")
    assert TERMS.commission(1_000_000_00, rate=20_000, bonus=500) == 20_500_00
    assert relative.commission(1_000_000_00, rate=20_000, bonus=500) == 20_010_00
    assert (
        TERMS.commission(1_000_000_00, rate=20_000)
        == relative.commission(1_000_000_00, rate=20_000)
        == 20_000_00
    )


def test_strictly_more_than_the_threshold_where_the_policy_says_so() -> None:
    strict = Terms(1, 20_000, operator=">")
    assert strict.reached(2 * WHOLE) is None
    assert strict.reached(3 * WHOLE) == Tier(2, 500)


def test_highest_tier_reached_counts_alone() -> None:
    ladder = Terms(1, 20_000, tiers=(Tier(2, 500), Tier(4, 800)))
    facts = MonthFacts(MAY, ladder, lessons(4))
    # 1,000,000 x (2 % + 0.08 %) = 20,800, not 2 % + 0.13 %
    assert compute(Inputs(1, facts, (money(1_000_000_00),))).total == 20_800_00
    assert ladder.reached(3 * WHOLE) == Tier(2, 500)


def test_half_shares_add_up() -> None:
    assert MonthFacts(MAY, TERMS, lessons(3, WHOLE // 2)).bonus == 0  # 1.5
    assert MonthFacts(MAY, TERMS, lessons(4, WHOLE // 2)).bonus == 500  # 2.0


def test_six_thirds_are_two_and_not_more() -> None:
    """Attack: of what does not divide the co-authors would lack 2 millionths, and the author have 4 over."""
    for strict, bonus in ((TERMS, 500), (Terms(1, 20_000, operator=">"), 0)):
        for third in (333_333, 333_334):
            assert MonthFacts(MAY, strict, lessons(6, third)).bonus == bonus
    assert MonthFacts(MAY, TERMS, lessons(4, 499_900)).bonus == 0  # 1.9996


def test_a_product_may_have_its_own_rate() -> None:
    terms = Terms(1, 20_000, rates={7: 30_000})
    facts = MonthFacts(MAY, terms)
    reckoning = compute(Inputs(1, facts, (money(1000_00, 1, product=7), money(1000_00, 2, product=8))))
    assert [line.amount for line in reckoning.lines] == [30_00, 20_00]


@pytest.mark.parametrize(
    ("worked", "threshold"),
    [(Fraction(31, 31), 2), (Fraction(16, 31), 2), (Fraction(15, 31), 1), (Fraction(1, 31), 1)],
)
def test_threshold_is_prorated_upwards_where_the_policy_says_so(worked: Fraction, threshold: int) -> None:
    # ceil(2 x 16/31) = ceil(1.03) = 2, ceil(2 x 15/31) = ceil(0.97) = 1
    assert Terms(1, 20_000, proration=True).threshold(Tier(2, 500), worked) == threshold
    assert TERMS.threshold(Tier(2, 500), worked) == 2


def test_each_line_is_rounded_and_totals_add_the_rounded_lines() -> None:
    # 0.25 x 2 % = 0.005 -> 0.01 each: three lines give 0.03, not round(0.015) = 0.02
    reckoning = compute(Inputs(1, MonthFacts(MAY, TERMS), tuple(money(25, line) for line in (1, 2, 3))))
    assert reckoning.total == 3


def test_missing_facts_hold_a_line_back() -> None:
    reckoning = compute(Inputs(1, MonthFacts(MAY, TERMS), (money(100_00, missing=("customer",)),)))
    assert reckoning.total == 0
    assert [earning.missing for earning in reckoning.pending] == [("customer",)]


def test_recovery_takes_a_fifth_and_carries_the_rest() -> None:
    # June earns 20,000; 20,500 of May are taken back: at most 20 % of 20,000 = 4,000 now, 16,500 later
    may = money(1_000_000_00, 1)
    booked = Booked(may, 20_500_00, 500_00, 20_000, reversed=True)
    back = money(-1_000_000_00, 2, reverses=may, month=JUNE, on=date(2026, 6, 3))
    june = money(1_000_000_00, 3, month=JUNE, on=date(2026, 6, 4))
    facts = MonthFacts(JUNE, TERMS)
    past = {(MAY, 1): MonthFacts(MAY, TERMS, lessons(2))}
    reckoning = compute(Inputs(1, facts, (back, june), past, {1: booked}))
    assert reckoning.total == 16_000_00
    assert reckoning.carried == 16_500_00
    july = compute(Inputs(1, facts, (june,), carried=16_500_00))
    assert july.total == 16_000_00
    assert july.carried == 12_500_00


def test_recovery_never_goes_below_zero_or_the_minimum_wage() -> None:
    whole = Terms(1, 20_000, max_recovery_share=WHOLE)
    assert recoverable(100_00, whole) == 100_00
    assert recoverable(0, whole) == 0
    assert recoverable(100_00, Terms(1, 20_000)) == 20_00
    waged = Terms(1, 20_000, base_wage=5_000_00, minimum_wage=2_420_00)
    assert recoverable(1_000_00, waged) == 1_000_00  # 20 % of 6,000 is 1,200, but only 1,000 are paid here
    tight = Terms(1, 20_000, base_wage=2_420_00, minimum_wage=2_420_00, max_recovery_share=WHOLE)
    assert recoverable(300_00, tight) == 300_00


def test_a_negative_adjustment_is_recovery_too() -> None:
    facts = MonthFacts(MAY, TERMS)
    reckoning = compute(Inputs(1, facts, (), adjustments=(Approved(1, -50_00, "paid twice", MAY),)))
    assert reckoning.total == 0
    assert [(e.kind, e.amount) for e in reckoning.lines] == [
        (LineKind.ADJUSTMENT, -50_00),
        (LineKind.CARRY, 50_00),
    ]


@given(
    st.integers(-(10**12), 10**12),
    st.dictionaries(st.integers(1, 50), st.integers(1, WHOLE), min_size=1, max_size=8),
)
def test_splits_sum_to_the_whole(amount: int, shares: dict[int, int]) -> None:
    parts = split(amount, shares)
    assert sum(parts.values()) == amount
    assert all(
        abs(part - Fraction(amount * shares[who], sum(shares.values()))) < 1 for who, part in parts.items()
    )


@given(st.lists(st.integers(0, 10**11), max_size=20), st.integers(0, 5), st.integers(0, 10**11))
def test_total_is_the_sum_of_lines_and_never_below_zero(amounts: list[int], accepted: int, owed: int) -> None:
    earnings = tuple(money(amount, line) for line, amount in enumerate(amounts, 1))
    reckoning = compute(Inputs(1, MonthFacts(MAY, TERMS, lessons(accepted)), earnings, carried=owed))
    assert reckoning.total == sum(line.amount for line in reckoning.lines) >= 0
    earned = sum(e.amount for e in reckoning.lines if e.kind == LineKind.DEAL)
    assert earned - reckoning.total == owed - reckoning.carried  # what was not paid out was taken back


@given(st.integers(0, 10**12), st.integers(0, WHOLE), st.integers(0, 10_000))
def test_a_reversal_beside_its_line_leaves_nothing(amount: int, share: int, bonus: int) -> None:
    terms = Terms(1, 20_000, tiers=(Tier(1, bonus),))
    line = money(amount, 1, share=share)
    back = money(-amount, 2, share=share, reverses=line)
    assert compute(Inputs(1, MonthFacts(MAY, terms, lessons(2)), (line, back))).total == 0
