"""Forms of the path of a post: a step, a question that comes up there, a mentor."""

from __future__ import annotations

from typing import Any, Self

from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]

from portal import i18n
from portal.forms.base import (
    Choice,
    Flag,
    Form,
    FormKey,
    NamesChecked,
    Pick,
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
"""So many of the newest are offered to link."""
DAY_WORDS = {
    1: Phrase("Day 1"),
    7: Phrase("Day 7"),
    30: Phrase("Day 30"),
    90: Phrase("Day 90"),
}


class PathStepForm(Form):
    """One step of the path of a post."""

    post = Choice(Phrase("Job title"))
    new_post = TextLine(Phrase("A job title that nobody has yet"), longest=120)
    day = Choice(
        Phrase("By day"), choices=[(str(day), DAY_WORDS[day]) for day in DAYS], required=True, coerce=int
    )
    title = TextLine(Phrase("What is to be done"), required=True, longest=200)
    title_en = TextLine(Phrase("In English"), longest=200)
    article = Pick(Phrase("Article"))
    course = Pick(Phrase("Course"))
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
        read = Article.select(Article.id, Article.title, Article.body).where(Article.state == "published")
        taught = Course.visible_to(person).where(
            (Course.state == CourseState.PUBLISHED) & Course.archived_at.is_null()
        )
        self._offer("article", read, step)
        self._offer("course", taught, step)
        return self

    @property
    def facts(self) -> dict[str, Any]:
        found = super().facts
        new = str(found.pop("new_post", "") or "").strip()
        return found | {"post": new or found["post"]}

    def _offer(self, name: str, query: Any, step: PathStep | None) -> None:
        """The newest, and what is linked now."""
        newest, linked = list(query.order_by(query.model.id.desc()).limit(OFFERED)), getattr(step, name, None)
        field: Any = self[name]
        field.offer(newest if linked is None or linked in newest else [linked, *newest])


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
