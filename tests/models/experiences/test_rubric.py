"""The arithmetic of a panel, with the numbers of RULES 4.2 worked out by hand."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.models.experiences.rubric import CRITERIA, NAMES, Opinion, Scores, decide, differ, panel_size


def opinion(total: int | str, verdict: str = "accept", correct: int = 4, hard_fail: str = "") -> Opinion:
    return Opinion(Fraction(total), verdict, correct, hard_fail)


@pytest.mark.parametrize(
    ("scores", "total"),
    [
        ((0, 0, 0, 0, 0), 0),
        ((5, 5, 5, 5, 5), 100),
        ((5, 0, 0, 0, 0), 30),
        ((0, 5, 0, 0, 0), 25),
        ((0, 0, 5, 0, 0), 20),
        ((0, 0, 0, 5, 0), 15),
        ((0, 0, 0, 0, 5), 10),
        ((4, 4, 3, 3, 2), 69),  # 24 + 20 + 12 + 9 + 4
        ((4, 4, 3, 2, 4), 70),  # 24 + 20 + 12 + 6 + 8
        ((3, 4, 4, 4, 2), 70),  # 18 + 20 + 16 + 12 + 4
    ],
)
def test_a_score_weighs_the_five_criteria(scores: tuple[int, ...], total: int) -> None:
    assert Scores(*scores).total() == total


def test_other_weights_scale_to_a_hundred_as_well() -> None:
    assert Scores(5, 0, 0, 0, 0).total((1, 1, 1, 0, 0)) == Fraction(100, 3)


def test_every_criterion_has_an_anchor_for_each_score() -> None:
    assert tuple(criterion.name for criterion in CRITERIA) == NAMES
    assert all(len(criterion.anchors) == 6 for criterion in CRITERIA)


@pytest.mark.parametrize(
    ("totals", "verdict"),
    [
        ((70, 70), "accept"),  # exactly 70 accepts
        ((65, 75), "accept"),
        ((64, 75), "revise"),  # 69.5
        ((69, 70), "revise"),  # 69.5: no rounding up
        ((77, 63), "accept"),
        ((100, 85), "accept"),  # 15 apart is not more than 15
    ],
)
def test_two_who_agree_decide_by_their_mean(totals: tuple[int, int], verdict: str) -> None:
    outcome = decide([opinion(total) for total in totals])
    assert outcome is not None
    assert (outcome.verdict, outcome.score) == (verdict, Fraction(sum(totals), 2))


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        (opinion(85), opinion(70), False),
        (opinion(86), opinion(70), True),
        (opinion("85.1"), opinion(70), True),
        (opinion(80, "accept"), opinion(80, "revise"), True),
        (opinion(40, "reject"), opinion(40, "reject"), False),
    ],
)
def test_more_than_15_points_or_another_verdict_calls_a_third(
    one: Opinion, other: Opinion, apart: bool
) -> None:
    assert differ(one, other) is apart
    assert differ(other, one) is apart
    assert panel_size([one, other]) == (3 if apart else 2)
    assert (decide([one, other]) is None) is apart


def test_nobody_decides_alone() -> None:
    assert decide([]) is None
    assert decide([opinion(100)]) is None


@pytest.mark.parametrize(
    ("opinions", "verdict", "score"),
    [
        # 80, 56 -> a third at 72: the median, not the mean of 69.3
        ([opinion(80), opinion(56, "revise"), opinion(72)], "accept", 72),
        ([opinion(90), opinion(60), opinion(71)], "accept", 71),
        ([opinion(90), opinion(60), opinion(69)], "revise", 69),
        ([opinion(80), opinion(50, "reject"), opinion(75, "reject")], "reject", 75),
        # all three differ: the verdict between the others
        ([opinion(90), opinion(20, "reject"), opinion(60, "revise")], "revise", 60),
        ([opinion(90), opinion(80, "merge"), opinion(20, "reject")], "merge", 80),
    ],
)
def test_three_decide_by_median_and_majority(opinions: list[Opinion], verdict: str, score: int) -> None:
    outcome = decide(opinions)
    assert outcome is not None
    assert (outcome.verdict, outcome.score) == (verdict, Fraction(score))


def test_correctness_under_three_from_anyone_prevents_acceptance() -> None:
    outcome = decide([opinion(90, correct=5), opinion(90, correct=2)])
    assert outcome is not None
    assert outcome.verdict == "revise"


def test_a_hard_fail_from_anyone_prevents_acceptance() -> None:
    outcome = decide([opinion(90), opinion(60, "reject", hard_fail="privacy"), opinion(95)])
    assert outcome is not None
    assert outcome.verdict == "revise"


SCORES = st.builds(Scores, *[st.integers(0, 5)] * 5)
OPINIONS = st.builds(
    Opinion,
    SCORES.map(Scores.total),
    st.sampled_from(["accept", "revise", "merge", "reject"]),
    st.integers(0, 5),
    st.sampled_from(["", "", "", "privacy"]),
)


@given(SCORES)
def test_a_score_lies_between_0_and_100_and_is_whole_with_the_usual_weights(scores: Scores) -> None:
    total = scores.total()
    assert 0 <= total <= 100
    assert total.denominator == 1


@given(SCORES, st.sampled_from(NAMES))
def test_a_better_criterion_never_lowers_the_score(scores: Scores, name: str) -> None:
    better = scores._replace(**{name: min(5, getattr(scores, name) + 1)})
    assert better.total() >= scores.total()


@given(st.lists(OPINIONS, min_size=2, max_size=3))
def test_what_is_accepted_always_met_every_condition(opinions: list[Opinion]) -> None:
    outcome = decide(opinions)
    if outcome is not None and outcome.verdict == "accept":
        assert outcome.score >= 70
        assert all(o.correct >= 3 and not o.hard_fail for o in opinions)
        assert sum(o.verdict == "accept" for o in opinions) * 2 > len(opinions)


@given(st.lists(OPINIONS, min_size=3, max_size=3))
def test_with_three_the_order_does_not_matter(opinions: list[Opinion]) -> None:
    # Whether a third was needed depends on the first two; the outcome of three does not.
    found = {
        decide(order)
        for order in (opinions, opinions[::-1], [opinions[1], opinions[2], opinions[0]])
        if differ(order[0], order[1])
    }
    assert len(found) <= 1
