"""Forms of courses, lessons and enrolment."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self

from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import ValidationError

from portal import i18n
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
from portal.models.base.record import along
from portal.models.company.departments import Department
from portal.models.company.topics import Topic
from portal.models.learning.courses import KINDS, OF_KIND, TASKS, Course, Lesson
from portal.models.learning.enrolments import Enrolment
from portal.models.learning.post_needs import JobTitle
from portal.models.people.people import Person, auditors
from portal.models.products.products import Product

MOST_SHOWN = 100
"""So many people are offered to be ticked; anyone else is named."""
MOST_AT_ONCE = 300
"""So many of a job or department are enrolled at once."""
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
        """With the topics, products and courses that may be chosen, and those that it has, be they put away:
        what nobody changes stays.
        """
        self.topic.offer(Topic.visible_to(person))
        mine, after, product = (
            getattr(self.record, name, 0) or 0 for name in ("id", "after_id", "product_id")
        )
        seen = Course.visible_to(person).select(Course.id).where(Course.archived_at.is_null())
        others = Course.select().where((Course.id.in_(seen) & (Course.id != mine)) | (Course.id == after))
        self.after.offer(others.order_by(Course.title, Course.id))
        there = Product.archived_at.is_null() | (Product.id == product)
        self.product.offer(Product.select().where(there).order_by(Product.name))
        return self


class CourseTopicForm(SetTopicForm):
    """The topic that several courses are filed under, instead of the one that each has."""

    what_happens = Phrase("It takes the place of the topic that each has.")


class IntoCourseForm(Form):
    """The course that several pieces of knowledge become lessons of."""

    course = Pick(Phrase("Course"), required=True)

    def offering(self, person: Any) -> Self:
        """With the courses that they make, or that those make whom they lead."""
        makers = Course.is_made_by(person)
        mine = Course.select().where(makers & Course.archived_at.is_null())
        self.course.offer(mine.order_by(Course.owner != person.id, Course.title, Course.id).limit(MOST_SHOWN))
        return self


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

    def _fits(self, field: Any) -> None:
        """What another kind alone has was written by mistake: it is said, not thrown away."""
        kind = next(kind for kind, name in OF_KIND.items() if name == field.name)
        if (field.data or "").strip() and self.kind_of.data != kind:
            told = Phrase("Only “%(kind)s” has this: choose that kind, or empty this.", kind=KINDS[kind])
            raise ValidationError(i18n.gettext(told))

    validate_link = validate_task = validate_sheet = validate_questions = _fits


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
    again = Flag(Phrase("Ask whoever is through with it to take it once more"))
    version = Version()

    def of(self, lesson: Lesson) -> Self:
        """Without what the lesson has not: of one made of knowledge only the time is its owner's."""
        own = {"title", "text", OF_KIND.get(lesson.kind_of)} if lesson.source is None else set[str | None]()
        if "link" in own:
            own |= {"file", "taken"}
        for name in ("title", "text", "file", "taken", "link", "task", "sheet", "questions"):
            if name not in own:
                del self[name]
        if lesson.source is not None or not lesson.is_retaken:
            del self["again"]
        return self

    @property
    def asks_again(self) -> bool:
        """Whether whoever is through with it is asked to take it once more."""
        return "again" in self and bool(self.again.data)

    def bring(self, *, by: Person) -> None:
        """Only where it holds one."""
        if "link" in self:
            super().bring(by=by)


class EnrolForm(Form):
    """Who is to learn, and until when."""

    post = Choice(Phrase("Everyone with this job title"))
    department = Pick(Phrase("Everyone in this department"))
    person = PickByName(Phrase("Somebody by name"), lasting=True)
    people = PickMany(Phrase("People"), lasting=True)
    due_on = Day(Phrase("Due on"))

    def offering(self, person: Person, course: Course) -> Self:
        """With the people whom somebody may enrol: who makes it anyone, who leads others those."""
        found = Person.select().where(Person.deactivated_at.is_null() & (Person.id != course.owner_id))
        if not course.editable_by(person):
            found = found.where(Person.id.in_(sorted(person.team) or [0]))
        found = found.where(Person.id.not_in(auditors()))
        self._offer_all(found, course)
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

    def _offer_all(self, found: Any, course: Course) -> None:
        """The jobs and departments of those who may be enrolled; who is in the course already stays as is."""
        inside = Enrolment.select(Enrolment.person).where(
            (Enrolment.course == course) & Enrolment.left_at.is_null()
        )
        self.outside = found.where(Person.id.not_in(inside))
        held: Any = along(
            found.select(Person.title, Person.title_en, Person.department), Person.department, whole=True
        )
        jobs, departments = dict[str, str](), dict[int, Department]()
        for one in held.distinct():
            jobs[one.title] = max(one.title_en, jobs.get(one.title, ""))
            departments |= {one.department_id: one.department} if one.department_id else {}
        jobs.pop("", None)
        self.post.choices = [
            SelectChoice("", "—"),
            *(SelectChoice(name, i18n.label(JobTitle(name, jobs[name]))) for name in sorted(jobs)),
        ]
        self.department.offer(sorted(departments.values(), key=lambda each: each.name))

    outside: Any = None
    """Whoever may be enrolled and is not yet."""
    is_cut = False
    """Whether there are more of a job or department than are enrolled at once."""
    is_part = False
    """Whether there are more people than those that can be ticked."""

    @property
    def chosen(self) -> list[Person]:
        """Who is to learn, each once; of all of a job or department those who are not in it yet, some
        hundreds at a time.
        """
        named = [*([self.person.data] if self.person.data else []), *(self.people.data or ())]
        post, department = self.post.data or "", self.department.data
        if post or department:
            all_of = Person.title == post if post else Person.id.is_null(False)
            if department:
                all_of &= Person.department.in_(Department.with_descendants([department.id]))
            found = self.outside.where(all_of).order_by(Person.sort_name, Person.id)
            every = list(found.limit(MOST_AT_ONCE + 1))
            self.is_cut = len(every) > MOST_AT_ONCE
            named.extend(every[:MOST_AT_ONCE])
        return list({one.id: one for one in named}.values())
