"""Courses are made of what is known, learnt in any order, and remembered."""

from __future__ import annotations

from datetime import timedelta

import pytest

from portal import clock
from portal.jobs.learning import keep_in_step, seen_before
from portal.models.base.record import Event, Invalid
from portal.models.company.topics import Topic
from portal.models.customers.customers import Customer
from portal.models.home.leaving import leave
from portal.models.knowledge.questions import Question
from portal.models.learning.courses import Course, Lesson, minutes_of
from portal.models.learning.enrolments import Enrolment, tick_tasks, to_look_at
from portal.models.learning.exams import Exam, ExamQuestion
from portal.models.learning.words import LearnerState
from portal.models.people.needs import needs
from portal.models.people.notices import Notice
from portal.models.people.people import Person
from portal.models.work.clocks import Clock, ClockStep
from portal.models.work.jobs import Job
from tests.clocks import advance
from tests.commission import noon
from tests.learning import article_of, course_of, exam_of


def test_a_course_is_filled_with_the_knowledge_of_its_topic(
    ada: Person, ben: Person, rita: Person, schools: Topic
) -> None:
    article = article_of(ada, schools)
    question = Question.ask(by=ben, text="Is the school near?", topic=schools)
    answer = question.answer(by=ada, text="Five minutes on foot.")
    question.choose_best(answer, by=rita)
    elsewhere = article_of(ada, Topic.create(name="价格", name_en="Prices"), "Prices")
    draft = Course.add(by=rita, title="Schools", topic=schools, is_filled=True)
    assert [(each.article, each.answer) for each in draft.lessons] == [(article, None), (None, answer)]
    assert elsewhere not in draft.fitting()
    assert draft.fitting() == []
    assert draft.add_known([article, answer], by=rita) == 0, "twice is harmless"
    assert not Course.visible_to(ben).exists(), "a draft is its maker's"


def test_a_lesson_is_a_link_to_a_version(ada: Person, rita: Person, schools: Topic) -> None:
    article = article_of(ada, schools)
    lesson = Course.add(by=rita, title="Schools", topic=schools, is_filled=True).lessons.get()
    article.edit(by=ada, body="Ask twice.")
    lesson = lesson.fresh()
    assert lesson.is_outdated
    assert lesson.words == "Ask first: one question."
    lesson.bring_up_to_date(by=rita)
    assert lesson.fresh().words == "Ask twice."
    assert not lesson.fresh().is_outdated


def test_what_was_put_away_is_read_nowhere(ada: Person, rita: Person, schools: Topic) -> None:
    """An archived article may hold what nobody should read any more."""
    article = article_of(ada, schools)
    lesson = Course.add(by=rita, title="Schools", topic=schools, is_filled=True).lessons.get()
    article.archive(by=ada)
    assert lesson.fresh().words == ""


def test_an_empty_course_is_not_published(rita: Person) -> None:
    course = Course.add(by=rita, title="Nothing")
    with pytest.raises(Invalid, match="Add a lesson first"):
        course.publish(by=rita)


def test_lessons_go_up_and_down(rita: Person, schools: Topic) -> None:
    course = course_of(rita, schools)
    first, second, third = course.lessons
    first.move(by=rita, down=False)
    assert list(course.lessons) == [first, second, third]
    first.fresh().move(by=rita, down=True)
    assert list(course.lessons) == [second, first, third]
    second.fresh().take_out(by=rita)
    assert list(course.lessons) == [first, third]
    second.fresh().put_back(by=rita)
    assert second in course.lessons


def test_a_place_is_remembered_and_all_of_it_is_an_end(rita: Person, ada: Person, schools: Topic) -> None:
    course = course_of(rita, schools)
    first, second, third = course.lessons
    mine = Enrolment.enrol(course, ada, by=ada)
    assert mine.complete(second, by=ada) == third
    assert mine.fresh().place == third
    assert mine.complete(third, by=ada) == first
    assert mine.complete(first, by=ada) is None
    assert mine.complete(first, by=ada) is None, "twice is harmless"
    assert mine.fresh().state == LearnerState.DONE
    assert Enrolment.progress([mine]) == {mine.id: (3, 3)}


def test_a_task_ticks_itself(rita: Person, ada: Person, ben: Person, schools: Topic) -> None:
    Customer.add(by=ada, name="Before")
    course = Course.add(by=rita, title="Tasks")
    task = course.add_lesson(by=rita, kind_of="task", title="Write one down", task="customer.added")
    course.publish(by=rita)
    with clock.moved(clock.now() + timedelta(hours=1)):
        mine = Enrolment.enrol(course, ada, by=ada)
        Customer.add(by=ben, name="Another's")
        with pytest.raises(Invalid, match="ticks itself"):
            mine.complete(task, by=ada)
        assert tick_tasks() == 0
        Customer.add(by=ada, name="Mine")
        assert mine.done([task]) == {task.id}
        assert (tick_tasks(), tick_tasks()) == (1, 0)
        assert mine.fresh().state == LearnerState.DONE


def test_who_is_enrolled_by_a_day_is_asked_reminded_and_told(
    rita: Person, ada: Person, mona: Person, schools: Topic
) -> None:
    course, now = course_of(rita, schools), clock.start_of(clock.today()) + timedelta(hours=12)
    mine = Enrolment.enrol(course, ada, by=mona, due_on=clock.today() + timedelta(days=10))
    assert [(need.kind, need.url) for need in needs(ada)] == [("course", course.url)]
    assert [str(each.phrase) for each in Notice.unread_by(ada)] == ["Mona enrolled you in “First days”."]
    with clock.moved(now + timedelta(days=7, hours=20)):
        advance()
        assert "is due on" in str(Notice.unread_by(ada).get().phrase)
        assert not Notice.unread_by(mona).exists()
    with clock.moved(now + timedelta(days=11, hours=20)):
        advance()
        assert mine.fresh().state == LearnerState.LATE
        assert "has not finished" in str(Notice.unread_by(mona).get().phrase)
        told = [str(each.phrase) for each in Notice.unread_by(ada)]
        day = (now + timedelta(days=10)).astimezone(clock.zone()).date().isoformat()
        assert f"“First days” was due on {day}. Where you left off is kept." in told, (
            "true whenever it is read"
        )
        for lesson in course.lessons:
            mine.complete(lesson, by=ada)
        assert needs(ada) == []
    with pytest.raises(Invalid, match="Ask whoever enrolled you"):
        mine.leave(by=ada)


def test_an_auditor_learns_elsewhere(rita: Person, audrey: Person, schools: Topic) -> None:
    with pytest.raises(Invalid, match="cannot take"):
        Enrolment.enrol(course_of(rita, schools), audrey, by=rita)


def test_reading_time() -> None:
    """400 signs of Chinese a minute; three Latin letters weigh one."""
    assert (minutes_of(""), minutes_of("字" * 1200), minutes_of("a" * 1200)) == (1, 3, 1)


def test_what_is_archived_waits_for_nobody(rita: Person, ada: Person, mona: Person, schools: Topic) -> None:
    course = course_of(rita, schools)
    Enrolment.enrol(course, ada, by=mona, due_on=clock.today() + timedelta(days=1))
    assert [need.kind for need in needs(ada)] == ["course"]
    assert (course.archive(by=rita), course.archive(by=rita)) == (True, False)
    assert needs(ada) == []
    assert not course.takeable_by(ada)


def test_who_leaves_hands_their_courses_on(rita: Person, rob: Person, adam: Person, schools: Topic) -> None:
    course = course_of(rita, schools)
    leave(rita, by=adam, to=rob, groups=["courses"])
    assert course.fresh().owner == rob


@pytest.mark.parametrize("with_day", [True, False])
def test_who_enrolled_first_does_not_evade_what_is_ordered_then(
    rita: Person, ada: Person, mona: Person, schools: Topic, with_day: bool
) -> None:
    course = course_of(rita, schools)
    Enrolment.enrol(course, ada, by=ada)
    due = clock.today() + timedelta(days=1) if with_day else None
    mine = Enrolment.enrol(course, ada, by=mona, due_on=due)
    Enrolment.enrol(course, ada, by=ada)
    with pytest.raises(Invalid, match="whoever enrolled you"):
        mine.fresh().leave(by=ada)
    if with_day:
        with clock.moved(clock.now() + timedelta(days=3)):
            advance()
            assert any("has not finished" in str(each.phrase) for each in Notice.unread_by(mona))


def test_who_left_and_is_sent_back_stays(rita: Person, ada: Person, mona: Person, schools: Topic) -> None:
    course = course_of(rita, schools)
    Enrolment.enrol(course, ada, by=ada).leave(by=ada)
    mine = Enrolment.enrol(course, ada, by=mona)
    with pytest.raises(Invalid, match="whoever enrolled you"):
        mine.fresh().leave(by=ada)


def test_only_those_who_did_something_since_are_looked_at(
    rita: Person, ada: Person, ben: Person, mona: Person, adam: Person, schools: Topic
) -> None:
    course = course_of(rita, schools, articles=1)
    course.add_lesson(by=rita, kind_of="task", title="Add one", task="customer.added")
    for learner in (ada, ben, mona):
        mine = Enrolment.enrol(course, learner, by=learner)
        mine.complete(course.lessons.first(), by=learner)
    since = Event.select(Event.id).order_by(Event.id.desc()).first().id
    assert to_look_at(since) == []
    for learner in (ada, mona):
        Customer.add(by=learner, name=f"Of {learner.name}", form="person")
    mona.deactivate(by=adam)
    assert to_look_at(since) == [Enrolment.get(Enrolment.person == ada).id]
    assert (tick_tasks(since), tick_tasks(since)) == (1, 0)
    since = Event.select(Event.id).order_by(Event.id.desc()).first().id
    course.add_lesson(by=rita, kind_of="link", title="One more", link="/help")
    assert to_look_at(since) == [Enrolment.get(Enrolment.person == ben).id], "Ada is through"


def test_the_hourly_work_goes_on_where_it_was(rita: Person, ada: Person, schools: Topic) -> None:
    course = course_of(rita, schools, articles=1)
    first = Job.enqueue("keep courses in step", key="first")
    keep_in_step(first)
    first.finish()
    latest = Event.select(Event.id).order_by(Event.id.desc()).first().id
    assert Job.get_by_id(first.id).facts == {"seen": latest}
    course.add_lesson(by=rita, kind_of="task", title="Add one", task="customer.added")
    second = Job.enqueue("keep courses in step", key="second")
    assert seen_before(second) == latest


def test_who_is_late_is_seen_first(
    rita: Person, ada: Person, ben: Person, stan: Person, mona: Person, schools: Topic
) -> None:
    course, today = course_of(rita, schools, articles=1), clock.today()
    done, open_end, later, soon = (Enrolment.enrol(course, each, by=rita) for each in (ada, ben, stan, mona))
    done.complete(course.lessons.get(), by=ada)
    Enrolment.enrol(course, stan, by=rita, due_on=today + timedelta(days=9))
    Enrolment.enrol(course, mona, by=rita, due_on=today + timedelta(days=1))
    assert list(Enrolment.most_urgent(Enrolment.in_course(course, rita))) == [soon, later, open_end, done]


def test_nothing_that_tells_who_somebody_is_is_taught(rita: Person, schools: Topic) -> None:
    """A course, a lesson of one's own, a question, what is right, why: each names the field."""
    call = "找刘先生 13812345678"
    with pytest.raises(Invalid) as refused:
        Course.add(by=rita, title="头三十天", purpose=call)
    assert set(refused.value.errors) == {"purpose"}
    course = course_of(rita, schools, articles=1)
    with pytest.raises(Invalid) as refused:
        course.edit(by=rita, purpose=call)
    assert set(refused.value.errors) == {"purpose"}
    with pytest.raises(Invalid) as refused:
        course.add_lesson(by=rita, kind_of="reading", title="第一课", text=call)
    assert set(refused.value.errors) == {"text"}
    exam = exam_of(course)
    for field in ("text", "answers", "reason"):
        said = {"text": "问谁？", "answers": "*甲\n乙", "reason": "", field: f"*{call}\n乙"}
        with pytest.raises(Invalid) as refused:
            ExamQuestion.add(exam, by=rita, sort="single", **said)
        assert set(refused.value.errors) == {field}


def test_a_course_that_is_back_waits_for_its_learners_again(
    rita: Person, ada: Person, ben: Person, stan: Person, mona: Person, schools: Topic
) -> None:
    """As on the day on which it was put away; of a day that has passed nobody hears that it was yesterday."""
    course = course_of(rita, schools, articles=1)
    today = clock.today()
    for who, days in ((ada, 10), (ben, 1), (stan, None)):
        due = None if days is None else today + timedelta(days=days)
        Enrolment.enrol(course, who, by=mona, due_on=due)
    course.archive(by=rita)
    assert Clock.select().where(Clock.what == "course", Clock.stopped_at.is_null()).count() == 0
    with clock.moved(noon(today + timedelta(days=4))):
        course.fresh().restore(by=rita)
        running = Clock.select().where(Clock.what == "course", Clock.stopped_at.is_null())
        assert {each.who for each in running} == {str(ada), str(ben)}
        steps = ClockStep.select(ClockStep, Clock).join(Clock).where(ClockStep.clock.in_(running))
        assert sorted((each.clock.who, each.name) for each in steps) == [
            (str(ada), "late"),
            (str(ada), "reminder"),
        ]


def test_an_exam_that_is_back_waits_for_its_check(rita: Person, schools: Topic) -> None:
    course = course_of(rita, schools, articles=1)
    exam = exam_of(course)
    ExamQuestion.update(state="check").where(ExamQuestion.exam == exam).execute()
    exam.await_check()
    course.archive(by=rita)
    assert Clock.of(exam, "exam check") is None
    course.fresh().restore(by=rita)
    assert Clock.of(exam, "exam check") is not None


def test_one_course_is_seen_by_whom_the_list_shows_it(
    rita: Person, ben: Person, mona: Person, schools: Topic
) -> None:
    rita.edit(by=None, manager=mona)
    draft = Course.add(by=rita, title="Draft")
    lesson = draft.add_lesson(by=rita, kind_of="reading", title="Read", text="It.")
    exam = Exam.add(draft, by=rita)
    for is_out in (False, True):
        if is_out:
            draft.publish(by=rita)
        for person in (rita, ben, mona):
            person = Person.get_by_id(person.id)
            is_seen = is_out or person in (rita, mona)
            assert Course.visible_to(person).exists() is is_seen
            assert (Course.seen_by(person, draft.id) == draft) is is_seen
            assert (Lesson.seen_by(person, lesson.id) == lesson) is is_seen
            assert (Exam.seen_by(person, exam.id) == exam) is is_seen
    assert [Course.seen_by(rita, ident) for ident in (0, -1, 2**63, draft.id + 1)] == [None] * 4
