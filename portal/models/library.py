"""The shelves of knowledge: what is published about what, and who stands behind it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from peewee import JOIN, ModelSelect, fn

from portal import clock
from portal.models.articles import KINDS, Article, ArticleTopic, Use
from portal.models.customers import CustomerType
from portal.models.experiences import Credit, Experience
from portal.models.expertise import Expertise, expertise
from portal.models.outbox import SearchOutbox
from portal.models.people import Person
from portal.models.products import Product
from portal.models.topics import Topic


def number_of(text: str | None) -> int:
    """An id out of an address; 0 for anything that is none."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else 0


def whole(articles: ModelSelect[Article]) -> ModelSelect[Article]:
    """The same articles with author, product and customer type read along."""
    return (
        articles.select(Article, Person, Product, CustomerType)
        .join(Person, on=Article.author)
        .switch(Article)
        .join(Product, JOIN.LEFT_OUTER, on=Article.product)
        .switch(Article)
        .join(CustomerType, JOIN.LEFT_OUTER, on=Article.customer_type)
    )


def with_origin(articles: ModelSelect[Article]) -> ModelSelect[Article]:
    """The same articles with all of `whole` and the experience they were born of."""
    joined = whole(articles).switch(Article).join(Experience, JOIN.LEFT_OUTER, on=Article.experience)
    return joined.select(Article, Person, Product, CustomerType, Experience)


def published() -> ModelSelect[Article]:
    """All that is published, with author, product and customer type read along."""
    return whole(Article.select().where(Article.state == "published"))


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
    if not article.experience_id:
        return [article.author]
    rows = (
        Credit.select(Credit, Person)
        .join(Person, on=Credit.person)
        .where(Credit.experience == article.experience_id)
        .order_by(Credit.share.desc(), Credit.id)
    )
    return [article.author, *(row.person for row in rows if row.person_id != article.author_id)]


def helped(article: Article) -> list[Person]:
    """The colleagues for whom it worked, the latest first."""
    return list(
        Person.select()
        .join(Use, on=(Use.person == Person.id))
        .where(Use.article == article)
        .order_by(Use.id.desc())
    )


def related(article: Article, topics: Iterable[Topic], size: int = 5) -> list[Article]:
    """Other knowledge on these topics, its product or customer type: what worked for most comes first."""
    about = ArticleTopic.select(ArticleTopic.article).where(
        ArticleTopic.topic.in_([topic.id for topic in topics])
    )
    close: Any = Article.id.in_(about)
    if article.product_id:
        close = close | (Article.product == article.product_id)
    if article.customer_type_id:
        close = close | (Article.customer_type == article.customer_type_id)
    best_first = (Article.uses.desc(), Article.published_at.desc(), Article.id.desc())
    return list(published().where(close & (Article.id != article.id)).order_by(*best_first).limit(size))


def best_of(topics: Iterable[int], size: int = 8) -> list[Article]:
    """The articles about these topics that worked for most."""
    about = ArticleTopic.select(ArticleTopic.article).where(ArticleTopic.topic.in_(list(topics)))
    best_first = (Article.uses.desc(), Article.published_at.desc(), Article.id.desc())
    return list(published().where(Article.id.in_(about)).order_by(*best_first).limit(size))


def knowers(topics: Iterable[int], size: int = 5) -> list[tuple[Person, Expertise]]:
    """The people here who know any of these topics best, each with the topic they know best."""
    best: dict[int, Expertise] = {}
    for known in expertise(topics=topics, here=True):
        if known.score > 0:
            best.setdefault(known.person_id, known)
    return [(known.person, known) for known in list(best.values())[:size]]


def reindex_due() -> None:
    """Ask for the search documents of what came due for a check in the last days."""
    due = (Article.review_by >= clock.today() - timedelta(days=7)) & (Article.review_by < clock.today())
    rows = Article.select(Article.id).where((Article.state == "published") & due)
    SearchOutbox.note(Article.kind(), [article.id for article in rows])
