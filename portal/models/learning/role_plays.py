"""Role plays: somebody else watches a learner and fills in the sheet that the lesson gives (S29)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self

from peewee import CharField, Check, ForeignKeyField, JSONField, ModelSelect, fn

from portal.i18n import Phrase, names
from portal.models.base.database import db
from portal.models.base.fields import TextField
from portal.models.base.published import what_tells
from portal.models.base.record import Invalid, Record, along
from portal.models.files.attachments import Enclosure
from portal.models.learning.courses import MOST_SCORE, SHEET, Course, Lesson
from portal.models.learning.enrolments import Enrolment, LessonDone
from portal.models.learning.mentors import Mentorship
from portal.models.learning.words import OBSERVATION
from portal.models.people.notices import Notice
from portal.models.people.people import Person
from portal.text.addresses import is_link

SHOWN = 20
"""So many stand on a page, of the latest and of those who wait."""


class Observation(Record):
    """One role play of a learner as somebody else saw it. It is never changed; its recording may go."""

    called = OBSERVATION

    lesson = ForeignKeyField(Lesson, on_delete="CASCADE", index=False)
    lesson_id: int
    learner = ForeignKeyField(Person, on_delete="CASCADE", backref="observed")
    learner_id: int
    observer = ForeignKeyField(Person, on_delete="RESTRICT", index=False, backref="observations")
    observer_id: int
    scores = JSONField(default=list)
    """From 0 to 5, one for each line of the sheet, with the line as it was, or its place in SHEET."""
    feedback = TextField(default="")
    recording = CharField(500, default="")
    """Where it lies: an address of the web, or of a file of the portal's own."""

    class Meta:
        indexes = ((("lesson", "learner", "id"), False),)
        constraints = [Check("learner_id <> observer_id")]

    @property
    def url(self) -> str:
        """It stands beside its lesson."""
        return f"/lessons/{self.lesson_id}"

    # -------------------------------------------------------------- who may

    @staticmethod
    def observable_by(lesson: Lesson, learner: Person, person: Person) -> bool:
        """Who makes the course, who leads the learner, and their mentor: never the learner."""
        if not person.is_active or person.is_auditor or person.id == learner.id:
            return False
        return lesson.course.editable_by(person) or Mentorship.goes_with(person, learner)

    @classmethod
    def learners_of(cls, lesson: Lesson, person: Person, named: str = "") -> ModelSelect[Enrolment]:
        """The learners whom somebody may observe in a lesson, by a part of their name, those whom nobody has
        watched in it first.
        """
        found = Enrolment.select().where((Enrolment.course == lesson.course_id) & Enrolment.left_at.is_null())
        if not lesson.course.editable_by(person):
            mine = {*person.team, *(each.newcomer_id for each in Mentorship.of_mentor(person))}
            found = found.where(Enrolment.person.in_(sorted(mine) or [0]))
        here = Person.select(Person.id).where(Person.deactivated_at.is_null() & (Person.id != person.id))
        if named:
            here = here.where(Person.name.contains(named) | Person.name_en.contains(named))
        found = along(found.where(Enrolment.person.in_(here)), Enrolment.person, whole=True)
        seen = LessonDone.select(1).where(
            (LessonDone.enrolment == Enrolment.id) & (LessonDone.lesson == lesson)
        )
        return found.order_by(fn.EXISTS(seen), Enrolment.id)

    @classmethod
    def visible_to(cls, person: Person) -> ModelSelect[Self]:
        """Of themselves, by themselves, of whom they lead, and all of the courses that they make."""
        theirs = sorted({person.id, *person.team})
        made = Lesson.select(Lesson.id).join(Course).where(Course.owner.in_(theirs))
        mine = cls.learner.in_(theirs) | (cls.observer == person) | cls.lesson.in_(made)
        return cls.select().where(mine)

    def droppable_by(self, person: Person) -> bool:
        """Who is to be seen or heard in its recording, who brought it, and who makes the course."""
        if not person.is_active or person.is_auditor:
            return False
        return person.id in (self.learner_id, self.observer_id) or self.lesson.course.editable_by(person)

    @classmethod
    def read_by(cls, lesson: Lesson, person: Person) -> ModelSelect[Self]:
        """Those of a lesson that somebody reads, the latest first."""
        found = cls.visible_to(person).where(cls.lesson == lesson)
        return along(found, cls.learner, cls.observer, whole=True).order_by(cls.id.desc())

    # -------------------------------------------------------------- its life

    @classmethod
    def note(
        cls,
        lesson: Lesson,
        learner: Person,
        *,
        by: Person,
        scores: Sequence[int],
        feedback: str,
        recording: str = "",
    ) -> Observation:
        """Fill in the sheet; the lesson is done by it, and the learner is told. Raises Invalid."""
        if by.id == learner.id:
            raise Invalid(Phrase("Somebody else fills in the sheet: ask a colleague to watch."))
        mine = Enrolment.of(lesson.course, learner)
        if mine is None or lesson.kind_of != "role_play":
            raise Invalid(Phrase("%(who)s does not learn this.", who=names(learner)))
        criteria = lesson.criteria
        if len(scores) != len(criteria) or any(not 0 <= score <= MOST_SCORE for score in scores):
            raise Invalid(Phrase("Score each line of the sheet, from 0 to 5."))
        if faults := cls.faults({"feedback": feedback, "recording": recording}):
            raise Invalid(faults)
        with db.atomic():
            own = [*range(len(SHEET))] if criteria == [*SHEET] else criteria
            kept = [[line, score] for line, score in zip(own, scores, strict=True)]
            facts = {"lesson": lesson, "learner": learner, "observer": by, "scores": kept}
            made = cls.create(**facts, feedback=feedback.strip(), recording=recording.strip())
            Enclosure.note(made, made.recording, by=by)
            mine.note_done(lesson, by=by, verb="observed")
            words = Phrase("%(who)s watched your role play: %(lesson)s", who=names(by), lesson=lesson.title)
            Notice.tell(learner, words, about=lesson)
        return made

    @classmethod
    def faults(cls, values: Mapping[str, Any]) -> dict[str, Phrase]:
        """What is wrong with these facts, by field."""
        found: dict[str, Phrase] = {}
        if not (values.get("feedback") or "").strip():
            found["feedback"] = Phrase("Say in a sentence what was good, and what to try next time.")
        link = (values.get("recording") or "").strip()
        if link and not is_link(link):
            found["recording"] = Phrase("Write an address that begins with https://.")
        return {**what_tells(values, "feedback"), **found}

    def drop_recording(self, *, by: Person) -> None:
        """The file is gone for good, or the address is forgotten; twice is harmless."""
        if not self.recording:
            return
        with db.atomic():
            file = Enclosure.held([self], [self.recording]).get(self.recording)
            self.recording = ""
            self.save()
            if file is not None:
                Enclosure.take_out(self, file, by=by)
            else:
                self.track("recording forgotten", by=by)

    @property
    def told(self) -> list[tuple[str | Phrase, int]]:
        """Each line with its score, the portal's own lines in the language of who reads it."""
        return [(SHEET[line] if isinstance(line, int) else line, score) for line, score in self.scores]

    @property
    def total(self) -> int:
        """All scores together."""
        return sum(score for _, score in self.scores)

    @property
    def most(self) -> int:
        """What could be had."""
        return MOST_SCORE * len(self.scores)
