"""Courses, as search finds them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from peewee import JOIN, Case

from portal.models.knowledge.articles import Article
from portal.models.knowledge.questions import Answer, Question
from portal.models.learning.courses import Course, Lesson, made_of
from portal.models.learning.paths import PathStep
from portal.models.learning.words import CourseState
from portal.search.documents import SearchDoc
from portal.search.records.common import STAFF, grouped, joined, only, plain, seconds, tag, topic_tags
from portal.search.text import alternates
from portal.text.writing import written_in

BY_DAY = {
    1: ("第一天", "on the first day"),
    7: ("第一周", "in the first week"),
    30: ("第一个月", "in the first month"),
    90: ("前三个月", "in the first three months"),
}
"""When somebody new comes to a step, as they ask for it."""


def courses(ids: Sequence[int]) -> list[SearchDoc]:
    """What is published is everyone's, a draft its owner's; what was put away is not found. A course is found
    by its lessons too: by their titles and by what was written for them, never by what was put away since nor
    by an exam's questions.
    """
    there = Lesson.course.in_(ids) & Lesson.removed_at.is_null()
    read = Lesson.article.is_null() | (Article.state == "published")
    read &= Lesson.answer.is_null() | Question.archived_at.is_null()
    text = Case(None, [(Lesson.answer.is_null(), Lesson.text)], "")
    rows: Any = (
        Lesson.select(Lesson.course, Lesson.title, text)
        .join_from(Lesson, Article, JOIN.LEFT_OUTER)
        .join_from(Lesson, Answer, JOIN.LEFT_OUTER)
        .join_from(Answer, Question, JOIN.LEFT_OUTER)
    )
    told = rows.where(there & read).order_by(Lesson.position, Lesson.id).tuples()
    lessons = grouped((course, joined(title, plain(words))) for course, title, words in told)
    found = Course.select().where(Course.id.in_(ids) & Course.archived_at.is_null())
    new = for_newcomers(PathStep.course, ids)
    return [_course(course, [*lessons[course.id], *new[course.id]]) for course in found]


def for_newcomers(link: Any, ids: Sequence[int]) -> dict[int, list[str]]:
    """What the paths of posts say of what their steps link, a line in each language: who asks what a newcomer
    does finds it, though its own text never says for whom it is.
    """
    rows: Any = PathStep.select(link, PathStep.day, PathStep.post, PathStep.title, PathStep.title_en)
    rows = rows.where(link.in_(ids) & PathStep.archived_at.is_null()).order_by(PathStep.day, PathStep.id)
    return grouped((linked, _of_step(*step)) for linked, *step in rows.tuples())


def _of_step(day: int, post: str, title: str, title_en: str) -> str:
    when, in_english = BY_DAY[day]
    return f"新员工入职{when}：{title}（{post}）。\nFor new hires {in_english}{title_en and ': '}{title_en}."


def taught_in(articles: Sequence[int] = (), questions: Sequence[int] = ()) -> dict[str, list[int]]:
    """The courses with a lesson made of one of these articles, or of an answer to these questions."""
    return {"course": made_of(articles, questions)}


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
