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
def learners(ada: Person, ben: Person, stan: Person, mona: Person) -> list[Person]:
    """Mona leads them all."""
    Person.update(manager=mona).where(Person.id == stan.id).execute()
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
    course: Course, mona: Person, learners: list[Person]
) -> None:
    contact(learners, FINISHED - timedelta(days=90), 15, 3)
    contact(learners, FINISHED - timedelta(days=115), 12, 12)
    contact(learners, FINISHED, 15, 6)
    contact(learners, FINISHED + timedelta(days=90), 12, 12)
    contact([course.owner], FINISHED, 12, 12)
    with clock.moved(LATE):
        (told,) = TrainingEffect(course, mona).told
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


def test_a_deal_that_came_too_late_is_none(course: Course, mona: Person, learners: list[Person]) -> None:
    contact(learners, FINISHED - timedelta(days=30), 12, 6, after=91)
    contact(learners, FINISHED, 12, 6, after=90)
    with clock.moved(LATE):
        (told,) = TrainingEffect(course, mona).told
        assert (told.before.won, told.after.won) == (0, 6)


def test_what_is_lower_while_leads_have_time_is_early(
    course: Course, mona: Person, learners: list[Person]
) -> None:
    contact(learners, FINISHED - timedelta(days=60), 20, 10)
    contact(learners, FINISHED + timedelta(days=10), 20, 1)
    with clock.moved(noon(date(2026, 9, 1))):
        (told,) = TrainingEffect(course, mona).told
        assert told.verdict.finding == Conclusion.EARLY


def test_a_real_change_is_said(course: Course, mona: Person, learners: list[Person], sign_in: SignIn) -> None:
    contact(learners, FINISHED - timedelta(days=60), 60, 3)
    contact(learners, FINISHED, 60, 20)
    with clock.moved(LATE):
        assert "A real change" in sign_in(mona).get(f"/courses/{course.id}/effect").text


def test_who_makes_a_course_reads_no_rates_of_whom_they_put_in_it(
    course: Course, rita: Person, mona: Person, learners: list[Person], schools: Topic, sign_in: SignIn
) -> None:
    """Two courses with the same learners but one would tell of that one."""
    contact(learners, FINISHED - timedelta(days=60), 30, 2)
    contact(learners, FINISHED, 30, 15)
    with clock.moved(LATE):
        assert TrainingEffect(course, rita).every == []
        assert sign_in(rita).get(f"/courses/{course.id}/effect").status_code == 403
        assert f"{course.id}/effect" not in sign_in(rita).get(f"/courses/{course.id}/people").text
        assert f"{course.id}/effect" in sign_in(mona).get(f"/courses/{course.id}/people").text
        own = course_of(mona, schools, articles=1)
        cid = person("Cid")
        finish(own, cid, FINISHED)
        assert TrainingEffect(own, mona).every == [], "she makes it, and does not lead Cid"


def test_few_leads_tell_nothing_yet(
    course: Course, mona: Person, learners: list[Person], sign_in: SignIn
) -> None:
    contact(learners, FINISHED - timedelta(days=60), 5, 2)
    contact(learners, FINISHED, 5, 4)
    with clock.moved(LATE):
        effect = TrainingEffect(course, mona)
        assert (effect.told, effect.hidden, effect.total) == ([], 1, None)
        assert "too early for an answer" in sign_in(mona).get(f"/courses/{course.id}/effect").text


def test_a_manager_sees_their_own_people_alone(
    course: Course, rob: Person, ada: Person, learners: list[Person], sign_in: SignIn
) -> None:
    contact(learners, FINISHED - timedelta(days=60), 30, 2)
    contact(learners, FINISHED, 30, 4)
    rob.grant(Role.MANAGER, by=None)
    with clock.moved(LATE):
        assert TrainingEffect(course, rob).every == []
        assert sign_in(ada).get(f"/courses/{course.id}/effect").status_code == 403
