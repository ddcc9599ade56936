"""The figures of exam questions equal a calculation by hand."""

from __future__ import annotations

from datetime import timedelta
from statistics import correlation
from typing import Any

import pytest

from portal import clock
from portal.models.company.topics import Topic
from portal.models.insights.exams import ENOUGH, question_figures, topic_figures
from portal.models.learning.attempts import Attempt
from portal.models.learning.enrolments import Enrolment
from portal.models.learning.exams import ExamQuestion
from portal.models.people.people import Person
from tests.conftest import SignIn, person
from tests.learning import course_of, exam_of, right_answer, take, wrong_answer

ANSWERS = {"Ann": (1, 1, 1), "Bob": (1, 1, 0), "Cid": (1, 0, 0), "Dee": (0, 0, 1)}
"""Who was right (1) at the first, second and third question."""


def test_difficulty_and_discrimination_by_hand(rita: Person, schools: Topic) -> None:
    """Right: 3, 2 and 2 of 4. The rest of each attempt, without the first question: 2/2, 1/2, 0/2, 1/2."""
    course = course_of(rita, schools, articles=1)
    exam = exam_of(course, questions=3, draws=3)
    order = {f"Question {number}?": number for number in range(3)}
    for name, right in ANSWERS.items():
        who = person(name)
        Enrolment.enrol(course, who, by=who)
        attempt = Attempt.begin(exam, by=who)
        for asked in attempt.questions:
            given = right_answer(asked) if right[order[asked.text]] else wrong_answer(asked)
            attempt.answer(asked.place, given, by=who)
        attempt.end(by=who)
    figures = {order[each.question.text]: each for each in question_figures(exam)}
    assert [(figures[i].n, figures[i].right) for i in range(3)] == [(4, 3), (4, 2), (4, 2)]
    # (1, 1, 1, 0) with (1, 0.5, 0, 0.5): both means 0.75 and 0.5, products 0, so nothing is told apart.
    assert figures[0].discrimination == pytest.approx(0.0, abs=1e-12)
    for i in range(3):
        own = [right[i] for right in ANSWERS.values()]
        rest = [(sum(right) - right[i]) / 2 for right in ANSWERS.values()]
        assert figures[i].discrimination == pytest.approx(correlation(own, rest), abs=1e-12)
    # (1, 1, 0, 0) with (1, 0.5, 0.5, 0.5): covariance 0.5/4, variances 1/4 and 3/64, so 1/sqrt(3).
    assert figures[1].discrimination == pytest.approx(3**-0.5)
    low, high = figures[0].interval
    # Wilson by hand for 3 of 4, z = 1.96: (0.75 + 0.4802) / 1.9604 -+ 1.96 * sqrt(0.046875 + 0.060025) / 1.9604
    assert (round(low, 3), round(high, 3)) == (0.301, 0.954)
    assert sorted(each.n for each in question_figures(exam, attempts=2)) == [2, 2, 2]
    assert not any(each.is_flat for each in figures.values()), "four answers say nothing yet"


def test_where_people_fail_is_told_by_topic_to_who_leads_them(
    sign_in: SignIn, rita: Person, ada: Person, ben: Person, stan: Person, mona: Person, schools: Topic
) -> None:
    """Ada: 1 of 2 on schools; Ben: 2 of 2; Stan, whom Mona does not lead: 0 of 2. Each is right on the other topic."""
    course = course_of(rita, schools, articles=1)
    exam = exam_of(course, questions=4, draws=4)
    money = Topic.create(name="Money")
    for at, question in enumerate(exam.questions.order_by(ExamQuestion.id)):
        question.edit(by=rita, topic=schools if at < 2 else money)
    for who, wrong in ((ada, {0}), (ben, set()), (stan, {0, 1})):
        Enrolment.enrol(course, who, by=who)
        attempt = Attempt.begin(exam, by=who)
        for asked in attempt.questions:
            is_wrong = any(asked.text == f"Question {number}?" for number in wrong)
            attempt.answer(asked.place, wrong_answer(asked) if is_wrong else right_answer(asked), by=who)
        attempt.end(by=who)
    told = {
        who: [(one.topic, one.right, one.n, one.people) for one in topic_figures(exam, who)]
        for who in (rita, mona)
    }
    assert told == {
        rita: [(schools, 3, 6, 3), (money, 6, 6, 3)],
        mona: [(schools, 3, 4, 2), (money, 4, 4, 2)],
    }
    page = sign_in(mona).get(f"/exams/{exam.id}/topics").text
    assert ("75%" in page, "30–95%" in page, "Question 0" in page) == (True, True, False)
    assert exam.takeable_by(mona), "no question is named"
    assert "/topics" in sign_in(mona).get(f"{course.url}/people").text
    assert sign_in(ada).get(f"/exams/{exam.id}/topics").status_code == 403


def test_a_choice_that_nobody_took_is_named(rita: Person, ada: Person, schools: Topic) -> None:
    course = course_of(rita, schools, articles=1)
    exam = exam_of(course, questions=1, draws=1)
    question = ExamQuestion.get()
    question.edit(by=rita, answers="*Yes\nNo\nNever")
    Enrolment.enrol(course, ada, by=ada)
    start = clock.now()
    for day in range(ENOUGH):
        with clock.moved(start + timedelta(days=day)):
            attempt = Attempt.begin(exam, by=ada)
            asked = attempt.questions[0]
            attempt.answer(1, [str(asked.options.index("Yes" if day % 2 else "No") + 1)], by=ada)
            attempt.end(by=ada)
        figures = question_figures(exam)[0]
        assert figures.unchosen == (["Never"] if day == ENOUGH - 1 else [])
    assert (figures.n, figures.right, figures.discrimination, figures.is_flat) == (10, 5, None, True)
    assert question_figures(exam, choosing=1)[0].unchosen == [], "one answer says nothing of the others"


@pytest.mark.parametrize(
    "change",
    [{"answers": "*Yes\nNo\nNow and then"}, {"answers": "Yes\n*No\nNever"}, {"text": "Really?"}],
    ids=["choices", "key", "words"],
)
def test_answers_to_what_it_asked_before_are_left_out(
    rita: Person, ada: Person, schools: Topic, change: dict[str, Any]
) -> None:
    course = course_of(rita, schools, articles=1)
    exam = exam_of(course, questions=1, draws=1)
    ExamQuestion.get().edit(by=rita, answers="*Yes\nNo\nNever")
    Enrolment.enrol(course, ada, by=ada)
    take(exam, ada, right=1)
    ExamQuestion.get().edit(by=rita, difficulty=3, reason="Because")
    assert question_figures(exam)[0].n == 1, "it asks the same"
    ExamQuestion.get().edit(by=rita, **change)
    assert (question_figures(exam)[0].n, question_figures(exam)[0].unchosen) == (0, [])
    take(exam.fresh(), ada, right=0)
    assert (question_figures(exam)[0].n, question_figures(exam)[0].right) == (1, 0)
