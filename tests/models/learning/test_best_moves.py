"""What is best may be another answer tomorrow: exams and lessons that rest on it do not go on with the old."""

from __future__ import annotations

from datetime import timedelta

import pytest

from portal import clock
from portal.i18n import speaking
from portal.models.base.record import Event, Invalid
from portal.models.company.customer_types import CustomerType
from portal.models.company.topics import Topic
from portal.models.knowledge.articles import Article
from portal.models.knowledge.questions import Answer, Question
from portal.models.learning.attempts import Attempt
from portal.models.learning.certificates import Certificate, ask_certified
from portal.models.learning.courses import Course, await_renewals
from portal.models.learning.drafting import draft_questions
from portal.models.learning.enrolments import Enrolment, ask_all_again, ask_for_exams
from portal.models.learning.exams import Exam, ExamQuestion, note_changed
from portal.models.learning.words import CertificateState
from portal.models.people.needs import needs
from portal.models.people.notices import Notice
from portal.models.people.people import Person
from portal.models.work.clocks import Clock
from tests.conftest import SignIn
from tests.counting import queries
from tests.learning import course_of, exam_of, question_of, release, right_answer, take

HOUR = timedelta(hours=1)


@pytest.fixture
def families(app: object) -> CustomerType:
    return CustomerType.create(name="Families")


@pytest.fixture
def asked(ada: Person, schools: Topic) -> Question:
    return Question.ask(by=ada, text="Is the school good enough?", topic=schools)


@pytest.fixture
def first(asked: Question, ben: Person, ada: Person) -> Answer:
    """The best until now."""
    answer = asked.answer(text="Promise it.", by=ben)
    asked.choose_best(answer, by=ada)
    return answer


@pytest.fixture
def second(asked: Question, rita: Person) -> Answer:
    return asked.answer(text="Check it first.", by=rita)


@pytest.fixture
def course(rita: Person, schools: Topic, first: Answer, second: Answer) -> Course:
    """Of an article and of the best answer."""
    return course_of(rita, schools, articles=1)


@pytest.fixture
def question(course: Course) -> ExamQuestion:
    """Drafted of the best answer, and in use."""
    with speaking("en"):
        draft_questions(Exam.add(course, by=course.owner), by=course.owner)
    made: ExamQuestion = ExamQuestion.get(ExamQuestion.answer.is_null(False))
    made.put_to_use(by=course.owner)
    return made


def test_once_another_is_best_its_questions_are_checked_and_written_anew(
    question: ExamQuestion, asked: Question, second: Answer, ada: Person, rita: Person
) -> None:
    assert (question.answers.splitlines()[0], question.scope) == ("*Promise it.", "")
    assert note_changed() == 0
    asked.choose_best(second, by=ada)
    assert (note_changed(), note_changed()) == (1, 0)
    question = question.fresh()
    assert (question.state, question.is_superseded) == ("check", True)
    assert question.best_now == second
    assert "exam check" in {need.kind for need in needs(rita)}
    with pytest.raises(Invalid, match="no best answer any more"):
        question.check(by=rita, is_minor=True)
    question.edit(by=rita, answers="*Check it first.\nPromise it.")
    assert question.fresh().answer == second
    assert question.check(by=rita, is_minor=False)
    assert question.fresh().renewed_at is not None
    assert (note_changed(), question.fresh().state) == (0, "ready")


def test_its_key_written_anew_before_the_portal_noticed_is_checked_too(
    question: ExamQuestion, asked: Question, second: Answer, ada: Person, rita: Person
) -> None:
    """Else nobody certified would hear that what is right is another answer by now."""
    asked.choose_best(second, by=ada)
    question.edit(by=rita, answers="*Check it first.\nPromise it.")
    assert (question.fresh().state, question.fresh().answer) == ("check", second)


def test_a_question_written_by_hand_asks_about_a_best_answer_or_an_article(
    sign_in: SignIn, course: Course, asked: Question, first: Answer, second: Answer, ada: Person, rita: Person
) -> None:
    """Of those that its lessons are about; it follows what is best as a draft does."""
    exam, browser = Exam.add(course, by=rita), sign_in(rita)
    path, article = f"/exams/{exam.id}/questions/new", course.lessons.first().article
    assert "Is the school good enough?: Promise it." in browser.get(path).text
    sent = {
        "sort": "single",
        "text": "What do you say?",
        "answers": "*Promise it.\nNothing.",
        "difficulty": "2",
    }
    both = {**sent, "answer": str(first.id), "article": str(article.id)}
    assert "either an article or a best answer" in browser.post(path, data=both).text
    assert browser.post(path, data={**sent, "answer": str(second.id)}).status_code == 422
    assert browser.post(path, data={**sent, "answer": str(first.id)}).status_code == 303
    made = ExamQuestion.get(ExamQuestion.text == "What do you say?")
    assert (made.answer, made.scope, made.number, made.article) == (first, None, first.version, None)
    made.put_to_use(by=rita)
    asked.choose_best(second, by=ada)
    now = {**sent, "answers": "*Check it first.\nNothing.", "answer": str(second.id)}
    version = {"version": str(made.fresh().version)}
    assert browser.post(f"/exam-questions/{made.id}/edit", data={**now, **version}).status_code == 303
    made = made.fresh()
    assert (made.answer, made.number, made.state) == (second, second.version, "check")
    made.edit(by=rita, article=article, answer=None)
    made = made.fresh()
    assert (made.answer, made.article, made.number) == (None, article, article.text_number)


def test_for_these_customers_another_is_best(
    course: Course, asked: Question, first: Answer, second: Answer, families: CustomerType, ada: Person
) -> None:
    """A draft for each type; the answer stays the best for everyone else."""
    asked.choose_best(first, by=ada, customer_type=families)
    exam = Exam.add(course, by=course.owner)
    with speaking("en"):
        assert draft_questions(exam, by=course.owner) == 3, "of the article, for everyone, for families"
        assert draft_questions(exam, by=course.owner) == 0
    of_them = ExamQuestion.get(ExamQuestion.scope == f"type-{families.id}")
    assert of_them.text.startswith("A customer (Families) asks:")
    for each in exam.questions:
        each.put_to_use(by=course.owner)
    asked.choose_best(second, by=ada, customer_type=families)
    assert note_changed() == 1
    assert of_them.fresh().state == "check"
    asked.choose_best(second, by=ada)
    assert draft_questions(exam, by=course.owner) == 2
    newest = exam.used("draft").order_by(ExamQuestion.id.desc()).first()
    assert newest.answers.startswith("*Check it first.")


def test_drafts_are_of_several_sorts_and_each_follows_its_knowledge(
    course: Course, asked: Question, first: Answer, second: Answer, families: CustomerType, ada: Person
) -> None:
    """An order from a numbered list, and for customers who are told otherwise whether an answer fits them."""
    rita = course.owner
    article = course.lessons.first().article
    article.edit(
        by=rita, body="First this:\n\n1. Ask.\n2. **Listen**\n   well.\n3. Answer.\n\nThen:\n\n1. Alone."
    )
    asked.choose_best(second, by=ada, customer_type=families)
    exam = Exam.add(course, by=rita)
    for language in ("zh", "en"):
        with speaking(language):
            assert draft_questions(exam, by=rita) == (5 if language == "zh" else 0)
    found = {(each.sort, each.scope): each for each in exam.questions}
    assert len(found) == 5
    assert found["order", None].answers.splitlines() == ["Ask.", "Listen well.", "Answer."]
    truth, scope = found["true_false", f"type-{families.id}"], f"type-{families.id}"
    fits = "Check it first." in truth.text
    assert ("Promise it." in truth.text, truth.answers) == (not fits, "对" if fits else "错")
    for each in exam.questions:
        each.put_to_use(by=rita)
    asked.choose_best(first, by=ada, customer_type=families)
    assert note_changed() == 2
    assert {each.sort for each in exam.used("check")} == {"single", "true_false"}
    assert {each.scope for each in exam.used("check")} == {scope}
    article.edit(by=rita, body="1. Answer.\n2. Ask.")
    assert note_changed() == 2
    assert found["order", None].fresh().state == "check"


def test_a_lesson_teaches_the_words_it_was_made_of(
    course: Course, first: Answer, second: Answer, asked: Question, ada: Person, ben: Person, rita: Person
) -> None:
    lesson = next(each for each in course.lessons if each.answer_id)
    first.edit(by=ben, text="Say nothing.")
    assert (lesson.fresh().words, lesson.fresh().is_outdated) == ("Promise it.", True)
    lesson.fresh().bring_up_to_date(by=rita)
    assert (lesson.fresh().words, lesson.fresh().is_outdated) == ("Say nothing.", False)
    asked.choose_best(second, by=ada)
    assert lesson.fresh().is_superseded
    lesson.fresh().bring_up_to_date(by=rita)
    assert (lesson.fresh().words, lesson.fresh().is_superseded) == ("Check it first.", False)
    asked.unchoose_best(by=ada)
    assert lesson.fresh().is_superseded
    assert not lesson.fresh().bring_up_to_date(by=rita), "nothing is best in its place: its owner is told"
    second.erase(by=rita, words="Check it first.")
    assert "Check" not in lesson.fresh().words


def test_the_owner_is_asked_for_lessons_that_teach_what_was_changed(
    course: Course, first: Answer, second: Answer, asked: Question, ada: Person, rita: Person
) -> None:
    """Until each is renewed or taken out; a draft of a course asks nobody, nor does one that was put away."""

    def waits() -> list[str]:
        await_renewals()
        return [need.url for need in needs(rita) if need.kind == "renewal"]

    read, best = list(course.lessons)
    assert read.article is not None
    Course.add(by=rita, title="Draft").add_known([read.article], by=rita)
    assert waits() == []
    read.article.edit(by=rita, body="Another text.")
    asked.choose_best(second, by=ada)
    assert (waits(), waits()) == ([f"{course.url}/lessons"], [f"{course.url}/lessons"])
    read.fresh().bring_up_to_date(by=rita)
    assert len(waits()) == 1
    best.fresh().take_out(by=rita)
    assert waits() == []
    best.fresh().put_back(by=rita)
    assert len(waits()) == 1
    course.fresh().archive(by=rita)
    assert waits() == []


def test_who_was_through_with_a_lesson_takes_it_once_more_after_a_change(
    course: Course, ada: Person, ben: Person, stan: Person, rita: Person
) -> None:
    """When they finished the course stays: what it did is told by that day."""
    read, other = list(course.lessons)
    mine, bens, gone = (Enrolment.enrol(course, one, by=one) for one in (ada, ben, stan))
    for each in (mine, gone):
        for lesson in (read, other):
            each.complete(lesson, by=each.person)
    gone.fresh().leave(by=stan)
    finished = mine.fresh().finished_at
    assert finished is not None
    assert (ask_all_again(read, by=rita), ask_all_again(read, by=rita)) == (1, 0)
    assert [need.url for need in needs(ada) if need.kind == "reread"] == [read.url]
    words = f"“{read.title}” in “{course.title}” has changed: take it once more."
    told = [[str(each.phrase) for each in Notice.unread_by(one)] for one in (ada, ben, stan)]
    assert [each.count(words) for each in told] == [1, 0, 0]
    assert bens.fresh().finished_at is None
    assert Enrolment.progress([mine])[mine.id] == (1, 2)
    course.fresh().archive(by=rita)
    assert "reread" not in {need.kind for need in needs(ada)}
    course.fresh().bring_back(by=rita)
    assert [need.url for need in needs(ada) if need.kind == "reread"] == [read.url]
    with clock.moved(clock.now() + HOUR):
        mine.fresh().complete(read, by=ada)
    assert (mine.fresh().finished_at, "reread" in {need.kind for need in needs(ada)}) == (finished, False)
    task = course.add_lesson(by=rita, kind_of="task", title="Log", task="customer.added")
    assert not task.is_retaken, "it was done as it was"
    assert ask_all_again(other, by=rita) == 1
    mine.fresh().leave(by=ada)
    assert "reread" not in {need.kind for need in needs(ada)}
    Enrolment.enrol(course, ada, by=ada)
    assert [need.url for need in needs(ada) if need.kind == "reread"] == [other.url], (
        "still, once they are back"
    )


def test_what_is_best_in_its_place_is_no_second_lesson_of_the_same_answer(
    course: Course, asked: Question, second: Answer, families: CustomerType, ada: Person, rita: Person
) -> None:
    asked.choose_best(second, by=ada, customer_type=families)
    assert course.teach(asked, by=rita)
    asked.choose_best(second, by=ada)
    _, old, new = course.lessons
    assert (old.is_superseded, old.fresh().bring_up_to_date(by=rita)) == (True, False)
    assert [each.answer for each in course.lessons][1:] == [old.answer, second]
    new.take_out(by=rita)
    assert old.fresh().bring_up_to_date(by=rita)
    assert old.fresh().answer == second


def test_what_is_taken_once_more_waits_no_longer_whatever_else_is_open(
    course: Course, ada: Person, rita: Person
) -> None:
    """Of a course in which they are half way: until each of those is taken, or out of the course."""
    third, never = (course.add_lesson(by=rita, kind_of="reading", title=each, text="So.") for each in "AB")
    read, other, *_ = course.lessons
    mine = Enrolment.enrol(course, ada, by=ada)

    def waits() -> list[str]:
        return [need.url for need in needs(ada) if need.kind == "reread"]

    for each in (read, other, third):
        mine.fresh().complete(each, by=ada)
    for each in (third, read, other):
        assert ask_all_again(each, by=rita) == 1
    assert waits() == [read.url], "the first of them"
    mine.fresh().complete(read, by=ada)
    assert waits() == [other.url]
    other.fresh().take_out(by=rita)
    assert waits() == [third.url]
    mine.fresh().complete(third, by=ada)
    assert (waits(), mine.fresh().finished_at) == ([], None)
    other.fresh().put_back(by=rita)
    assert waits() == [other.url], "it is back, and was never taken since"
    mine.fresh().complete(other, by=ada)
    course.fresh().archive(by=rita)
    assert ask_all_again(read.fresh(), by=rita) == 0, "nobody learns what was put away"
    course.fresh().bring_back(by=rita)
    assert waits() == [], "what they never took is no change"
    assert never.id not in mine.fresh().done([never])


# ------------------------------------------------------------------ who knows, and since when


@pytest.fixture
def exam(rita: Person, rob: Person, schools: Topic, ada: Person) -> Exam:
    """Two of four questions, released by Rob; Ada learns."""
    made = exam_of(course_of(rita, schools, articles=1))
    release(made, rob)
    Enrolment.enrol(made.course, ada, by=ada)
    return made


def test_who_once_had_the_course_takes_no_exam_of_it(exam: Exam, ada: Person, ben: Person) -> None:
    rita = exam.course.owner
    assert exam.takeable_by(ada)
    exam.course.hand_over(ada, by=rita)
    exam.course.fresh().hand_over(rita, by=ada)
    assert not Exam.get_by_id(exam.id).takeable_by(ada)
    ExamQuestion.select().first().edit(by=ben, difficulty=3)
    assert not exam.takeable_by(ben), "who wrote on a question knows it"


def renewed(exam: Exam, *, at: timedelta) -> None:
    """A question about an article, in use from the start, is another that much later."""
    with clock.moved(clock.now() + at):
        article = exam.course.lessons.first().article
        article.edit(by=exam.course.owner, body="Quite different.")
        assert note_changed() == 1
        ExamQuestion.get(ExamQuestion.article == article).check(by=exam.course.owner, is_minor=False)


def test_who_came_to_know_the_bank_owes_no_short_test(exam: Exam, ada: Person) -> None:
    question_of(exam, "And the article?", exam.course.lessons.first().article)
    take(exam, ada, right=2)
    renewed(exam, at=HOUR)
    certificate = Certificate.get()
    with clock.moved(clock.now() + 2 * HOUR):
        assert ask_certified() == 1
        assert Attempt.delta_of(certificate.fresh()) == (1, 1), "four of five are 80 %, of fewer all are"
        exam.note_read(ada)
        assert ask_certified() == 0
        assert certificate.fresh().state == CertificateState.VALID
        assert "delta" not in {need.kind for need in needs(ada)}
    renewed_again = clock.now() + timedelta(days=30)
    with clock.moved(renewed_again):
        article: Article = exam.course.lessons.first().article
        article.edit(by=exam.course.owner, body="Different once more.")
        assert note_changed() == 1
        ExamQuestion.get(ExamQuestion.article == article).check(by=exam.course.owner, is_minor=False)
    with clock.moved(renewed_again + HOUR):
        assert ask_certified() == 0
        assert certificate.fresh().holds


def test_an_exam_begun_before_a_change_does_not_certify_it(exam: Exam, ada: Person) -> None:
    question_of(exam, "And the article?", exam.course.lessons.first().article)
    attempt = Attempt.begin(Exam.get_by_id(exam.id), by=ada)
    renewed(exam, at=timedelta(minutes=2))
    with clock.moved(clock.now() + timedelta(minutes=5)):
        for asked in attempt.questions:
            attempt.answer(asked.place, right_answer(asked), by=ada)
        attempt.end(by=ada)
        assert attempt.fresh().passed
        assert ask_certified() == 1
    certificate = Certificate.get()
    with clock.moved(clock.now() + HOUR):
        short = Attempt.begin(Exam.get_by_id(exam.id), by=ada)
        article = exam.course.lessons.first().article
        article.edit(by=exam.course.owner, body="Another text.")
        note_changed()
    with clock.moved(clock.now() + HOUR + timedelta(minutes=1)):
        ExamQuestion.get(ExamQuestion.article == article).check(by=exam.course.owner, is_minor=False)
        short.answer(1, right_answer(short.questions[0]), by=ada)
        short.end(by=ada)
        assert certificate.fresh().delta_due_at is None
        assert ask_certified() == 1, "the short test was drawn before that, too"


def test_a_short_test_waits_for_no_other_course(exam: Exam, ada: Person) -> None:
    """What comes before the course was said after she had passed: nobody loses a certificate by that."""
    rita = exam.course.owner
    question_of(exam, "And the article?", exam.course.lessons.first().article)
    take(exam, ada, right=2)
    before = Course.add(by=rita, title="Before")
    before.add_lesson(by=rita, kind_of="reading", title="Read", text="This.")
    before.publish(by=rita)
    exam.course.edit(by=rita, after=before)
    renewed(exam, at=HOUR)
    with clock.moved(clock.now() + 2 * HOUR):
        assert ask_certified() == 1
        attempt = Attempt.begin(Exam.get_by_id(exam.id), by=ada)
        assert attempt.is_delta
        attempt.answer(1, right_answer(attempt.questions[0]), by=ada)
        attempt.end(by=ada)
        assert Certificate.get().state == CertificateState.VALID
        with pytest.raises(Invalid, match="Before"):
            Attempt.begin(Exam.get_by_id(exam.id), by=ada)


def test_what_is_put_to_use_together_voids_the_release_once(exam: Exam) -> None:
    rita, facts = exam.course.owner, {"sort": "true_false", "answers": "true"}
    drafts = [ExamQuestion.add(exam, by=rita, text=f"Is it so, {n}?", **facts) for n in range(6)]
    with queries() as one:
        assert exam.put_to_use({each.id: each.version for each in drafts[:1]}, by=rita) == 1
    with queries() as five:
        assert exam.put_to_use({each.id: each.version for each in drafts[1:]}, by=rita) == 5
    assert len(five) - len(one) <= 4 * 2, "each is written, and its event"
    assert Exam.get_by_id(exam.id).release is None
    assert Event.about(exam).where(Event.verb == "release void").count() == 1


def test_a_draft_that_was_taken_out_is_not_drafted_again(question: ExamQuestion) -> None:
    exam, rita = question.exam, question.exam.course.owner
    for each in list(exam.questions):
        each.take_out(by=rita)
    with speaking("en"):
        assert draft_questions(exam, by=rita) == 0
    assert exam.uses["draft"] == 0


def test_who_finished_while_the_exam_was_closed_takes_it_once_it_is_open(exam: Exam, ada: Person) -> None:
    rita, today = exam.course.owner, clock.today()
    Enrolment.enrol(exam.course, ada, by=rita, due_on=today + timedelta(days=1))
    Exam.get_by_id(exam.id).edit(by=rita, is_open=False)
    mine = Enrolment.of(exam.course, ada)
    assert mine is not None
    for lesson in exam.course.lessons:
        mine.complete(lesson, by=ada)
    assert mine.fresh().finished_at is not None
    with clock.moved(clock.now() + timedelta(days=10)):
        assert ask_for_exams() == 0
        Exam.get_by_id(exam.id).edit(by=rita, is_open=True)
        assert (ask_for_exams(), ask_for_exams()) == (1, 0)
        assert mine.fresh().finished_at is None
        assert not mine.fresh().is_late, "the day was over while it could not be taken"
        said = [str(each.phrase) for each in Notice.unread_by(ada)]
        assert "“First days” ends with an exam, which you can take now." in said
        take(Exam.get_by_id(exam.id), ada, right=2)
        assert mine.fresh().finished_at is not None
        assert ask_for_exams() == 0


@pytest.mark.parametrize("many", [3, 12])
def test_a_lesson_out_of_a_course_is_one_look_however_many_were_asked_to_take_it_again(
    course: Course, rita: Person, many: int
) -> None:
    """Each goes on with what is left for them; whoever took the other one since has nothing left."""
    read, other = list(course.lessons)
    people = [Person.add(by=None, email=f"p{n}@example.com", name=f"P {n}") for n in range(many)]
    for one in people:
        mine = Enrolment.enrol(course, one, by=one)
        for lesson in (read, other):
            mine.complete(lesson, by=one)
    assert [ask_all_again(each, by=rita) for each in (read, other)] == [many, many]
    Enrolment.of(course, people[0]).complete(other, by=people[0])  # type: ignore[union-attr]

    def waits() -> list[list[str]]:
        return [[need.url for need in needs(one) if need.kind == "reread"] for one in people]

    due = {each.subject: each.due_at for each in Clock.select().where(Clock.what == "reread")}
    with queries() as sent:
        read.fresh().take_out(by=rita)
    assert len(sent) <= 25, sent
    assert waits() == [[], *[[other.url]] * (many - 1)]
    with queries() as sent:
        read.fresh().put_back(by=rita)
    assert len(sent) <= 25, sent
    assert waits() == [[read.url]] * many
    running = Clock.select().where((Clock.what == "reread") & Clock.stopped_at.is_null())
    kept = [each.due_at == due[each.subject] for each in running.order_by(Clock.subject)]
    assert kept == [False, *[True] * (many - 1)], "what waited on keeps its day"
