"""What is right: by hand, for each sort of question, in both scripts."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.models.learning import marking
from portal.models.learning.exams import ExamQuestion, drawn
from portal.models.learning.marking import faults, is_right, read, shown

CHANCE = Random(7)


@pytest.mark.parametrize(
    ("sort", "answers"),
    [
        ("single", "*a\nb"),
        ("multiple", "*a\nb\n＊c"),
        ("true_false", "对"),
        ("order", "first\nsecond"),
        ("match", "a = 1\nb＝2"),
        ("numeric", "1,250.5 ± 0.5"),
        ("text", "学区\nschool district"),
    ],
)
def test_what_can_be_asked(sort: str, answers: str) -> None:
    assert faults(sort, answers) is None
    question = shown(sort, answers, CHANCE)
    assert is_right(sort, question.right, ["1250"] if sort == "numeric" else question.right)


@pytest.mark.parametrize(
    ("sort", "answers"),
    [
        ("single", "a\nb"),
        ("single", "*a\n*b"),
        ("single", "*a"),
        ("multiple", "a\nb"),
        ("true_false", "perhaps"),
        ("order", "one"),
        ("match", "a = 1\nb"),
        ("numeric", "many"),
        ("numeric", "nan"),
        ("text", "..."),
        ("order", "same\nsame"),
        ("text", "x" * 501),
    ],
)
def test_what_cannot(sort: str, answers: str) -> None:
    assert faults(sort, answers) is not None


def test_a_number_lies_within() -> None:
    right = ["12.5 ± 0.5"]
    fine = {
        each: is_right("numeric", right, [each]) for each in ("12", "13", "13.01", "１２．５", "12,5", "x")
    }
    assert fine == {"12": True, "13": True, "13.01": False, "１２．５": True, "12,5": False, "x": False}


def test_words_are_compared_without_width_case_and_signs() -> None:
    right = ["学区房", "School district flat"]
    assert all(
        is_right("text", right, [each])
        for each in ("学区房。", "SCHOOL-DISTRICT flat", "ｓｃｈｏｏｌdistrictflat")
    )
    assert not any(is_right("text", right, [each]) for each in ("学区", "", "。"))


def test_parts_are_not_enough() -> None:
    assert is_right("multiple", ["1", "3"], ["3", "1"])
    assert not is_right("multiple", ["1", "3"], ["1"])
    assert not is_right("multiple", ["1", "3"], ["1", "2", "3"])
    assert not is_right("order", ["2", "1", "3"], ["2", "3", "1"])
    assert not is_right("single", ["1"], None)


def test_what_a_form_sends_is_read_or_refused() -> None:
    assert read("single", ["2", "1"], 2, 0) == ["2"]
    assert read("single", ["3"], 2, 0) is None
    assert read("multiple", ["3", "1", "1"], 3, 0) == ["1", "3"]
    assert read("order", ["2", "1"], 3, 0) is None
    assert read("match", ["2", ""], 2, 2) == ["2", ""]
    assert read("match", ["", ""], 2, 2) is None
    assert read("text", [f" {'x' * 300} "], 0, 0) == ["x" * 200]
    assert read("numeric", [], 0, 0) is None


@given(st.permutations(["*a", "b", "c", "d"]), st.integers(0, 1000))
def test_numbers_tell_nothing_of_how_it_was_written(lines: list[str], seed: int) -> None:
    question = shown("single", "\n".join(lines), Random(seed))
    assert sorted(question.options) == ["a", "b", "c", "d"]
    assert question.right == [str(question.options.index("a") + 1)]


@given(st.integers(0, 1000))
def test_an_order_and_pairs_are_right_whatever_the_chance(seed: int) -> None:
    order = shown("order", "one\ntwo\nthree", Random(seed))
    assert marking.told("order", [], order.options, order.right) == ["one", "two", "three"]
    pairs = shown("match", "a = x\nb = y\nc = x", Random(seed))
    assert sorted(pairs.options) == ["x", "y"]
    assert marking.told("match", pairs.lefts, pairs.options, pairs.right) == ["a = x", "b = y", "c = x"]


@given(
    st.lists(st.tuples(st.integers(1, 4), st.integers(1, 3)), min_size=1, max_size=40),
    st.integers(1, 40),
    st.integers(0, 1000),
)
def test_of_each_topic_and_difficulty_its_share(kinds: list[tuple[int, int]], many: int, seed: int) -> None:
    bank = [ExamQuestion(id=i, topic=topic, difficulty=level) for i, (topic, level) in enumerate(kinds)]
    many = min(many, len(bank))
    found = drawn(bank, many, Random(seed))
    assert len({each.id for each in found}) == many
    for kind in set(kinds):
        fair = many * kinds.count(kind) / len(kinds)
        assert abs(sum((each.topic_id, each.difficulty) == kind for each in found) - fair) < 1
