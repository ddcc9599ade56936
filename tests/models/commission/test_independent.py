"""Every statement of some histories played at random is what RULES 4.1 says, by a model of its own.

`python -m benchmarks.pay` plays as many as one likes.
"""

from __future__ import annotations

import ast
from dataclasses import replace
from datetime import UTC, date, datetime
from fractions import Fraction
from pathlib import Path

import pytest
from starlette.applications import Starlette

from tests.models.commission import independent
from tests.models.commission.independent import Company, Lesson, Money, Rule, Sale, Worker
from tests.models.commission.player import ZONES, Cast, Score, play

TWO = Rule(1, None, (2026, 1), Fraction(1, 50), {}, ((2, Fraction(5, 10_000)),))


def test_the_portal_pays_to_the_cent_what_the_rules_say(app: Starlette) -> None:
    cast, score = Cast.met(), Score()
    for seed in range(len(ZONES)):
        play(seed, cast, score, acts=40)
    assert score.differences == []
    assert score.statements > 80


def test_the_model_stands_on_nothing_of_the_portal() -> None:
    source = ast.parse(Path(independent.__file__).read_text())
    names = [
        name
        for node in ast.walk(source)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    ]
    assert not [name for name in names if name.startswith(("portal", "tests"))]


def at(month: int, day: int) -> datetime:
    return datetime(2026, month, day, 4, tzinfo=UTC)


@pytest.fixture
def company() -> Company:
    """One person who wrote one experience in May and was paid for a million."""
    made = Company("Asia/Shanghai")
    made.rules.append(TWO)
    made.people[1] = Worker(None, None, [(date.min, None)])
    made.sales[1] = Sale(1, {"customer", "product"}, 1)
    made.money[1] = Money(1, 1, "payment", date(2026, 5, 10), 1_000_000_00, at(5, 10))
    made.lessons.append(Lesson(at(5, 4), {1: Fraction(1)}, at(5, 6)))
    return made


def test_the_model_knows_the_numbers_of_the_rule(company: Company) -> None:
    assert company.due(1, (2026, 5)).total == 20_000_00
    company.lessons.append(Lesson(at(5, 8), {1: Fraction(1)}, at(5, 9)))
    assert company.due(1, (2026, 5)).total == 20_500_00
    company.rules[0] = Rule(1, None, (2026, 1), Fraction(1, 50), {}, TWO.tiers, relative=True)
    assert company.due(1, (2026, 5)).total == 20_010_00


@pytest.mark.parametrize(("amount", "bonus"), [(123_456_78, 61_73), (10_001_00, 5_00), (10_010_00, 5_01)])
def test_the_model_rounds_as_the_rule(amount: int, bonus: int) -> None:
    assert Company.pays(amount, Fraction(1), Fraction(0), Fraction(5, 10_000), TWO) == bonus


def test_the_model_trues_up_and_carries(company: Company) -> None:
    company.close((2026, 5), at(6, 5))
    company.lessons.append(Lesson(at(5, 8), {1: Fraction(1)}, at(6, 9)))
    assert company.due(1, (2026, 6)).total == 500_00
    company.money[2] = Money(2, 1, "payment", date(2026, 6, 9), -1_000_000_00, at(6, 9), reverses=1)
    june = company.due(1, (2026, 6))
    assert (june.total, june.carried) == (0, 20_000_00)  # what is undone is not trued up


def test_the_model_pays_no_money_that_nobody_confirmed(company: Company) -> None:
    company.money[1].waits = True
    assert (company.due(1, (2026, 5)).total, company.due(1, (2026, 5)).pending) == (0, frozenset({1}))
    company.close((2026, 5), at(6, 5))
    company.money[1].waits = False
    assert company.due(1, (2026, 6)).total == 20_000_00


def test_the_model_counts_what_worked_for_two_in_time(company: Company) -> None:
    company.rules[0] = replace(TWO, uses=2)
    company.lessons.append(Lesson(at(5, 8), {1: Fraction(1)}, at(5, 9)))
    for lesson in company.lessons:
        lesson.used[7] = at(5, 20)
    company.close((2026, 5), at(6, 5))
    assert company.kept[1, (2026, 5)].total == 20_000_00
    for lesson in company.lessons:
        lesson.used[8] = at(6, 8)
    assert company.due(1, (2026, 6)).total == 500_00
    company.lessons[0].used[8] = at(7, 6)  # on the 61st day
    assert company.due(1, (2026, 6)).total == 0


def test_the_model_asks_for_less_in_a_month_with_leave(company: Company) -> None:
    company.people[1].leave.append((date(2026, 5, 16), date(2026, 6, 3)))  # 16 of 31 days: 2 x 15 / 31 is 1
    assert company.due(1, (2026, 5)).total == 20_000_00
    company.rules[0] = replace(TWO, for_leave=True)
    assert company.due(1, (2026, 5)).total == 20_500_00
    company.people[1].leave[0] = (date(2026, 5, 17), date(2026, 6, 3))  # 15: 2 x 16 / 31 is 2
    assert company.due(1, (2026, 5)).total == 20_000_00


FOUND = {
    1_000_781: "money recorded after a deal was shared anew covered its contract for those who shared before",
    1_002_466: "the bonus of a month before the first closed one was lost once it had been trued up",
}
"""Histories in which the two once differed."""


@pytest.mark.parametrize("seed", FOUND)
def test_histories_that_once_differed(app: Starlette, seed: int) -> None:
    score = Score()
    play(seed, Cast.met(), score, whole=False)
    assert (score.differences, score.cents_apart) == ([], 0)
