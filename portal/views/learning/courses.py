"""Courses: what I learn, what there is to learn, and how a course is made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from peewee import ModelSelect
from starlette.responses import Response

from portal import clock, i18n
from portal.forms.learning.courses import (
    CourseForm,
    CourseTopicForm,
    EnrolForm,
    LessonEditForm,
    LessonForm,
    NewCourseForm,
)
from portal.i18n import Phrase
from portal.models.base.listing import number_of
from portal.models.base.record import Invalid, along
from portal.models.company.topics import Topic
from portal.models.knowledge.questions import Answer
from portal.models.knowledge.shelves import may_take_out
from portal.models.learning.attempts import Attempt
from portal.models.learning.certificates import Certificate
from portal.models.learning.courses import MOST_AT_ONCE as MOST_OFFERED
from portal.models.learning.courses import Course, Lesson, best_for, known_among
from portal.models.learning.enrolments import Enrolment, ask_all_again
from portal.models.learning.exams import Exam
from portal.models.learning.quizzes import AskedQuestion
from portal.models.people.people import Person
from portal.text.markdown import render_markdown
from portal.views.base.archiving import archiving
from portal.views.base.export import MOST, refused_sheet, sheet
from portal.views.base.filters import Part, Parts
from portal.views.base.lists import Column, ListPage
from portal.views.base.selection import Filing, HandingOver, selection
from portal.views.base.undoing import acts_on
from portal.views.learning.observed import observed
from portal.views.learning.paths import WHERE, path_of
from portal.views.learning.results import result_sheet
from portal.web import Request, form_page, found, go, permit, refresh, render, view

MOST_AT_ONCE = 50
ARCHIVED = Course.archived_at


class CourseList(ListPage[Course]):
    """All that can be learnt."""

    noun, template = Course, "learning/courses/index.html"
    picks, asks = True, ("owner", "topic")
    over = Phrase("Learning"), "learning"
    search = Phrase("Search courses")
    sorts = {"title": Course.title, "written": Course.created_at}
    filters = (
        Parts(
            name="show",
            label=Phrase("Show"),
            look="tools",
            parts={
                "": Part(Phrase("All"), lambda me: ARCHIVED.is_null()),
                "mine": Part(Phrase("Mine"), lambda me: ARCHIVED.is_null() & (Course.owner == me)),
                "archived": Part(Phrase("Archived"), lambda me: ARCHIVED.is_null(False)),
            },
        ),
    )
    columns = (
        Column(Phrase("Title"), "title"),
        Phrase("Topic"),
        Phrase("Owner"),
        Phrase("State"),
        Column(Phrase.among("courses", "Written down"), "written", "end"),
    )
    exports = {
        Phrase("Title"): lambda course, me: course.title,
        Phrase("What one can do afterwards"): lambda course, me: course.purpose,
        Phrase("Topic"): lambda course, me: i18n.label(course.topic),
        Phrase("Owner"): lambda course, me: i18n.label(course.owner),
        Phrase("State"): lambda course, me: i18n.label(course.state),
        Phrase.among("courses", "Written down"): lambda course, me: clock.local(course.created_at).date(),
    }

    @classmethod
    def pickable_by(cls, person: Person) -> bool:
        """Whoever has a course to put in order, or takes the list away; an auditor changes nothing."""
        return Course.addable_by(person) and (may_take_out(person) or cls._has_own(person))

    @staticmethod
    def _has_own(person: Person) -> bool:
        return bool(Course.select().where(Course.is_made_by(person)).exists())

    @property
    def acts(self) -> list[str]:
        """Whoever has none to put in order takes the list away, and no more."""
        return super().acts if self._has_own(self.person) else []

    @classmethod
    def exportable_by(cls, person: Person) -> bool:
        """Whoever looks after knowledge: as articles and questions."""
        return may_take_out(person)

    def read(self, query: ModelSelect[Course]) -> ModelSelect[Course]:
        return along(query, Course.owner, Course.topic)


@view
def index(request: Request) -> Response:
    return CourseList(request).page()


@view(confirmed=True, reading=True)
def export(request: Request) -> Response:
    return CourseList(request, path="/courses").sheet()


select, select_owner, select_topic = selection(
    CourseList, HandingOver(Course.hand_over), Filing(CourseTopicForm, Course.set_topic)
)


@view
def learning(request: Request) -> Response:
    mine, me = Enrolment.learning(request.user), request.user
    facts: dict[str, Any] = {
        "going": [each for each in mine if each.finished_at is None and not each.course.is_archived],
        "done": [each for each in mine if each.finished_at is not None],
        "offered": Enrolment.offered_to(me),
        "own": Course.newest_of(me),
        "certificates": Certificate.held_by(me),
        "running": Attempt.running_of(me),
        "progress": Enrolment.progress(mine),
        **path_of(me),
    }
    return render(request, "learning/learning.html", may_add=Course.addable_by(me), **facts)


@view
def create(request: Request) -> Response:
    permit(Course.addable_by(request.user))
    about = Topic.get_or_none(Topic.id == number_of(request.query.get("topic")))
    form = NewCourseForm(request.form, data={"topic": about}).offering(request.user)
    if form.accepts(Course.add, by=request.user):
        return go(request, f"{form.result.url}/lessons", note=Phrase("Saved as a draft: only you see it."))
    return form_page(request, "learning/courses/edit.html", form, course=None)


def _found(request: Request, id: int, *, to_edit: bool = False) -> Course:
    course = found(Course.seen_by(request.user, id))
    permit(not to_edit or course.editable_by(request.user))
    return course


@view
def show(request: Request, id: int) -> Response:
    course, me = _found(request, id), request.user
    enrolment, lessons = Enrolment.of(course, me), course.lessons_shown
    done = enrolment.done(lessons) if enrolment else set()
    ahead = next((each for each in lessons if enrolment and each.id == enrolment.place_id), None)
    facts: dict[str, Any] = {
        "lessons": lessons,
        "enrolment": enrolment,
        "done": done,
        "ahead": ahead or next((each for each in lessons if each.id not in done), None),
        "exam": Exam.of(course),
        "minutes": sum(each.minutes for each in lessons),
        "editable": course.editable_by(me),
        "first": Enrolment.course_before(course, me),
        "acts": acts_on(request, course),
    }
    return render(request, "learning/courses/show.html", record=course, course=course, **facts)


@view
def edit(request: Request, id: int) -> Response:
    course = _found(request, id, to_edit=True)
    form = CourseForm(request.form, obj=course).offering(request.user)
    if form.accepts(course.edit, by=request.user):
        return go(request, course.url, note=Phrase("Saved."))
    return form_page(request, "learning/courses/edit.html", form, course=course)


@view
def publish(request: Request, id: int) -> Response:
    course = _found(request, id, to_edit=True)
    try:
        course.publish(by=request.user)
    except Invalid as invalid:
        request.note(next(iter(invalid.errors.values())), "warning")
        return go(request, f"{course.url}/lessons")
    return go(request, course.url, note=Phrase("Published."))


archive, restore = archiving(Course)


# ------------------------------------------------------------------ its lessons


@view
def lessons(request: Request, id: int) -> Response:
    course = _found(request, id, to_edit=True)
    if request.http.method == "POST":
        chosen = known_among({str(each) for each in request.form.getlist("known")})
        count = course.add_known(chosen, by=request.user)
        note = Phrase("Lessons added: %(count)s.", count=count) if count else Phrase("Nothing was added.")
        return go(request, f"{course.url}/lessons", note=note)
    removed = Lesson.select().where((Lesson.course == course) & Lesson.removed_at.is_null(False))
    facts: dict[str, Any] = {
        "lessons": list(Lesson.with_sources(course.lessons)),
        "removed": list(Lesson.with_sources(removed).limit(20)),
        "moved": None,
        "wrong": None,
        **_offered(course, str(request.query.get("q", "")).strip()[:100]),
    }
    return render(request, "learning/courses/lessons.html", course=course, **facts)


def _offered(course: Course, words: str) -> dict[str, Any]:
    """What is known and no lesson of it yet: what fits it, or says these words."""
    offered = course.fitting(words=words)
    return {
        "offered": offered,
        "best_for": best_for(each for each in offered if isinstance(each, Answer)),
        "words": words,
        "is_part": len(offered) == MOST_OFFERED,
    }


@view(upload=True)
def add_lesson(request: Request, id: int) -> Response:
    course = _found(request, id, to_edit=True)
    form = LessonForm(request.form)
    form.bring(by=request.user)
    if form.accepts(course.add_lesson, by=request.user):
        return go(request, f"{course.url}/lessons", note=Phrase("Saved."))
    return form_page(request, "learning/lessons/new.html", form, course=course)


def _lesson(request: Request, id: int, *, to_edit: bool = False) -> Lesson:
    lesson = found(Lesson.seen_by(request.user, id))
    permit(not to_edit or lesson.course.editable_by(request.user))
    return lesson


@view
def lesson(request: Request, id: int) -> Response:
    step = _lesson(request, id)
    return _page_of(request, step, Enrolment.of(step.course, request.user), step.quiz(request.user))


def _page_of(
    request: Request, step: Lesson, enrolment: Enrolment | None, asked: Sequence[AskedQuestion]
) -> Response:
    steps = step.course.lesson_ids
    permit(step.id in steps, otherwise=404)
    at = steps.index(step.id)
    if enrolment is not None:
        request.leave(lambda: enrolment.open_at(step))
    facts: dict[str, Any] = {
        "lesson": step,
        "course": step.course,
        "enrolment": enrolment,
        "is_done": enrolment is not None and step.id in enrolment.done([step]),
        "at": at + 1,
        "many": len(steps),
        "before": steps[at - 1] if at else None,
        "after": steps[at + 1] if at + 1 < len(steps) else None,
        "html": render_markdown(step.words) if step.words else "",
        "asked": asked,
        "where": WHERE.get(step.task),
        "first": Enrolment.course_before(step.course, request.user) if enrolment is not None else None,
        "recording": step.recording,
        **observed(step, request.user, enrolment, request.query),
    }
    return render(request, "learning/lessons/show.html", **facts)


@view(upload=True)
def edit_lesson(request: Request, id: int) -> Response:
    step = _lesson(request, id, to_edit=True)
    form = LessonEditForm(request.form, obj=step).of(step)
    form.bring(by=request.user)
    if form.accepts(step.edit, by=request.user):
        note = _asked_again(step, by=request.user) if form.asks_again else Phrase("Saved.")
        return go(request, f"{step.course.url}/lessons#lesson-{step.id}", note=note)
    return form_page(request, "learning/lessons/edit.html", form, lesson=step, course=step.course)


def _asked_again(step: Lesson, *, by: Person) -> Phrase:
    return Phrase("Saved. Asked to take it once more: %(count)s.", count=ask_all_again(step, by=by))


@view
def answer_quiz(request: Request, id: int) -> Response:
    step, me, form = _lesson(request, id), request.user, request.form
    permit(step.is_taught and step.kind_of == "quiz", otherwise=404)
    enrolment = Enrolment.of(step.course, me)
    permit(enrolment is not None)
    assert enrolment is not None
    asked = step.quiz(me, lambda place: [str(each) for each in form.getlist(f"answer-{place}")])
    try:
        if enrolment.answer_quiz(step, asked, version=number_of(str(form.get("version") or ""))):
            return go(request, step.url, note=Phrase("All right: this lesson is done."))
    except Invalid as invalid:
        request.note(next(iter(invalid.errors.values())), "warning")
        return go(request, step.url)
    return _page_of(request, step, enrolment, asked)


@view
def complete(request: Request, id: int) -> Response:
    step = _lesson(request, id)
    permit(step.is_taught, otherwise=404)
    enrolment = Enrolment.of(step.course, request.user)
    permit(enrolment is not None)
    assert enrolment is not None
    try:
        ahead = enrolment.complete(step, by=request.user)
    except Invalid as invalid:
        request.note(next(iter(invalid.errors.values())), "warning")
        return go(request, step.url)
    return go(request, ahead.url if ahead else step.course.url)


@view
def drop_recording(request: Request, id: int) -> Response:
    step = _lesson(request, id, to_edit=True)
    step.drop_recording(by=request.user)
    return go(request, step.url, note=Phrase("The recording is gone for good."))


@view
def move(request: Request, id: int) -> Response:
    step, wrong = _lesson(request, id, to_edit=True), None
    try:
        _moved(request, step)
    except Invalid as invalid:
        wrong = next(iter(invalid.errors.values()))
        if not request.wants_fragment:
            request.note(wrong, "warning")
    facts: dict[str, Any] = {"lessons": list(Lesson.with_sources(step.course.lessons)), "wrong": wrong}
    to = f"{step.course.url}/lessons#lesson-{step.id}"
    return refresh(
        request, "learning/courses/_lessons.html", to=to, moved=step, pressed=request.form, **facts
    )


def _moved(request: Request, step: Lesson) -> None:
    """By the buttons one place, by dragging before another lesson."""
    form = request.form
    seen = [number_of(each) for each in str(form.get("seen", "")).split(",") if each]
    if "before" in form and not {"up", "down"} & form.keys():
        step.place(by=request.user, before=number_of(str(form["before"])), seen=seen)
    else:
        step.move(by=request.user, down="down" in form, seen=seen)


@view
def take_out(request: Request, id: int) -> Response:
    step = _lesson(request, id, to_edit=True)
    step.take_out(by=request.user)
    return go(
        request, f"{step.course.url}/lessons", note=Phrase("Taken out. It stands below, to be put back.")
    )


@view
def put_back(request: Request, id: int) -> Response:
    step = _lesson(request, id, to_edit=True)
    step.put_back(by=request.user)
    return go(request, f"{step.course.url}/lessons", note=Phrase("Brought back."))


@view
def bring_up_to_date(request: Request, id: int) -> Response:
    step = _lesson(request, id, to_edit=True)
    if not step.bring_up_to_date(by=request.user):
        note = Phrase("There is nothing newer to take, and no best answer in its place.")
    elif "again" in request.form:
        note = _asked_again(step, by=request.user)
    else:
        note = Phrase("Saved.")
    return go(request, f"{step.course.url}/lessons#lesson-{step.id}", note=note)


# ------------------------------------------------------------------ who learns


@view
def enrol(request: Request, id: int) -> Response:
    course = _found(request, id)
    permit(course.takeable_by(request.user))
    Enrolment.enrol(course, request.user, by=request.user)
    return go(request, course.url, note=Phrase("You are enrolled. Begin whenever you like."))


@view
def leave(request: Request, id: int) -> Response:
    course = _found(request, id)
    enrolment = Enrolment.of(course, request.user)
    permit(enrolment is not None)
    assert enrolment is not None
    try:
        enrolment.leave(by=request.user)
    except Invalid as invalid:
        request.note(next(iter(invalid.errors.values())), "warning")
    return go(request, course.url)


@view
def people(request: Request, id: int) -> Response:
    course, me = _found(request, id), request.user
    permit(course.staffed_by(me))
    form = EnrolForm(request.form).offering(me, course)
    if form.accept(_enrol_all, course, form, by=me):
        return go(request, f"{course.url}/people", note=form.result)
    start, every = (
        number_of(request.query.get("from")),
        Enrolment.most_urgent(Enrolment.in_course(course, me)),
    )
    listed = list(every.limit(MOST_AT_ONCE + 1).offset(start))
    learners = listed[:MOST_AT_ONCE]
    facts: dict[str, Any] = {
        "learners": learners,
        "more": f"{course.url}/people?from={start + MOST_AT_ONCE}" if listed[MOST_AT_ONCE:] else None,
        "progress": Enrolment.progress(learners),
        **_results(course, learners),
    }
    return form_page(request, "learning/courses/people.html", form, course=course, **facts)


@view(confirmed=True, reading=True)
def export_people(request: Request, id: int) -> Response:
    course, me = _found(request, id), request.user
    if not course.staffed_by(me):
        return refused_sheet(request, "results")
    learners = list(Enrolment.most_urgent(Enrolment.in_course(course, me)).limit(MOST))
    header, lines = result_sheet(course, learners, to=me)
    return sheet(request, f"results-{course.id}", header, lines)


def _enrol_all(course: Course, form: EnrolForm, *, by: Person) -> Phrase:
    if not (chosen := form.chosen):
        all_in = Phrase("All of them are in the course already.")
        is_all = form.post.data or form.department.data
        raise Invalid({"people": all_in if is_all else Phrase("Choose who is to learn.")})
    for person in chosen:
        Enrolment.enrol(course, person, by=by, due_on=form.due_on.data)
    if form.is_cut:
        return Phrase("Enrolled: %(count)s. There are more of them: do it once more.", count=len(chosen))
    return Phrase("Enrolled: %(count)s.", count=len(chosen))


def _results(course: Course, learners: Sequence[Enrolment]) -> dict[str, Any]:
    """Who of them is certified, and how often each has tried."""
    exam, people = Exam.of(course), [each.person_id for each in learners]
    held = Certificate.select().where((Certificate.exam == exam) & Certificate.person.in_(people or [0]))
    tries, best = Attempt.counts_and_best(exam, people) if exam else ({}, {})
    return {
        "exam": exam,
        "certified": {each.person_id: each for each in held} if exam else {},
        "tries": tries,
        "best": best,
    }
