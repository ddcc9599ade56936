"""Debates: three volunteers speak, the others of the course say who convinced them, each once (S29)."""

from __future__ import annotations

from peewee import Check, ForeignKeyField, IntegerField, fn

from portal import clock
from portal.i18n import Phrase
from portal.models.base.database import db
from portal.models.base.record import Invalid, Record, along
from portal.models.learning.courses import Lesson
from portal.models.learning.enrolments import Enrolment
from portal.models.people.people import Person

SEATS = 3
NOT_IN_IT = Phrase("Enrol in the course first.")
STANDS = Phrase("Votes are in: who speaks stays as it is.")


class DebateSeat(Record):
    """A volunteer of a debate, in the order in which they speak."""

    lesson = ForeignKeyField(Lesson, on_delete="CASCADE", index=False)
    lesson_id: int
    person = ForeignKeyField(Person, on_delete="CASCADE")
    person_id: int
    number = IntegerField()

    class Meta:
        indexes = ((("lesson", "person"), True), (("lesson", "number"), True))
        constraints = [Check("number BETWEEN 1 AND 3")]

    @classmethod
    def of(cls, lesson: Lesson) -> list[DebateSeat]:
        """Who speaks, in their order."""
        return list(
            along(cls.select().where(cls.lesson == lesson), cls.person, whole=True).order_by(cls.number)
        )

    @classmethod
    def take(cls, lesson: Lesson, *, by: Person) -> None:
        """Volunteer for the first free seat; twice is harmless. Raises Invalid when all three are taken."""
        if Enrolment.of(lesson.course, by) is None:
            raise Invalid(NOT_IN_IT)
        with db.atomic():
            taken = cls.held(lesson)
            if by.id in taken.values():
                return
            if DebateVote.select().where(DebateVote.person == by, DebateVote.lesson == lesson).exists():
                raise Invalid(Phrase("You have voted already: who votes does not speak."))
            free = [number for number in range(1, SEATS + 1) if number not in taken]
            if not free:
                raise Invalid(Phrase("Three volunteers are there already: listen, and vote."))
            row = {"lesson": lesson, "person": by, "number": free[0], "created_at": clock.now()}
            cls.insert(row).execute()

    @classmethod
    def give_up(cls, lesson: Lesson, *, by: Person) -> None:
        """Leave one's seat to another, before anybody votes; twice is harmless. Raises Invalid."""
        with db.atomic():
            cls.held(lesson)
            if DebateVote.select().where(DebateVote.lesson == lesson).exists():
                raise Invalid(STANDS)
            cls.delete().where((cls.lesson == lesson) & (cls.person == by)).execute()

    @classmethod
    def held(cls, lesson: Lesson) -> dict[int, int]:
        """Who sits where; whoever else comes at this moment waits."""
        Lesson.update(version=Lesson.version).where(Lesson.id == lesson.id).execute()
        return {each.number: each.person_id for each in cls.select().where(cls.lesson == lesson)}


class DebateVote(Record):
    """Whom one of the audience was convinced by: one vote a person, which stands."""

    lesson = ForeignKeyField(Lesson, on_delete="CASCADE", index=False)
    lesson_id: int
    person = ForeignKeyField(Person, on_delete="CASCADE")
    person_id: int
    seat = ForeignKeyField(DebateSeat, on_delete="CASCADE")
    seat_id: int

    class Meta:
        indexes = ((("lesson", "person"), True),)

    @classmethod
    def of(cls, lesson: Lesson, person: Person) -> DebateVote | None:
        """How somebody voted."""
        return cls.get_or_none((cls.lesson == lesson) & (cls.person == person))

    @classmethod
    def cast(cls, lesson: Lesson, *, by: Person, number: int) -> None:
        """Vote for a seat by its number; the first stands, and by it the lesson is done, for the speakers
        too. Raises Invalid for who speaks, and while a seat is free.
        """
        with db.atomic():
            held = DebateSeat.held(lesson)  # of two at one moment the second reads what the first wrote
            mine = Enrolment.of(lesson.course, by)
            if mine is None:
                raise Invalid(NOT_IN_IT)
            if by.id in held.values():
                raise Invalid(Phrase("Who speaks does not vote."))
            if len(held) < SEATS:
                raise Invalid(Phrase("The vote begins once three have volunteered."))
            seat = DebateSeat.get_or_none((DebateSeat.lesson == lesson) & (DebateSeat.number == number))
            if seat is None:
                raise Invalid(Phrase("Choose who convinced you."))
            row = {"lesson": lesson, "person": by, "seat": seat, "created_at": clock.now()}
            cls.insert(row).on_conflict_ignore().execute()
            mine.note_done(lesson, by=by)
            for speaker in held.values():
                theirs = Enrolment.get_or_none(
                    (Enrolment.course == lesson.course_id) & (Enrolment.person == speaker)
                )
                if theirs is not None:
                    theirs.note_done(lesson, by=by)

    @classmethod
    def counts(cls, lesson: Lesson) -> dict[int, int]:
        """How many votes each seat has, by its id: sums alone, never who voted how."""
        rows = cls.select(cls.seat, fn.COUNT(cls.id)).where(cls.lesson == lesson).group_by(cls.seat)
        return dict(rows.tuples())  # type: ignore[arg-type]
