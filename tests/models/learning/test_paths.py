"""The path of a post: by day, ticked from what was done, read by those whom it concerns (S05, RULES 4.5, 4.13)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from portal import clock, shell
from portal.models.base.intake import Source
from portal.models.base.record import Event, Invalid
from portal.models.company.topics import Topic
from portal.models.customers.customers import Customer
from portal.models.customers.interactions import Interaction
from portal.models.experiences import process
from portal.models.experiences.experiences import Experience
from portal.models.experiences.panels import conflicted
from portal.models.expertise.expertise import Evidence
from portal.models.knowledge.articles import Article
from portal.models.knowledge.questions import Question
from portal.models.learning.courses import Course
from portal.models.learning.enrolments import Enrolment, tick_tasks
from portal.models.learning.mentors import Mentorship
from portal.models.learning.paths import (
    MOST,
    Path,
    PathStep,
    StepDone,
    first_day,
    is_learning,
    is_new,
    newcomers,
)
from portal.models.learning.post_needs import JobTitle
from portal.models.people.intake import PersonIntake
from portal.models.people.needs import needs
from portal.models.people.notices import Notice
from portal.models.people.people import Person, Role
from portal.models.work.clocks import Clock
from tests.clocks import advance
from tests.commission import noon
from tests.conftest import SignIn
from tests.counting import MOST as MOST_ASKED
from tests.counting import queries
from tests.learning import article_of, course_of

SELLER = "置业顾问"
FIRST = date(2026, 6, 1)


@pytest.fixture
def ned(ada: Person, mona: Person) -> Person:
    """Ada, who began on a Monday in June; all others are here for long."""
    Person.update(hired_on=date(2020, 1, 6)).execute()
    Person.update(title=SELLER, hired_on=FIRST).where(Person.id == ada.id).execute()
    return Person.get_by_id(ada.id)


@pytest.fixture
def course(rita: Person, schools: Topic) -> Course:
    return course_of(rita, schools, articles=1)


@pytest.fixture
def steps(ned: Person, mona: Person, rita: Person, schools: Topic, course: Course) -> list[PathStep]:
    """One to read on the first day, a call by day 7, a course by day 30, a question by day 90."""
    links: list[dict[str, Any]] = [
        {"day": 1, "article": article_of(rita, schools)},
        {"day": 7, "task": "interaction.logged"},
        {"day": 30, "course": course},
        {"day": 90, "task": "question.asked"},
    ]
    titles = ("读手册", "打电话", "学课程", "问问题")
    return [
        PathStep.add(by=mona, post=SELLER, title=title, **link)
        for title, link in zip(titles, links, strict=True)
    ]


def stands(person: Person) -> list[tuple[int, bool, bool]]:
    return [(each.step.day, each.is_done, each.is_late) for each in Path.of(person, to=person).places]


def test_days_are_counted_from_the_first_and_the_eighth_is_late(steps: list[PathStep], ned: Person) -> None:
    with clock.moved(noon(date(2026, 6, 7))):
        path = Path.of(ned, to=ned)
        assert [each.due_on for each in path.places] == [
            FIRST,
            date(2026, 6, 7),
            date(2026, 6, 30),
            date(2026, 8, 29),
        ]
        assert stands(ned) == [(1, False, True), (7, False, False), (30, False, False), (90, False, False)]
        assert (path.day, path.late, path.next and path.next.step) == (7, 1, steps[0])
    with clock.moved(noon(date(2026, 6, 8))):
        assert stands(ned)[1] == (7, False, True)


def test_who_goes_over_to_another_post_begins_its_path_then(
    steps: list[PathStep], ned: Person, adam: Person, mona: Person
) -> None:
    Person.update(title="", hired_on=FIRST).where(Person.id == ned.id).execute()
    with clock.moved(noon(FIRST + timedelta(days=60))):
        ned.fresh().edit(by=adam, title=SELLER)
        assert Path.of(ned.fresh(), to=ned).since == FIRST, "a title that is written down is no other post"
        ned.fresh().edit(by=adam, title="店长")
    with clock.moved(noon(FIRST + timedelta(days=119))):
        ned.fresh().edit(by=adam, title=SELLER)
        path = Path.of(ned.fresh(), to=mona)
        assert (path.day, path.late) == (1, 0)
        assert path.places[1].due_on == FIRST + timedelta(days=119 + 6)
    with clock.moved(noon(FIRST + timedelta(days=119 + 7))):
        path = Path.of(ned.fresh(), to=mona)
        assert (path.day, path.late) == (8, 2)


def test_each_step_ticks_itself_and_nobody_ticks_a_task(
    steps: list[PathStep], ned: Person, course: Course, sign_in: SignIn
) -> None:
    with clock.moved(noon(FIRST)):
        family = Customer.add(by=ned, name="Wei")
        browser = sign_in(ned)
        for step in (steps[1], steps[2]):
            answer = browser.post(f"/path-steps/{step.id}/completion", follow_redirects=True)
            assert "ticks itself" in answer.text
        assert [each.is_done for each in Path.of(ned, to=ned).places] == [False] * 4
        browser.post(f"/path-steps/{steps[0].id}/completion")
        browser.post(f"/path-steps/{steps[0].id}/completion")
        Interaction.log(family, by=ned, kind_of="call", text="Called")
        assert [each.is_done for each in Path.of(ned, to=ned).places] == [True, True, False, False]
        mine = Enrolment.enrol(course, ned, by=ned)
        mine.complete(course.lessons.first(), by=ned)
        assert Path.of(ned, to=ned).next == Path.of(ned, to=ned).places[3]
        browser.post(f"/path-steps/{steps[0].id}/completion", data={"undo": "1"})
        assert StepDone.select().count() == 0


def test_what_was_done_before_the_first_day_does_not_count(steps: list[PathStep], ned: Person) -> None:
    with clock.moved(noon(FIRST - timedelta(days=3))):
        Interaction.log(Customer.add(by=ned, name="Wei"), by=ned, kind_of="call", text="Called")
    with clock.moved(noon(FIRST)):
        assert not Path.of(ned, to=ned).places[1].is_done


def test_minutes_are_reckoned_where_nobody_says(steps: list[PathStep], mona: Person, course: Course) -> None:
    assert steps[2].minutes == sum(each.minutes for each in course.lessons)
    assert (
        PathStep.add(by=mona, post=SELLER, day=7, title="x", task="customer.added", minutes=40).minutes == 40
    )


def test_a_step_is_one_thing_on_one_of_four_days(steps: list[PathStep], mona: Person, course: Course) -> None:
    wrong: list[dict[str, Any]] = [
        {"day": 7},
        {"day": 7, "course": course, "task": "customer.added"},
        {"day": 8, "task": "customer.added"},
        {"day": 7, "task": "person.paid"},
        {"day": 7, "task": "customer.added", "title": " "},
    ]
    for facts in wrong:
        with pytest.raises(Invalid):
            PathStep.add(by=mona, post=SELLER, **{"title": "x", **facts})
    for _ in range(MOST - 1):
        PathStep.add(by=mona, post=SELLER, day=7, title="x", task="customer.added")
    with pytest.raises(Invalid):
        PathStep.add(by=mona, post=SELLER, day=7, title="x", task="customer.added")


def test_managers_keep_the_posts_they_lead_and_administrators_all(
    steps: list[PathStep], mona: Person, adam: Person, stan: Person, ned: Person, sign_in: SignIn
) -> None:
    Person.update(title="店长").where(Person.id == stan.id).execute()
    stan.grant(Role.MANAGER, by=None)
    assert [post.name for post in PathStep.posts_kept_by(mona)] == [SELLER]
    assert {post.name for post in PathStep.posts_kept_by(adam)} == {SELLER, "店长"}
    sent = {"post": SELLER, "day": "30", "title": "Meet the owners", "task": "customer.added"}
    assert sign_in(ned).post("/path-steps/new", data=sent).status_code == 403
    assert sign_in(stan).post(f"/path-steps/{steps[0].id}/archiving").status_code == 403
    assert sign_in(mona).post("/path-steps/new", data=sent).status_code == 303
    assert sign_in(mona).post("/path-steps/new", data={**sent, "post": "店长"}).status_code == 422
    made = PathStep.get(PathStep.title == "Meet the owners")
    changed = {**sent, "title": "Meet two owners", "day": "90", "version": str(made.version)}
    assert sign_in(mona).post(f"/path-steps/{made.id}/edit", data=changed).status_code == 303
    assert (made.fresh().title, made.fresh().day, made.fresh().position) == ("Meet two owners", 90, 1)
    sign_in(mona).post(f"/path-steps/{made.id}/archiving")
    assert len(PathStep.of(SELLER)) == 4
    sign_in(mona).post(f"/path-steps/{made.id}/restoring")
    assert len(PathStep.of(SELLER)) == 5
    assert {event.verb for event in Event.about(made)} >= {"added", "archived", "restored"}


def test_a_path_is_ready_before_anybody_holds_the_post(
    ned: Person, adam: Person, mona: Person, sign_in: SignIn
) -> None:
    sent = {"post": "", "new_post": "新房专员", "day": "1", "title": "Read it", "task": "customer.added"}
    browser = sign_in(adam)
    assert browser.post("/path-steps/new", data=sent).status_code == 303
    step = PathStep.get(PathStep.title == "Read it")
    assert step.post == "新房专员"
    page = browser.get(step.list_url).text
    assert f"/path-steps/{step.id}/edit" in page
    assert "新房专员" in browser.get("/path-steps/new").text
    assert browser.post("/path-steps/new", data={**sent, "new_post": " "}).status_code == 422
    again = {**sent, "title": "Read the other", "new_post": "", "post": "新房专员"}
    assert browser.post("/path-steps/new", data=again).status_code == 303
    mine = {**again, "new_post": "新房专员", "post": SELLER}
    sign_in(mona).post("/path-steps/new", data={**mine, "title": "Mine"})
    assert PathStep.get(PathStep.title == "Mine").post == SELLER, "managers name no other posts"
    assert f"/path-steps/{step.id}/edit" not in sign_in(mona).get(step.list_url).text


def test_nobody_asks_at_a_step_that_was_put_away(
    steps: list[PathStep], ned: Person, mona: Person, sign_in: SignIn
) -> None:
    address = f"/path-steps/{steps[0].id}/questions"
    assert address in sign_in(ned).get(steps[0].url).text
    steps[0].archive(by=mona)
    assert address not in sign_in(ned).get(steps[0].url).text
    assert sign_in(ned).post(address, data={"text": "Where is it?"}).status_code == 404


def test_the_newcomer_sees_the_path_and_who_has_none_where_to_start(
    steps: list[PathStep], ned: Person, ben: Person, mona: Person, sign_in: SignIn
) -> None:
    with clock.moved(noon(date(2026, 6, 8))):
        page = sign_in(ned).get("/learning").text
        assert "My first 90 days" in page
        assert "2 steps are late." in page
        assert "Next: 读手册" in page
        assert "My first 90 days" not in sign_in(ben).get("/learning").text, "he is here for six years"
        Person.update(hired_on=FIRST).where(Person.id == ben.id).execute()
        page = sign_in(ben).get("/learning").text
        assert "Start here" in page
        assert 'href="/articles?sort=-uses"' in page
        row = sign_in(mona).get("/newcomers").text
        assert "no path yet" in row
        assert "0 of 0" not in row
        assert sign_in(ben).post(f"/path-steps/{steps[0].id}/completion").status_code == 403


def test_the_pages_of_a_path_ask_little(
    steps: list[PathStep], ned: Person, mona: Person, ben: Person, sign_in: SignIn
) -> None:
    with clock.moved(noon(date(2026, 6, 8))):
        Mentorship.confirm(ned, by=mona, mentor=ben)
        pages = [(ned, "/learning"), (ned, steps[0].url), (ned, steps[1].url), (ben, f"/newcomers/{ned.id}")]
        pages += [
            (mona, f"/newcomers/{ned.id}"),
            (mona, f"/newcomers/{ned.id}/mentor"),
            (mona, "/newcomers"),
            (mona, f"/paths?post={SELLER}"),
        ]
        for person, path in pages:
            shell._counted.clear()
            browser = sign_in(person)
            with queries() as asked:
                assert browser.get(path).status_code == 200
            assert len(asked) <= MOST_ASKED, "\n".join([path, *asked])


def test_newcomers_stand_by_their_first_day_on_each_database_and_none_is_left_out(
    database_url: str, ned: Person, ben: Person, mona: Person, sign_in: SignIn
) -> None:
    with clock.moved(noon(FIRST)):
        Person.update(hired_on=None, created_at=noon(FIRST - timedelta(days=3))).where(
            Person.id == ben.id
        ).execute()
        assert [each.name for each in newcomers(Person.id.in_({ben.id, ned.id}))] == ["Ada", "Ben"]
        made = [
            {
                "email": f"{n}@x.example",
                "name": f"Lee {n}",
                "manager": mona,
                "hired_on": FIRST,
                "title": SELLER,
            }
            for n in range(105)
        ]
        Person.insert_many(made).execute()
        browser = sign_in(Person.get_by_id(mona.id))
        page = browser.get("/newcomers").text
        assert "/newcomers?from=100" in page
        assert (
            page.count('class="row-link"') + browser.get("/newcomers?from=100").text.count('class="row-link"')
            >= 106
        )


def test_nobody_is_new_for_ever(steps: list[PathStep], ned: Person) -> None:
    with clock.moved(noon(FIRST + timedelta(days=179))):
        assert is_new(ned)
    with clock.moved(noon(FIRST + timedelta(days=180))):
        assert not is_new(ned)


def test_how_far_somebody_is_concerns_who_leads_them_and_their_mentor(
    steps: list[PathStep], ned: Person, mona: Person, ben: Person, adam: Person, stan: Person, sign_in: SignIn
) -> None:
    stan.grant(Role.MANAGER, by=None)
    with clock.moved(noon(date(2026, 6, 8))):
        page = sign_in(mona).get("/newcomers").text
        assert f"/newcomers/{ned.id}" in page
        address = f"/newcomers/{ned.id}"
        assert "Late: due on 2026-06-07" in sign_in(mona).get(address).text
        assert sign_in(ned).get(address).status_code == 200
        for other in (stan, ben, adam):
            assert sign_in(other).get(address).status_code == 403
            assert address not in sign_in(other).get("/newcomers").text
        Mentorship.confirm(ned, by=mona, mentor=ben)
        assert sign_in(ben).get(address).status_code == 200
        assert address in sign_in(ben).get("/newcomers").text


def test_the_mentor_is_suggested_by_what_they_proved_and_confirmed_by_who_leads(
    steps: list[PathStep],
    ned: Person,
    mona: Person,
    ben: Person,
    stan: Person,
    schools: Topic,
    sign_in: SignIn,
) -> None:
    for person in (ben, ned, stan):
        Evidence.record(person, schools.id, "endorsement", schools, since=noon(FIRST))
    with clock.moved(noon(date(2026, 6, 8))):
        Person.update(hired_on=date(2020, 1, 6)).where(Person.id == ben.id).execute()
        Person.update(hired_on=date(2026, 5, 20)).where(Person.id == stan.id).execute()
        suggested = [each.person for each in Mentorship.suggested(ned)]
        assert ben in suggested
        assert not {ned, stan} & set(suggested), "neither the newcomer nor who is new too"
        address = f"/newcomers/{ned.id}/mentor"
        assert sign_in(ned).post(address, data={"mentor": f"Ben #{ben.id}"}).status_code == 403
        assert sign_in(stan).post(address, data={"mentor": f"Ben #{ben.id}"}).status_code == 403
        assert sign_in(mona).post(address, data={"mentor": f"Ada #{ned.id}"}).status_code == 422
        for _ in range(2):
            assert sign_in(mona).post(address, data={"mentor": f"Ben #{ben.id}"}).status_code == 303
        assert Mentorship.get().mentor == ben
        assert [Notice.of(who).count() for who in (ned, ben, mona)] == [1, 1, 0]
        assert "Ben" in sign_in(ned).get("/learning").text


def test_a_mentor_who_leaves_is_no_mentor_and_who_leads_hears_of_it(
    steps: list[PathStep], ned: Person, mona: Person, ben: Person, adam: Person, sign_in: SignIn
) -> None:
    Person.update(hired_on=date(2020, 1, 6)).where(Person.id == ben.id).execute()
    with clock.moved(noon(date(2026, 6, 8))):
        Mentorship.confirm(ned, by=mona, mentor=ben)
        assert "no mentor" not in sign_in(mona).get("/newcomers").text
        ben.deactivate(by=adam)
        advance()
        assert Mentorship.of(ned) is None
        (asked,) = Notice.of(mona)
        assert ("the mentor of" in asked.text, asked.url) == (True, f"/newcomers/{ned.id}/mentor")
        assert "no mentor" in sign_in(mona).get("/newcomers").text
        Mentorship.confirm(ned, by=mona, mentor=mona)
        assert Mentorship.of(ned) is not None


def test_who_leads_somebody_new_is_asked_to_choose_a_mentor(
    steps: list[PathStep], ned: Person, mona: Person, ben: Person, rita: Person
) -> None:
    def asked(person: Person) -> list[str]:
        return [need.url for need in needs(person) if need.url.endswith("/mentor")]

    Person.update(manager=mona.id).where(Person.id == ned.id).execute()
    with clock.moved(noon(FIRST)):
        for _ in range(2):
            Mentorship.ask_first()
        assert asked(mona) == [f"/newcomers/{ned.id}/mentor"]
        Person.update(manager=rita.id).where(Person.id == ned.id).execute()
        Mentorship.ask_first()
        assert (asked(mona), len(asked(rita))) == ([], 1)
        Mentorship.confirm(ned.fresh(), by=rita, mentor=ben)
        assert asked(rita) == []
        Mentorship.ask_first()
        assert asked(rita) == []
        Mentorship.end(ned.fresh(), by=rita)
        Mentorship.ask_first()
        assert len(asked(rita)) == 1
    with clock.moved(noon(FIRST + timedelta(days=90))):
        Mentorship.ask_first()
        assert asked(rita) == []


def test_a_mentor_who_is_replaced_hears_of_it(ned: Person, mona: Person, ben: Person, rita: Person) -> None:
    with clock.moved(noon(date(2026, 6, 8))):
        Mentorship.confirm(ned, by=mona, mentor=ben)
        Mentorship.confirm(ned, by=mona, mentor=rita)
        last = Notice.of(ben).order_by(Notice.id.desc()).first()
        assert ("no longer" in last.text, last.url) == (True, "/newcomers")
        assert not Mentorship.goes_with(ben, ned)


def test_a_mentor_goes_with_somebody_while_they_are_new(
    steps: list[PathStep], ned: Person, mona: Person, ben: Person, sign_in: SignIn
) -> None:
    with clock.moved(noon(date(2026, 6, 8))):
        Mentorship.confirm(ned, by=mona, mentor=ben)
        assert sign_in(ben).get(f"/newcomers/{ned.id}").status_code == 200
    with clock.moved(noon(FIRST + timedelta(days=180))):
        assert sign_in(ben).get(f"/newcomers/{ned.id}").status_code == 403
        assert not Mentorship.of_mentor(ben).exists()


def test_whoever_leads_ends_it_and_nobody_else(
    steps: list[PathStep], ned: Person, mona: Person, ben: Person, sign_in: SignIn
) -> None:
    with clock.moved(noon(date(2026, 6, 8))):
        Mentorship.confirm(ned, by=mona, mentor=ben)
        address = f"/newcomers/{ned.id}/mentor"
        assert sign_in(ben).post(address, data={"undo": "1"}).status_code == 403
        for _ in range(2):
            assert sign_in(mona).post(address, data={"undo": "1"}).status_code == 303
        assert Mentorship.of(ned) is None
        assert not Mentorship.goes_with(ben, ned)
        assert Notice.of(ben).count() == 2


def test_what_newcomers_asked_is_found_at_the_step(
    steps: list[PathStep], ned: Person, ben: Person, schools: Topic, sign_in: SignIn
) -> None:
    browser = sign_in(ned)
    sent = {"text": "Which school comes first?", "key": "k1"}
    for _ in range(2):
        assert browser.post(f"/path-steps/{steps[0].id}/questions", data=sent).status_code == 303
    asked = Question.get()
    assert (Question.select().count(), asked.asker_id, asked.topic_id) == (1, ned.id, schools.id)
    assert "Which school comes first?" in sign_in(ben).get(f"/path-steps/{steps[0].id}").text
    assert "Which school comes first?" not in sign_in(ben).get(f"/path-steps/{steps[2].id}").text
    assert browser.post(f"/path-steps/{steps[0].id}/questions", data={"text": ""}).status_code == 422
    asked.fresh().archive(by=ned)
    assert "Which school comes first?" not in sign_in(ben).get(f"/path-steps/{steps[0].id}").text


def test_whose_text_lies_before_reviewers_is_read_off_no_path(
    ned: Person, mona: Person, rita: Person, rob: Person, schools: Topic, sign_in: SignIn
) -> None:
    """RULES 4.2: it counts before others once its author is named, and is late before nobody until then."""
    step = PathStep.add(by=mona, post=SELLER, day=1, title="写经验", task="experience.submitted")
    course = Course.add(by=rita, title="Writing", topic=schools)
    task = course.add_lesson(by=rita, kind_of="task", title="Write", task="experience.submitted")
    course.publish(by=rita)
    with clock.moved(noon(date(2026, 6, 8))):
        mine = Enrolment.enrol(course, ned, by=ned)
        text = Experience.begin(by=ned, kind="question")
        parts: dict[str, Any] = {
            "title": "学位锁了吗",
            "doubt": "这套房的学位锁了吗？" * 9,
            "action": "先查学位，再带客户看房。" * 9,
        }
        text.save_draft(by=ned, topics=[schools], **parts)
        process.submit(text, by=ned)
        tick_tasks()
        assert [Path.of(ned, to=who).done for who in (ned, mona, rita)] == [1, 0, 0]
        assert [Path.of(ned, to=who).late for who in (ned, mona)] == [0, 0]
        assert "not told" in sign_in(mona).get(f"/newcomers/{ned.id}").text
        assert Enrolment.progress([mine])[mine.id] == (0, 1)
        assert task.id not in mine.done([task])
        text.fresh().track("accepted")
        tick_tasks(Event.select().order_by(Event.id.desc()).get().id - 1)
        assert Path.of(ned, to=rita).done == 1
        assert mine.fresh().finished_at is not None
    assert step.is_untold


def test_a_mentor_judges_no_text_of_who_is_new(
    ned: Person, mona: Person, rita: Person, rob: Person, schools: Topic
) -> None:
    text = Experience.begin(by=ned, kind="question")
    with clock.moved(noon(date(2026, 6, 8))):
        assert rita.id not in conflicted(text)
        Mentorship.confirm(ned, by=mona, mentor=rita)
        assert rita.id in conflicted(text)
    with clock.moved(noon(FIRST + timedelta(days=180))):
        assert rita.id not in conflicted(text)


def test_a_path_does_not_stand_still_at_what_was_put_away(
    steps: list[PathStep], ned: Person, mona: Person, rita: Person, course: Course, sign_in: SignIn
) -> None:
    with clock.moved(noon(date(2026, 7, 10))):
        Interaction.log(Customer.add(by=ned, name="Wei"), by=ned, kind_of="call", text="Called")
        assert Path.of(ned, to=mona).late == 2
        course.archive(by=rita)
        article = Article.get_by_id(steps[0].article_id)
        article.archive(by=rita)
        path = Path.of(ned, to=ned)
        assert ([each.step.day for each in path.places], path.late) == ([7, 90], 0)
        assert path.next == path.places[1]
        with pytest.raises(Invalid):
            steps[0].fresh().tell_done(by=ned)
        assert "put away meanwhile" in sign_in(ned).get(steps[0].url).text
        course.fresh().restore(by=rita)
        assert Path.of(ned, to=mona).late == 1


def test_who_read_one_article_has_not_read_another(
    steps: list[PathStep], ned: Person, mona: Person, rita: Person, schools: Topic
) -> None:
    with clock.moved(noon(FIRST)):
        step, read = steps[0], Article.get_by_id(steps[0].article_id)
        step.tell_done(by=ned)
        facts: dict[str, Any] = {"post": SELLER, "day": 1, "title": "读新手册"}
        step.fresh().change(by=mona, **facts, article=read)
        assert Path.of(ned, to=ned).done == 1
        step.fresh().change(by=mona, **facts, article=article_of(rita, schools, "Prices"))
        assert Path.of(ned, to=ned).done == 0


def test_what_an_unnamed_newcomer_asks_ticks_for_them_alone(
    steps: list[PathStep], ned: Person, mona: Person, sign_in: SignIn
) -> None:
    """Asked at a step as anywhere else; nobody who leads them reads that it is late, nor that it is done."""
    with clock.moved(noon(date(2026, 9, 10))):
        sent = {"text": "Which school comes first?", "key": "k1", "is_anonymous": "1"}
        assert sign_in(ned).post(f"/path-steps/{steps[1].id}/questions", data=sent).status_code == 303
        assert Question.get().is_anonymous
        own, read = Path.of(ned, to=ned).places[3], Path.of(ned, to=mona).places[3]
        assert (own.is_done, read.is_done, read.is_late, read.is_untold) == (True, False, False, True)
        Question.ask(by=ned, text="Which comes second?")
        assert Path.of(ned, to=mona).places[3].is_done


@pytest.fixture
def changed(steps: list[PathStep], ned: Person, adam: Person, mona: Person, ben: Person) -> Person:
    """Ada a year on: her mentor was Ben, she read, called, and went over to lead a shop, which has a path."""
    with clock.moved(noon(FIRST)):
        Mentorship.confirm(ned, by=mona, mentor=ben)
        steps[0].tell_done(by=ned)
        Interaction.log(Customer.add(by=ned, name="Wei"), by=ned, kind_of="call", text="Called")
        for day, task in ((1, "customer.added"), (7, "question.asked")):
            PathStep.add(by=adam, post="店长", day=day, title=task, task=task)
    with clock.moved(noon(CHANGED)):
        Person.update(title_en="Consultant").where(Person.id == ned.id).execute()
        ned.fresh().edit(by=adam, title="店长", title_en="Manager")
    return ned.fresh()


CHANGED = FIRST + timedelta(days=365)


def test_who_goes_over_after_half_a_year_is_given_the_path_of_the_new_post(
    changed: Person, mona: Person, sign_in: SignIn
) -> None:
    with clock.moved(noon(CHANGED + timedelta(days=6))):
        assert (is_new(changed), is_learning(changed)) == (True, True)
        assert list(newcomers(Person.id.in_([changed.id]))) == [changed]
        assert [
            (each.step.day, each.is_done, each.due_on) for each in Path.of(changed, to=changed).places
        ] == [
            (1, True, CHANGED),
            (7, False, CHANGED + timedelta(days=6)),
        ]
        assert "Today is day 7." in sign_in(changed).get("/learning").text
        assert "Paths of earlier posts" in sign_in(changed).get("/learning").text
    with clock.moved(noon(CHANGED + timedelta(days=90))):
        assert (is_new(changed), is_learning(changed)) == (True, False)
    with clock.moved(noon(CHANGED + timedelta(days=180))):
        assert not is_new(changed)
        assert not newcomers(Person.id.in_([changed.id])).exists()


def test_the_mentor_of_another_post_is_confirmed_anew(
    changed: Person, mona: Person, ben: Person, sign_in: SignIn
) -> None:
    with clock.moved(noon(CHANGED + timedelta(days=1))):
        assert Mentorship.of(changed) is None
        assert not Mentorship.goes_with(ben, changed)
        assert sign_in(ben).get(f"/newcomers/{changed.id}").status_code == 403
        assert "no mentor" in sign_in(mona).get("/newcomers").text
        for _ in range(2):
            Mentorship.confirm(changed, by=mona, mentor=ben)
        assert (Mentorship.of(changed) is not None, Mentorship.goes_with(ben, changed)) == (True, True)
        assert Notice.of(ben).count() == 2, "once for each post"


def test_the_path_before_is_closed_and_kept_as_it_stood(
    steps: list[PathStep], changed: Person, mona: Person, ben: Person, sign_in: SignIn
) -> None:
    with clock.moved(noon(CHANGED + timedelta(days=2))):
        Question.ask(by=changed, text="Which school comes first?")
        PathStep.add(by=mona, post="店长", day=30, title="Later", task="question.answered")
        (closed,) = Path.closed(changed, to=changed)
        assert (closed.post, closed.since, closed.until) == (JobTitle(SELLER, "Consultant"), FIRST, CHANGED)
        assert [each.is_done for each in closed.places] == [True, True, False, False]
        assert Path.of(changed, to=changed).done == 2, "what is done since counts where they are now"
        with queries() as asked:
            page = sign_in(mona).get(f"/newcomers/{changed.id}").text
        assert len(asked) <= MOST_ASKED
        assert ("Paths of earlier posts" in page, "2 of 4 steps" in page) == (True, True)
        Mentorship.confirm(changed, by=mona, mentor=ben)
        page = sign_in(ben).get(f"/newcomers/{changed.id}").text
        assert ("Today is day 3." in page, "Paths of earlier posts" in page) == (True, False)


def test_who_goes_back_to_a_post_and_a_post_without_a_path_make_nobody_new(
    changed: Person, adam: Person
) -> None:
    with clock.moved(noon(CHANGED + timedelta(days=1))):
        changed.fresh().edit(by=adam, title=SELLER)
        assert (changed.fresh().in_post_since, is_new(changed.fresh())) == (None, False)
        changed.fresh().edit(by=adam, title="无路径的岗位")
        assert not is_new(changed.fresh())
        assert not newcomers(Person.id.in_([changed.id])).exists()
        changed.fresh().edit(by=adam, title_en="Another")
        assert changed.fresh().in_post_since == clock.now()


def test_a_job_title_that_gets_another_name_makes_nobody_new(
    changed: Person, adam: Person, mona: Person, ben: Person
) -> None:
    """Not for those who have had it long, and not again for who is new in it; undone, all is as it was."""
    with clock.moved(noon(CHANGED + timedelta(days=9))):
        went_over = changed.in_post_since
        Mentorship.confirm(changed, by=mona, mentor=ben)
        old = Person.add(by=adam, email="old@example.com", name="Old", title="店长")
        Person.update(hired_on=FIRST).where(Person.id == old.id).execute()
    with clock.moved(noon(CHANGED + timedelta(days=30))):
        PathStep.update(post="门店经理").where(PathStep.post == "店长").execute()
        for name in ("门店经理", "店长", "门店经理"):
            old.fresh().edit(by=adam, title=name)
            changed.fresh().edit(by=adam, title=name)
            assert (changed.fresh().in_post_since, old.fresh().in_post_since) == (went_over, None)
        assert (is_new(old.fresh()), first_day(changed.fresh())) == (False, CHANGED)
        assert Mentorship.of(changed.fresh()) is not None
    with clock.moved(noon(CHANGED + timedelta(days=60))):
        late = Person.add(by=adam, email="late@example.com", name="Late", title="店长")
        Person.update(hired_on=FIRST).where(Person.id == late.id).execute()
        late.fresh().edit(by=adam, title="门店经理")
        assert is_new(late.fresh()), "others have had that post for a month: went over"


def test_a_mistake_in_a_job_title_makes_nobody_new_and_takes_nothing_away(
    changed: Person, adam: Person, mona: Person, ben: Person
) -> None:
    """Neither put right by hand nor by undoing an import; what was a mistake is no post that somebody knows."""
    went_over = changed.in_post_since
    with clock.moved(noon(CHANGED + timedelta(days=20))):
        Mentorship.confirm(changed, by=mona, mentor=ben)
    with clock.moved(noon(CHANGED + timedelta(days=21))):
        for title in ("店张", "无", "店长"):
            changed.fresh().edit(by=adam, title=title)
        intake = PersonIntake(Source(adam, 1))
        before = intake.revise(changed.fresh(), {"title": "第三"}, 1)
    with clock.moved(noon(CHANGED + timedelta(days=24))):
        intake.put_back(changed.fresh(), before, 1)
        now = changed.fresh()
        assert (now.in_post_since, is_new(now), Path.of(now, to=now).day) == (went_over, True, 25)
        assert (Mentorship.of(now) is not None, len(Path.closed(now, to=now))) == (True, 1)
        PathStep.add(by=adam, post="第三", day=1, title="New", task="customer.added")
        changed.fresh().edit(by=adam, title="第三")
        assert is_new(changed.fresh()), "a title that an import brought by mistake was never held"


def test_a_title_that_is_emptied_first_is_no_way_round(changed: Person, adam: Person) -> None:
    with clock.moved(noon(CHANGED + timedelta(days=40))):
        for title in ("", SELLER):
            changed.fresh().edit(by=adam, title=title)
        assert not is_new(changed.fresh()), "known from before"
        for title in ("", "店长"):
            changed.fresh().edit(by=adam, title=title)
        went_back = changed.fresh()
        assert (went_back.in_post_since, went_back.title) == (noon(CHANGED), "店长")
        PathStep.add(by=adam, post="第三", day=1, title="New", task="customer.added")
        for title in ("", "第三"):
            changed.fresh().edit(by=adam, title=title)
        assert (is_new(changed.fresh()), len(Path.closed(changed.fresh(), to=adam))) == (True, 2)


def test_a_closed_path_keeps_what_was_put_away_or_linked_anew_since(
    steps: list[PathStep], changed: Person, adam: Person, mona: Person, rita: Person, schools: Topic
) -> None:
    with clock.moved(noon(CHANGED + timedelta(days=9))):
        other = article_of(rita, schools, "Another")
        first = steps[0].fresh()
        first.change(by=adam, title=first.title, article=other, course=None, task="")
        for step in PathStep.of(SELLER):
            step.archive(by=mona)
        (closed,) = Path.closed(changed, to=mona)
        assert [each.is_done for each in closed.places] == [True, True, False, False]


def test_whose_newcomer_went_over_hears_of_it_once_and_whoever_leads_them_chooses(
    changed: Person, adam: Person, mona: Person, ben: Person, rita: Person
) -> None:
    with clock.moved(noon(CHANGED + timedelta(days=1))):
        for _ in range(2):
            Mentorship.ask_anew()
        assert [str(each.text) for each in Notice.of(ben).limit(1)] == [
            "You are no longer the mentor of %(who)s."
        ]
        assert (Notice.of(ben).count(), Notice.of(mona).count()) == (2, 1)
        Mentorship.confirm(changed, by=mona, mentor=rita)
        assert Notice.of(ben).count() == 2, "told already"
        Mentorship.ask_anew()
        assert (Notice.of(rita).count(), Mentorship.of(changed) is not None) == (1, True)


def test_the_mentor_before_hears_of_another_and_a_mistake_lets_the_mentor_go_on(
    changed: Person, adam: Person, mona: Person, ben: Person, rita: Person
) -> None:
    with clock.moved(noon(CHANGED + timedelta(days=1))):
        Mentorship.confirm(changed, by=mona, mentor=rita)
        assert Notice.of(ben).count() == 2
    with clock.moved(noon(CHANGED + timedelta(days=2))):
        PathStep.add(by=adam, post="第三", day=1, title="New", task="customer.added")
        for title in ("第三", "店长"):
            changed.fresh().edit(by=adam, title=title)
            Mentorship.ask_anew()
        mine = Mentorship.of(changed.fresh())
        assert mine is not None
        assert Clock.of(mine, "mentor") is not None


def test_the_paths_before_are_led_to_where_there_are_some(
    changed: Person, adam: Person, sign_in: SignIn
) -> None:
    """From a post without a path too; not from one whose post before had none."""
    led = "Paths of earlier posts"
    with clock.moved(noon(CHANGED + timedelta(days=9))):
        changed.fresh().edit(by=adam, title="无路径的岗位")
        assert led in sign_in(changed).get("/learning").text
        assert led in sign_in(changed).get(f"/newcomers/{changed.id}").text
        PathStep.update(post="门店经理").execute()
        assert led not in sign_in(changed).get("/learning").text


def test_what_a_step_links_is_found_by_words_of_its_title(
    steps: list[PathStep], mona: Person, rita: Person, schools: Topic, course: Course, sign_in: SignIn
) -> None:
    """The one that has them; of several these are proposed; what was put away stays where it is linked."""
    wanted, other = (
        article_of(rita, schools, f"How schools are weighed {each}") for each in ("early", "late")
    )
    browser, path = sign_in(mona), "/path-steps/new"
    sent = {"post": SELLER, "day": "30", "title": "Read it", "article": "weighed schools"}
    several = browser.post(path, data=sent)
    assert several.status_code == 422
    assert f"“{other.title}”, “{wanted.title}”. Choose one" in several.text
    assert f'<option value="{wanted.title} #{wanted.id}">' in several.text
    assert f' #{steps[0].article_id}">' not in several.text
    assert browser.post(path, data={**sent, "article": "unheard of"}).status_code == 422
    assert browser.post(path, data={**sent, "article": "EARLY schools"}).status_code == 303
    made = PathStep.get(PathStep.title == "Read it")
    assert made.article_id == wanted.id
    taught = {**sent, "title": "Take it", "article": "", "course": course.title[:5]}
    assert browser.post(path, data=taught).status_code == 303
    assert PathStep.get(PathStep.title == "Take it").course_id == course.id
    wanted.fresh().archive(by=rita)
    shown = browser.get(f"/path-steps/{made.id}/edit").text
    assert f'value="{wanted.title} #{wanted.id}"' in shown
    kept = {
        **sent,
        "title": "Read on",
        "article": f"{wanted.title} #{wanted.id}",
        "version": str(made.version),
    }
    assert browser.post(f"/path-steps/{made.id}/edit", data=kept).status_code == 303
    assert browser.post(path, data={**kept, "title": "Another"}).status_code == 422, "it is offered no more"
