"""Who goes with somebody new: suggested as RULES 4.5 orders, confirmed by whoever leads the newcomer."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import timedelta
from typing import Any, Self

from peewee import ForeignKeyField, ModelSelect, Value, fn

from portal import clock
from portal.i18n import Phrase, names
from portal.models.base import bulk
from portal.models.base.database import among, db
from portal.models.base.prepared import Prepared
from portal.models.base.record import Editable, Invalid, along
from portal.models.knowledge.experts import Knower, whom_to_ask
from portal.models.learning.paths import (
    DAYS,
    PathStep,
    began_lately,
    first_day,
    is_learning,
    is_new,
    newcomers,
    topics_of,
)
from portal.models.learning.words import MENTORSHIP
from portal.models.people.notices import Notice
from portal.models.people.people import Person
from portal.models.work.clocks import Clock, step

WANTED = "mentor wanted"
"""What waits for whoever leads somebody new, until a mentor is chosen."""
SUGGESTED = 3
"""So many are suggested."""
OTHERS = "/newcomers"
"""Where somebody reads whom they go with still."""
MOST_NEW = 500
"""So many of those who began lately are kept out of what is suggested."""


class Mentorship(Editable):
    """One newcomer and their mentor."""

    called = MENTORSHIP

    newcomer = ForeignKeyField(Person, unique=True, on_delete="CASCADE")
    newcomer_id: int
    mentor = ForeignKeyField(Person, on_delete="RESTRICT", verbose_name=Phrase("Mentor"))
    mentor_id: int
    by = ForeignKeyField(Person, on_delete="RESTRICT", index=False)
    by_id: int

    @property
    def url(self) -> str:
        return f"/newcomers/{self.newcomer_id}"

    @property
    def name(self) -> str:
        return str(self.newcomer.name)

    @classmethod
    def standing(cls) -> ModelSelect[Self]:
        """Those that were chosen for the post which the newcomer has: for another one the mentor is chosen
        anew.
        """
        changed: Any = Person.alias()
        since = (changed.id == cls.newcomer) & (changed.in_post_since > cls.updated_at)
        return cls.select().where(~fn.EXISTS(changed.select(Value(1)).where(since)))

    @classmethod
    def of(cls, newcomer: Person) -> Mentorship | None:
        """Who is a newcomer's mentor, while they work here."""
        chosen = along(cls.standing().where(cls.newcomer == newcomer), cls.mentor, whole=True)
        found: Mentorship | None = chosen.first()
        return found if found is not None and found.mentor.is_active else None

    @classmethod
    def of_mentor(cls, mentor: Person) -> ModelSelect[Self]:
        """Those whom somebody goes with: while they are new, and no longer."""
        new = Person.select(Person.id).where(began_lately())
        return cls.standing().where((cls.mentor == mentor) & cls.newcomer.in_(new))

    @classmethod
    def mentors_of(cls, people: Collection[Person]) -> dict[int, Person]:
        """Who goes with each of these people, by their id, while they work here."""
        theirs = bulk.among(cls.newcomer, [each.id for each in people] or [0])
        chosen = along(cls.standing().where(theirs), cls.mentor, whole=True)
        return {each.newcomer_id: each.mentor for each in chosen if each.mentor.is_active}

    @classmethod
    def of_newcomers(cls, people: Collection[int]) -> set[int]:
        """Ids of the mentors of those of these people, by id, who are new."""
        new = Person.select(Person.id).where(bulk.among(Person.id, [*people] or [0]) & began_lately())
        return {each.mentor_id for each in cls.standing().where(cls.newcomer.in_(new))}

    # -------------------------------------------------------------- who may

    @classmethod
    def followed_by(cls, person: Person) -> ModelSelect[Person]:
        """The newcomers whose path somebody reads: of whoever leads them, and of their mentor."""
        mine = cls.standing().select(cls.newcomer).where(cls.mentor == person)
        return newcomers(Person.id.in_(among(person.team)) | Person.id.in_(mine))

    @classmethod
    def around(cls, person: Person) -> tuple[Mentorship | None, bool]:
        """Who is somebody's mentor, while they work here, and whether they follow newcomers themselves."""
        found = _AROUND(person=person.id)
        own = next((each for each in found if each.newcomer_id == person.id and each.mentor.is_active), None)
        return own, bool(person.team) or any(each.mentor_id == person.id for each in found)

    @classmethod
    def goes_with(cls, person: Person, newcomer: Person) -> bool:
        """Whether somebody leads a person, or is their mentor while they are new."""
        return person.leads(newcomer) or cls.of_mentor(person).where(cls.newcomer == newcomer).exists()

    @classmethod
    def readable_by(cls, newcomer: Person, person: Person) -> bool:
        """Whether somebody reads how far a newcomer is: themselves, whoever leads them, their mentor."""
        return person.id == newcomer.id or cls.goes_with(person, newcomer)

    @staticmethod
    def confirmable_by(newcomer: Person, person: Person) -> bool:
        """Whoever leads the newcomer."""
        return person.is_active and person.leads(newcomer) and is_new(newcomer)

    # -------------------------------------------------------------- its life

    @staticmethod
    def suggested(newcomer: Person) -> list[Knower]:
        """Who knows most of what the path is about, the first first, without those who are new themselves."""
        steps = (PathStep.post == newcomer.title) & PathStep.archived_at.is_null()
        new = {each.id for each in Person.select(Person.id).where(began_lately()).limit(MOST_NEW)}
        return whom_to_ask(topics_of(steps), but=newcomer, without=new, size=SUGGESTED)

    @classmethod
    def confirm(cls, newcomer: Person, *, by: Person, mentor: Person) -> Mentorship:
        """Choose who goes with a newcomer, in place of whoever did; twice is harmless. Raises Invalid."""
        if mentor.id == newcomer.id or not mentor.is_active or mentor.is_auditor:
            raise Invalid({"mentor": Phrase("Choose somebody else: they cannot be the mentor.")})
        with db.atomic():
            facts = {"newcomer": newcomer, "mentor": mentor, "by": by}
            made = cls.insert(facts).on_conflict_ignore().as_rowcount().execute()
            mine = cls.get(cls.newcomer == newcomer)
            stood = cls.standing().where(cls.id == mine.id).exists()
            if not made and mine.mentor_id == mentor.id and stood:
                return mine
            untold = not made and mine.mentor_id != mentor.id and Clock.of(mine, "mentor") is not None
            before = mine.mentor_id if untold or (stood and not made) else None
            mine.write(mentor=mentor, by=by)
            mine.track("confirmed", by=by, changes={"mentor": [before, mentor.id]})
            mine._wait()
            Clock.stop(newcomer, WANTED)
            told = [
                (newcomer, Phrase("%(who)s is your mentor.", who=names(mentor)), mine.url),
                (mentor, Phrase("You are the mentor of %(who)s.", who=names(newcomer)), mine.url),
            ]
            if before is not None:
                told.append((Person.get_by_id(before), no_longer(newcomer), OTHERS))
            mine._tell(told, by=by)
        return mine

    @classmethod
    def end(cls, newcomer: Person, *, by: Person) -> None:
        """Nobody goes with them any more; twice is harmless."""
        mine: Mentorship | None = cls.select().where(cls.newcomer == newcomer).first()
        if mine is None:
            return
        with db.atomic():
            Clock.stop(mine, "mentor")
            mine.track("ended", by=by, changes={"mentor": [mine.mentor_id, None]})
            mine._tell([(mine.mentor, no_longer(newcomer), OTHERS)], by=by)
            cls.delete().where(cls.id == mine.id).execute()

    @classmethod
    def ask_anew(cls) -> None:
        """Whose newcomer has gone over to another post: the mentor hears that it is over, whoever leads the
        newcomer that it is theirs to choose; once. Whose change was a mistake after all goes on.
        """
        key = Value("mentorship-").concat(cls.id.cast("TEXT")).concat(" mentor")
        waits, went = Clock.is_running(key), Person.in_post_since > cls.updated_at
        new = cls.select().join(Person, on=cls.newcomer).where(began_lately())
        for mine in new.where(waits & went):
            Clock.stop(mine, "mentor")
            mine._tell([(mine.mentor, no_longer(mine.newcomer), OTHERS)])
            mine._ask(Phrase("%(who)s has another job now: choose a mentor.", who=names(mine.newcomer)))
        for mine in new.where(~waits & (~went | Person.in_post_since.is_null())):
            if mine.mentor.is_active:
                mine._wait()

    @classmethod
    def ask_first(cls) -> None:
        """Who begins a path without a mentor: whoever leads them is asked to choose one, until one is chosen
        or the path is over.
        """
        there, written = Person.alias(), PathStep.select(PathStep.post).where(PathStep.archived_at.is_null())
        goes = (
            cls.standing()
            .join(there, on=cls.mentor)
            .where((cls.newcomer == Person.id) & there.deactivated_at.is_null())
        )
        alone = began_lately() & Person.title.in_(written) & ~fn.EXISTS(goes)
        asked = [each for each in Person.select().where(alone) if is_learning(each)]
        leads = {
            each.id: each.manager for each in asked if each.manager is not None and each.manager.is_active
        }
        waiting = Clock.select().where((Clock.what == WANTED) & Clock.stopped_at.is_null())
        for one in waiting:
            lead = leads.get(one.subject)
            if lead is None or one.who != str(lead):
                Clock.stop((one.subject_kind, one.subject), WANTED)
        for newcomer in asked:
            if newcomer.id in leads:
                words = Phrase("Choose a mentor: %(who)s", who=names(newcomer))
                Clock.start(
                    newcomer,
                    WANTED,
                    who=leads[newcomer.id],
                    text=words,
                    url=f"/newcomers/{newcomer.id}/mentor",
                    due_at=clock.start_of(first_day(newcomer) + timedelta(days=DAYS[0])),
                )

    def _ask(self, words: Phrase) -> None:
        """Those who lead the newcomer are told to choose."""
        lead = {each.id: each for each in (self.newcomer.manager, self.by) if each is not None}
        asked = [each for each in lead.values() if Mentorship.confirmable_by(self.newcomer, each)]
        self._tell((each, words, f"{self.url}/mentor") for each in asked)

    def _wait(self) -> None:
        """For nothing but that the mentor leaves."""
        Clock.stop(self, "mentor")
        Clock.start(self, "mentor", who=self.mentor)

    def _tell(self, told: Iterable[tuple[Person, Phrase, str]], *, by: Person | None = None) -> None:
        for person, text, url in told:
            if person.is_active and (by is None or person.id != by.id):
                Notice.tell(person, text, about=self, url=url)


def no_longer(newcomer: Person) -> Phrase:
    """What is told whoever was the mentor until now."""
    return Phrase("You are no longer the mentor of %(who)s.", who=names(newcomer))


@step("mentor", "left")
def choose_another(waiting: Clock) -> None:
    """The mentor has left: whoever leads the newcomer hears of it while they are new."""
    Clock.stop(("mentorship", waiting.subject), "mentor")
    mine: Mentorship | None = Mentorship.standing().where(Mentorship.id == waiting.subject).first()
    if mine is None or mine.mentor.is_active or not is_new(mine.newcomer):
        return
    words = Phrase(
        "%(mentor)s, the mentor of %(who)s, has left: choose another.",
        mentor=names(mine.mentor),
        who=names(mine.newcomer),
    )
    mine._ask(words)


def _around(person: Any) -> ModelSelect[Mentorship]:
    among = Mentorship.standing().where((Mentorship.newcomer == person) | (Mentorship.mentor == person))
    return along(among, Mentorship.mentor, whole=True).limit(SUGGESTED * 10)


_AROUND = Prepared[Mentorship](_around)
