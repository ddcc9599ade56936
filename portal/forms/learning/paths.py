"""Forms of the path of a post: a step, a question that comes up there, a mentor."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import reduce
from operator import and_
from typing import Any, Self

from wtforms import validators
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]

from portal import i18n
from portal.forms.base import (
    Choice,
    Flag,
    Form,
    FormKey,
    NamesChecked,
    PickByName,
    TextLine,
    Version,
    Whole,
)
from portal.i18n import Phrase
from portal.models.knowledge.articles import Article
from portal.models.learning.courses import TASKS, Course
from portal.models.learning.paths import DAYS, PathStep
from portal.models.learning.words import CourseState
from portal.models.people.people import Person, auditors

OFFERED = 200
"""So many colleagues are proposed as mentors."""
PROPOSED = 50
"""So many of the newest are proposed to link, or of those that have the words which were typed."""
NAMED = 3
"""So many of these are named where there are several."""
DAY_WORDS = {
    1: Phrase("Day 1"),
    7: Phrase("Day 7"),
    30: Phrase("Day 30"),
    90: Phrase("Day 90"),
}


class PickByTitle(PickByName):
    """A record by words of its title: the one that has them, or, of several, those that are then proposed."""

    def _find(self, given: str) -> Any:
        assert self.among is not None
        title = self.among.model.title
        if re.search(r"#\d{1,18}$", given):
            return super()._find(given)
        found = list(self.among.where(title == given).limit(2))
        if len(found) != 1:
            having = reduce(and_, (title.contains(word) for word in given.split()))
            found = list(self.among.where(having).order_by(self.among.model.id.desc()).limit(PROPOSED))
            self.proposals = [f"{self.called(each)} #{each.id}" for each in found] or self.proposals
        self.found = found
        return found[0] if len(found) == 1 else None

    found: Sequence[Any] = ()

    def pre_validate(self, form: Any) -> None:
        if self.unknown and self.found:
            names = i18n.join([f"“{self.called(each)}”" for each in self.found[:NAMED]])
            more = "…" if len(self.found) > NAMED else ""
            words = Phrase(
                "Several have these words: %(names)s. Choose one of those proposed.", names=names + more
            )
            raise validators.ValidationError(words)
        if self.unknown:
            raise validators.ValidationError(Phrase("No title has these words."))


class PathStepForm(Form):
    """One step of the path of a post."""

    post = Choice(Phrase("Job title"))
    new_post = TextLine(Phrase("A job title that nobody has yet"), longest=120)
    day = Choice(
        Phrase("By day"), choices=[(str(day), DAY_WORDS[day]) for day in DAYS], required=True, coerce=int
    )
    title = TextLine(Phrase("What is to be done"), required=True, longest=200)
    title_en = TextLine(Phrase("In English"), longest=200)
    article = PickByTitle(Phrase("Article"), lasting=True)
    course = PickByTitle(Phrase("Course"), lasting=True)
    task = Choice(Phrase("Task in the portal"), choices=(("", "—"), *TASKS.items()))
    minutes = Whole(Phrase("Minutes"), least=1, most=6000)
    key = FormKey()
    version = Version()

    def offering(self, person: Person, step: PathStep | None = None) -> Self:
        """With the posts whose path the person keeps, and what everyone may read."""
        kept = {post.name: post for post in PathStep.posts_kept_by(person)}
        self.post.choices = [SelectChoice(post.name, i18n.label(post)) for post in kept.values()]
        if person.is_administrator:
            self.post.choices.insert(0, SelectChoice("", "—"))
        else:
            del self.new_post
        if step is not None and step.post not in kept:
            self.post.choices.append(SelectChoice(step.post, step.post))
        taught = (Course.state == CourseState.PUBLISHED) & Course.archived_at.is_null()
        _offer(self.article, Article, Article.state == "published", step.article_id if step else None)
        _offer(self.course, Course, taught, step.course_id if step else None)
        return self

    @property
    def facts(self) -> dict[str, Any]:
        found = super().facts
        new = str(found.pop("new_post", "") or "").strip()
        return found | {"post": new or found["post"], "task": found["task"] or ""}


def _offer(field: PickByTitle, model: Any, there: Any, linked: int | None) -> None:
    """All that everyone may read, and what is linked now; the newest are proposed."""
    among = model.select(model.id, model.title, *([model.body] if model is Article else ())).where(
        there | (model.id == linked)
    )
    field.offer(among, among.order_by(model.id.desc()).limit(PROPOSED))


class StepQuestionForm(Form):
    """A question that comes up at a step."""

    text = TextLine(Phrase("Question"), required=True, longest=300)
    is_anonymous = Flag(Phrase("Do not say who asks"))
    names_checked = NamesChecked()
    key = FormKey(is_handed_on=True)


class MentorForm(Form):
    """Who goes with a newcomer: one of those suggested, or anyone by name."""

    mentor = PickByName(Phrase("Mentor"), required=True)

    def offering(self, newcomer: Person) -> Self:
        """With everyone who may."""
        others = Person.select().where(Person.deactivated_at.is_null() & (Person.id != newcomer.id))
        found = others.where(Person.id.not_in(auditors())).order_by(Person.sort_name, Person.id)
        near = found.where(Person.department == newcomer.department_id) if newcomer.department_id else found
        self.mentor.offer(found, list(near.limit(OFFERED)))
        return self
