"""What is for who is new in a post, so that their search begins with it (S05)."""

from __future__ import annotations

from typing import Any

from peewee import ModelSelect, Value

from portal.models.base.record import along
from portal.models.knowledge.articles import Article
from portal.models.knowledge.audience import names_me
from portal.models.knowledge.questions import Answer
from portal.models.learning.courses import Lesson
from portal.models.learning.paths import PathStep, StepQuestion, is_learning
from portal.models.people.people import Person

ONBOARDING = "onboarding"
"""The kind of articles that teach who is new."""
SHOWN = 6
MOST_MARKED = 1000
"""So many records of one post are looked among."""


def marked_for(person: Person) -> list[str]:
    """The records that are for somebody whose path is not over, as search names them ("article-12"): what its
    steps link, what the lessons of its courses are made of, and what was asked at its steps and has an
    answer, also where the step was put away since: who comes now asks it no less; and lessons that are said
    to be for them. None for all others. Who may read them is asked elsewhere.
    """
    if not person.title or not is_learning(person):
        return []
    lessons = _lessons_for(person).select(Value("article"), Article.id)
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
        .union(lessons)
    )
    return sorted(f"{noun}-{ident}" for noun, ident in rows.limit(MOST_MARKED).tuples())


def lessons_for(person: Person) -> list[Article]:
    """The lessons for who is new in their job or department: what worked for most first."""
    best = _lessons_for(person).order_by(Article.uses.desc(), Article.published_at.desc(), Article.id.desc())
    return list(along(best, Article.author).limit(SHOWN))


def _lessons_for(person: Person) -> ModelSelect[Article]:
    theirs = names_me(Article.audience, person) & (Article.kind_of == ONBOARDING)
    return Article.select().where(theirs & (Article.state == "published"))
