"""A topic that customers suddenly raise: who looks after it hears of it on the same day (RULES 4.9).

Raised is what a contact names: what was noted of a call or a visit, a customer's request, a message of the
help site, a colleague's question. Told are numbers alone: who the customers are stays where it stands.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from math import sqrt
from typing import Any, NamedTuple

from portal import clock, i18n
from portal.i18n import Phrase
from portal.models.base.record import Record
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
SHORTEST = 2
"""A name of one letter is in every text."""


class Spike(NamedTuple):
    """A topic raised far more often than usual on a day."""

    topic: Topic
    cases: int
    contacts: int
    mean: float
    """Cases on a day before."""


class _Days:
    """How many contacts each of the last days had, and how many of them raised which topic."""

    def __init__(self, today: date) -> None:
        self.today, self.first = today, today - timedelta(days=DAYS + 1)
        self.topics = {topic.id: topic for topic in Topic.select().where(Topic.archived_at.is_null())}
        self.contacts, self.cases = Counter[date](), Counter[tuple[int, date]]()
        for at, raised in self._raised():
            day = clock.local(at).date()
            self.contacts[day] += 1
            self.cases.update((topic, day) for topic in raised & self.topics.keys())

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
        since = clock.start_of(self.first)
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
    """The names of the topics, as texts have them: a Latin one as a word, a Han one anywhere."""

    def __init__(self, topics: Iterable[Topic]) -> None:
        self._ids: dict[str, set[int]] = {}
        for topic in topics:
            for name in (topic.name, topic.name_en):
                if len(name.strip()) >= SHORTEST:
                    self._ids.setdefault(name.strip().casefold(), set()).add(topic.id)
        longest = sorted(self._ids, key=len, reverse=True)
        self._any = re.compile("|".join(map(_as_word, longest))) if longest else None

    def found_in(self, text: str) -> set[int]:
        """Ids of the topics that it names."""
        found = self._any.findall(text.casefold()) if self._any else ()
        return {ident for name in found for ident in self._ids[name]}


def _as_word(name: str) -> str:
    left, right = (r"\b" if each.isascii() and each.isalnum() else "" for each in (name[0], name[-1]))
    return f"{left}{re.escape(name)}{right}"


def spikes(day: date | None = None) -> list[Spike]:
    """What is raised far more than usual on a day, today unless said, and was not on the day before: what
    goes on is no news. The largest first.
    """
    today = day or clock.today()
    days = _Days(today)
    known = {each.topic.id for each in days.spikes_on(today - timedelta(days=1))}
    found = [each for each in days.spikes_on(today) if each.topic.id not in known]
    return sorted(found, key=lambda each: (-each.cases, each.topic.id))


def tell_of_spikes() -> None:
    """Tell who looks after each such topic, and who leads them: once a day, however often one looks."""
    today = clock.today()
    for spike in spikes(today):
        words = Phrase(
            "Customers raise %(topic)s: %(cases)s of %(contacts)s contacts today, on average %(mean)s a day "
            "in the four weeks before.",
            topic=i18n.names(spike.topic),
            cases=spike.cases,
            contacts=spike.contacts,
            mean=round(spike.mean, 1),
        )
        for person in _told(spike.topic):
            Notice.tell(person, words, about=spike.topic, key=f"spike {today} {spike.topic.id} {person}")


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
