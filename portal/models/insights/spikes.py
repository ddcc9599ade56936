"""A topic that customers suddenly raise: who looks after it hears of it on the same day (RULES 4.9).

Raised is what a contact names: what was noted of a call or a visit, a customer's request, a message of the
help site, a colleague's question. Told are numbers alone: who the customers are stays where it stands.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from functools import partial
from math import sqrt
from typing import Any, NamedTuple

from peewee import BigIntegerField, Check, DateField, IntegerField, Value, fn

from portal import clock, i18n
from portal.i18n import Phrase
from portal.models.base import bulk
from portal.models.base.database import transact
from portal.models.base.record import Record, Row
from portal.models.company.topics import Topic
from portal.models.customers.interactions import Interaction
from portal.models.customers.requests import CustomerRequest
from portal.models.help.messages import HelpMessage
from portal.models.knowledge.questions import Question, QuestionTopic
from portal.models.knowledge.topic_rules import TopicRule
from portal.models.people.notices import Notice
from portal.models.people.people import Person, reviewers_of

SHARE, LEAST = 50, 10
"""So many percent of a day's contacts, where these are so many at least."""
SIGMA, CASES, DAYS = 3, 5, 28
"""So many standard deviations over the mean of so many days before, with so many cases at least."""
FRESH = 3
"""So many days are read again each time, this one among them."""
SHORTEST = 2
"""A name of one letter is in every text."""
FIRST_HAN = "\u2e80"
"""From here on letters stand without spaces between words."""


class Spike(NamedTuple):
    """A topic raised far more often than usual on a day."""

    topic: Topic
    cases: int
    contacts: int
    mean: float
    """Cases on a day before."""


class TopicDay(Row):
    """How many contacts of a day raised a topic. What was counted of days long over is not read again."""

    day = DateField()
    topic = BigIntegerField()
    """Its id; 0 for all contacts of the day."""
    cases = IntegerField()

    class Meta:
        indexes = ((("day", "topic"), True),)
        constraints = [Check("cases >= 0")]


class _Days:
    """How many contacts each of the last days had, and how many of them raised which topic.

    The last `FRESH` days are read, as contacts are noted late; the sums of those before are kept, until a
    topic changes its name.
    """

    def __init__(self, today: date) -> None:
        self.today, self.first, self.at = today, today - timedelta(days=DAYS + 2), clock.now()
        self.topics = {topic.id: topic for topic in Topic.select().where(Topic.archived_at.is_null())}
        self.contacts, self.cases = Counter[date](), Counter[tuple[int, date]]()
        self.kept = self._kept()
        days = (self.first + timedelta(days=number) for number in range(DAYS + 3))
        self.read = [day for day in days if day not in self.kept]
        for at, raised in self._raised():
            day = clock.local(at).date()
            if day not in self.kept:
                self.contacts[day] += 1
                self.cases.update((topic, day) for topic in raised & self.topics.keys())

    def _kept(self) -> set[date]:
        """The days whose sums are known, which are taken over."""
        changed = Topic.select(fn.MAX(Topic.updated_at)).scalar()
        known = (TopicDay.day >= self.first) & (TopicDay.day <= self.today - timedelta(days=FRESH))
        known &= TopicDay.created_at > changed if changed else Value(True)
        rows: Any = TopicDay.select(TopicDay.day, TopicDay.topic, TopicDay.cases).where(known).tuples()
        kept = set()
        for day, topic, cases in rows:
            if not topic:
                kept.add(day)
                self.contacts.update({day: cases} if cases else {})
            elif topic in self.topics:
                self.cases[topic, day] = cases
        return kept

    def keep(self) -> None:
        """The sums of the days that are over for long, and none of days that nobody asks for any more."""
        days = [day for day in self.read if day <= self.today - timedelta(days=FRESH)]
        if not days:
            return
        rows = [(day, 0, self.contacts[day]) for day in days]
        rows += [(day, topic, cases) for (topic, day), cases in self.cases.items() if cases and day in days]
        TopicDay.delete().where((TopicDay.day < self.first) | TopicDay.day.in_(days)).execute()
        names = ("day", "topic", "cases", "created_at")
        bulk.insert(TopicDay, [dict(zip(names, (*row, self.at), strict=True)) for row in rows])

    def spikes_on(self, day: date) -> Iterator[Spike]:
        """A share of the day's contacts, or far more than on the days before, once so many are known."""
        before = [day - timedelta(days=n) for n in range(1, DAYS + 1)]
        is_known = bool(self.contacts) and min(self.contacts) <= before[-1]
        for ident, topic in self.topics.items():
            cases, contacts = self.cases[ident, day], self.contacts[day]
            usual = [self.cases[ident, each] for each in before]
            mean = sum(usual) / DAYS
            sigma = sqrt(sum((each - mean) ** 2 for each in usual) / DAYS)
            is_large = contacts >= LEAST and cases * 100 >= SHARE * contacts
            if is_large or (is_known and cases >= CASES and cases > mean + SIGMA * sigma):
                yield Spike(topic, cases, contacts, mean)

    def _raised(self) -> Iterator[tuple[datetime, set[int]]]:
        since = clock.start_of(min(self.read))
        named = _Names(self.topics.values())
        noted = Interaction.select(Interaction.at, Interaction.text)
        asked = CustomerRequest.select(CustomerRequest.created_at, CustomerRequest.text)
        sent = HelpMessage.select(HelpMessage.created_at, HelpMessage.text)
        texts: tuple[Any, ...] = (
            noted.where(Interaction.archived_at.is_null() & (Interaction.at >= since)),
            asked.where(CustomerRequest.created_at >= since),
            sent.where(HelpMessage.created_at >= since),
        )
        for query in texts:
            for at, text in query.tuples().iterator():
                yield at, named.found_in(text)
        questions = Question.select(Question.id, Question.created_at, Question.topic, Question.text)
        standing = Question.archived_at.is_null() & (Question.created_at >= since)
        further: dict[int, set[int]] = {}
        links: Any = QuestionTopic.select(QuestionTopic.question, QuestionTopic.topic).join(Question)
        for question, topic in links.where(standing).tuples():
            further.setdefault(question, set()).add(topic)
        rows: Any = questions.where(standing).tuples()
        for question, at, topic, text in rows:
            yield at, {topic} | further.get(question, set()) | named.found_in(text)


class _Names:
    """The names of the topics, as texts have them: a Latin one as a word, a Han one anywhere. Where one holds
    another, the longer one is meant.
    """

    def __init__(self, topics: Iterable[Topic]) -> None:
        self._ids: dict[str, set[int]] = {}
        for topic in topics:
            for name in (topic.name, topic.name_en):
                if len(name.strip()) >= SHORTEST:
                    self._ids.setdefault(name.strip().casefold(), set()).add(topic.id)
        self._by_start: dict[str, list[str]] = {}
        for name in sorted(self._ids, key=len, reverse=True):
            self._by_start.setdefault(name[:SHORTEST], []).append(name)

    def found_in(self, text: str) -> set[int]:
        """Ids of the topics that it names. Looked up letter by letter: of all names tried at each letter, the
        texts of a month would take hours.
        """
        text, at, found = text.casefold(), 0, set[int]()
        if self._by_start.keys().isdisjoint(map(str.__add__, text, text[1:])):
            return found
        while at < len(text) - 1:
            names = self._by_start.get(text[at : at + SHORTEST])
            name = next((each for each in names if _stands(each, text, at)), "") if names else ""
            found |= self._ids[name] if name else set()
            at += len(name) or 1
        return found


def _stands(name: str, text: str, at: int) -> bool:
    """Whether a name stands at a place of a text, and is no part of a longer word there."""
    if not text.startswith(name, at):
        return False
    before, after = text[at - 1 : at] if at else "", text[at + len(name) : at + len(name) + 1]
    return not (_is_latin(before) and _is_latin(name[0])) and not (_is_latin(after) and _is_latin(name[-1]))


def _is_latin(letter: str) -> bool:
    """Whether it belongs to a word that spaces part from others; Chinese is written right beside it."""
    return letter.isalnum() and letter < FIRST_HAN


def spikes(day: date | None = None) -> list[Spike]:
    """What is raised far more than usual on a day, today unless said, and was not on the day before: what
    goes on is no news. The largest first.
    """
    today = day or clock.today()
    return _new_on(today, _Days(today))


def _new_on(day: date, days: _Days) -> list[Spike]:
    known = {each.topic.id for each in days.spikes_on(day - timedelta(days=1))}
    found = [each for each in days.spikes_on(day) if each.topic.id not in known]
    return sorted(found, key=lambda each: (-each.cases, each.topic.id))


def tell_of_spikes() -> None:
    """Tell who looks after each such topic, and who leads them: once a day, however often one looks. What was
    noted late of yesterday, or in its last hour, is told too.

    Nobody waits for it: it reads without holding up who writes.
    """
    today = clock.today()
    days = transact(lambda: _Days(today), write=False)
    transact(days.keep)
    for day in (today - timedelta(days=1), today):
        for spike in _new_on(day, days):
            transact(partial(_tell, spike, day))


def _tell(spike: Spike, day: date) -> None:
    words = Phrase(
        "Customers raise %(topic)s: %(cases)s of %(contacts)s contacts on %(day)s, on average %(mean)s a day "
        "in the four weeks before.",
        topic=i18n.names(spike.topic),
        cases=spike.cases,
        contacts=spike.contacts,
        day=day.isoformat(),
        mean=round(spike.mean, 1),
    )
    for person in _told(spike.topic):
        Notice.tell(person, words, about=spike.topic, key=f"spike {day} {spike.topic.id} {person}")


def _told(topic: Record) -> set[int]:
    """Its owner, else its deputy, else the reviewers of it; and their managers."""
    rule = TopicRule.of(topic.id)
    named = [rule.owner_id, rule.deputy_id] if rule else []
    first = next((ident for ident in named if ident is not None), None)
    own = [first] if first is not None else [person.id for person in reviewers_of([topic.id])]
    people = list(Person.select().where(Person.id.in_(own) & Person.deactivated_at.is_null()))
    above = [person.manager_id for person in people if person.manager_id is not None]
    active = Person.select().where(Person.id.in_(above) & Person.deactivated_at.is_null())
    return {person.id for person in (*people, *active)}
