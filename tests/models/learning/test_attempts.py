"""Exams are honest (RULES 4.13): what is asked, until when and what is right is the portal's alone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from portal import clock
from portal.i18n import speaking
from portal.models.base.record import Event, Invalid
from portal.models.company.settings import Setting
from portal.models.company.topics import Topic
from portal.models.expertise.expertise import Evidence, expertise
from portal.models.expertise.points import PointEntry
from portal.models.knowledge.questions import Question
from portal.models.learning.attempts import Attempt, AttemptQuestion
from portal.models.learning.certificates import Certificate, ask_certified
from portal.models.learning.courses import Course
from portal.models.learning.drafting import draft_questions
from portal.models.learning.enrolments import Enrolment
from portal.models.learning.exams import Exam, ExamQuestion, note_changed
from portal.models.learning.words import AttemptState, CertificateState
from portal.models.people.needs import needs
from portal.models.people.notices import Notice
from portal.models.people.people import Person
from tests.clocks import advance
from tests.learning import (
    RIGHT,
    article_of,
    course_of,
    exam_of,
    question_of,
    release,
    right_answer,
    take,
    wrong_answer,
)

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def course(rita: Person, schools: Topic) -> Course:
    return course_of(rita, schools, articles=1)


@pytest.fixture
def exam(course: Course, rob: Person) -> Exam:
    """Two of four questions; with 80 % both have to be right. Rob has released it."""
    made = exam_of(course)
    release(made, rob)
    return made


@pytest.fixture
def learner(course: Course, ada: Person) -> Person:
    Enrolment.enrol(course, ada, by=ada)
    return ada


def notices(person: Person) -> list[str]:
    return [str(each.phrase) for each in Notice.unread_by(person)]


def test_ten_of_forty_and_eight_are_enough(rita: Person, ada: Person, course: Course) -> None:
    """RULES 4.13, S09: 10 of 40, passed with 80 %."""
    exam = exam_of(course, questions=40, draws=10)
    Enrolment.enrol(course, ada, by=ada)
    assert (exam.draws, exam.pass_mark, exam.minutes) == (10, 80, 20)
    failed = take(exam, ada, right=7)
    assert (failed.asked, failed.right_ones, failed.passed, failed.score) == (10, 7, False, 7000)
    with clock.moved(clock.now() + HOUR):
        passed = take(exam, ada, right=8)
    assert (passed.right_ones, passed.passed, passed.state) == (8, True, AttemptState.PASSED)
    assert len({each.question_id for each in passed.questions}) == 10


def test_the_snapshot_is_whole_before_anything_is_shown(exam: Exam, learner: Person) -> None:
    attempt = Attempt.begin(exam, by=learner)
    asked = attempt.questions
    assert [each.place for each in asked] == [1, 2]
    assert attempt.deadline_at == attempt.started_at + timedelta(minutes=20)
    question = ExamQuestion.get_by_id(asked[0].question_id)
    question.edit(by=exam.course.owner, text="Another?", answers="*No\nYes")
    assert asked[0].fresh().text == asked[0].text
    assert asked[0].fresh().options[int(asked[0].right[0]) - 1] == f"{RIGHT} of {asked[0].text}"


def test_another_tab_and_device_go_on_with_the_same(exam: Exam, learner: Person) -> None:
    first = Attempt.begin(exam, by=learner)
    assert Attempt.begin(exam, by=learner) == first
    assert first.answer(1, right_answer(first.questions[0]), by=learner)
    assert Attempt.begin(exam, by=learner).questions[0].given == first.questions[0].right


def test_two_in_24_hours_and_the_best_counts(exam: Exam, learner: Person) -> None:
    start = clock.now()
    with clock.moved(start):
        assert take(exam, learner, right=1).passed is False
    with clock.moved(start + HOUR):
        assert take(exam, learner, right=2).passed is True
    with clock.moved(start + DAY - timedelta(seconds=1)), pytest.raises(Invalid, match="used your attempts"):
        Attempt.begin(exam, by=learner)
    with clock.moved(start + DAY):
        assert take(exam, learner, right=0).number == 3
    certificate = Certificate.get()
    assert (certificate.score, certificate.issued_at) == (10_000, start + HOUR)


def test_nothing_is_taken_after_the_deadline(exam: Exam, learner: Person) -> None:
    attempt = Attempt.begin(exam, by=learner)
    asked = attempt.questions
    with clock.moved(attempt.deadline_at - timedelta(seconds=1)):
        attempt.answer(1, right_answer(asked[0]), by=learner)
    with clock.moved(attempt.deadline_at):
        with pytest.raises(Invalid, match="over"):
            attempt.answer(2, right_answer(asked[1]), by=learner)
        assert attempt.fresh().is_over
        advance()
        over = attempt.fresh()
        assert (over.right_ones, over.passed, over.ended_at) == (1, False, over.deadline_at)
        assert notices(learner) == ["The time for “First days” is over: see your result."]


def test_nothing_is_taken_after_the_end(exam: Exam, learner: Person) -> None:
    attempt = take(exam, learner, right=1)
    with pytest.raises(Invalid, match="over"):
        attempt.answer(2, right_answer(attempt.questions[1]), by=learner)
    assert attempt.end(by=learner) is False
    assert attempt.fresh().right_ones == 1


def test_what_was_settled_never_changes(exam: Exam, learner: Person) -> None:
    attempt = take(exam, learner, right=1)
    with pytest.raises(Exception, match="settled"):
        Attempt.update(passed=True, right_ones=2).where(Attempt.id == attempt.id).execute()


def test_points_come_once_and_evidence_stands(exam: Exam, learner: Person, schools: Topic) -> None:
    for hours in (0, 1):
        with clock.moved(clock.now() + hours * HOUR):
            take(exam, learner, right=2)
    assert [(each.amount, each.reason) for each in PointEntry.of(learner)] == [(10, "exam passed")]
    known = expertise(people=[learner.id])
    assert [(each.topic_id, each.score) for each in known] == [(schools.id, 5.0)]
    assert Evidence.get(Evidence.kind_of == "certificate").url == Certificate.get().url


def test_a_certificate_expires_and_is_renewed(exam: Exam, learner: Person) -> None:
    take(exam, learner, right=2)
    certificate = Certificate.get()
    with clock.moved(certificate.expires_at):
        advance()
        assert certificate.fresh().state == CertificateState.EXPIRED
        assert expertise(people=[learner.id]) == []
        assert "has expired" in notices(learner)[0]
        take(exam, learner, right=2)
        assert (certificate.fresh().state, certificate.fresh().number) == (
            CertificateState.VALID,
            certificate.number,
        )
        assert len(expertise(people=[learner.id])) == 1


def test_a_course_with_an_exam_ends_with_the_certificate(course: Course, exam: Exam, learner: Person) -> None:
    mine = Enrolment.of(course, learner)
    assert mine
    for lesson in course.lessons:
        mine.complete(lesson, by=learner)
    assert mine.fresh().finished_at is None
    take(exam, learner, right=2)
    assert mine.fresh().finished_at is not None


def test_whoever_knows_the_bank_takes_no_exam(exam: Exam, course: Course, ben: Person, mona: Person) -> None:
    assert not exam.takeable_by(course.owner)
    assert exam.takeable_by(ben)
    ExamQuestion.add(exam, by=ben, sort="true_false", text="So?", answers="true")
    assert not exam.takeable_by(ben), "who wrote a question knows it"
    course.hand_over(mona, by=course.owner)
    course.hand_over(course.owner, by=mona)
    question_of(exam, "One more?")
    assert not ExamQuestion.open_to(ben).exists()


def test_no_event_or_notice_says_what_is_right(exam: Exam, course: Course, learner: Person) -> None:
    question = ExamQuestion.select().first()
    question.edit(by=course.owner, answers=f"*{RIGHT} of another\nNo")
    take(exam, learner, right=1)
    said = " ".join(str(each.changes) for each in Event.select()) + " ".join(notices(learner))
    assert RIGHT not in said


def test_right_words_wait_for_the_end(exam: Exam, learner: Person) -> None:
    attempt = Attempt.begin(exam, by=learner)
    with pytest.raises(ValueError, match="once the attempt is over"):
        attempt.questions[0].right_words  # noqa: B018 - it raises


def test_rules_are_the_companys(exam: Exam, learner: Person, adam: Person) -> None:
    Setting.choose("exam.attempts", 1, by=adam)
    take(exam, learner, right=0)
    with pytest.raises(Invalid, match="used your attempts"):
        Attempt.begin(exam, by=learner)


def test_an_exam_opens_with_enough_questions(course: Course, ben: Person) -> None:
    exam = Exam.add(course, by=course.owner)
    assert Exam.add(course, by=course.owner) == exam
    with pytest.raises(Invalid, match="in use: 0"):
        exam.edit(by=course.owner, is_open=True)
    Enrolment.enrol(course, ben, by=ben)
    with pytest.raises(Invalid, match="not open"):
        Attempt.begin(exam, by=ben)


def test_who_is_not_enrolled_takes_nothing(exam: Exam, ben: Person) -> None:
    with pytest.raises(Invalid, match="Enrol"):
        Attempt.begin(exam, by=ben)


def test_drafts_are_made_of_lessons(rita: Person, schools: Topic) -> None:
    course = course_of(rita, schools, articles=3)
    exam = Exam.add(course, by=rita)
    with speaking("en"):
        assert (draft_questions(exam, by=rita), draft_questions(exam, by=rita)) == (3, 0)
    question = exam.questions.order_by(ExamQuestion.id).first()
    assert question.text == "What is true of “Advice 0”?"
    assert question.answers.splitlines()[0] == "*Advice 0: one question."
    assert len(question.answers.splitlines()) == 3
    assert (question.state, question.article) == ("draft", course.lessons.first().article)


# ------------------------------------------------------------------ when knowledge changes


@pytest.fixture
def certified(course: Course, exam: Exam, learner: Person, schools: Topic, rob: Person) -> Certificate:
    """Ada is certified; one question asks about an article of Rita's."""
    article = article_of(course.owner, schools, "The fee")
    question_of(exam, "What is the fee?", article)
    release(exam, rob)
    take(exam, learner, right=2)
    certificate: Certificate = Certificate.get()
    return certificate


def changed(course: Course) -> ExamQuestion:
    """The fee is another, and the portal has noticed."""
    question: ExamQuestion = ExamQuestion.get(ExamQuestion.text == "What is the fee?")
    assert question.article
    question.article.edit(by=course.owner, body="The fee is 2%.")
    assert (note_changed(), note_changed()) == (1, 0)
    return question.fresh()


def test_a_change_is_checked_then_asked_anew(
    course: Course, exam: Exam, certified: Certificate, learner: Person
) -> None:
    start = clock.now() + HOUR
    with clock.moved(start):
        question = changed(course)
        assert question.state == "check"
        assert [need.kind for need in needs(course.owner)] == ["exam check"]
        assert ask_certified() == 0, "nobody is asked before its owner has checked"
        assert question.check(by=course.owner, is_minor=False)
        assert needs(course.owner) == []
        assert (ask_certified(), ask_certified()) == (1, 0)
        assert certified.fresh().state == CertificateState.CHANGED
        assert certified.fresh().delta_due_at == start + timedelta(days=14)
        assert "has changed: “The fee”" in notices(learner)[0]
        assert [(need.kind, need.url) for need in needs(learner)] == [("delta", exam.url)]
        attempt = Attempt.begin(exam, by=learner)
        assert (attempt.is_delta, attempt.asked) == (True, 1)
        assert attempt.deadline_at == start + timedelta(minutes=5)
        attempt.answer(1, right_answer(attempt.questions[0]), by=learner)
        attempt.end(by=learner)
        assert certified.fresh().state == CertificateState.VALID
        assert certified.fresh().expires_at == certified.expires_at
        assert (needs(learner), ask_certified()) == ([], 0)


def test_a_minor_change_asks_nobody(course: Course, certified: Certificate) -> None:
    with clock.moved(clock.now() + HOUR):
        assert changed(course).check(by=course.owner, is_minor=True)
        assert ask_certified() == 0
        assert certified.fresh().state == CertificateState.VALID


def test_a_short_test_that_nobody_takes_costs_the_certificate(
    course: Course, exam: Exam, certified: Certificate, learner: Person
) -> None:
    with clock.moved(clock.now() + HOUR):
        changed(course).check(by=course.owner, is_minor=False)
        ask_certified()
        due = certified.fresh().delta_due_at
        failed = Attempt.begin(exam, by=learner)
        failed.answer(1, wrong_answer(failed.questions[0]), by=learner)
        failed.end(by=learner)
        assert certified.fresh().holds, "there is time for another"
    assert due
    with clock.moved(due - timedelta(seconds=1)):
        advance()
        assert certified.fresh().holds
    with clock.moved(due):
        advance()
        assert certified.fresh().state == CertificateState.LAPSED
        assert expertise(people=[learner.id]) == []
        assert "has lapsed" in notices(learner)[0]
        attempt = Attempt.begin(exam, by=learner)
        assert not attempt.is_delta
        for asked in attempt.questions:
            attempt.answer(asked.place, right_answer(asked), by=learner)
        attempt.end(by=learner)
        assert certified.fresh().state == CertificateState.VALID
    assert [each.amount for each in PointEntry.of(learner)] == [10]


def test_what_has_changed_is_not_drawn_before_it_is_checked(
    course: Course, certified: Certificate, ben: Person, exam: Exam
) -> None:
    question = ExamQuestion.get(ExamQuestion.text == "What is the fee?")
    assert question.article
    question.article.edit(by=course.owner, body="The fee is 2%.")
    Enrolment.enrol(course, ben, by=ben)
    exam.edit(by=course.owner, draws=5)
    with pytest.raises(Invalid, match="being checked"):
        Attempt.begin(exam.fresh(), by=ben)


def test_who_leaves_owes_nothing(
    course: Course, certified: Certificate, learner: Person, adam: Person
) -> None:
    changed(course).check(by=course.owner, is_minor=False)
    learner.deactivate(by=adam)
    assert ask_certified() == 0


def test_answers_are_rows(exam: Exam, learner: Person) -> None:
    take(exam, learner, right=1)
    rows = AttemptQuestion.select().order_by(AttemptQuestion.place)
    assert [(each.is_right, each.is_answered) for each in rows] == [(True, True), (False, True)]


def test_a_new_owner_is_asked_to_check(course: Course, certified: Certificate, rob: Person) -> None:
    changed(course)
    course.fresh().hand_over(rob, by=course.owner)
    advance()
    assert [need.kind for need in needs(rob)] == ["exam check"]
    assert needs(course.owner) == []


def test_what_was_put_away_certifies_nobody(
    course: Course, certified: Certificate, exam: Exam, ben: Person
) -> None:
    question: ExamQuestion = ExamQuestion.get(ExamQuestion.text == "What is the fee?")
    assert question.article
    question.article.archive(by=course.owner)
    Enrolment.enrol(course, ben, by=ben)
    exam = exam.fresh()
    exam.edit(by=course.owner, draws=5)
    with pytest.raises(Invalid, match="being checked"):
        Attempt.begin(exam.fresh(), by=ben)
    assert note_changed() == 1
    with pytest.raises(Invalid, match="put away"):
        question.fresh().check(by=course.owner, is_minor=True)
    question.fresh().edit(by=course.owner, article=None)
    assert question.fresh().check(by=course.owner, is_minor=True)
    assert Attempt.begin(exam.fresh(), by=ben).asked == 5


def test_an_answer_of_an_archived_question_certifies_nobody(
    exam: Exam, course: Course, ada: Person, schools: Topic
) -> None:
    asked = Question.ask(by=ada, text="What is the fee?", topic=schools)
    question = ExamQuestion.select().first()
    answer = asked.answer(by=ada, text="2%.")
    asked.choose_best(answer, by=ada)
    question.write(answer=answer, number=answer.version)
    assert note_changed() == 0
    asked.archive(by=ada)
    assert note_changed() == 1


@pytest.fixture
def owed(course: Course, certified: Certificate) -> Certificate:
    """The short test is due in 14 days, from an hour hence."""
    with clock.moved(clock.now() + HOUR):
        changed(course).check(by=course.owner, is_minor=False)
        assert ask_certified() == 1
    return certified.fresh()


def late(certificate: Certificate) -> CertificateState:
    """How it stands at the end of the day that the short test was due, without the hourly work."""
    assert certificate.delta_due_at
    with clock.moved(certificate.delta_due_at + DAY):
        advance()
        return certificate.fresh().state


def test_nothing_lapses_while_its_questions_are_checked(course: Course, owed: Certificate) -> None:
    due = owed.delta_due_at
    assert due
    with clock.moved(due - DAY):
        question = ExamQuestion.get(ExamQuestion.text == "What is the fee?")
        assert question.article
        question.article.edit(by=course.owner, body="The fee is 3%.")
        assert note_changed() == 1
    assert late(owed) == CertificateState.VALID
    again = due + 2 * DAY
    with clock.moved(again):
        assert ask_certified() == 0
        assert question.fresh().check(by=course.owner, is_minor=True)
        assert ask_certified() == 1, "also after a small change: the one before is not proven yet"
        assert owed.fresh().delta_due_at == again + timedelta(days=14)


def test_nothing_lapses_while_the_course_is_put_away(
    course: Course, owed: Certificate, learner: Person
) -> None:
    course.archive(by=course.owner)
    assert late(owed) == CertificateState.VALID
    assert needs(learner) == []
    course.fresh().restore(by=course.owner)
    again = clock.now() + timedelta(days=40)
    with clock.moved(again):
        assert ask_certified() == 1
        assert owed.fresh().delta_due_at == again + timedelta(days=14)


def test_with_nothing_left_to_ask_nothing_is_owed(course: Course, owed: Certificate, learner: Person) -> None:
    ExamQuestion.get(ExamQuestion.text == "What is the fee?").take_out(by=course.owner)
    with clock.moved(clock.now() + 2 * HOUR):
        assert ask_certified() == 0
        assert (owed.fresh().state, needs(learner)) == (CertificateState.VALID, [])
    assert len(expertise(people=[learner.id])) == 1


def test_what_was_taken_out_on_the_last_day_costs_nothing(course: Course, owed: Certificate) -> None:
    ExamQuestion.get(ExamQuestion.text == "What is the fee?").take_out(by=course.owner)
    assert late(owed) == CertificateState.VALID
