"""Question banks in GIFT, as Moodle's own documentation writes them."""

from __future__ import annotations

import pytest

from portal.models.learning import marking
from portal.tables import gift

BANK = r"""
// a comment
$CATEGORY: $course$/Grants

::Grant:: Who is buried in Grant's tomb? {
=Ulysses S. Grant #Right
~no one
~%-50%Napoleon
}

The sun rises in the east.{T#No, it does#}

What two people are entombed here? {
~%-100%No one
~%50%Grant
~%50%Grant's wife
~%-100%Grant's father ####Read the plate.}

Two plus {=two =2} equals four.

Match these. { =Canada -> Ottawa =Italy -> Rome }

When was Grant born? {#1822:5}

What is pi? {#3.141..3.142}

[html]<p>Which is a brace&#63;</p>{=\{ ~\= ~*star}

Say what you think. {}

Only a description.
"""


def test_each_sort_is_read_as_exams_type_it() -> None:
    found = [(each.sort, each.answers) for each in gift.read(BANK)]
    assert found == [
        ("single", "*Ulysses S. Grant\nno one\nNapoleon"),
        ("true_false", "true"),
        ("multiple", "No one\n*Grant\n*Grant's wife\nGrant's father"),
        ("text", "two\n2"),
        ("match", "Canada = Ottawa\nItaly = Rome"),
        ("numeric", "1822 ± 5"),
        ("numeric", "3.1415 ± 0.0005"),
        ("single", "*{\n=\nstar"),
        ("", ""),
        ("", ""),
    ]
    assert all(marking.faults(sort, answers) is None for sort, answers in found if sort)


def test_what_it_says_beside_the_answers() -> None:
    found = list(gift.read(BANK))
    assert found[0].text == "Who is buried in Grant's tomb?"
    assert [each.line for each in found[:2]] == [5, 11]
    assert found[1].reason == "No, it does"
    assert found[2].reason == "Read the plate."
    assert found[3].text == "Two plus ____ equals four."
    assert found[7].text == "Which is a brace?"
    assert [each.problem for each in found[8:]] == [gift.NO_SORT, gift.NO_BRACES]
    assert all(each.problem is None for each in found[:8])


def test_a_share_beside_what_is_wholly_right_is_wrong() -> None:
    [one] = gift.read("Which? {=Best ~%50%Half ~None}")
    assert (one.sort, one.answers) == ("single", "*Best\nHalf\nNone")
    [one] = gift.read("Which? {~%100%Best ~%50%Half ~None}")
    assert (one.sort, one.answers) == ("single", "*Best\nHalf\nNone")


def test_two_that_are_each_right_by_themselves_are_no_question_of_an_exam() -> None:
    [one] = gift.read("Which? {=Best ~None =As good}")
    assert (one.sort, one.problem) == ("", gift.EITHER_RIGHT)


def test_a_second_blank_tells_no_answer() -> None:
    [one] = gift.read("Two {=2 =two} plus {=3}")
    assert (one.text, one.problem) == ("Two", gift.TWO_BLANKS)


def test_signs_of_less_and_more_are_no_tags() -> None:
    [one] = gift.read("[html]Is <b>3</b> < 5 and 7 > 2?{T}")
    assert one.text == "Is 3 < 5 and 7 > 2?"


def test_a_question_stands_in_its_category() -> None:
    found = gift.read("Ask? {T}\n\n$CATEGORY: $course$/Sales/Schools\n\nWhy? {F}\n")
    assert [each.category for each in found] == ["", "Schools"]


def test_what_no_exam_asks_is_not_read_on() -> None:
    [long, short] = gift.read("Q {" + "=a ~" * 10_000 + "}\n\nShort? {T}")
    assert (long.problem, short.sort) == (gift.TOO_LONG, "true_false")
    assert next(iter(gift.read("Q {T}\n\n" * 200_000))).sort == "true_false"


@pytest.mark.parametrize(
    "text",
    ["", "{", "}", "a}b{", "{}", "{=}", "{~}", "{#}", "{#:}", "{#1..}", "{#NaN}", "{#1E999999}", "{#1E999999999}", "{#1..1E9999999999}", "{#1E-99}", "::a", "::a::", "\\", "{%50%}",
     "{=->}", "{T", "a{=%50%b}", "{#=%50%1}"],
)  # fmt: skip
def test_what_is_odd_breaks_nothing(text: str) -> None:
    for each in gift.read(text):
        assert each.problem is not None or marking.faults(each.sort, each.answers) is not None or each.sort


@pytest.mark.parametrize(("text", "is_bank"), [(BANK, True), ("题目,答案\n一,二\n", False), ("a{=b}", True)])
def test_a_table_is_no_bank(text: str, is_bank: bool) -> None:
    assert gift.is_gift(text) is is_bank
