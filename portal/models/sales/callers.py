"""Who should call a customer: up to three colleagues, each with the reason in a sentence (RULES 4.5)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from peewee import fn

from portal import clock
from portal.i18n import Phrase, names
from portal.models.company.topics import Topic
from portal.models.customers.customers import Customer
from portal.models.customers.interactions import Interaction
from portal.models.customers.trait_kinds import TraitKind
from portal.models.customers.traits import Trait
from portal.models.expertise.expertise import best_proved, expertise
from portal.models.expertise.soft_traits import called
from portal.models.knowledge.articles import Article, ArticleTopic
from portal.models.knowledge.questions import Question, QuestionTopic
from portal.models.people.absences import Absence
from portal.models.people.people import Person, auditors
from portal.models.sales.deals import Deal

MOST = 3
LOOKED_AT = 30
"""So many of the best proved are read closely."""
TOPICS = 12
TALKS = 500
RECENT = timedelta(days=365)
HALF_LIFE = timedelta(days=90)
"""A conversation says half as much after it (RULES 4.5: activity)."""


@dataclass
class Caller:
    """A colleague who could call, and the parts of the reason."""

    person: Person
    expertise: float = 0.0
    """E over the topics of the customer's products and doubts."""
    best: int = 0
    """The topic that they know best of these."""
    fits: list[TraitKind] = field(default_factory=list)
    """The customer's confirmed traits whom colleagues see them suit."""
    relation: float = 0.0
    talks: int = 0
    owns: bool = False
    load: int = 0
    """Open deals that they look after."""
    score: float = 0.0
    topic: Topic | None = None

    @property
    def reasons(self) -> list[Phrase]:
        """The parts of the one sentence that says why, what weighs most for a call first."""
        found: list[Phrase] = []
        if self.owns:
            found.append(Phrase("looks after them"))
        if self.talks:
            found.append(Phrase("has talked with them lately: %(count)s", count=self.talks))
        if self.topic is not None:
            found.append(Phrase("knows %(topic)s", topic=names(self.topic)))
        for kind in self.fits:
            found.append(
                Phrase(
                    "is called “%(soft)s”, which suits “%(trait)s”", soft=names(kind.suits), trait=names(kind)
                )
            )
        found.append(Phrase("open deals: %(count)s", count=self.load))
        return found


def callers(
    customer: Customer, *, to: Person, deal: Deal | None = None, at: datetime | None = None
) -> list[Caller]:
    """Up to three colleagues who should call a customer, best first; for who opens the customer.

    R = A x (Ê + F + C) / (1 + L), with

    - A: 1 for who works here, is not away on the day of `at` and is no auditor, else 0: they are not named;
    - Ê: E(u, t) summed over the topics of what fits the customer's products (of one deal: its product) and
      customer type, and of what is asked about these products;
    - F: how many of the customer's confirmed traits, as far as who asks may read them, suit a soft trait that
      at least three colleagues see in u, and that u does not hide;
    - C: conversations of the last year with this customer, each x 2^(-age / 90 d), and 1 for the owner;
    - L: open deals that u looks after.

    Each of Ê, F, C and L is divided by its largest in the field; who has none of Ê, F and C is not named. No
    other fact of a person or a customer is read: protected attributes are no input.
    """
    at = at or clock.now()
    subjects, topics = Topic.every(), _topics(customer, deal)
    kinds = _suiting(customer, to)
    field_ = _field(customer, topics, kinds, to, at)
    _know(field_, topics, at)
    _rank(field_)
    best = sorted(
        (one for one in field_.values() if one.score > 0), key=lambda one: (-one.score, one.person.id)
    )
    for one in best[:MOST]:
        one.topic = subjects.get(one.best)
    return best[:MOST]


def _topics(customer: Customer, deal: Deal | None) -> list[int]:
    """Those of most of the articles and questions about the products and the customer type, in one query."""
    bought: Any = Deal.select(Deal.product).where((Deal.customer == customer) & Deal.product.is_null(False))
    products = bought if deal is None else [deal.product_id]
    fits = Article.product.in_(products)
    if customer.type_id is not None:
        fits |= Article.customer_type == customer.type_id
    doubts = Question.product.in_(products) & Question.archived_at.is_null()
    about: Any = (
        ArticleTopic.select(ArticleTopic.topic.alias("topic"))
        .join(Article)
        .where((Article.state == "published") & fits)
    )
    asked: Any = Question.select(Question.topic.alias("topic")).where(doubts & Question.topic.is_null(False))
    beside: Any = QuestionTopic.select(QuestionTopic.topic.alias("topic")).join(Question).where(doubts)
    found = about.union_all(asked).union_all(beside).alias("found")
    many = fn.COUNT(found.c.topic)
    rows: Any = Topic.select(found.c.topic).from_(found).group_by(found.c.topic)
    return [topic for (topic,) in rows.order_by(many.desc(), found.c.topic).limit(TOPICS).tuples()]


def _suiting(customer: Customer, to: Person) -> list[TraitKind]:
    """The customer's confirmed traits that a soft trait suits."""
    known = [one for one in Trait.of(customer, to=to) if one.trait.is_confirmed and one.trait.holds]
    return [one.kind for one in known if one.kind.suits_id is not None]


def _field(
    customer: Customer, topics: list[int], kinds: list[TraitKind], to: Person, at: datetime
) -> dict[int, Caller]:
    """All who know the topics, suit a trait, or talked with the customer, and may be named."""
    said = _talks(customer, at)
    suits = called([kind.suits_id for kind in kinds if kind.suits_id is not None])
    proved: Any = best_proved(topics, Person.deactivated_at.is_null(), at, size=LOOKED_AT) if topics else ()
    owner = {customer.owner_id} if customer.owner_id is not None else set()
    here = _who({*said, *suits, *owner, *(row.who for row in proved)} - {to.id}, at)
    found = {person.id: Caller(person, load=person.open_deals) for person in here}
    for ident, one in found.items():
        one.talks, one.relation = len(said[ident]), sum(said[ident])
        one.owns = ident in owner
        one.relation += one.owns
        one.fits = [kind for kind in kinds if kind.suits_id in suits.get(ident, ())]
    return found


def _who(among: Collection[int], at: datetime) -> list[Any]:
    """Those of these people who may be named, with how many open deals they look after: who works here, is
    not away on that day, and is no auditor.
    """
    day = clock.local(at).date()
    away = Absence.select(Absence.person).where((Absence.first_day <= day) & (Absence.last_day >= day))
    open_now = (Deal.owner == Person.id) & Deal.closed_on.is_null() & Deal.archived_at.is_null()
    load = Deal.select(fn.COUNT(Deal.id)).where(open_now)
    found = Person.select(Person, load.alias("open_deals")).where(Person.id.in_(among))
    named = Person.deactivated_at.is_null() & Person.id.not_in(auditors()) & Person.id.not_in(away)
    return list(found.where(named))


def _talks(customer: Customer, at: datetime) -> defaultdict[int, list[float]]:
    """What each conversation of the last year says of a relation, by who had it."""
    rows: Any = Interaction.select(Interaction.person, Interaction.at).where(
        (Interaction.customer == customer)
        & Interaction.archived_at.is_null()
        & (Interaction.at > at - RECENT)
    )
    found: defaultdict[int, list[float]] = defaultdict(list)
    for person, since in rows.order_by(Interaction.at.desc()).limit(TALKS).tuples():
        age = max(timedelta(0), at - Interaction.at.python_value(since))
        found[person].append(2 ** (-age / HALF_LIFE))
    return found


def _know(field_: dict[int, Caller], topics: Collection[int], at: datetime) -> None:
    for known in expertise(people=list(field_), topics=topics, at=at) if topics else ():
        one = field_[known.person_id]
        if known.score > 0:
            one.best = one.best or known.topic_id  # the best comes first
            one.expertise += known.score


def _rank(field_: dict[int, Caller]) -> None:
    def part(value: float, largest: float) -> float:
        return value / largest if largest > 0 else 0.0

    everyone = list(field_.values())
    most_known = max((one.expertise for one in everyone), default=0.0)
    most_fits = max((len(one.fits) for one in everyone), default=0)
    nearest = max((one.relation for one in everyone), default=0.0)
    busiest = max((one.load for one in everyone), default=0)
    for one in everyone:
        speaks = (
            part(one.expertise, most_known) + part(len(one.fits), most_fits) + part(one.relation, nearest)
        )
        one.score = speaks / (1 + part(one.load, busiest))
