"""Forms of courses, lessons and enrolment."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self

from portal.forms.base import (
    Choice,
    Day,
    Flag,
    Form,
    FormKey,
    Pick,
    PickByName,
    PickMany,
    TextArea,
    TextLine,
    Version,
    Whole,
)
from portal.forms.knowledge.questions import SetTopicForm
from portal.forms.learning.recordings import RecordingForm
from portal.i18n import Phrase
from portal.models.base.listing import number_of
from portal.models.company.topics import Topic
from portal.models.learning.courses import KINDS, OF_KIND, TASKS, Course, Lesson
from portal.models.people.people import Person, auditors
from portal.models.products.products import Product

MOST_SHOWN = 100
"""So many people are offered to be ticked; anyone else is named."""
MOST_NEAR = 50
"""So many are offered by name before anything is typed."""


class CourseForm(Form):
    """What a course is about."""

    title = TextLine(Phrase("Title"), required=True, longest=200)
    purpose = TextArea(Phrase("What one can do afterwards"), longest=2000, rows=3)
    topic = Pick(Phrase("Topic"))
    product = Pick(Phrase("Product"))
    after = Pick(Phrase("Finish first"))
    version = Version()

    def offering(self, person: Any) -> Self:
        """With the topics and products that may be chosen."""
        self.topic.offer(Topic.visible_to(person))
        mine = getattr(self.record, "id", 0)
        others = Course.visible_to(person).where(Course.archived_at.is_null() & (Course.id != mine))
        self.after.offer(others.order_by(Course.title, Course.id))
        self.product.offer(Product.select().where(Product.archived_at.is_null()).order_by(Product.name))
        return self


class CourseTopicForm(SetTopicForm):
    """The topic that several courses are filed under, instead of the one that each has."""

    what_happens = Phrase("It takes the place of the topic that each has.")


class NewCourseForm(CourseForm):
    """A course that begins with what is known."""

    is_filled = Flag(Phrase("Fill it with the most used knowledge of this topic or product"), default=True)
    key = FormKey()


class LessonForm(RecordingForm):
    """A lesson of one's own; one that a recording comes with is of the kind that holds one."""

    held_in = "link"

    kind_of = Choice(Phrase("Kind"), choices=tuple(KINDS.items()), required=True, default="reading")
    title = TextLine(Phrase("Title"), required=True, longest=200)
    minutes = Whole(Phrase("Minutes"), least=1, most=600, default=5)
    text = TextArea(Phrase("Text"), longest=50_000, rows=10)
    link = TextLine(Phrase("Address"), longest=500)
    task = Choice(Phrase("Task"), choices=(("", "—"), *TASKS.items()))
    sheet = TextArea(Phrase("What the observer looks at"), longest=2000, rows=4, id="criteria")
    questions = TextArea(Phrase("Quiz questions"), longest=10_000, rows=8)
    key = FormKey()

    def bring(self, *, by: Person) -> None:
        """Keep the file that came: a reading that one comes with is a recording."""
        super().bring(by=by)
        if self.link.data and self.kind_of.data == "reading":
            self.kind_of.data = "link"


class LessonEditForm(RecordingForm):
    """A lesson as it is, with what its kind has."""

    held_in = "link"

    title = TextLine(Phrase("Title"), required=True, longest=200)
    minutes = Whole(Phrase("Minutes"), least=1, most=600)
    text = TextArea(Phrase("Text"), longest=50_000, rows=10)
    link = TextLine(Phrase("Address"), longest=500)
    task = Choice(Phrase("Task"), choices=tuple(TASKS.items()))
    sheet = TextArea(Phrase("What the observer looks at"), longest=2000, rows=4, id="criteria")
    questions = TextArea(Phrase("Quiz questions"), longest=10_000, rows=8)
    version = Version()

    def of(self, lesson: Lesson) -> Self:
        """Without what the lesson has not: of one made of knowledge only the time is its owner's."""
        own = {"title", "text", OF_KIND.get(lesson.kind_of)} if lesson.source is None else set[str | None]()
        if "link" in own:
            own |= {"file", "taken"}
        for name in ("title", "text", "file", "taken", "link", "task", "sheet", "questions"):
            if name not in own:
                del self[name]
        return self

    def bring(self, *, by: Person) -> None:
        """Only where it holds one."""
        if "link" in self:
            super().bring(by=by)


class EnrolForm(Form):
    """Who is to learn, and until when."""

    person = PickByName(Phrase("Somebody by name"), lasting=True)
    people = PickMany(Phrase("People"), lasting=True)
    due_on = Day(Phrase("Due on"))

    def offering(self, person: Person, course: Course) -> Self:
        """With the people whom somebody may enrol: who makes it anyone, who leads others those."""
        found = Person.select().where(Person.deactivated_at.is_null() & (Person.id != course.owner_id))
        if not course.editable_by(person):
            found = found.where(Person.id.in_(sorted(person.team) or [0]))
        found = found.where(Person.id.not_in(auditors()))
        ticked = [number_of(str(each)) for each in self.people.raw_data or ()][:MOST_SHOWN]
        shown = list(found.order_by(Person.sort_name, Person.id).limit(MOST_SHOWN + 1))
        self.is_part = len(shown) > MOST_SHOWN
        near: Iterable[Person] = [each for each in shown if each.department_id == person.department_id]
        if self.is_part and person.department_id:
            there = found.where(Person.department == person.department_id)
            near = there.order_by(Person.sort_name, Person.id).limit(MOST_NEAR)
        self.person.offer(found, (list(near) or shown)[:MOST_NEAR])
        also = found.where(Person.id.in_(ticked)) if ticked else ()
        self.people.offer([*also, *shown[:MOST_SHOWN]])
        return self

    is_part = False
    """Whether there are more people than those that can be ticked."""

    @property
    def chosen(self) -> list[Person]:
        """Who is to learn, each once."""
        named = [self.person.data] if self.person.data else []
        return list({one.id: one for one in [*named, *(self.people.data or ())]}.values())
