"""What a learner of the story does at their desk: reading lessons, sitting an exam; and who teaches them."""

from __future__ import annotations

from portal.models.learning.attempts import Attempt, AttemptQuestion
from portal.models.learning.courses import Course, Lesson
from portal.models.learning.enrolments import Enrolment
from portal.models.learning.exams import Exam
from portal.models.people.people import Person


def read(enrolment: Enrolment, many: int, by: Person) -> None:
    """Get through so many lessons."""
    for lesson in list(enrolment.course.lessons)[:many]:
        enrolment.complete(lesson, by=by)


def teach(
    course: Course, *, by: Person, kind_of: str, title: str, minutes: int, text: str, sheet: str
) -> Lesson:
    """Write a lesson of one's own."""
    facts = {"minutes": minutes, "text": text, "questions" if kind_of == "quiz" else "sheet": sheet}
    return course.add_lesson(by=by, kind_of=kind_of, title=title, **facts)


def release(exam: Exam, by: Person) -> None:
    """Read an exam and release it."""
    exam.release_it(by=by, seen=exam.bank_seen)


def sit(exam: Exam, by: Person, right: int) -> None:
    """Sit an exam with so many right answers."""
    attempt = Attempt.begin(exam, by=by)
    for asked in attempt.questions:
        given = _right(asked) if asked.place <= right else _wrong(asked)
        attempt.answer(asked.place, given, by=by)
    attempt.end(by=by)


def _right(asked: AttemptQuestion) -> list[str]:
    if asked.sort == "numeric":
        return [asked.right[0].partition("±")[0]]
    return list(asked.right[:1] if asked.sort == "text" else asked.right)


def _wrong(asked: AttemptQuestion) -> list[str]:
    if asked.sort == "numeric":
        return ["0"]
    if asked.sort == "text":
        return ["不知道"]
    if asked.sort in ("order", "match"):
        return [*asked.right[1:], asked.right[0]]
    return [value for value, _ in asked.choices if value not in asked.right][:1]
