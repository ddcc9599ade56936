"""Articles as they once stood: what was read of one on which day, by whom, and what was called so once."""

from __future__ import annotations

from datetime import date, timedelta

from peewee import JOIN, ModelSelect, fn

from portal import clock
from portal.models.base.record import names_of
from portal.models.knowledge.articles import Article, ArticleVersion
from portal.models.people.people import Person


def titled(title: str, person: Person) -> Article | None:
    """What a person may read that is called so, else what was called so once, the newest first: what everyone
    reads before what was put away, and that before a draft.
    """
    known = Article.visible_to(person).where(Article.title == title)
    order = (Article.state != "published", Article.published_at.is_null(), Article.id.desc())
    found: Article | None = known.order_by(*order).first()
    if found is not None:
        return found
    former = ArticleVersion.select(ArticleVersion, Article).join(Article)
    readable = former.where((ArticleVersion.title == title) & (Article.state == "published"))
    for version in readable.order_by(ArticleVersion.at.desc()).limit(10):
        read = read_by(version.article, person)
        if read.where(ArticleVersion.number == version.number).exists():
            return version.article
    return None


def versions(article: Article) -> ModelSelect[ArticleVersion]:
    """As it stood over time, newest first."""
    return (
        ArticleVersion.select(ArticleVersion, *names_of(Person), Person.deactivated_at)
        .join(Person, JOIN.LEFT_OUTER, on=ArticleVersion.by)
        .where(ArticleVersion.article == article)
        .order_by(ArticleVersion.number.desc())
    )


def read_by(article: Article, person: Person) -> ModelSelect[ArticleVersion]:
    """Those that a person reads: what was a draft stays its author's, as nobody looked through it for
    personal data; for all others it begins with what was published.
    """
    if person.id == article.author_id:
        return versions(article)
    if article.published_at is None:  # put away unpublished
        return versions(article).where(ArticleVersion.id.is_null())
    kept = ArticleVersion.alias()
    before = (kept.article == article) & (kept.at <= article.published_at)
    first = fn.COALESCE(kept.select(fn.MAX(kept.number)).where(before), 0)
    return versions(article).where(ArticleVersion.number >= first)


def on_day(article: Article, day: date, person: Person) -> ArticleVersion | None:
    """What everyone read at the end of a day; None before it was published, and for a day to come."""
    over = clock.start_of(day + timedelta(days=1))
    if article.published_at is None or article.published_at >= over or day > clock.today():
        return None
    kept: ArticleVersion | None = read_by(article, person).where(ArticleVersion.at < over).first()
    return kept
