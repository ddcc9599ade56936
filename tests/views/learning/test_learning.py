"""Courses through the browser: made, read, ticked, and left where one was."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest

from portal import clock
from portal.models.company.customer_types import CustomerType
from portal.models.company.topics import Topic
from portal.models.knowledge.questions import Question
from portal.models.learning.courses import Course, Lesson
from portal.models.learning.enrolments import Enrolment
from portal.models.people.people import Person
from tests.client import Client
from tests.conftest import SignIn
from tests.counting import queries
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


def test_a_piece_of_knowledge_is_found_by_typing_and_answers_of_one_question_are_told_apart(
    sign_in: SignIn, ada: Person, ben: Person, rita: Person, schools: Topic
) -> None:
    """Also what is under another topic; once chosen it is offered no more."""
    families, elsewhere = CustomerType.create(name="Families"), Topic.create(name="Prices")
    asked = Question.ask(by=ada, text="Is the school good enough?", topic=elsewhere)
    careful, quick = (asked.answer(text=text, by=ben) for text in ("Check it first.", "Walk there together."))
    asked.choose_best(careful, by=ada)
    asked.choose_best(quick, by=ada, customer_type=families)
    article = article_of(rita, elsewhere, "How to weigh a school")
    away = Question.ask(by=ada, text="Which school was it?", topic=elsewhere)
    gone = away.answer(text="A school.", by=ben)
    away.choose_best(gone, by=ada)
    away.archive(by=rita)
    course, browser = Course.add(by=rita, title="Schools", topic=schools), sign_in(rita)
    path = f"{course.url}/lessons"
    assert "weigh a school" not in told(browser, path)
    page = told(browser, f"{path}?q=SCHOOL")
    assert [each in page for each in (article.title, "Which school")] == [True, False]
    assert re.findall(r"Best answer for: (\w+)\s+· <span[^>]*>([\w .]+)<", page) == [
        ("everyone", "Check it first."),
        ("Families", "Walk there together."),
    ]
    assert "Nothing that is known says that, or it is in the course already." in told(
        browser, f"{path}?q=school+nonsense"
    )
    data = {"known": [str(quick), str(article), str(gone), "answer-²"]}
    assert "Lessons added: 2." in told(browser, browser.post(path, data=data).headers["location"])
    assert [each.title for each in course.lessons] == [
        "How to weigh a school",
        "Is the school good enough? (Families)",
    ]
    assert "Walk there" not in told(browser, f"{path}?q=school")
    later = article_of(rita, elsewhere, "Which streets a school takes")
    page = told(browser, f"{path}?q=school")
    assert page.index(later.title) < page.index("How to weigh a school"), "what was found is seen first"


def test_what_is_chosen_in_a_list_of_questions_goes_into_a_course_together(
    sign_in: SignIn, ada: Person, ben: Person, rita: Person, schools: Topic
) -> None:
    """Of each question its best answers; one without any is named, and what is there already stays."""
    answered = [Question.ask(by=ada, text=f"What of {n}?", topic=schools) for n in range(2)]
    for each in answered:
        each.choose_best(each.answer(text="This.", by=ben), by=ada)
    bare = Question.ask(by=ada, text="And now?", topic=schools)
    browser = sign_in(rita)
    sent = {"id": [str(each.id) for each in (*answered, bare)], "act": "course"}
    assert "No course of yours yet" in browser.post("/questions/selection", data=sent).text
    course, other = Course.add(by=rita, title="Schools"), Course.add(by=ben, title="Of Ben")
    form = browser.post("/questions/selection", data=sent).text
    assert (f'value="{course.id}"' in form, "Of Ben" in form) == (True, False)
    where = "/questions/selection/course"
    assert browser.post(where, data={**sent, "course": str(other.id)}).status_code == 422
    for words in ("Into “Schools”: 2.", "Not done for 2 (What of 0?, What of 1?): It is so already."):
        answer = browser.post(where, data={**sent, "course": str(course.id)})
        page = html.unescape(told(browser, answer.headers["location"]))
        assert words in page
        assert "Not done for 1 (And now?): It has no best answer to teach." in page
    article = article_of(ada, schools)
    into = {"id": [str(article.id)], "course": str(course.id)}
    browser.post("/articles/selection/course", data=into)
    assert [each.title for each in course.lessons] == ["What of 0?", "What of 1?", article.title]
    assert not other.lessons.exists()


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


def test_all_of_a_job_or_department_are_enrolled_at_once(
    sign_in: SignIn,
    course: Course,
    mona: Person,
    ada: Person,
    ben: Person,
    stan: Person,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of a manager's people alone; who learns already keeps their day."""
    for each in (ada, ben, stan):
        each.edit(by=None, title="Seller")
    soon, later = (clock.today() + timedelta(days=days) for days in (5, 30))
    Enrolment.enrol(course, ben, by=mona, due_on=soon)
    browser, path, sent = sign_in(mona), f"{course.url}/people", {"due_on": later.isoformat()}
    assert 'value="Seller"' in told(browser, path)
    page = told(browser, browser.post(path, data={**sent, "post": "Seller"}).headers["location"])
    assert "Enrolled: 1." in page
    assert {one.person: one.due_on for one in Enrolment.select()} == {ben: soon, ada: later}
    again = browser.post(path, data={**sent, "post": "Seller"})
    assert (again.status_code, "All of them are in the course already." in again.text) == (422, True)
    assert browser.post(path, data={"post": "Nobody"}).status_code == 422
    Enrolment.delete().execute()
    monkeypatch.setattr("portal.forms.learning.courses.MOST_AT_ONCE", 1)
    for words in ("Enrolled: 1. There are more of them: do it once more.", "Enrolled: 1."):
        page = told(browser, browser.post(path, data={"post": "Seller"}).headers["location"])
        assert f"{words}<" in re.sub(r"\s*<", "<", page)
    assert {one.person for one in Enrolment.select()} == {ada, ben}
    monkeypatch.undo()
    Enrolment.delete().execute()
    both = {"post": "Seller", "department": str(ada.department_id)}
    assert sign_in(course.owner).post(path, data=both).status_code == 303
    found = Person.select().where((Person.title == "Seller") & (Person.department == ada.department_id))
    assert {one.person for one in Enrolment.select()} == set(found)


def test_pages_of_a_course_ask_twelve_times_at_most(
    sign_in: SignIn, course: Course, mona: Person, ada: Person
) -> None:
    exam = exam_of(course)
    Enrolment.enrol(course, ada, by=ada)
    for who in (course.owner, mona):
        browser = sign_in(who)
        for path in (f"{course.url}/people", exam.url, f"{exam.url}/topics"):
            told(browser, path)
            with queries() as asked:
                told(browser, path)
            assert len(asked) <= 12, (who.name, path, len(asked))


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


def test_who_makes_a_course_has_a_changed_lesson_taken_once_more(
    sign_in: SignIn, course: Course, ada: Person
) -> None:
    """By renewing one made of knowledge, or by editing one of their own; never one that ticks itself."""
    facts = {"kind_of": "reading", "title": "My own", "text": "Read this."}
    own = course.add_lesson(by=course.owner, **facts)
    task = course.add_lesson(by=course.owner, kind_of="task", title="Log", task="customer.added")
    known, browser = course.lessons.first(), sign_in(course.owner)
    mine = Enrolment.enrol(course, ada, by=ada)
    for each in (known, own):
        mine.complete(each, by=ada)
    known.article.edit(by=course.owner, body="Another text.")
    edited = {"title": "My own", "minutes": "5", "text": "Read that."}
    for path, sent, left in (
        (f"{known.url}/renewal", {}, {known.id, own.id}),
        (f"{own.url}/edit", edited, {known.id, own.id}),
        (f"{own.url}/edit", {**edited, "again": "y"}, {known.id}),
    ):
        assert browser.post(path, data=sent).status_code == 303
        assert mine.fresh().done(list(course.lessons)) == left
    known.fresh().article.edit(by=course.owner, body="A third text.")
    assert "have it read again" in told(browser, f"{course.url}/lessons")
    after = browser.post(f"{known.url}/renewal", data={"again": "1"}).headers["location"]
    assert "Saved. Asked to take it once more: 1." in told(browser, after)
    assert mine.fresh().done(list(course.lessons)) == set()
    assert 'name="again"' not in told(browser, f"{task.url}/edit")
    assert 'name="again"' not in told(browser, f"{known.url}/edit")


def test_what_one_can_do_afterwards_keeps_its_lines(sign_in: SignIn, ada: Person) -> None:
    course = Course.add(by=ada, title="Loans", purpose="Explain a loan\nSee www.example.com/loans")
    page = sign_in(ada).get(course.url).text
    assert 'class="keep-lines">Explain a loan\nSee <a href="https://www.example.com/loans"' in page
