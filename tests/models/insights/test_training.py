"""What a course did: leads before and since by hand, what is not certain said so, nobody told by a sum (RULES 4.9)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from portal import clock
from portal.models.company.topics import Topic
from portal.models.insights.effect import Conclusion
from portal.models.insights.training import TrainingEffect
from portal.models.learning.courses import Course
from portal.models.learning.enrolments import Enrolment
from portal.models.people.people import Person, Role
from portal.models.sales.deals import Deal
from tests.commission import noon
from tests.conftest import SignIn, person
from tests.learning import course_of

FINISHED = date(2026, 6, 10)
LATE = noon(date(2026, 10, 20))
"""June is shown still; leads of July have had their 90 days, those of early September have not."""


@pytest.fixture
def learners(ada: Person, ben: Person, stan: Person) -> list[Person]:
    return [ada, ben, stan]


@pytest.fixture
def course(rita: Person, schools: Topic, learners: list[Person]) -> Course:
    made = course_of(rita, schools, articles=1)
    for each in learners:
        finish(made, each, FINISHED)
    return made


def finish(course: Course, who: Person, on: date) -> None:
    mine = Enrolment.enrol(course, who, by=who)
    Enrolment.update(finished_at=noon(on)).where(Enrolment.id == mine.id).execute()


def contact(owners: list[Person], first: date, n: int, won: int, *, after: int = 20) -> None:
    """So many leads, a day each, shared among the owners; the first won so many days later."""
    for place in range(n):
        on = first + timedelta(days=place % 20)
        closed = {"stage": "won", "closed_on": on + timedelta(days=after), "amount": 1} if place < won else {}
        Deal.create(owner=owners[place % len(owners)], title=f"{first} {place}", engaged_on=on, **closed)


def test_leads_before_and_since_are_those_of_ninety_days(
    course: Course, rita: Person, learners: list[Person]
) -> None:
    contact(learners, FINISHED - timedelta(days=90), 15, 3)
    contact(learners, FINISHED - timedelta(days=115), 12, 12)
    contact(learners, FINISHED, 15, 6)
    contact(learners, FINISHED + timedelta(days=90), 12, 12)
    contact([rita], FINISHED, 12, 12)
    with clock.moved(LATE):
        (told,) = TrainingEffect(course, rita).told
        assert (told.learners, told.before.n, told.before.won, told.after.n, told.after.won) == (
            3,
            15,
            3,
            15,
            6,
        )
        assert told.before.interval == pytest.approx((7.05, 45.19), abs=0.01)  # Wilson, 3 of 15
        assert told.verdict.p == pytest.approx(
            0.2320, abs=0.0001
        )  # z = 0.2 / sqrt(0.3 x 0.7 x 2 / 15) = 1.195
        assert told.verdict.finding == Conclusion.UNCERTAIN


def test_a_deal_that_came_too_late_is_none(course: Course, rita: Person, learners: list[Person]) -> None:
    contact(learners, FINISHED - timedelta(days=30), 12, 6, after=91)
    contact(learners, FINISHED, 12, 6, after=90)
    with clock.moved(LATE):
        (told,) = TrainingEffect(course, rita).told
        assert (told.before.won, told.after.won) == (0, 6)


def test_what_is_lower_while_leads_have_time_is_early(
    course: Course, rita: Person, learners: list[Person]
) -> None:
    contact(learners, FINISHED - timedelta(days=60), 20, 10)
    contact(learners, FINISHED + timedelta(days=10), 20, 1)
    with clock.moved(noon(date(2026, 9, 1))):
        (told,) = TrainingEffect(course, rita).told
        assert told.verdict.finding == Conclusion.EARLY


def test_a_real_change_is_said(course: Course, rita: Person, learners: list[Person], sign_in: SignIn) -> None:
    contact(learners, FINISHED - timedelta(days=60), 60, 3)
    contact(learners, FINISHED, 60, 20)
    with clock.moved(LATE):
        assert "A real change" in sign_in(rita).get(f"/courses/{course.id}/effect").text


def test_a_sum_tells_nobody_how_one_or_two_did(
    course: Course, rita: Person, mona: Person, ada: Person, ben: Person, sign_in: SignIn
) -> None:
    contact([ada, ben], FINISHED - timedelta(days=60), 20, 2)
    contact([ada, ben], FINISHED, 20, 15)
    with clock.moved(LATE):
        effect = TrainingEffect(course, rita)
        assert (effect.told, effect.hidden, effect.total) == ([], 1, None)
        assert "too early for an answer" in sign_in(rita).get(f"/courses/{course.id}/effect").text
        assert [one.after.won for one in TrainingEffect(course, mona).told] == [15], "she leads both"


def test_what_is_hidden_is_not_told_by_the_rest(course: Course, rita: Person, learners: list[Person]) -> None:
    """One person more finished in July: the sum of all less the row of June would tell of them."""
    alone = person("Cid")
    finish(course, alone, date(2026, 7, 10))
    contact(learners, FINISHED - timedelta(days=60), 20, 2)
    contact(learners, FINISHED, 20, 4)
    contact([alone], date(2026, 6, 1), 12, 0)
    contact([alone], date(2026, 7, 10), 12, 12)
    with clock.moved(LATE):
        effect = TrainingEffect(course, rita)
        assert (len(effect.told), effect.hidden) == (1, 1)
        assert effect.total is not None
        assert (effect.total.after.n, effect.total.learners) == (20, 3)


def test_a_manager_sees_their_own_people_alone(
    course: Course, rob: Person, ada: Person, learners: list[Person], sign_in: SignIn
) -> None:
    contact(learners, FINISHED - timedelta(days=60), 30, 2)
    contact(learners, FINISHED, 30, 4)
    rob.grant(Role.MANAGER, by=None)
    with clock.moved(LATE):
        assert TrainingEffect(course, rob).every == []
        assert sign_in(ada).get(f"/courses/{course.id}/effect").status_code == 403
