"""Debates: three volunteers speak, the others of the course say who convinced them, each once (S29)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from peewee import Check, ForeignKeyField, IntegerField, fn

from portal import clock
from portal.i18n import Phrase
from portal.models.base.database import db
from portal.models.base.record import Event, Invalid, Record, along
from portal.models.learning.courses import Lesson
from portal.models.learning.enrolments import Enrolment
from portal.models.people.people import Person

SEATS = 3
ROUNDS = 5
"""So many that are over are told."""
TOLD_BY = 3
"""So many votes are told at once."""
NOT_IN_IT = Phrase("Enrol in the course first.")
STANDS = Phrase("Votes are in: who speaks stays as it is.")


class DebateRound(NamedTuple):
    """A debate that is over: when that was said, and who spoke, each with their votes, as far as told."""

    at: datetime
    speakers: list[tuple[Person, int | None]]


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
        """Who speaks, in their order: before the vote none who left the course or the company."""
        voted = fn.EXISTS(DebateVote.select(1).where(DebateVote.lesson == lesson))
        there = (cls.lesson == lesson) & (voted | cls.person.in_(learners_of(lesson)))
        return list(along(cls.select().where(there), cls.person, whole=True).order_by(cls.number))

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
            if DebateVote.begun(lesson):
                raise Invalid(STANDS)
            cls.delete().where((cls.lesson == lesson) & (cls.person == by)).execute()

    @classmethod
    def held(cls, lesson: Lesson) -> dict[int, int]:
        """Who sits where; whoever else comes at this moment waits. Before the vote the seats of those who
        left the course or the company are free.
        """
        Lesson.update(version=Lesson.version).where(Lesson.id == lesson.id).execute()
        if not DebateVote.begun(lesson):
            gone = cls.person.not_in(learners_of(lesson))
            cls.delete().where((cls.lesson == lesson) & gone).execute()
        return {each.number: each.person_id for each in cls.select().where(cls.lesson == lesson)}

    @classmethod
    def begin_anew(cls, lesson: Lesson, *, by: Person, is_held: bool) -> None:
        """The seats are free for the next three, and everyone votes anew. Where it was held, as who makes the
        course says, those who spoke are done, be there nobody to vote: never who says so. Raises Invalid
        while fewer than three have volunteered for what is said to be held.
        """
        with db.atomic():
            speakers = cls.held(lesson)
            if is_held and len(speakers) < SEATS:
                raise Invalid(Phrase("Fewer than three have volunteered: it was not held yet."))
            for speaker in speakers.values() if is_held else ():
                if speaker != by.id:
                    tick_speaker(lesson, speaker, by=by)
            kept = cls._result(lesson)
            DebateVote.delete().where(DebateVote.lesson == lesson).execute()
            if cls.delete().where(cls.lesson == lesson).execute():
                verb = "debate held" if is_held else "seats freed"
                lesson.track(verb, by=by, changes={"speakers": [None, kept]})

    @classmethod
    def _result(cls, lesson: Lesson) -> list[list[int | None]]:
        """Who speaks, with the votes for each as they are told: none while they are not."""
        told = DebateVote.counts(DebateVote.of(lesson))
        seats = cls.select().where(cls.lesson == lesson).order_by(cls.number)
        return [[seat.person_id, None if told is None else told.get(seat.id, 0)] for seat in seats]

    @classmethod
    def rounds(cls, lesson: Lesson) -> list[DebateRound]:
        """The latest that were held, or whose seats were freed though votes were in, with who spoke."""
        over = Event.about(lesson).where(Event.verb.in_(("debate held", "seats freed")))
        found = list(over.order_by(Event.id.desc()).limit(ROUNDS))
        spoke = {event.id: (event.changes or {}).get("speakers", [None, []])[1] for event in found}
        ids = {ident for result in spoke.values() for ident, _ in result}
        named = Person.select().where(Person.id.in_(sorted(ids))) if ids else ()
        people = {each.id: each for each in named}
        return [
            DebateRound(
                event.at, [(people[ident], votes) for ident, votes in spoke[event.id] if ident in people]
            )
            for event in found
            if event.verb == "debate held" or any(votes is not None for _, votes in spoke[event.id])
        ]


def learners_of(lesson: Lesson) -> Any:
    """A query for the ids of those in the course of a lesson who work here."""
    there = (Enrolment.course == lesson.course_id) & Enrolment.left_at.is_null()
    found = Enrolment.select(Enrolment.person).join(Person, on=Enrolment.person)
    return found.where(there & Person.deactivated_at.is_null())


def tick_speaker(lesson: Lesson, speaker: int, *, by: Person) -> None:
    """Who spoke is done."""
    mine = (Enrolment.course == lesson.course_id) & (Enrolment.person == speaker)
    theirs = Enrolment.get_or_none(mine)
    if theirs is not None:
        theirs.note_done(lesson, by=by)


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
    def of(cls, lesson: Lesson) -> list[DebateVote]:
        """The votes as they came."""
        return list(cls.select().where(cls.lesson == lesson).order_by(cls.id))

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
                tick_speaker(lesson, speaker, by=by)

    @classmethod
    def begun(cls, lesson: Lesson) -> bool:
        """Whether somebody has voted."""
        return cls.select().where(cls.lesson == lesson).exists()

    @staticmethod
    def counts(votes: Sequence[DebateVote]) -> dict[int, int] | None:
        """How many of the votes as they came each seat has, by its id; none while fewer than three are in.
        They are told by threes: whoever sees a lesson done beside one vote more would read whose it is.
        """
        came = [each.seat_id for each in votes]
        told = came[: len(came) // TOLD_BY * TOLD_BY]
        return dict(Counter(told)) if told else None
