"""The shelves of knowledge: what is published about what, and who stands behind it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from peewee import JOIN, ModelSelect, fn

from portal.models.articles import KINDS, Article, ArticleTopic, Use
from portal.models.customers import CustomerType
from portal.models.expertise import Expertise, expertise
from portal.models.people import Person
from portal.models.products import Product
from portal.models.topics import Topic


def number_of(text: str | None) -> int:
    """An id out of an address; 0 for anything that is none."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else 0


def published() -> ModelSelect[Article]:
    """All that is published, with author, product and customer type read along."""
    return (
        Article.select(Article, Person, Product, CustomerType)
        .join(Person, on=Article.author)
        .switch(Article)
        .join(Product, JOIN.LEFT_OUTER, on=Article.product)
        .switch(Article)
        .join(CustomerType, JOIN.LEFT_OUTER, on=Article.customer_type)
        .where(Article.state == "published")
    )


def shelf(
    *, topic: str = "", product: str = "", type: str = "", kind: str = "", q: str = ""
) -> ModelSelect[Article]:
    """Published knowledge narrowed by what an address names; a topic brings what is below it."""
    found = published()
    if topic:
        below = sorted(Topic.with_descendants([number_of(topic)]))
        about = ArticleTopic.select(ArticleTopic.article).where(ArticleTopic.topic.in_(below))
        found = found.where(Article.id.in_(about))
    if product:
        found = found.where(Article.product == number_of(product))
    if type:
        found = found.where(Article.customer_type == number_of(type))
    if kind in KINDS:
        found = found.where(Article.kind_of == kind)
    if q.strip():
        text = q.strip()
        found = found.where(Article.title.contains(text) | Article.summary.contains(text))
    return found


def topic_counts() -> list[tuple[Topic, int]]:
    """Topics in use with how many published articles each has by itself, in the company's order."""
    count = fn.COUNT(Article.id)
    rows: Any = (
        Topic.select(Topic, count.alias("articles"))
        .join(ArticleTopic, on=(ArticleTopic.topic == Topic.id))
        .join(Article, on=((ArticleTopic.article == Article.id) & (Article.state == "published")))
        .where(Topic.archived_at.is_null())
        .group_by(Topic)
        .order_by(Topic.position, Topic.id)
    )
    return [(topic, topic.articles) for topic in rows.objects()]


def topics_of(articles: Iterable[Article]) -> dict[int, list[Topic]]:
    """The topics of each article, by its id."""
    found: defaultdict[int, list[Topic]] = defaultdict(list)
    rows = (
        ArticleTopic.select(ArticleTopic, Topic)
        .join(Topic)
        .where(ArticleTopic.article.in_([article.id for article in articles]))
        .order_by(Topic.position, Topic.id)
    )
    for row in rows:
        found[row.article_id].append(row.topic)
    return found


def credited(article: Article) -> list[Person]:
    """The people whose names stand on top of an article for ever, its author first."""
    order = article.credited_ids
    people = {person.id: person for person in Person.select().where(Person.id.in_(order))}
    return [people[ident] for ident in order]


def helped(article: Article) -> list[Person]:
    """The colleagues for whom it worked, the latest first."""
    return list(
        Person.select()
        .join(Use, on=(Use.person == Person.id))
        .where(Use.article == article)
        .order_by(Use.id.desc())
    )


def related(article: Article, size: int = 5) -> list[Article]:
    """Other knowledge on the same topics, product or customer type: what worked for most comes first."""
    near = [
        Article.id.in_(
            ArticleTopic.select(ArticleTopic.article).where(ArticleTopic.topic.in_(article.topic_ids))
        )
    ]
    if article.product_id:
        near.append(Article.product == article.product_id)
    if article.customer_type_id:
        near.append(Article.customer_type == article.customer_type_id)
    close: Any = near[0]
    for other in near[1:]:
        close = close | other
    best_first = (Article.uses.desc(), Article.published_at.desc(), Article.id.desc())
    return list(published().where(close & (Article.id != article.id)).order_by(*best_first).limit(size))


def best_of(topics: Iterable[int], size: int = 8) -> list[Article]:
    """The articles about these topics that worked for most."""
    about = ArticleTopic.select(ArticleTopic.article).where(ArticleTopic.topic.in_(list(topics)))
    best_first = (Article.uses.desc(), Article.published_at.desc(), Article.id.desc())
    return list(published().where(Article.id.in_(about)).order_by(*best_first).limit(size))


def knowers(topics: Iterable[int], size: int = 5) -> list[tuple[Person, Expertise]]:
    """The active people who know any of these topics best, each with the topic they know best."""
    best: dict[int, Expertise] = {}
    for known in expertise(topics=topics):
        if known.score > 0:
            best.setdefault(known.person_id, known)
    people = {
        person.id: person
        for person in Person.select().where(Person.id.in_(list(best)) & Person.deactivated_at.is_null())
    }
    return [(people[ident], known) for ident, known in best.items() if ident in people][:size]
