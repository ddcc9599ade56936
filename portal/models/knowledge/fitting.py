"""Knowledge that comes to the work: what fits a customer, a deal or a product, and who can help with it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from peewee import fn

from portal import clock
from portal.models.base.prepared import Prepared
from portal.models.base.record import names_of
from portal.models.company.topics import Topic
from portal.models.expertise.expertise import Evidence
from portal.models.expertise.own_topics import OwnTopic
from portal.models.knowledge.articles import Article, ArticleTopic
from portal.models.knowledge.shelves import best
from portal.models.people.people import Person

MOST_PRODUCTS = 10
LOOKED_AT = 30
"""Among how many pairs of a person and a topic helpers are chosen."""


@dataclass(frozen=True)
class Helper:
    """Someone who can help, and with what."""

    person: Person
    topic: Topic


def fitting_articles(
    *, products: Collection[int] = (), types: Collection[int] = (), limit: int = 5
) -> list[Article]:
    """Published articles about one of these products (the first ten) or customer types, most used first."""
    return best(products=list(products)[:MOST_PRODUCTS], types=types, size=limit)


def helpers(articles: Collection[Any], *, but: Person, limit: int = 3) -> list[Helper]:
    """Who knows most, by evidence, about the topics of these articles."""
    if not articles:
        return []
    best: dict[int, Helper] = {}
    for row in _KNOWN(articles=[article.id for article in articles], but=but.id, at=clock.now()):
        best.setdefault(row.person_id, Helper(row.person, row.topic))
    return list(best.values())[:limit]


def _known(articles: Any, but: Any, at: Any) -> Any:
    """What counts by now alone: a review counts once its month is over, else its item would tell of it."""
    about = ArticleTopic.select(ArticleTopic.topic).where(ArticleTopic.article.in_(articles))
    return (
        Evidence.select(Evidence.person, Evidence.topic, *names_of(Person), *names_of(Topic))
        .join(Person, on=Evidence.person)
        .join_from(Evidence, Topic, on=Evidence.topic)
        .where(Evidence.topic.in_(about) & Evidence.withdrawn_at.is_null() & (Evidence.person != but))
        .where((Evidence.at <= at) & Person.deactivated_at.is_null())
        .where(OwnTopic.is_shown(Evidence.person, Evidence.topic))
        .group_by(Evidence.person, Evidence.topic, Person.id, Topic.id)
        .order_by(fn.COUNT(Evidence.id).desc(), Evidence.person, Evidence.topic)
        .limit(LOOKED_AT)
    )


_KNOWN = Prepared[Any](_known)
