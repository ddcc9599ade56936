"""Where the company's knowledge hangs on one head, or on none: by topic, with what can be done (S37)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from portal import clock
from portal.i18n import Phrase, names
from portal.models.base.database import db
from portal.models.base.nouns import State
from portal.models.base.record import Event, Invalid, names_of
from portal.models.base.undoing import undoes
from portal.models.company.topics import Topic
from portal.models.expertise.expertise import TopicStanding, standings
from portal.models.knowledge.asks import Ask
from portal.models.knowledge.topic_rules import TopicRule
from portal.models.people.notices import Notice
from portal.models.people.people import Person

FEW = 2
"""A topic with fewer experts is at risk."""
LATELY, SOON = timedelta(days=90), timedelta(days=90)
"""Who left so lately, or leaves so soon, leaves something behind."""
BUSY = 5
"""So many open questions are too many for one."""
NEXT = 3
"""So many are named who come next, of the foremost who are still here."""


class Risk(State):
    """How many heads a topic hangs on."""

    NOBODY = "nobody", Phrase("No expert"), "danger", "alert-triangle"
    LEAVING = "leaving", Phrase("An expert leaves"), "danger", "logout"
    ONE = "one", Phrase("One expert"), "warning", "user"
    WELL = "well", Phrase("Well known"), "success", "circle-check"


@dataclass
class TopicRisk:
    """How a topic stands, and who could do something about it."""

    topic: Topic
    pieces: int
    """How many pieces of evidence there are for it."""
    experts: list[Person]
    leaving: list[Person]
    """Experts who left lately, or leave soon."""
    coming: list[Person]
    """Who is here and knows most of it, experts first."""

    @property
    def risk(self) -> Risk:
        staying = [each for each in self.experts if each not in self.leaving]
        if len(staying) >= FEW:
            return Risk.WELL
        if self.leaving:
            return Risk.LEAVING
        return Risk.ONE if staying else Risk.NOBODY


def may_see_people(viewer: Person) -> bool:
    """Whether somebody sees on whom it hangs, and asks them: who leads, administers, reviews, or whom a topic
    belongs to. Others see the topics.
    """
    if viewer.is_manager or viewer.is_administrator or viewer.is_reviewer:
        return viewer.is_active
    rules = TopicRule.every().values()
    return viewer.is_active and any(viewer.id in (rule.owner_id, rule.deputy_id) for rule in rules)


def topic_risks() -> list[TopicRisk]:
    """Every topic in use, those at risk first, then by how much evidence there is."""
    known, topics = standings(), [each for each in Topic.every().values() if each.archived_at is None]
    told = {topic.id: known.get(topic.id, TopicStanding()) for topic in topics}
    people = _people({who for one in told.values() for who in (*one.experts, *one.foremost)})
    found = [_risk(topic, told[topic.id], people) for topic in topics]
    order = list(Risk)
    return sorted(found, key=lambda each: (order.index(each.risk), -each.pieces, each.topic.id))


def at_risk() -> int:
    """How many topics hang on fewer than two experts."""
    return sum(each.risk is not Risk.WELL for each in topic_risks())


def _people(ids: Collection[int]) -> dict[int, Person]:
    known = Person.select(*names_of(Person), Person.deactivated_at, Person.left_on)
    return {person.id: person for person in known.where(Person.id.in_(sorted(ids)))}


def _risk(topic: Topic, standing: TopicStanding, people: dict[int, Person]) -> TopicRisk:
    now, soon = clock.now(), clock.today() + SOON
    experts = [people[who] for who in standing.experts]
    here = [each for each in experts if each.is_active]
    gone = [each for each in experts if each.deactivated_at and each.deactivated_at > now - LATELY]
    leaving = [each for each in here if each.left_on is not None and each.left_on <= soon]
    coming = [each for who in standing.foremost if (each := people[who]).is_active and each not in leaving]
    return TopicRisk(topic, standing.pieces, here, leaving + gone, coming[:NEXT])


def busy_experts(risks: Collection[TopicRisk]) -> list[tuple[Person, int]]:
    """Experts for whom too many questions wait, and how many."""
    experts = {person.id: person for each in risks for person in each.experts}
    waiting = Ask.open_by_person(list(experts))
    busy = [(experts[who], count) for who, count in waiting.items() if count >= BUSY]
    return sorted(busy, key=lambda pair: (-pair[1], pair[0].id))


def ask_to_write(topic: Topic, person: Person, *, by: Person) -> None:
    """Ask somebody to write down what they know of a topic, once. Raises Invalid."""
    if person.id == by.id or not person.is_active or person.is_auditor:
        raise Invalid(Phrase("Choose someone else who works here."))
    with db.atomic():
        words = _asked(topic, by)
        if not Notice.tell(
            person, words, about=topic, url=f"/articles/new?topic={topic.id}", key=_key(topic, person)
        ):
            raise Invalid(Phrase("%(name)s was asked already.", name=names(person)))
        topic.track("asked to write", by=by, changes={"person": [None, person.id]})


def _asked(topic: Topic, by: Person) -> Phrase:
    return Phrase(
        "%(who)s asks you to write down what you know about %(topic)s: few others know it.",
        who=names(by),
        topic=names(topic),
    )


def _key(topic: Topic, person: Person) -> str:
    return f"asked to write {topic} {person}"


def _may(topic: Topic, event: Event, by: Person) -> bool:
    return may_see_people(by)


def _same(act: Event, later: Event) -> bool:
    return bool(act.changes["person"] == later.changes["person"])


@undoes(Topic, "asked to write", right=_may, same=_same)
def not_asked(topic: Topic, event: Event, by: Person) -> None:
    """Nobody was asked: who has read it is told."""
    Notice.take_back(topic, _asked(topic, by), since=event.at, by=by)
