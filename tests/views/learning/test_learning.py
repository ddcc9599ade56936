"""Courses through the browser: made, read, ticked, and left where one was."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest

from portal import clock
from portal.models.company.topics import Topic
from portal.models.learning.courses import Course, Lesson
from portal.models.learning.enrolments import Enrolment
from portal.models.people.people import Person
from tests.client import Client
from tests.conftest import SignIn
from tests.learning import article_of, course_of, exam_of, take


@pytest.fixture
def course(rita: Person, schools: Topic) -> Course:
    return course_of(rita, schools)


def told(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text[:500]
    return answer.text


def test_a_course_is_made_of_what_is_known(sign_in: SignIn, ada: Person, ben: Person, schools: Topic) -> None:
    article, other = article_of(ada, schools), article_of(ada, schools, "Second")
    browser = sign_in(ada)
    assert "Nothing to learn yet" in told(browser, "/learning")
    sent = {"title": "Schools", "topic": str(schools.id)}
    made = browser.post("/courses/new", data=sent).headers["location"]
    course = Course.get()
    assert made == f"/courses/{course.id}/lessons"
    page = told(browser, made)
    assert (article.title in page, other.title in page, "Known already" in page) == (True, True, True)
    browser.post(made, data={"known": [str(other), "article-999999", "person-1"]})
    assert [each.title for each in course.lessons] == ["Second"]
    for kind in (
        {"kind_of": "link", "link": "https://example.com/film"},
        {"kind_of": "task", "task": "customer.added"},
    ):
        assert browser.post(f"{made}/new", data={"title": "More", "minutes": "3", **kind}).status_code == 303
    refused = browser.post(
        f"{made}/new", data={"title": "Bad", "kind_of": "link", "link": "javascript:alert(1)"}
    )
    assert (refused.status_code, "javascript:alert(1)" in refused.text) == (422, True)
    assert sign_in(ben).get(course.url).status_code == 404
    browser.post(f"{course.url}/publication")
    assert "Published." in told(browser, course.url)
    assert "Enrol" in told(sign_in(ben), course.url)


def test_lessons_are_ordered_by_buttons(sign_in: SignIn, course: Course) -> None:
    browser = sign_in(course.owner)
    first, second, third = course.lessons
    browser.post(f"/lessons/{first.id}/moving", data={"down": ""})
    browser.post(f"/lessons/{third.id}/removal")
    assert list(course.lessons) == [second, first]
    browser.post(f"/lessons/{third.id}/restoring")
    assert list(course.lessons) == [second, first, third]


def test_lessons_are_ordered_by_dragging(sign_in: SignIn, course: Course) -> None:
    browser = sign_in(course.owner)
    first, second, third = course.lessons
    address, seen = f"/lessons/{third.id}/moving", f"{first.id},{second.id},{third.id}"
    sent = {"before": str(first.id), "seen": seen}
    moved = browser.post(address, data=sent, headers={"HX-Request": "true"})
    assert (moved.status_code, "<title>" in moved.text) == (200, False)
    assert "Advice 2: now at place 1 of 3" in moved.text
    assert list(course.lessons) == [third, first, second]
    last = {"before": "", "seen": f"{third.id},{first.id},{second.id}"}
    assert browser.post(address, data=last).headers["location"] == f"{course.url}/lessons#lesson-{third.id}"
    assert list(course.lessons) == [first, second, third]


def test_of_two_who_order_lessons_the_second_sees_what_the_first_did(sign_in: SignIn, course: Course) -> None:
    browser = sign_in(course.owner)
    first, second, third = course.lessons
    seen = f"{first.id},{second.id},{third.id}"
    browser.post(f"/lessons/{third.id}/moving", data={"up": "", "seen": seen})
    for sent in ({"before": str(first.id)}, {"down": ""}):
        late = browser.post(
            f"/lessons/{second.id}/moving", data={**sent, "seen": seen}, headers={"HX-Request": "true"}
        )
        assert (late.status_code, "changed the lessons meanwhile" in late.text) == (200, True)
        assert f'name="seen" value="{first.id},{third.id},{second.id}"' in late.text
    assert list(course.lessons) == [first, third, second]
    browser.post(f"/lessons/{second.id}/moving", data={"before": str(first.id), "seen": seen})
    assert "changed the lessons meanwhile" in told(browser, f"{course.url}/lessons")
    third.fresh().take_out(by=course.owner)
    gone = {"before": str(first.id), "seen": f"{first.id},{second.id}"}
    assert browser.post(f"/lessons/{third.id}/moving", data=gone).status_code in (303, 404)
    assert list(course.lessons) == [first, second]


def test_a_place_is_remembered_from_page_to_page(sign_in: SignIn, course: Course, ada: Person) -> None:
    browser = sign_in(ada)
    browser.post(f"{course.url}/enrolment")
    browser.post(f"{course.url}/enrolment")
    assert Enrolment.select().count() == 1
    first, second, third = course.lessons
    assert "Advice 1: one question." in told(browser, second.url)
    page = told(browser, "/learning")
    assert f'href="{second.url}"' in page
    assert page.count("btn-primary") == 1, "who has something to go on with is not asked for a course first"
    assert browser.post(f"{second.url}/completion").headers["location"] == third.url
    for lesson in (third, first):
        browser.post(f"{lesson.url}/completion")
    assert "3 of 3 lessons" in told(browser, course.url)
    assert Enrolment.get().finished_at is not None


def test_a_lesson_that_was_taken_out_is_gone(sign_in: SignIn, course: Course, ada: Person) -> None:
    lesson: Lesson = course.lessons.first()
    lesson.take_out(by=course.owner)
    assert sign_in(ada).get(lesson.url).status_code == 404


def test_a_manager_enrols_their_people_and_sees_them_alone(
    sign_in: SignIn, course: Course, mona: Person, ada: Person, ben: Person, stan: Person
) -> None:
    exam_of(course)
    Enrolment.enrol(course, stan, by=stan)
    browser, day = sign_in(mona), clock.today() + timedelta(days=10)
    sent = {"people": [str(ada.id), str(ben.id), str(stan.id)], "due_on": day.isoformat()}
    assert browser.post(f"{course.url}/people", data=sent).status_code == 303
    page = told(browser, f"{course.url}/people")
    assert ("Ada" in page, "Ben" in page, "Stan" in page) == (True, True, False)
    assert Enrolment.select().where(Enrolment.due_on == day).count() == 2
    assert sign_in(ada).get(f"{course.url}/people").status_code == 403
    assert "Stan" in told(sign_in(course.owner), f"{course.url}/people")


def test_late_and_passed_are_seen(sign_in: SignIn, course: Course, mona: Person, ada: Person) -> None:
    exam = exam_of(course)
    Enrolment.enrol(course, ada, by=mona, due_on=clock.today() + timedelta(days=1))
    take(exam, ada, right=2)
    with clock.moved(clock.now() + timedelta(days=3)):
        page = told(sign_in(mona), f"{course.url}/people")
    assert "Late" in page
    assert "100%" in page


def test_who_failed_is_told_with_their_best_and_a_task_leads_to_where_it_is_done(
    sign_in: SignIn, course: Course, mona: Person, ada: Person
) -> None:
    exam = exam_of(course)
    facts = {"kind_of": "task", "title": "Call", "task": "customer.added"}
    lesson = course.add_lesson(by=course.owner, **facts)
    Enrolment.enrol(course, ada, by=mona)
    take(exam, ada, right=1)
    assert "not passed, best result 50%" in told(sign_in(mona), f"{course.url}/people")
    assert 'href="/customers/new"' in sign_in(ada).get(lesson.url).text.partition('<div class="lesson ')[2]


def test_of_many_people_anyone_can_be_named_and_all_learners_are_reached(
    sign_in: SignIn, course: Course, stan: Person
) -> None:
    many = [Person.add(by=None, email=f"p{n}@example.com", name=f"Aaron {n:03}") for n in range(101)]
    browser = sign_in(course.owner)
    page = told(browser, f"{course.url}/people")
    assert "The first hundred by name" in page
    sent = {"person": f"Stan #{stan.id}", "people": [str(many[0].id)]}
    assert browser.post(f"{course.url}/people", data=sent).status_code == 303
    assert {each.person_id for each in Enrolment.select()} == {stan.id, many[0].id}
    nobody = browser.post(f"{course.url}/people", data={"person": ""})
    assert (nobody.status_code, "Choose who is to learn" in nobody.text) == (422, True)
    for one in many:
        Enrolment.enrol(course, one, by=one)
    seen, url = set(), f"{course.url}/people"
    while url:
        page = browser.get(url).text
        table = page.partition('<tbody id="rows">')[2].partition("</tbody>")[0]
        seen |= {int(ident) for ident in re.findall(r'href="/people/(\d+)"', table)}
        more = re.search(r'class="btn btn-secondary" href="([^"]+)" data-more', page)
        url = html.unescape(more[1]) if more else ""
    assert seen == {stan.id, *(each.id for each in many)}


def test_what_one_can_do_afterwards_keeps_its_lines(sign_in: SignIn, ada: Person) -> None:
    course = Course.add(by=ada, title="Loans", purpose="Explain a loan\nSee www.example.com/loans")
    page = sign_in(ada).get(course.url).text
    assert 'class="keep-lines">Explain a loan\nSee <a href="https://www.example.com/loans"' in page
