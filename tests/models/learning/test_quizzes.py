"""Lessons that ask something, courses that come after others, lessons that are put right."""

from __future__ import annotations

import re

import pytest

from portal.models.base.record import Invalid
from portal.models.company.topics import Topic
from portal.models.knowledge.articles import Article
from portal.models.learning import quizzes
from portal.models.learning.attempts import Attempt
from portal.models.learning.courses import Course, Lesson
from portal.models.learning.enrolments import Enrolment
from portal.models.learning.exams import Exam, ExamQuestion
from portal.models.people.people import Person
from tests.conftest import SignIn

TYPED = """What comes first?
*Listen
Talk

Which two?
*Ask
*Note
Leave

Is it so?
true

Its short name?
= School place
＝学位"""


@pytest.fixture
def course(rita: Person, ada: Person, schools: Topic) -> Course:
    """Ada learns it."""
    made = Course.add(by=rita, title="Speaking", topic=schools)
    made.add_lesson(by=rita, kind_of="quiz", title="Try it", text="", questions=TYPED, task="", link="")
    made.publish(by=rita)
    Enrolment.enrol(made, ada, by=ada)
    return made


def answers(page: str, *wanted: str) -> dict[str, list[str]]:
    """What a form sends that chooses these words, and the version that it was shown in."""
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version is not None
    found: dict[str, list[str]] = {"version": [version[1]]}
    for name, value, words in re.findall(
        r'name="(answer-\d)" value="(\d)"[^>]*>\s*<span[^>]*>([^<]+)<', page
    ):
        if words in wanted:
            found.setdefault(name, []).append(value)
    return found


def test_what_is_typed_is_read_as_questions() -> None:
    read = quizzes.questions_of(TYPED)
    assert [each.sort for each in read] == ["single", "multiple", "true_false", "text"]
    assert (read[3].text, read[3].answers) == ("Its short name?", "School place\n学位")
    for wrong in (
        "",
        "What?",
        "What?\nThis\nThat",
        "What?\nThis",
        "What?\n= A\nB",
        "\n\n".join(["Is it?\ntrue"] * 11),
    ):
        assert quizzes.faults(wrong) is not None
    assert quizzes.faults("Is it?\r\n对\r\n\r\nOr?\r\n错") is None


def test_a_quiz_is_done_once_all_is_right_and_tells_no_key(
    course: Course, ada: Person, ben: Person, sign_in: SignIn
) -> None:
    lesson, browser = Lesson.get(), sign_in(ada)
    page = browser.get(lesson.url).text
    assert "*Listen" not in page
    assert "学位" not in page
    mine = Enrolment.of(course, ada)
    assert mine is not None
    with pytest.raises(Invalid):
        mine.complete(lesson, by=ada)
    chosen = answers(page, "Listen", "Ask", "True")
    wrong = browser.post(f"{lesson.url}/quiz", data={**chosen, "answer-4": "no"}).text
    assert wrong.count("Not right yet") == 2
    assert "学位" not in wrong
    assert lesson.id not in mine.done([lesson])
    right = answers(page, "Listen", "Ask", "Note", "True")
    assert sign_in(ben).post(f"{lesson.url}/quiz", data={**right, "answer-4": "学位"}).status_code == 403
    old = {**right, "answer-4": "school  PLACE", "version": ["9"]}
    browser.post(f"{lesson.url}/quiz", data=old)
    assert lesson.id not in mine.done([lesson])
    browser.post(f"{lesson.url}/quiz", data={**old, "version": right["version"]})
    assert mine.fresh().finished_at is not None
    assert browser.post(f"{lesson.url}/quiz", data=chosen).status_code == 200
    assert lesson.id in mine.done([lesson])


def test_what_comes_first_is_finished_first(
    course: Course, rita: Person, ada: Person, sign_in: SignIn
) -> None:
    later = Course.add(by=rita, title="Later", after=course)
    read = later.add_lesson(by=rita, kind_of="reading", title="Read", text="This.")
    later.publish(by=rita)
    exam = Exam.add(later, by=rita)
    for text in ("So?", "Or so?"):
        ExamQuestion.add(exam, by=rita, sort="true_false", text=text, answers="true").put_to_use(by=rita)
    exam.edit(by=rita, draws=2, is_open=True)
    mine = Enrolment.enrol(later, ada, by=ada)
    page = sign_in(ada).get(later.url).text
    assert "First finish the course “Speaking”." in page
    for act in (lambda: mine.complete(read, by=ada), lambda: Attempt.begin(exam, by=ada)):
        with pytest.raises(Invalid, match="Speaking"):
            act()
    with pytest.raises(Invalid):
        course.edit(by=rita, after=later)
    with pytest.raises(Invalid):
        course.edit(by=rita, after=course)
    course.archive(by=rita)  # what nobody can take any more holds nobody up
    assert Enrolment.course_before(later, ada) is None
    page = sign_in(rita).get(f"{later.url}/edit").text
    assert f'<option selected value="{course.id}">Speaking</option>' in page, "what nobody changes stays"
    course.restore(by=rita)
    first = Enrolment.of(course, ada)
    assert first is not None
    first.note_done(Lesson.get(Lesson.course == course), by=ada)
    assert first.fresh().finished_at is not None
    mine.complete(read, by=ada)
    assert Attempt.begin(exam, by=ada).person_id == ada.id


def test_who_cannot_finish_what_comes_first_is_not_held_up_by_it(
    course: Course, rita: Person, ada: Person
) -> None:
    """Who makes it, and who knows the bank of its exam, which they may not take."""
    later = Course.add(by=ada, title="Later", after=course)
    later.add_lesson(by=ada, kind_of="reading", title="Read", text="This.")
    later.publish(by=ada)
    assert Enrolment.course_before(later, rita) is None
    exam = Exam.add(course, by=rita)
    made = ExamQuestion.add(exam, by=rita, sort="true_false", text="So?", answers="true")
    made.put_to_use(by=rita)
    exam.edit(by=rita, draws=1, is_open=True)
    assert Enrolment.course_before(later, ada) == course
    exam.note_read(ada)
    assert Enrolment.course_before(later, ada) is None


def test_a_lesson_is_put_right_and_what_was_done_stays_done(
    course: Course, rita: Person, ada: Person, schools: Topic, sign_in: SignIn
) -> None:
    lesson, browser = Lesson.get(), sign_in(rita)
    mine = Enrolment.of(course, ada)
    assert mine is not None
    mine.note_done(lesson, by=ada)
    address = f"/lessons/{lesson.id}/edit"
    page = browser.get(address).text
    assert "*Listen" in page
    told = {"title": "Try again", "minutes": "4", "text": "", "questions": "What?", "version": "1"}
    assert browser.post(address, data=told).status_code == 422
    browser.post(address, data=told | {"questions": "Is it?\ntrue"})
    lesson = lesson.fresh()
    assert (lesson.title, lesson.minutes, lesson.sheet) == ("Try again", 4, "Is it?\ntrue")
    assert browser.post(address, data=told | {"title": "Old", "questions": "So?\ntrue"}).status_code == 409
    assert lesson.id in mine.done([lesson])
    assert sign_in(ada).get(address).status_code == 403
    article = Article.add(by=rita, title="Known", body="Words.", topics=[schools])
    course.add_known([article], by=rita)
    made = Lesson.get(Lesson.article == article)
    browser.post(f"/lessons/{made.id}/edit", data={"minutes": "9", "title": "Mine", "version": "1"})
    assert (made.fresh().minutes, made.fresh().title) == (9, "Known")
