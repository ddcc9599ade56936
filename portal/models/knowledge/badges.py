"""Badges, levels and streaks: what stays of the thanks, on the person's page (RULES 4.3).

A badge needs breadth: not only so many deeds, but distinct people who thanked for them, on distinct days.
What was thanked within the last year counts. It is given by day, and lost only after two weeks under 90 %.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from math import ceil
from typing import Any, NamedTuple

from peewee import Case, CharField, Check, DateField, ForeignKeyField, IntegerField

from portal import clock
from portal.i18n import Phrase, in_each
from portal.models.base import bulk
from portal.models.base.database import db
from portal.models.base.record import Record
from portal.models.company.calendar import Calendar
from portal.models.company.settings import Setting
from portal.models.expertise.points import PointEntry
from portal.models.expertise.votes import HELD
from portal.models.knowledge.articles import Article
from portal.models.knowledge.proposals import Proposal
from portal.models.knowledge.questions import Answer, BestAnswer, Question
from portal.models.knowledge.uses import Use
from portal.models.people.absences import Absence
from portal.models.people.approvals import Approval
from portal.models.people.notices import Notice
from portal.models.people.people import Person

SORTS = {
    "helper": (Phrase("Helper"), Phrase("Knowledge that worked for colleagues")),
    "answerer": (Phrase("Answerer"), Phrase("Answers that colleagues chose as best")),
    "mender": (Phrase("Mender"), Phrase("Suggested changes that colleagues accepted")),
}
BARS = {1: 4, 2: 12, 3: 36}
"""So many deeds each grade needs."""
GRADES = {1: Phrase("bronze"), 2: Phrase("silver"), 3: Phrase("gold")}
FEWEST = 2
"""No badge is the gift of one friend."""
LEVELS = (20, 60, 150, 400, 1000, 2500)
"""So many points each further level needs."""
WEEKS = 104
"""A streak is followed so far back."""
AT_WORK = 3
"""A week with fewer days at work neither counts nor breaks a streak."""


class Deed(NamedTuple):
    """Something that somebody was thanked for."""

    sort: str
    person_id: int
    giver: int | None
    """Nobody where an unnamed asker chose: no number tells whether it was one who thanked before."""
    subject: int
    day: date


class Breadth(NamedTuple):
    """How many deeds, of how many distinct people, on how many distinct days."""

    deeds: int = 0
    people: int = 0
    days: int = 0

    def reaches(self, bar: int, percent: int = 100) -> bool:
        """Whether it reaches so much of a bar of n: n deeds, n/4 people and two at least, n/3 days."""
        per_person, per_day = Setting.read("badge.people"), Setting.read("badge.days")
        return (
            self.deeds * 100 >= bar * percent
            and self.people >= FEWEST
            and self.people * per_person * 100 >= bar * percent
            and self.days * per_day * 100 >= bar * percent
        )


class Badge(Record):
    """Given to somebody for deeds of a sort, in a grade."""

    person = ForeignKeyField(Person, on_delete="CASCADE")
    person_id: int
    sort = CharField(20)
    grade = IntegerField()
    since = DateField()
    below_since = DateField(null=True)
    """From which day on it lies under 90 % of its bar."""

    class Meta:
        indexes = ((("person", "sort", "grade"), True),)
        constraints = [Check("grade BETWEEN 1 AND 3")]

    @classmethod
    def of(cls, person: Person) -> list[Badge]:
        """What somebody has, of each sort the highest grade."""
        return cls.best(cls.select().where(cls.person == person))

    @classmethod
    def best(cls, held: Iterable[Badge]) -> list[Badge]:
        """Of some badges of one person the highest grade of each sort."""
        best = {each.sort: each for each in sorted(held, key=lambda each: each.grade)}
        return [best[sort] for sort in SORTS if sort in best]

    @property
    def words(self) -> Phrase:
        return SORTS[self.sort][0]

    @property
    def why(self) -> Phrase:
        return SORTS[self.sort][1]

    @property
    def in_words(self) -> Phrase:
        return GRADES[self.grade]


def deeds(*, person: Person | None = None) -> Iterator[Deed]:
    """What was thanked for within the last year, of one person or of all; an answer counts once."""
    since = clock.now() - timedelta(days=Setting.read("badge.window"))
    known: set[tuple[str, int]] = set()
    yield from _helped(since, person)
    for sort, query, author in _thanks(since):
        found = query if person is None else query.where(author == person)
        for receiver, giver, subject, at in found.tuples().iterator():
            if (sort, subject) not in known and receiver != giver:
                known.add((sort, subject))
                yield Deed(sort, receiver, giver, subject, clock.local(at).date())
    yield from _edits(since, person)


def _thanks(since: datetime) -> Iterator[tuple[str, Any, Any]]:
    """The queries of each sort: who is thanked, by whom, for what, when; and the field of who is thanked."""
    best = BestAnswer
    unnamed = (Question.is_anonymous == True) & (best.chosen_by == Question.asker)  # noqa: E712
    named = Case(None, [(unnamed, None)], best.chosen_by)
    answers: Any = best.select(Answer.author, named, best.answer, best.at).join(Answer).join(Question)
    counted = (best.at > since) & best.id.not_in(_held(best)) & (best.chosen_by != Answer.author)
    yield "answerer", answers.where(counted).order_by(best.id), Answer.author


def _helped(since: datetime, person: Person | None) -> Iterator[Deed]:
    """What worked for colleagues: not what is held, nor what one of them said of further texts of the same
    author within days, as with points (RULES 4.3).
    """
    words, days = Setting.read("votes.words"), timedelta(days=Setting.read("votes.days"))
    held, released = Use.id.in_(_held(Use)), Use.id.in_(_released(Use))
    query: Any = Use.select(Article.author, Use.person, Use.id, Use.at, held, released).join(Article)
    query = query.where(Use.at > since).order_by(Use.at, Use.id)
    said: dict[tuple[int, int], list[datetime]] = {}
    for receiver, giver, ident, at, is_held, is_released in (
        query if person is None else query.where(Article.author == person)
    ).tuples():
        lately = [moment for moment in said.get((giver, receiver), ()) if moment > at - days]
        said[giver, receiver] = [*lately, at]
        if receiver != giver and not is_held and (is_released or len(lately) < words):
            yield Deed("helper", receiver, giver, ident, clock.local(at).date())


def _edits(since: datetime, person: Person | None) -> Iterator[Deed]:
    """Suggested changes that somebody was thanked for, and whose words the text still has."""
    thanked = (PointEntry.reason == "edit accepted") & (PointEntry.at > since)
    mine = thanked if person is None else thanked & (PointEntry.person == person)
    done = [each for each in PointEntry.by_deed(PointEntry.select().where(mine)).values() if each.stands]
    edits = {Proposal.of_deed(each.entry.key): each.entry for each in done}
    for ident, by in bulk.find((Proposal.id, Proposal.answered_by), Proposal.id, edits):
        entry = edits[ident]
        yield Deed("mender", entry.person_id, by, ident, clock.local(entry.at).date())


def _held(vote: type[Use] | type[BestAnswer]) -> Any:
    """Ids of votes that are held or were dropped."""
    asked = (Approval.subject_kind == vote.kind()) & Approval.purpose.in_(list(HELD))
    return Approval.select(Approval.subject).where(asked & Approval.state.not_in(["approved", "withdrawn"]))


def _released(vote: type[Use]) -> Any:
    """Ids of votes that somebody looked at and let count."""
    asked = (Approval.subject_kind == vote.kind()) & Approval.purpose.in_(list(HELD))
    return Approval.select(Approval.subject).where(asked & (Approval.state == "approved"))


def breadths(*, person: Person | None = None) -> dict[tuple[int, str], Breadth]:
    """How broad everyone's thanks are, or one person's, by id and sort."""
    found: dict[tuple[int, str], list[Deed]] = {}
    for deed in deeds(person=person):
        found.setdefault((deed.person_id, deed.sort), []).append(deed)
    return {
        key: Breadth(len(each), len({deed.giver for deed in each} - {None}), len({deed.day for deed in each}))
        for key, each in found.items()
    }


def concerned(known: Mapping[tuple[int, str], Breadth]) -> list[int]:
    """Who was thanked, or has a badge."""
    having = (badge.person_id for badge in Badge.select(Badge.person).distinct())
    return sorted({person for person, _ in known} | set(having))


def renew(known: Mapping[tuple[int, str], Breadth], people: Sequence[int] | None = None) -> None:
    """Give the badges that are due, and take back those that lay too low for too long. Again is harmless.
    `known`: how broad everyone's thanks are. `people`: of these alone, so that nobody waits for all.
    """
    people = concerned(known) if people is None else people
    today = clock.today()
    grace, low = timedelta(days=Setting.read("badge.grace")), Setting.read("badge.low")
    held = {(row.person_id, row.sort, row.grade): row for row in bulk.read(Badge, Badge.person, people)}
    here = {each.id: each for each in bulk.read(Person, Person.id, people) if each.deactivated_at is None}
    with db.atomic():
        for person, sort in ((who, sort) for who in here for sort in SORTS):
            breadth = known.get((person, sort), Breadth())
            due = [grade for grade, bar in BARS.items() if breadth.reaches(bar)]
            new = [grade for grade in due if (person, sort, grade) not in held]
            for grade in new:
                _give(here[person], sort, grade, today, told=grade == max(due))
        for (person, sort, grade), badge in held.items():
            breadth = known.get((person, sort), Breadth())
            if breadth.reaches(BARS[grade], low):
                _note(badge, None)
            elif badge.below_since is None:
                _note(badge, today)
            elif today - badge.below_since >= grace:
                Badge.delete().where(Badge.id == badge.id).execute()


def _give(person: Person, sort: str, grade: int, day: date, *, told: bool) -> None:
    facts = {"person": person.id, "sort": sort, "grade": grade, "since": day, "created_at": clock.now()}
    if Badge.insert(facts).on_conflict_ignore().execute() and told:
        named = {"name": in_each(SORTS[sort][0]), "grade": in_each(GRADES[grade])}
        words = Phrase("You have a new badge: %(name)s, %(grade)s.", **named)
        key = f"badge-{person.id}-{sort}-{grade}"
        Notice.tell(person, words, about=person, key=key, url=f"/people/{person.id}/badges")


def _note(badge: Badge, below_since: date | None) -> None:
    if badge.below_since != below_since:
        Badge.update(below_since=below_since).where(Badge.id == badge.id).execute()


# ------------------------------------------------------------------ what is next


class Next(NamedTuple):
    """What a person has of a sort, and what its next grade needs; no bar where there is none higher."""

    name: Phrase
    why: Phrase
    has: Breadth
    grade: Phrase | None
    bar: int

    @property
    def people(self) -> int:
        return max(FEWEST, ceil(self.bar / int(Setting.read("badge.people")))) if self.bar else 0

    @property
    def days(self) -> int:
        return ceil(self.bar / int(Setting.read("badge.days")))


def next_of(person: Person, badges: list[Badge]) -> list[Next]:
    """What comes next in each sort, for the person alone."""
    has, grades = breadths(person=person), {badge.sort: badge.grade for badge in badges}
    found = []
    for sort, (name, why) in SORTS.items():
        grade = grades.get(sort, 0) + 1
        breadth = has.get((person.id, sort), Breadth())
        found.append(Next(name, why, breadth, GRADES.get(grade), BARS.get(grade, 0)))
    return found


class Level(NamedTuple):
    """A level, and how many points are missing to the next: none at the highest."""

    number: int
    missing: int


def level_of(points: int) -> Level:
    """The level of so many points: 1 from the beginning."""
    reached = sum(points >= bar for bar in LEVELS)
    return Level(1 + reached, LEVELS[reached] - points if reached < len(LEVELS) else 0)


def streak_of(person: Person) -> int:
    """How many weeks in a row somebody was thanked for something, up to now.

    A week of leave or of company holidays does not break it: one with fewer than three days at work neither
    counts nor breaks. Nor does the present week, while it lasts. Reviews are credited by the month: they do
    not count here.
    """
    monday = _monday(clock.today())
    first = monday - timedelta(weeks=WEEKS)
    mine = (PointEntry.at >= clock.start_of(first)) & (PointEntry.reason != "review done")
    entries = PointEntry.of(person).where(mine)
    done = PointEntry.by_deed(entries).values()
    weeks = {_monday(clock.local(each.entry.at).date()) for each in done if each.stands}
    leave = list(Absence.over(person, first, clock.today()))
    count, week, calendar = int(monday in weeks), monday - timedelta(weeks=1), Calendar.read()
    oldest = min(weeks, default=monday)
    while week >= oldest:
        if week in weeks:
            count += 1
        elif _days_at_work(week, calendar, leave) >= AT_WORK:
            break
        week -= timedelta(weeks=1)
    return count


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _days_at_work(monday: date, calendar: Calendar, leave: list[Absence]) -> int:
    days = (monday + timedelta(days=number) for number in range(7))
    away = [(each.first_day, each.last_day) for each in leave]
    return sum(calendar.is_worked(day) and not any(a <= day <= b for a, b in away) for day in days)
