"""Who is away, from which day to which, and who stands in. Why somebody is away is nobody's business here."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date, timedelta
from typing import Any, NamedTuple

from peewee import JOIN, Check, DateField, ForeignKeyField, ModelSelect

from portal import clock
from portal.i18n import Phrase, names
from portal.models.base.database import db, remembered
from portal.models.base.record import Event, Invalid, Record
from portal.models.base.undoing import MEANWHILE, undoes
from portal.models.people.notices import Notice
from portal.models.people.people import Person
from portal.models.work.clocks import Clock

LONGEST = timedelta(days=366)
"""Who is away for longer has left: their account is closed, and what they hold handed over."""


class Away(NamedTuple):
    """Someone's absence on one day: its last day, and whose turn it is instead, if anybody's."""

    last_day: date
    substitute: int | None


AfterDays = Callable[["Absence", Person, bool], None]
_FOLLOWS: list[AfterDays] = []


def follows_its_days(follow: AfterDays) -> AfterDays:
    """Let a module say what comes of it that days of absence were noted, or were not after all."""
    _FOLLOWS.append(follow)
    return follow


class Absence(Record):
    """Days, the last one included, on which somebody does not work."""

    person = ForeignKeyField(Person, on_delete="CASCADE", backref="absences")
    person_id: int
    first_day = DateField()
    last_day = DateField()
    substitute = ForeignKeyField(Person, null=True, on_delete="SET NULL", backref="stands_in")
    substitute_id: int | None
    by = ForeignKeyField(Person, null=True, on_delete="SET NULL", index=False)
    by_id: int | None

    class Meta:
        indexes = ((("person", "last_day"), False), (("last_day", "first_day"), False))
        constraints = [Check("first_day <= last_day"), Check("substitute_id <> person_id")]

    @staticmethod
    def may_note(by: Person, person: Person) -> bool:
        """Oneself, whoever leads one, and who administers: nobody else puts a colleague out of the way."""
        return by.is_active and (by.id == person.id or by.is_administrator or by.leads(person))

    @classmethod
    def note(
        cls, *, by: Person, person: Person, first_day: date, last_day: date, substitute: Person | None = None
    ) -> Absence:
        """Say when somebody is away; they are told of it if another says so, and so is who stands in.

        Raises Invalid for days that lie wrong or are noted already.
        """
        _check(person, first_day, last_day, substitute)
        with db.atomic():
            _alone(person)
            if cls.over(person, first_day, last_day).exists():
                raise Invalid({"first_day": TWICE})
            facts = {"first_day": first_day, "last_day": last_day, "substitute": substitute}
            absence = cls.create(person=person, by=by, **facts)
            person.track("absence noted", by=by, changes=absence._changes())
            for who, words in absence._told(by):
                Notice.tell(who, words, about=person, undoable=True)
            absence._pass_on()
            for follow in _FOLLOWS:
                follow(absence, by, True)
        return absence

    def _pass_on(self) -> None:
        """From today on: what waits for them, and knows what to do then, goes to who stands in."""
        if self.first_day <= clock.today() <= self.last_day:
            Clock.hasten(self.person, "away")

    def take_back(self, *, by: Person) -> None:
        """They are here after all: the days that are over stay, as pay may hang on them (RULES 4.1). Twice is
        harmless.
        """
        mine, over = Absence.id == self.id, clock.today() - timedelta(days=1)
        with db.atomic():
            ends = Absence.update(last_day=over).where(mine & (Absence.last_day > over))
            if (Absence.delete().where(mine) if self.first_day > over else ends).execute():
                for follow in _FOLLOWS if self.first_day > over else ():
                    follow(self, by, False)
                changes = {name: values[::-1] for name, values in self._changes().items()}
                self.person.track("absence taken back", by=by, changes=changes)
                back = Phrase("%(person)s is not away after all.", person=names(self.person))
                for who in {self.person_id, self.substitute_id} - {by.id}:
                    if who is not None:
                        Notice.tell(who, back, about=self.person)

    @classmethod
    def over(cls, person: Person, first_day: date, last_day: date) -> ModelSelect[Absence]:
        """The absences of a person that share a day with these."""
        days = (cls.first_day <= last_day) & (cls.last_day >= first_day)
        return cls.select().where((cls.person == person) & days)

    @classmethod
    def coming(cls, person: Person) -> list[Absence]:
        """A person's absences, that of today and those to come, with who stands in read along."""
        mine = (cls.person == person) & (cls.last_day >= clock.today())
        query = cls.select(cls, Person).join(Person, JOIN.LEFT_OUTER, on=cls.substitute)
        return list(query.where(mine).order_by(cls.first_day))

    @classmethod
    def on(cls, day: date | None = None) -> dict[int, Away]:
        """Who is away on a day, today unless said, by id. A substitute who left, or is away, is none."""
        day = day or clock.today()
        return remembered(("away", day), lambda: _away(day), table=cls.kind())

    @classmethod
    def away(cls, day: date | None = None) -> dict[int, int | None]:
        """Ids of those who are away on a day, each with the id of who stands in, or None."""
        return {person: away.substitute for person, away in cls.on(day).items()}

    @classmethod
    def within(cls, first_day: date, last_day: date, *, but_by: Collection[int] = ()) -> dict[int, set[date]]:
        """Who is away on which of these days, by id; what one of `but_by` (ids) noted of another does not
        count.
        """
        days_of = (cls.first_day <= last_day) & (cls.last_day >= first_day)
        own = cls.by.is_null() | (cls.by == cls.person) | cls.by.not_in(list(but_by))
        rows = cls.select().where(days_of & own)
        found: dict[int, set[date]] = {}
        for row in rows:
            start, end = max(row.first_day, first_day), min(row.last_day, last_day)
            days = (start + timedelta(days=number) for number in range((end - start).days + 1))
            found.setdefault(row.person_id, set()).update(days)
        return found

    @property
    def url(self) -> str:
        """It is read on the person's page."""
        return Person.called.path.format(id=self.person_id)

    @property
    def is_now(self) -> bool:
        return bool(self.first_day <= clock.today() <= self.last_day)

    def _changes(self) -> dict[str, list[Any]]:
        days = {"first_day": [None, str(self.first_day)], "last_day": [None, str(self.last_day)]}
        noted = {"absence": [None, self.id], "noted_by": [None, self.by_id]}
        return days | {"substitute": [None, self.substitute_id]} | noted

    def _told(self, by: Person) -> list[tuple[Person, Phrase]]:
        """Who is told what of it."""
        days = {"first": self.first_day.isoformat(), "last": self.last_day.isoformat()}
        told = []
        if self.person_id != by.id:
            words = Phrase(
                "%(who)s noted that you are away from %(first)s to %(last)s.", who=names(by), **days
            )
            told.append((self.person, words))
        if self.substitute is not None and self.substitute_id != by.id:
            words = Phrase(
                "You stand in for %(person)s from %(first)s to %(last)s.", person=names(self.person), **days
            )
            told.append((self.substitute, words))
        return told


TWICE = Phrase("Some of these days are noted already: take that absence back first.")


def _check(person: Person, first_day: date, last_day: date, substitute: Person | None) -> None:
    errors: dict[str, Phrase] = {}
    if last_day < first_day:
        errors["last_day"] = Phrase("The last day comes after the first.")
    elif last_day < clock.today():
        errors["last_day"] = Phrase("This absence is over: there is nothing left to arrange.")
    elif last_day - first_day > LONGEST:
        errors["last_day"] = Phrase("Nobody is away for more than a year: close the account instead.")
    if substitute is not None and (substitute.id == person.id or not substitute.is_active):
        errors["substitute"] = Phrase("Choose someone else who works here.")
    if errors:
        raise Invalid(errors)


def _alone(person: Person) -> None:
    """Of two absences noted at one moment the second finds the first."""
    Person.update(version=Person.version).where(Person.id == person.id).execute()


def _away(day: date) -> dict[int, Away]:
    rows: Any = (
        Absence.select(Absence.person, Absence.last_day, Absence.substitute, Person.deactivated_at)
        .join(Person, JOIN.LEFT_OUTER, on=Absence.substitute)
        .where((Absence.first_day <= day) & (Absence.last_day >= day))
        .tuples()
    )
    found = list(rows)
    out = {person for person, *_ in found}
    return {
        person: Away(last, who if left is None and who not in out else None)
        for person, last, who, left in found
    }


def _right(person: Person, event: Event, by: Person) -> bool:
    return Absence.may_note(by, person)


def _same(act: Event, later: Event) -> bool:
    """Whether both are about the same absence."""
    ids = [[one for one in each.changes["absence"] if one is not None] for each in (act, later)]
    return ids[0] == ids[1]


@undoes(Person, "absence noted", right=_right, ends=["absence taken back"], same=_same)
def not_away(person: Person, event: Event, by: Person) -> None:
    """It was never noted: who was told hears so."""
    absence = Absence.get_or_none(Absence.id == event.changes["absence"][1])
    if absence is None:
        raise Invalid(MEANWHILE)
    for _, words in absence._told(by):
        Notice.take_back(person, words, since=event.at, by=by)
    for follow in _FOLLOWS:
        follow(absence, by, False)
    Absence.delete().where(Absence.id == absence.id).execute()


@undoes(Person, "absence taken back", right=_right, ends=["absence noted"], same=_same)
def away_again(person: Person, event: Event, by: Person) -> None:
    """It holds again as whoever noted it said, unless other days were noted meanwhile."""
    first, last = (date.fromisoformat(event.changes[name][0]) for name in ("first_day", "last_day"))
    _alone(person)
    its = Absence.id == event.changes["absence"][0]
    if Absence.over(person, first, last).where(~its).exists():
        raise Invalid(MEANWHILE)
    if not Absence.update(last_day=last).where(its).execute():
        facts = {"first_day": first, "last_day": last, "substitute": event.changes["substitute"][0]}
        noted_by = event.changes.get("noted_by", [by.id])[0]
        Absence.create(id=event.changes["absence"][0], person=person, by=noted_by, **facts)
    Absence.get(its)._pass_on()
    back = Phrase("%(person)s is not away after all.", person=names(person))
    Notice.take_back(person, back, since=event.at, by=by)
