"""What is for who is new in a post, so that their search begins with it (S05)."""

from __future__ import annotations

from typing import Any

from peewee import Value

from portal.models.knowledge.questions import Answer
from portal.models.learning.courses import Lesson
from portal.models.learning.paths import PathStep, StepQuestion, is_learning
from portal.models.people.people import Person

MOST_MARKED = 1000
"""So many records of one post are looked among."""


def marked_for(person: Person) -> list[str]:
    """The records that are for somebody whose path is not over, as search names them ("article-12"): what its
    steps link, what the lessons of its courses are made of, and what was asked at its steps and has an
    answer, also where the step was put away since: who comes now asks it no less. None for all others. Who
    may read them is asked elsewhere.
    """
    if not person.title or not is_learning(person):
        return []
    here = PathStep.post == person.title
    steps = PathStep.select(PathStep.course).where(here & PathStep.archived_at.is_null())
    there = Lesson.removed_at.is_null() & Lesson.course.in_(steps.where(PathStep.course.is_null(False)))
    asked = StepQuestion.question.in_(Answer.select(Answer.question))
    rows: Any = (
        PathStep.select(Value("article"), PathStep.article)
        .where(here & PathStep.archived_at.is_null() & PathStep.article.is_null(False))
        .union(steps.select(Value("course"), PathStep.course).where(PathStep.course.is_null(False)))
        .union(Lesson.select(Value("article"), Lesson.article).where(there & Lesson.article.is_null(False)))
        .union(Lesson.select(Value("question"), Answer.question).join(Answer).where(there))
        .union(
            StepQuestion.select(Value("question"), StepQuestion.question).join(PathStep).where(here & asked)
        )
    )
    return sorted(f"{noun}-{ident}" for noun, ident in rows.limit(MOST_MARKED).tuples())
