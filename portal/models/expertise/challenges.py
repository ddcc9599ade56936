"""Challenges: what a manager sets the own team as a goal, for a while. No points and no money by them.

What counts is read from the ledger of thanks: deeds that stand, of those who were in the team when it was
set. Reviews are never a goal, so that nobody reviews for the number (RULES 4.2).
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, Self

from peewee import Check, DateField, ForeignKeyField, IntegerField, ModelSelect

from portal import clock
from portal.i18n import Phrase
from portal.models.base.database import db
from portal.models.base.fields import NameField, UtcDateTimeField
from portal.models.base.record import Invalid, Record
from portal.models.company.settings import Setting
from portal.models.expertise.points import PointEntry
from portal.models.expertise.words import CHALLENGE
from portal.models.people.notices import Notice
from portal.models.people.people import Person
from portal.models.work.clocks import Clock, step

MEASURES: dict[str, tuple[Phrase, tuple[str, ...]]] = {
    "experiences": (Phrase("Accepted experiences"), ("experience accepted",)),
    "answers": (Phrase("Best answers"), ("best answer",)),
    "uses": (Phrase("Uses of answers and articles"), ("worked", "answer used", "article used")),
    "verified": (Phrase("Articles checked in time"), ("article verified",)),
}
"""What may be the goal, and the deeds of the ledger that it counts."""
WAITS = "challenge"
LONGEST = 366
MOST = 10_000


class TeamChallenge(Record):
    """A goal for a team, from one day to another, the last one included."""

    called = CHALLENGE

    by = ForeignKeyField(Person, on_delete="RESTRICT", backref="challenges")
    by_id: int
    title = NameField(120, verbose_name=Phrase("Title"))
    measure = NameField(20, verbose_name=Phrase("What counts"))
    first_day = DateField(verbose_name=Phrase("First day"))
    last_day = DateField(verbose_name=Phrase("Last day"))
    goal = IntegerField(verbose_name=Phrase("Goal"))
    called_off_at = UtcDateTimeField(null=True)
    ended_at = UtcDateTimeField(null=True)
    reached = IntegerField(null=True)
    """What was reached when it ended."""

    class Meta:
        constraints = [
            Check("measure IN ('experiences', 'answers', 'uses', 'verified')"),
            Check("first_day <= last_day"),
            Check("goal > 0"),
            Check("(ended_at IS NULL) = (reached IS NULL)"),
        ]

    @classmethod
    def visible_to(cls, person: Person) -> ModelSelect[Self]:
        """Who set it, and for whom it was set."""
        mine = ChallengePerson.select(ChallengePerson.challenge).where(ChallengePerson.person == person)
        query = cls.select(cls, Person).join(Person, on=cls.by)
        return query.where((cls.by == person) | cls.id.in_(mine))

    @staticmethod
    def settable_by(person: Person) -> bool:
        """Who leads so many that it does not tell how one of them did."""
        return person.is_active and len(_at_work(person)) >= Setting.read("effect.least_people")

    @property
    def name(self) -> str:
        return str(self.title)

    @property
    def url(self) -> str:
        return f"/challenges/{self.id}"

    @property
    def measured(self) -> Phrase:
        return MEASURES[self.measure][0]

    @property
    def is_over(self) -> bool:
        return self.ended_at is not None or self.called_off_at is not None

    def withdrawable_by(self, person: Person) -> bool:
        """Who set it, until it is over."""
        return self.by_id == person.id and not self.is_over

    @classmethod
    def pose(
        cls, *, by: Person, title: str, measure: str, first_day: date, last_day: date, goal: int
    ) -> TeamChallenge:
        """Set the own team a goal, and tell them when it begins.

        Raises Invalid, also for a team so small that it would tell how one of them did, and beside another of
        the same sort: the difference of two would tell what those did who are in one of them alone.
        """
        if errors := _faults(by, title.strip(), measure, first_day, last_day):
            raise Invalid(errors)
        facts: dict[str, Any] = {"title": title.strip(), "measure": measure, "goal": goal}
        with db.atomic():
            made = cls.create(by=by, first_day=first_day, last_day=last_day, **facts)
            at = clock.now()
            rows = [{"challenge": made, "person": ident, "created_at": at} for ident in _at_work(by)]
            ChallengePerson.insert_many(rows).execute()
            made.track("posed", by=by)
            ends = clock.start_of(last_day + timedelta(days=1))
            steps = {"end": ends}
            if first_day > clock.today():
                steps["begin"] = clock.start_of(first_day)
            else:
                made._tell(BEGUN)
            Clock.start(made, WAITS, steps=steps)
        return made

    def call_off(self, *, by: Person) -> None:
        """It is over before its time: nothing is counted any more. Twice is harmless."""
        with db.atomic():
            mine = (
                (TeamChallenge.id == self.id)
                & TeamChallenge.ended_at.is_null()
                & TeamChallenge.called_off_at.is_null()
            )
            if TeamChallenge.update(called_off_at=clock.now()).where(mine).execute():
                Clock.stop(self, WAITS)
                self.track("called off", by=by)
                if self.first_day <= clock.today():
                    self._tell(OFF)

    def end(self) -> None:
        """Its last day is over: what was reached stands, and the team is told."""
        reached = self.count()
        with db.atomic():
            mine = (
                (TeamChallenge.id == self.id)
                & TeamChallenge.ended_at.is_null()
                & TeamChallenge.called_off_at.is_null()
            )
            if TeamChallenge.update(ended_at=clock.now(), reached=reached).where(mine).execute():
                self.track("ended", changes={"reached": [None, reached]})
                self._tell(Phrase(ENDED.msgid, title=self.title, reached=reached, goal=self.goal))

    def _tell(self, words: Phrase) -> None:
        told = Phrase(words.msgid, **{"title": self.title, **words.values})
        people = ChallengePerson.select().where(ChallengePerson.challenge == self)
        for each in {self.by_id, *(one.person_id for one in people)}:
            Notice.tell(each, told, about=self, url=self.url)

    def count(self) -> int:
        """How many deeds of the team count and stand; an experience of several authors is one.

        What was done before, taken back and done again is an old deed.
        """
        last = clock.start_of(self.last_day + timedelta(days=1))
        team = ChallengePerson.select(ChallengePerson.person).where(ChallengePerson.challenge == self)
        since = (PointEntry.at >= clock.start_of(self.first_day)) & (PointEntry.at <= clock.now())
        theirs = PointEntry.person.in_(team) & PointEntry.reason.in_(MEASURES[self.measure][1])
        done = PointEntry.by_deed(PointEntry.select().where(since & theirs)).values()
        counted = [each.entry for each in done if each.stands and each.entry.at < last]
        return len({entry.subject if self.measure == "experiences" else entry.id for entry in counted})

    @property
    def people(self) -> int:
        """For how many it was set."""
        return int(ChallengePerson.select().where(ChallengePerson.challenge == self).count())

    @property
    def so_far(self) -> int:
        """Nothing once it was called off."""
        if self.called_off_at is not None:
            return 0
        return self.reached if self.reached is not None else self.count()


class ChallengePerson(Record):
    """For whom a challenge was set: who was in the team then."""

    challenge = ForeignKeyField(TeamChallenge, on_delete="CASCADE")
    challenge_id: int
    person = ForeignKeyField(Person, on_delete="CASCADE")
    person_id: int

    class Meta:
        indexes = ((("challenge", "person"), True),)


BEGUN = Phrase("A challenge for your team has begun: %(title)s")
OFF = Phrase("The challenge was called off: %(title)s")
ENDED = Phrase("The challenge is over: %(title)s. Reached: %(reached)s of %(goal)s.")


def _faults(by: Person, title: str, measure: str, first: date, last: date) -> dict[str, Phrase]:
    errors: dict[str, Phrase] = {}
    if not title:
        errors["title"] = Phrase("A title is needed.")
    if measure not in MEASURES:
        errors["measure"] = Phrase("Choose what counts.")
    if first < clock.today():
        errors["first_day"] = Phrase("It begins today or later: nothing is counted afterwards.")
    if last < first:
        errors["last_day"] = Phrase("The last day comes after the first.")
    elif (last - clock.today()).days >= LONGEST:
        errors["last_day"] = Phrase("A challenge ends within a year.")
    if not TeamChallenge.settable_by(by):
        errors[""] = needed()
    elif _is_beside(by, measure, first, last):
        errors["measure"] = Phrase("A challenge of yours counts this already in these days.")
    return errors


def needed() -> Phrase:
    """Whom a challenge is for."""
    return Phrase(
        "A challenge needs a team of %(n)s: of fewer it would tell how one of them did.",
        n=Setting.read("effect.least_people"),
    )


def _at_work(manager: Person) -> list[int]:
    """Whom they lead, without those who left."""
    here = Person.select(Person.id).where(Person.id.in_(manager.team) & Person.deactivated_at.is_null())
    return [person.id for person in here.order_by(Person.id)]


def _is_beside(by: Person, measure: str, first: date, last: date) -> bool:
    mine = (TeamChallenge.by == by) & (TeamChallenge.measure == measure)
    days = (TeamChallenge.first_day <= last) & (TeamChallenge.last_day >= first)
    return bool(TeamChallenge.select().where(mine & days & TeamChallenge.called_off_at.is_null()).exists())


@step(WAITS, "begin")
def begin(waiting: Clock) -> datetime | None:
    """Its first day is here."""
    challenge = TeamChallenge.get_or_none(TeamChallenge.id == waiting.subject)
    if challenge is not None and not challenge.is_over:
        challenge._tell(BEGUN)
    return None


@step(WAITS, "end")
def end(waiting: Clock) -> datetime | None:
    """Its last day is over."""
    challenge = TeamChallenge.get_or_none(TeamChallenge.id == waiting.subject)
    if challenge is not None and not challenge.is_over:
        challenge.end()
    return None
