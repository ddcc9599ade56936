"""Courses are found by what they and their lessons say, by whom they are open to; never by their exams."""

from __future__ import annotations

from importlib import import_module

from portal.models.base.database import db
from portal.models.base.record import SearchOutbox
from portal.models.company.topics import Topic
from portal.models.knowledge.questions import Question
from portal.models.learning.courses import Course
from portal.models.people.people import Person
from portal.search.records.learning import courses
from tests.conftest import SignIn
from tests.learning import article_of, course_of, exam_of
from tests.search.parts import finds


def test_a_draft_is_its_owners_and_what_is_published_everyones(ada: Person, ben: Person) -> None:
    course = Course.add(by=ada, title="独立带看三十天", purpose="讲得清学位")
    assert finds(ada, "独立带看") == [str(course)]
    assert finds(ben, "独立带看") == []
    course.add_lesson(by=ada, kind_of="reading", title="约看之前", text="先核对抵押与查封")
    course.publish(by=ada)
    for words in ("独立带看", "学位", "约看之前", "查封"):
        assert finds(ben, words) == [str(course)]
    course.lessons.first().take_out(by=ada)
    assert finds(ben, "查封") == []
    course.archive(by=ada)
    assert finds(ben, "独立带看") == []


def test_a_question_of_its_exam_finds_nothing(ada: Person, rita: Person, schools: Topic) -> None:
    course = course_of(rita, schools, articles=1)
    exam_of(course)
    assert str(course) not in finds(rita, "The right one of Question")
    (told,) = courses([course.id])
    assert "right one" not in f"{told.title} {told.alt} {told.body}"


def test_it_leads_to_the_course(ada: Person, ben: Person, sign_in: SignIn) -> None:
    course = Course.add(by=ada, title="Viewings alone")
    course.add_lesson(by=ada, kind_of="reading", title="Begin", text="Begin early.")
    course.publish(by=ada)
    finds(ben, "Viewings")
    assert f'href="{course.url}"' in sign_in(ben).get("/search?q=Viewings").text


def test_courses_of_before_wait_for_their_documents(ada: Person) -> None:
    course = Course.add(by=ada, title="Any")
    SearchOutbox.delete().execute()
    import_module("portal.migrations.0057_observed_lessons").note_courses(db)
    assert [(row.kind, row.record) for row in SearchOutbox.select()] == [("course", course.id)]


def test_what_was_put_away_is_told_by_no_lesson(
    ada: Person, ben: Person, rita: Person, schools: Topic, sign_in: SignIn
) -> None:
    """Neither by the page of the course nor by search; it is back once it is brought back."""
    question = Question.ask(by=ada, text="Is the school of Elm Road closed?", topic=schools)
    answer = question.answer(by=rita, text="Ask the office.")
    article = article_of(rita, schools, "Secret rate of Maple")
    course = Course.add(by=rita, title="First days", topic=schools)
    course.add_known([article, answer], by=rita)
    course.publish(by=rita)
    words = ("Elm Road", "Maple")
    assert all(str(course) in finds(ben, each) for each in words)
    question.archive(by=ada)
    article.fresh().archive(by=rita)
    assert [str(course) in finds(ben, each) for each in words] == [False, False]
    pages = [course.url, course.lessons.first().url]
    for page in [sign_in(ben).get(path).text for path in pages] + [
        sign_in(rita).get(f"{course.url}/lessons").text
    ]:
        assert not any(each in page for each in words)
        assert "Put away meanwhile" in page
    question.fresh().restore(by=ada)
    article.fresh().restore(by=rita)
    assert all(str(course) in finds(ben, each) for each in words)
    assert "Elm Road" in sign_in(ben).get(course.url).text
    article.fresh().erase(by=rita, words="Maple")
    assert "Maple" not in sign_in(ben).get(course.url).text
