"""An exam gives evidence and points once a reviewer apart from its maker has released it (RULES 4.13)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from portal import clock
from portal.models.base.record import Invalid
from portal.models.company.settings import Setting
from portal.models.company.topics import Topic
from portal.models.expertise.expertise import expertise
from portal.models.expertise.points import PointEntry
from portal.models.learning.attempts import Attempt
from portal.models.learning.certificates import Certificate
from portal.models.learning.courses import Course
from portal.models.learning.enrolments import Enrolment
from portal.models.learning.exams import Exam, ExamQuestion, await_releases
from portal.models.people.needs import needs
from portal.models.people.people import Person, Role
from tests.learning import course_of, exam_of, release, right_answer, take

HOUR = timedelta(hours=1)


@pytest.fixture
def exam(stan: Person, ada: Person, adam: Person, schools: Topic) -> Exam:
    """Stan's: anyone may make one. Ada learns. In this company an exam asks two questions."""
    Setting.choose("exam.questions", 2, by=adam)
    course = course_of(stan, schools, articles=1)
    Enrolment.enrol(course, ada, by=ada)
    return exam_of(course)


def reward(person: Person) -> tuple[dict[int, float], list[int]]:
    """What somebody is believed to know, by topic, and their points."""
    known = {each.topic_id: each.score for each in expertise(people=[person.id])}
    return known, [each.amount for each in PointEntry.of(person)]


def test_without_a_release_there_is_neither_evidence_nor_a_point(exam: Exam, ada: Person) -> None:
    take(exam, ada, right=2)
    certificate = Certificate.get()
    assert (certificate.holds, certificate.is_evidence, reward(ada)) == (True, False, ({}, []))


def test_released_it_gives_both_once(rob: Person, exam: Exam, ada: Person, schools: Topic) -> None:
    assert [(need.kind, need.url) for need in needs(rob)] == [("exam release", f"{exam.url}/release")]
    release(exam, rob)
    assert needs(rob) == []
    take(exam, ada, right=2)
    with clock.moved(clock.now() + HOUR):
        take(exam, ada, right=2)
        assert reward(ada)[1] == [10]
        assert reward(ada)[0] == {schools.id: pytest.approx(5.0, abs=0.01)}


def test_neither_its_maker_nor_whom_the_maker_appointed_lately_releases_it(
    exam: Exam, stan: Person, ben: Person, rob: Person, schools: Topic
) -> None:
    stan.grant(Role.REVIEWER, by=None, topic=schools)
    assert not exam.releasable_by(stan), "it is his"
    ben.grant(Role.REVIEWER, by=stan, topic=schools)
    assert not exam.releasable_by(ben.fresh()), "his role is from Stan"
    assert exam.releasable_by(rob)
    ExamQuestion.get().edit(by=rob, difficulty=3)
    assert not exam.releasable_by(rob), "he wrote on it"


def test_the_only_reviewer_from_the_makers_hand_leaves_it_to_administrators(
    exam: Exam, stan: Person, ben: Person, adam: Person, schools: Topic
) -> None:
    ben.grant(Role.REVIEWER, by=stan, topic=schools)
    assert (exam.releasable_by(ben.fresh()), exam.releasable_by(adam)) == (False, True)
    await_releases()
    assert "exam release" in {need.kind for need in needs(adam)}


@pytest.mark.parametrize("easier", [{"draws": 1}, {"pass_mark": 79}])
def test_it_asks_no_less_than_the_company_does(exam: Exam, rob: Person, easier: dict[str, Any]) -> None:
    exam.edit(by=exam.course.owner, **easier)
    assert needs(rob) == []
    with pytest.raises(Invalid, match="than the company’s rules"):
        exam.release_it(by=rob, seen=exam.bank_seen)


@pytest.mark.parametrize("field", ["draws", "pass_mark", "key", "new question"])
def test_after_a_change_it_is_released_again(exam: Exam, ada: Person, rob: Person, field: str) -> None:
    release(exam, rob)
    owner = exam.course.owner
    if field == "key":
        ExamQuestion.get().edit(by=owner, answers="*Only this\nNot that")
    elif field == "new question":
        made = ExamQuestion.add(exam, by=owner, sort="true_false", text="So?", answers="true")
        made.put_to_use(by=owner)
    else:
        exam.edit(by=owner, **{field: getattr(exam, field) + 1})
    assert exam.fresh().release is None
    assert [need.kind for need in needs(rob)] == ["exam release"]
    take(exam.fresh(), ada, right=3)
    assert reward(ada) == ({}, [])


def test_without_its_hard_questions_it_is_released_again(exam: Exam, stan: Person, rob: Person) -> None:
    release(exam, rob)
    hard, spare = ExamQuestion.select().limit(2)
    spare.write(state="check")
    spare.take_out(by=stan)
    assert exam.fresh().release is not None, "what is not drawn changes nothing"
    hard.take_out(by=stan)
    assert exam.fresh().release is None


def test_what_was_begun_before_the_release_does_not_count(exam: Exam, ada: Person, rob: Person) -> None:
    """Else a maker would let a friend begin with an easy key, and show the reviewer another."""
    start = clock.now()
    with clock.moved(start):
        attempt = Attempt.begin(exam, by=ada)
    with clock.moved(start + timedelta(minutes=1)):
        release(exam, rob)
        for asked in attempt.questions:
            attempt.answer(asked.place, right_answer(asked), by=ada)
        Attempt.get_by_id(attempt.id).end(by=ada)
        assert reward(ada) == ({}, [])


def test_rules_bent_for_a_moment_do_not_count(exam: Exam, ada: Person, rob: Person) -> None:
    release(exam, rob)
    exam = exam.fresh()
    exam.edit(by=exam.course.owner, pass_mark=1)
    attempt = Attempt.begin(exam, by=ada)
    exam.edit(by=exam.course.owner, pass_mark=80)
    attempt.answer(1, right_answer(attempt.questions[0]), by=ada)
    Attempt.get_by_id(attempt.id).end(by=ada)
    assert (Attempt.get().passed, reward(ada)) == (True, ({}, []))


def test_the_reviewer_sees_what_they_release(exam: Exam, rob: Person) -> None:
    seen = exam.bank_seen
    ExamQuestion.get().edit(by=exam.course.owner, answers="*Only this\nNot that")
    with pytest.raises(Invalid, match="changed meanwhile"):
        exam.release_it(by=rob, seen=seen)


def test_another_topic_is_another_release_and_takes_the_place_of_the_first(
    exam: Exam, ada: Person, rob: Person, schools: Topic
) -> None:
    release(exam, rob)
    take(exam, ada, right=2)
    other = Topic.create(name="税费", name_en="Taxes")
    rob.grant(Role.REVIEWER, by=None, topic=other)
    course = Course.get_by_id(exam.course_id)
    course.edit(by=course.owner, topic=other)
    await_releases()
    assert [need.kind for need in needs(rob)] == ["exam release"]
    with clock.moved(clock.now() + HOUR):
        take(Exam.get(), ada, right=2)
        assert (set(reward(ada)[0]), reward(ada)[1]) == ({schools.id}, [10]), "as it was: it is not released"
    with clock.moved(clock.now() + 25 * HOUR):
        release(exam, rob)
    with clock.moved(clock.now() + 26 * HOUR):
        take(Exam.get(), ada, right=2)
        assert (set(reward(ada)[0]), reward(ada)[1]) == ({other.id}, [10])


def test_an_easy_renewal_does_not_prolong_what_was_earned(exam: Exam, ada: Person, rob: Person) -> None:
    release(exam, rob)
    take(exam, ada, right=2)
    expires = Certificate.get().expires_at
    ExamQuestion.get().edit(by=exam.course.owner, answers="*Only this\nNot that")
    with clock.moved(clock.now() + 25 * HOUR):
        take(exam.fresh(), ada, right=2)
        assert (Certificate.get().expires_at, Certificate.get().is_evidence) == (expires, True)


def test_who_reads_the_bank_to_release_it_takes_no_exam(exam: Exam, rob: Person) -> None:
    assert exam.takeable_by(rob)
    exam.note_read(rob)
    assert not exam.takeable_by(rob)
