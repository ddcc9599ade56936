"""Who learns what, how far they are, and until when."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Self

from peewee import DateField, ForeignKeyField, ModelSelect, chunked, fn

from portal import clock
from portal.i18n import Phrase, names
from portal.models.base import bulk
from portal.models.base.database import db, transaction
from portal.models.base.fields import UtcDateTimeField
from portal.models.base.prepared import Prepared
from portal.models.base.record import Editable, Event, Invalid, Record, along
from portal.models.company.settings import Setting
from portal.models.learning.certificates import Certificate
from portal.models.learning.courses import (
    BLIND,
    NAMED,
    NEWEST,
    TASKS,
    Course,
    Lesson,
    follows_its_lessons,
    last_done,
    returns_with_it,
)
from portal.models.learning.exams import Exam
from portal.models.learning.quizzes import AskedQuestion
from portal.models.learning.words import ENROLMENT, CourseState, LearnerState
from portal.models.people.notices import Notice
from portal.models.people.people import Person
from portal.models.work.clocks import Clock, Subject, Waits, step

AT_ONCE = 100
"""So many learners are looked at in one transaction."""
AT_A_TIME = 200
"""So many are asked for an exam within the hour."""
REMIND = timedelta(days=3)
"""So long before its day a learner is reminded."""


class Enrolment(Editable):
    """One learner in one course."""

    called = ENROLMENT

    course = ForeignKeyField(Course, on_delete="CASCADE", index=False)
    course_id: int
    person = ForeignKeyField(Person, on_delete="CASCADE")
    person_id: int
    by = ForeignKeyField(Person, on_delete="RESTRICT", index=False)
    by_id: int
    due_on = DateField(null=True, verbose_name=Phrase("Due on"))
    place = ForeignKeyField(Lesson, null=True, on_delete="SET NULL", index=False)
    """The lesson they go on with."""
    place_id: int | None
    finished_at = UtcDateTimeField(null=True)
    left_at = UtcDateTimeField(null=True)

    class Meta:
        indexes = ((("course", "person"), True), (("course", "finished_at", "id"), False))

    @property
    def url(self) -> str:
        return f"/courses/{self.course_id}"

    @property
    def name(self) -> str:
        return self.course.title

    @classmethod
    def of(cls, course: Course, person: Person) -> Enrolment | None:
        """A person's place in a course, if they are in it."""
        return _OF.first(course=course.id, person=person.id)

    @classmethod
    def learning(cls, person: Person) -> list[Enrolment]:
        """What a person learns or learnt: what is due first, then what was begun last."""
        return _LEARNT(person=person.id)

    @classmethod
    def offered_to(cls, person: Person) -> list[Course]:
        """The newest courses that a person may take, makes not, and has not begun."""
        return _OFFERED(person=person.id)

    @classmethod
    def in_course(cls, course: Course, person: Person) -> ModelSelect[Self]:
        """Those in a course of whom somebody may read: all for its makers, else the people they lead."""
        found = cls.select().where((cls.course == course) & cls.left_at.is_null())
        if not course.editable_by(person):
            found = found.where(bulk.among(cls.person, [*person.team] or [0]))
        return along(found, cls.person, whole=True)

    @classmethod
    def most_urgent(cls, found: ModelSelect[Self]) -> ModelSelect[Self]:
        """Those who are not through yet first, as they are due; then who finished last."""
        done = cls.finished_at.is_null(False)
        return found.order_by(done, cls.due_on.is_null(), cls.due_on, cls.finished_at.desc(), cls.id.desc())

    @classmethod
    def enrol(cls, course: Course, person: Person, *, by: Person, due_on: date | None = None) -> Enrolment:
        """Let someone learn, oneself or one's people; a day that is given takes the place of the one before.

        Whoever else enrols a learner or gives a day orders it, also of who learns already of their own will:
        they do not leave then. Twice is harmless. Raises Invalid.
        """
        if not course.takeable_by(person):
            raise Invalid(Phrase("%(who)s cannot take this course.", who=names(person)))
        if due_on is not None and due_on < clock.today():
            raise Invalid({"due_on": Phrase("This day has passed.")})
        with db.atomic():
            facts: dict[str, Any] = {"course": course, "person": person, "by": by, "due_on": due_on}
            made = cls.insert(facts).on_conflict_ignore().execute()
            mine = cls.get((cls.course == course) & (cls.person == person))
            ordered = {"by": by} if by.id != person.id and (due_on or mine.by_id == person.id) else {}
            if made or mine.left_at is not None:
                mine.write(left_at=None, due_on=due_on or mine.due_on, **ordered)
                mine.track("enrolled", by=by, changes={"person": [None, names(person)]})
                mine._reread(list(course.lessons))
                if by.id != person.id:
                    mine._tell(
                        Phrase("%(who)s enrolled you in “%(course)s”.", who=names(by), course=course.title)
                    )
            elif due_on is not None and due_on != mine.due_on:
                mine.write(due_on=due_on, **ordered)
                mine.track("due date set", by=by, changes={"due_on": [None, due_on.isoformat()]})
            elif ordered:
                mine.write(**ordered)
                mine.track("enrolled", by=by, changes={"person": [None, names(person)]})
            mine._wait()
        return mine

    def leave(self, *, by: Person) -> None:
        """Go out of a course one chose oneself; what was learnt stays. Twice is harmless. Raises Invalid."""
        if self.by_id != self.person_id:
            raise Invalid(Phrase("Ask whoever enrolled you: they want you to take it."))
        if self.left_at is None:
            self.write(left_at=clock.now())
            self.track("left the course", by=by)
            Clock.stop(self, "course")
            Clock.stop(self, "reread")

    # -------------------------------------------------------------- how far

    def done(self, lessons: Collection[Lesson]) -> set[int]:
        """Ids of the lessons that are done: said so, or ticked by what they did in the portal since. Whoever
        makes the course reads it, so that an experience counts once its author is named.
        """
        found = {ident for (ident,) in _DONE.rows(enrolment=self.id)}
        open_still = [each for each in lessons if each.kind_of == "task" and each.id not in found]
        if open_still:
            acted = self._acts({each.task for each in open_still})
            found |= {each.id for each in open_still if each.task in acted}
        return found

    def _acts(self, tasks: Collection[str]) -> set[str]:
        asked = sorted(set(tasks) & set(TASKS))
        found = Person.select(*(last_done(task, since=self.created_at) for task in asked))
        rows: Any = found.where(Person.id == self.person_id).tuples() if asked else []
        return {task for row in rows for task, at in zip(asked, row, strict=True) if at is not None}

    @classmethod
    def progress(cls, many: Collection[Enrolment]) -> dict[int, tuple[int, int]]:
        """For each of many, by id: how many lessons are done, of how many. Tasks count once noted."""
        rows = _PROGRESS.rows(ids=[each.id for each in many]) if many else []
        return {ident: (so_many, of) for ident, so_many, of in rows}

    def complete(self, lesson: Lesson, *, by: Person) -> Lesson | None:
        """A lesson is done; gives the next that is not. Raises Invalid for a task not done."""
        self.check_begun()
        lessons = list(self.course.lessons)
        if lesson.task and lesson.id not in self.done(lessons):
            raise Invalid(
                Phrase("This ticks itself once you have done it: %(task)s.", task=lesson.task_words)
            )
        if lesson.is_observed and lesson.id not in self.done([]):
            raise Invalid(Phrase("Others tick this: who watched you, or the vote."))
        if lesson.kind_of == "quiz" and lesson.id not in self.done([]):
            raise Invalid(Phrase("Answer its questions: it ticks itself once all are right."))
        with db.atomic():
            LessonDone.insert(enrolment=self, lesson=lesson).on_conflict_ignore().execute()
            done = self.done(lessons)
            at = next((i for i, each in enumerate(lessons) if each.id == lesson.id), 0)
            after = [*lessons[at + 1 :], *lessons[:at]]
            going_on = next((each for each in after if each.id not in done), None)
            self.write(place=going_on)
            self.look(lessons)
        return going_on

    def answer_quiz(self, lesson: Lesson, asked: Sequence[AskedQuestion], *, version: int) -> bool:
        """Whether all was right that was answered to a quiz, which is done by it. Raises Invalid where it
        asks something else meanwhile.
        """
        self.check_begun()
        if version != lesson.version:
            raise Invalid(Phrase("The questions were changed meanwhile. These are the new ones."))
        is_right = bool(asked) and all(each.is_right for each in asked)
        if is_right:
            self.note_done(lesson, by=self.person)
        return is_right

    def check_begun(self) -> None:
        """Raises Invalid while another course has to be finished first: never for who is through with this
        one already, however what comes before it has changed since.
        """
        if self.finished_at is not None:
            return
        if (first := self.course_before(self.course, self.person)) is not None:
            raise Invalid(Phrase("First finish the course “%(course)s”.", course=first.title))

    @classmethod
    def course_before(cls, course: Course, person: Person) -> Course | None:
        """The course that somebody has to finish before this one, while it can be taken: nothing for who
        makes it, and for who knows the bank of its exam, which they could not take.
        """
        first: Course | None = course.after
        if first is None or not first.takeable_by(person) or first.editable_by(person):
            return None
        through = (cls.course == first) & (cls.person == person) & cls.finished_at.is_null(False)
        if cls.select().where(through).exists():
            return None
        exam = Exam.of(first)
        return None if exam is not None and exam.is_open and exam.is_known_to(person) else first

    def note_done(self, lesson: Lesson, *, by: Person, verb: str = "") -> None:
        """Others say that a lesson is done; twice is harmless."""
        with db.atomic():
            row = {"enrolment": self, "lesson": lesson, "created_at": clock.now()}
            LessonDone.insert(row).on_conflict_ignore().execute()
            if verb:
                self.track(verb, by=by, changes={"lesson": [None, lesson.title]})
            self.look()

    def look(self, lessons: Sequence[Lesson] | None = None) -> None:
        """See whether all is done: every lesson, and the exam where there is one. Twice is harmless."""
        lessons = list(self.course.lessons) if lessons is None else lessons
        done = self.done(lessons)
        self._reread(lessons)
        if not {each.id for each in lessons} <= done:
            return
        if self.finished_at is not None or not Certificate.is_held(self.course_id, self.person_id):
            return
        self.write(finished_at=clock.now())
        self.track("finished", by=self.person_id)
        Clock.stop(self, "course")

    def open_again(self) -> bool:
        """The exam of a course that was finished without it can be taken now, or is new: it ends with that.
        A day that is over is put off, so that nobody is late for what was not there; false for who knows its
        bank, and for who is not finished or has passed.
        """
        exam = Exam.of(self.course)
        if self.finished_at is None or Certificate.is_held(self.course_id, self.person_id):
            return False
        if exam is None or not exam.takeable_by(self.person):
            return False
        days = timedelta(days=Setting.read("exam.delta_days"))
        due = max(self.due_on, clock.today() + days) if self.due_on else None
        with db.atomic():
            self.write(finished_at=None, due_on=due)
            self.track("exam opened")
            self._tell(Phrase("“%(course)s” ends with an exam, which you can take now.", course=self.name))
            self._wait()
        return True

    def tick(self) -> bool:
        """Note the tasks done meanwhile; whether the course is finished by it."""
        lessons = list(self.course.lessons)
        tasks = [each for each in lessons if each.kind_of == "task"]
        ticked = self.done(tasks)
        rows = [
            {"enrolment": self, "lesson": each, "created_at": clock.now()}
            for each in tasks
            if each.id in ticked
        ]
        if rows:
            LessonDone.insert_many(rows).on_conflict_ignore().execute()
        self.look(lessons)
        return self.finished_at is not None

    def open_at(self, lesson: Lesson) -> None:
        """They read on here when they come back."""
        if self.place_id != lesson.id and self.finished_at is None:
            Enrolment.update(place=lesson).where(Enrolment.id == self.id).execute()

    @property
    def is_late(self) -> bool:
        return self.finished_at is None and self.due_on is not None and self.due_on < clock.today()

    @property
    def state(self) -> LearnerState:
        """Where they are."""
        if self.finished_at is not None:
            return LearnerState.DONE
        return LearnerState.LATE if self.is_late else LearnerState.GOING

    # -------------------------------------------------------------- what waits

    def _wait(self) -> None:
        """With a day to keep it waits for the learner, who is reminded before and told after."""
        Clock.stop(self, "course")
        if self.due_on is None or self.finished_at is not None:
            return
        due, now = clock.start_of(self.due_on + timedelta(days=1)), clock.now()
        steps = {"reminder": due - REMIND, "late": due}
        Clock.start(
            self,
            "course",
            about=self.course,
            who=self.person,
            text=Phrase("Learn: %(course)s", course=self.course.title),
            url=self.url,
            since=self.created_at,
            due_at=due,
            steps={name: at for name, at in steps.items() if at > now},
        )

    def ask_again(self, lesson: Lesson, *, by: Person) -> bool:
        """They are asked to take a lesson once more, since it says something else than when they were through
        with it; when they finished the course stays. False where they have to take it anyway.
        """
        again = (LessonDone.enrolment == self) & (LessonDone.lesson == lesson)
        with db.atomic():
            if not LessonDone.delete().where(again).execute():
                return False
            self.track("asked again", by=by, changes={"lesson": [None, lesson.title]})
            titles = {"lesson": lesson.title, "course": self.course.title}
            told = Phrase("“%(lesson)s” in “%(course)s” has changed: take it once more.", **titles)
            self._tell(told, url=lesson.url)
            self._reread(list(self.course.lessons), also=lesson)
        return True

    def _reread(self, lessons: Sequence[Lesson], *, also: Lesson | None = None) -> None:
        """As `_read_again`, of this learner alone; not while they are out of the course."""
        if self.left_at is None:
            _read_again(self.course, {self.id: self.person_id}, lessons, also=also)

    def _tell(self, text: Phrase, person: Person | None = None, url: str = "") -> None:
        Notice.tell(person or self.person, text, about=self.course, url=url)


class LessonDone(Record):
    """A learner is through with a lesson."""

    enrolment = ForeignKeyField(Enrolment, on_delete="CASCADE", index=False)
    enrolment_id: int
    lesson = ForeignKeyField(Lesson, on_delete="CASCADE")
    lesson_id: int

    class Meta:
        indexes = ((("enrolment", "lesson"), True),)


def _learnt(person: Any) -> ModelSelect[Enrolment]:
    mine = (Enrolment.person == person) & Enrolment.left_at.is_null()
    found = Enrolment.select(Enrolment, Course).join(Course).where(mine)
    return found.order_by(Enrolment.due_on.is_null(), Enrolment.due_on, Enrolment.id.desc()).limit(100)


def _offered(person: Any) -> ModelSelect[Course]:
    begun = Enrolment.select(Enrolment.course).where(
        (Enrolment.person == person) & Enrolment.left_at.is_null()
    )
    there = (Course.state == CourseState.PUBLISHED) & Course.archived_at.is_null()
    found = Course.select().where(there & (Course.owner != person) & Course.id.not_in(begun))
    return found.order_by(Course.id.desc()).limit(NEWEST)


_OFFERED = Prepared[Course](_offered)


def _progress(ids: Any) -> ModelSelect[Enrolment]:
    mine = Lesson.removed_at.is_null()
    steps = Lesson.select(fn.COUNT(Lesson.id)).where((Lesson.course == Enrolment.course) & mine)
    done = LessonDone.select(fn.COUNT(LessonDone.id)).join(Lesson)
    done = done.where((LessonDone.enrolment == Enrolment.id) & mine)
    return Enrolment.select(Enrolment.id, done, steps).where(Enrolment.id.in_(ids))


_DONE = Prepared[Any](
    lambda enrolment: LessonDone.select(LessonDone.lesson).where(LessonDone.enrolment == enrolment)
)
_LEARNT, _PROGRESS = Prepared[Enrolment](_learnt), Prepared[Any](_progress)
_OF = Prepared[Enrolment](
    lambda course, person: (
        Enrolment.select()
        .where((Enrolment.course == course) & (Enrolment.person == person) & Enrolment.left_at.is_null())
        .limit(1)
    )
)


@returns_with_it
def wait_again(course: Course) -> None:
    """A course is back: whoever has a day for it, and works here, is reminded as before. Of a day that passed
    meanwhile nobody is told that it was yesterday; it waits for them all the same.
    """
    here = Enrolment.due_on.is_null(False) & Enrolment.finished_at.is_null() & Enrolment.left_at.is_null()
    found = Enrolment.select(Enrolment, Person).join(Person, on=Enrolment.person)
    for mine in found.where(here & (Enrolment.course == course) & Person.deactivated_at.is_null()):
        mine.course = course
        mine._wait()
    reread_on(course)


@follows_its_lessons
def reread_on(course: Course) -> None:
    """Who was asked to take lessons once more goes on with those that are in the course now."""
    waited = (Clock.what == "reread") & (Clock.about_kind == course.kind()) & (Clock.about == course.id)
    told = Enrolment.id.in_(Clock.select(Clock.subject).where(waited))
    here = Enrolment.left_at.is_null() & Person.deactivated_at.is_null()
    found: Any = Enrolment.select(Enrolment.id, Enrolment.person).join(Person, on=Enrolment.person)
    _read_again(course, dict(found.where(told & here).tuples()), list(course.lessons))


def _read_again(
    course: Course, learners: Mapping[int, int], lessons: Sequence[Lesson], *, also: Lesson | None = None
) -> None:
    """What each was asked to take once more waits for them until they took it, the first of it named; not
    while it is out of the course, or that was put away. `learners`: their people by enrolment; `also`: what
    all of them are asked now. All are looked at together. Twice is harmless.
    """
    latest = {each.subject: each for each in _latest(course, learners)}
    before = {ident: each.values.get("lessons", ()) for ident, each in latest.items()}
    asked = {ident: {*before.get(ident, ()), *([also.id] if also else ())} for ident in learners}
    done = _done_of([*asked], set[int]().union(*asked.values()))
    due_at = clock.now() + timedelta(days=Setting.read("exam.delta_days"))
    changed, waiting = list[int](), list[tuple[Subject, Waits]]()
    for ident, some in asked.items():
        still = sorted(each for each in some if (ident, each) not in done)
        first = next((each for each in lessons if each.id in still), None)
        last = latest.get(ident)
        running = last if last is not None and last.stopped_at is None else None
        facts = {"course": course.title, "lessons": still}
        if first is None or course.is_archived:
            changed += [ident] if running is not None else []
        elif running is None or (running.url, running.values) != (first.url, facts):
            changed.append(ident)
            waits: Waits = {
                "about": course,
                "who": f"{Person.kind()}-{learners[ident]}",
                "text": Phrase("Changed since you took it: %(course)s", **facts),
                "url": first.url,
                "due_at": running.due_at if running is not None else due_at,
            }
            waiting.append(((Enrolment.kind(), ident), waits))
    with db.atomic():
        Clock.stop_many(Enrolment.kind(), "reread", changed)
        Clock.start_many("reread", waiting)


def _latest(course: Course, learners: Collection[int]) -> list[Clock]:
    """The last that waited for each of these learners to take something of a course once more."""
    named = (Clock.about_kind == course.kind()) & (Clock.about == course.id) & (Clock.what == "reread")
    if len(learners) == 1:
        named &= Clock.subject == next(iter(learners))
    newest: Any = Clock.select(fn.MAX(Clock.id)).where(named).group_by(Clock.subject)
    return list(Clock.select().where(Clock.id.in_(newest)))


def _done_of(enrolments: Sequence[int], lessons: Collection[int]) -> set[tuple[int, int]]:
    """Which of these lessons, by enrolment and lesson, are done."""
    found, known = set[tuple[int, int]](), LessonDone.lesson.in_(sorted(lessons))
    for some in chunked(enrolments if lessons else (), bulk.BATCH):
        rows: Any = LessonDone.select(LessonDone.enrolment, LessonDone.lesson)
        found |= set(rows.where(known & bulk.among(LessonDone.enrolment, some)).tuples())
    return found


@step("course", "reminder")
def remind(waiting: Clock) -> None:
    """Some days before, the learner hears of it."""
    mine = Enrolment.get_or_none(Enrolment.id == waiting.subject)
    if mine is not None and mine.finished_at is None and mine.due_on is not None:
        day = mine.due_on.isoformat()
        mine._tell(Phrase("“%(course)s” is due on %(day)s.", course=mine.course.title, day=day))


@step("course", "late")
def tell_late(waiting: Clock) -> None:
    """Its day has passed: the learner hears of it, and who enrolled them."""
    mine = Enrolment.get_or_none(Enrolment.id == waiting.subject)
    if mine is None or mine.finished_at is not None or mine.due_on is None:
        return
    day = mine.due_on.isoformat()
    was_due = Phrase(
        "“%(course)s” was due on %(day)s. Where you left off is kept.", course=mine.course.title, day=day
    )
    mine._tell(was_due)
    if mine.by_id != mine.person_id and mine.by.is_active:
        told = Phrase(
            "%(who)s has not finished “%(course)s” in time.", who=names(mine.person), course=mine.course.title
        )
        mine._tell(told, mine.by)


@step("course", "left")
@step("reread", "left")
def gone(waiting: Clock) -> None:
    """Who left learns here no more."""
    Clock.stop(("enrolment", waiting.subject), waiting.what)


def ask_all_again(lesson: Lesson, *, by: Person) -> int:
    """Ask whoever was through with a lesson to take it once more; gives how many. What others tick, and what
    ticks itself, was done as it was.
    """
    if not lesson.is_retaken or lesson.removed_at is not None or lesson.course.is_archived:
        return 0
    through = LessonDone.select(LessonDone.enrolment).where(LessonDone.lesson == lesson)
    here = Enrolment.left_at.is_null() & Person.deactivated_at.is_null()
    found = Enrolment.select(Enrolment, Person).join(Person, on=Enrolment.person)
    with db.atomic():
        learners = list(found.where(here & Enrolment.id.in_(through)))
        for mine in learners:
            mine.course = lesson.course
        return sum(mine.ask_again(lesson, by=by) for mine in learners)


def tick_tasks(since: int = 0) -> int:
    """Note the tasks that learners have done meanwhile; how many courses they finished by it.

    `since`: the id of an event from which on to look. Some learners at a time, so that nobody waits long.
    """
    with transaction(write=False):
        ids = to_look_at(since)
    finished = 0
    for start in range(0, len(ids), AT_ONCE):
        with transaction():
            chosen = Enrolment.id.in_(ids[start : start + AT_ONCE]) & Enrolment.finished_at.is_null()
            for mine in list(Enrolment.select(Enrolment, Course).join(Course).where(chosen)):
                finished += mine.tick()
    return finished


def to_look_at(since: int) -> list[int]:
    """Of whose tasks one may be done: who did such a thing since, whose text was accepted since, or whose
    course has other lessons since.
    """
    new = Event.id > since
    done = [tuple(task.split(".")) for task in TASKS]
    kinds, verbs = ([each[place] for each in done] for place in (0, 1))
    acted = Event.select(Event.actor).where(
        new & Event.subject_kind.in_(kinds) & Event.verb.in_(verbs) & Event.actor.is_null(False)
    )
    (blind, handed_in), named = BLIND.split("."), Event.alias()
    told = named.select(named.subject).where((named.id > since) & (named.subject_kind == blind))
    wrote = Event.select(Event.actor).where(
        (Event.subject_kind == blind)
        & (Event.verb == handed_in)
        & Event.subject.in_(told.where(named.verb.in_(NAMED)))
        & Event.actor.is_null(False)
    )
    of_lesson = (Event.subject_kind == Lesson.kind()) & (Event.subject == Lesson.id)
    altered = Lesson.select(Lesson.course).join(Event, on=of_lesson).where(new)
    of_interest = Enrolment.person.in_(acted) | Enrolment.person.in_(wrote) | Enrolment.course.in_(altered)
    has_task = Lesson.select(1).where((Lesson.course == Enrolment.course) & (Lesson.task != ""))
    rows: Any = (
        Enrolment.select(Enrolment.id)
        .join(Person, on=(Enrolment.person == Person.id))
        .where(
            Enrolment.finished_at.is_null() & Enrolment.left_at.is_null() & Person.deactivated_at.is_null()
        )
        .where(fn.EXISTS(has_task) & of_interest)
        .order_by(Enrolment.id)
        .tuples()
    )
    return [ident for (ident,) in rows]


def ask_for_exams() -> int:
    """Ask whoever finished a course while its exam was closed, or before it had one, to take it now that it
    is open; gives how many.
    """
    passed = (
        Certificate.select(1)
        .join(Exam)
        .where((Exam.course == Enrolment.course) & (Certificate.person == Enrolment.person))
    )
    opened = Exam.select(1).where((Exam.course == Enrolment.course) & Exam.is_open)
    found = Enrolment.select(Enrolment, Course, Person).join(Course)
    found = found.join_from(Enrolment, Person, on=(Enrolment.person == Person.id))
    there = Enrolment.finished_at.is_null(False) & Enrolment.left_at.is_null()
    there &= Person.deactivated_at.is_null() & Course.archived_at.is_null()
    there &= (Course.state == "published") & (Course.owner != Enrolment.person)
    due = found.where(there & fn.EXISTS(opened) & ~fn.EXISTS(passed)).order_by(Enrolment.id)
    return sum(each.open_again() for each in due.limit(AT_A_TIME))
