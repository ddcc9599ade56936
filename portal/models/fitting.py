"""Knowledge that comes to the work: what fits a customer, a deal or a product, and who can help with it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from peewee import JOIN, fn

from portal.models.articles import Article, ArticleTopic, Use
from portal.models.expertise import Evidence
from portal.models.people import Person
from portal.models.topics import Topic


@dataclass(frozen=True)
class Helper:
    """Someone who can help, and with what."""

    person: Person
    topic: Topic


def fitting_articles(
    *, products: Collection[int] = (), types: Collection[int] = (), limit: int = 5
) -> list[Any]:
    """Published articles about one of these products or customer types, those most used first.

    Each has `uses`, how often it worked for someone.
    """
    about = [Article.product.in_(list(products))] if products else []
    about += [Article.customer_type.in_(list(types))] if types else []
    if not about:
        return []
    uses = fn.COUNT(Use.id)
    found = (
        Article.select(Article, Person, uses.alias("uses"))
        .join(Person, on=Article.author)
        .join_from(Article, Use, JOIN.LEFT_OUTER)
        .where((Article.state == "published") & reduce(or_, about))
        .group_by(Article.id, Person.id)
        .order_by(uses.desc(), Article.id.desc())
    )
    return list(found.limit(limit))


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
