"""Intervals and tests around rates, with the numbers of RULES 4.9."""

from __future__ import annotations

import pytest

from portal.models.insights.proportions import needed, p_value, wilson


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [(5, 100, 2.2, 11.2), (12, 100, 7.0, 19.8), (0, 10, 0.0, 27.8), (10, 10, 72.2, 100.0), (0, 0, 0, 100)],
)
def test_wilson_interval(hits: int, n: int, low: float, high: float) -> None:
    assert [round(100 * end, 1) for end in wilson(hits, n)] == [low, high]


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_interval_as_published(hits: int, n: int, low: float, high: float) -> None:
    """Newcombe, “Two-sided confidence intervals for the single proportion”, Statistics in Medicine 17 (1998)
    857-872, table I, method 3: the score method without a continuity correction.
    """
    assert [round(end, 4) for end in wilson(hits, n)] == [low, high]


def test_five_and_twelve_of_a_hundred_are_not_yet_certain() -> None:
    assert round(p_value(5, 100, 12, 100), 3) == 0.076


def test_from_about_130_a_side_they_differ() -> None:
    assert p_value(6.5, 130, 15.6, 130) < 0.05
    assert p_value(6, 120, 14.4, 120) > 0.05


def test_about_250_a_side_are_needed_for_a_power_of_80() -> None:
    assert 240 < needed(0.05, 0.12) <= 250
    assert needed(0.1, 0.1) == 0


def test_nothing_on_both_sides_is_no_difference() -> None:
    assert p_value(0, 10, 0, 20) == 1
    assert p_value(10, 10, 20, 20) == 1
