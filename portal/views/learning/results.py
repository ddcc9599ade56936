"""The results of a course as a file: what the page of its learners says, a line each.

Employee numbers stand in it for who leads the learner, and for administrators, who take them elsewhere too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from portal import clock, i18n
from portal.i18n import Phrase
from portal.models.base import bulk
from portal.models.company.departments import Department
from portal.models.learning.attempts import Attempt
from portal.models.learning.certificates import Certificate
from portal.models.learning.courses import Course
from portal.models.learning.enrolments import Enrolment
from portal.models.learning.exams import Exam
from portal.models.people.people import Person

COLUMNS = (
    Phrase("Full name"),
    Phrase("Employee number"),
    Phrase("Department"),
    Phrase("State"),
    Phrase("Lessons done"),
    Phrase("Lessons in all"),
    Phrase("Due on"),
    Phrase.among("courses", "Finished on"),
    Phrase("Attempts"),
    Phrase("Best result in percent"),
    Phrase("Certificate"),
    Phrase("Valid until"),
)


def result_sheet(
    course: Course, learners: Sequence[Enrolment], *, to: Person
) -> tuple[list[str], list[list[Any]]]:
    """Header and lines: names, places, progress, results. No answer that anybody gave stands in it."""
    exam, people = Exam.of(course), [each.person_id for each in learners]
    departments = {each.id: i18n.label(each) for each in Department.select()}
    progress = Enrolment.progress(learners)
    tries, best = Attempt.counts_and_best(exam, people) if exam else ({}, {})
    held: dict[int, Certificate] = {}
    if exam:
        mine = [one for one in bulk.read(Certificate, Certificate.person, people) if one.exam_id == exam.id]
        held = {one.person_id: one for one in mine}

    def line(one: Enrolment) -> list[Any]:
        person, mine = one.person, held.get(one.person_id)
        done, all_of = progress[one.id]
        return [
            person.name,
            person.employee_no if to.is_administrator or to.leads(person) else None,
            departments.get(person.department_id or 0, ""),
            i18n.label(one.state),
            done,
            all_of,
            one.due_on,
            clock.local(one.finished_at).date() if one.finished_at else None,
            tries.get(one.person_id, 0) if exam else None,
            best[person.id] / 100 if person.id in best else None,
            f"{mine.number} ({i18n.label(mine.state)})" if mine else None,
            clock.local(mine.expires_at).date() if mine else None,
        ]

    return [i18n.gettext(words) for words in COLUMNS], [line(one) for one in learners]
