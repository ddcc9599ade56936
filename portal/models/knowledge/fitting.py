"""Knowledge that comes to the work: what fits a customer, a deal or a product, and who can help with it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from peewee import fn

from portal.models.company.topics import Topic
from portal.models.expertise.expertise import Evidence
from portal.models.knowledge.articles import Article, ArticleTopic
from portal.models.knowledge.shelves import best
from portal.models.people.people import Person

MOST_PRODUCTS = 10


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
    about = ArticleTopic.select(ArticleTopic.topic).where(ArticleTopic.article.in_([a.id for a in articles]))
    strength = fn.COUNT(Evidence.id)
    known = (
        Evidence.select(Evidence.person, Evidence.topic, Person, Topic)
        .join(Person, on=Evidence.person)
        .join_from(Evidence, Topic, on=Evidence.topic)
        .where(Evidence.topic.in_(about) & Evidence.withdrawn_at.is_null() & (Evidence.person != but))
        .where(Person.deactivated_at.is_null())
        .group_by(Evidence.person, Evidence.topic, Person.id, Topic.id)
        .order_by(strength.desc(), Evidence.person, Evidence.topic)
        .limit(10 * limit)
    )
    best: dict[int, Helper] = {}
    for row in known:
        best.setdefault(row.person_id, Helper(row.person, row.topic))
    return list(best.values())[:limit]
