"""Courses, as search finds them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from portal.models.learning.courses import Course, Lesson
from portal.models.learning.words import CourseState
from portal.search.documents import SearchDoc
from portal.search.records.common import STAFF, grouped, joined, only, plain, seconds, tag, topic_tags
from portal.search.text import alternates
from portal.text.writing import written_in


def courses(ids: Sequence[int]) -> list[SearchDoc]:
    """What is published is everyone's, a draft its owner's; what was put away is not found. A course is found
    by its lessons too: by their titles and by what was written for them, never by an exam's questions.
    """
    there = Lesson.course.in_(ids) & Lesson.removed_at.is_null()
    rows: Any = Lesson.select(Lesson.course, Lesson.title, Lesson.text).where(there)
    told = rows.order_by(Lesson.position, Lesson.id).tuples()
    lessons = grouped((course, joined(title, plain(text))) for course, title, text in told)
    found = Course.select().where(Course.id.in_(ids) & Course.archived_at.is_null())
    return [_course(course, lessons[course.id]) for course in found]


def _course(course: Course, lessons: list[str]) -> SearchDoc:
    is_open = course.state == CourseState.PUBLISHED
    return SearchDoc(
        id=str(course),
        kind="course",
        title=course.title,
        alt=alternates(course.title, "title"),
        tags=(
            *topic_tags([course.topic_id] if course.topic_id else []),
            *tag("product", course.product_id),
        ),
        body="\n\n".join(filter(None, (course.purpose, *lessons))),
        groups=frozenset({STAFF if is_open else only(course.owner_id)}),
        lang=written_in(course.title),
        status=course.state,
        owner=str(course.owner_id),
        updated=seconds(course.updated_at),
    )
