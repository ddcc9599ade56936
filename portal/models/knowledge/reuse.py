"""What helped most: the outcome that stands beside the points of a month (RULES 4.3)."""

from __future__ import annotations

from typing import Any, NamedTuple

from peewee import JOIN, fn

from portal.clock import Month
from portal.models.base.record import along
from portal.models.knowledge.articles import Article
from portal.models.knowledge.merged import ArticleMerge
from portal.models.knowledge.uses import Use

SHOWN = 5


class Reused(NamedTuple):
    """An article, and how many colleagues it worked for in a month."""

    article: Article
    helped: int


def most_reused(month: Month) -> list[Reused]:
    """The published articles that worked for most colleagues in a month, most first.

    What was merged counts for what it was merged into, each colleague once. One's own never counts, nor a
    vote that is held or was dropped: as with points.
    """
    within, stands = (
        (Use.at >= month.start) & (Use.at < month.end),
        fn.COALESCE(ArticleMerge.into, Use.article),
    )
    people = fn.COUNT(fn.DISTINCT(Use.person))
    rows: Any = (
        Use.select(stands, people)
        .join(ArticleMerge, JOIN.LEFT_OUTER, on=(ArticleMerge.article == Use.article))
        .join_from(Use, Article, on=(Article.id == stands))
        .where(within & Use.id.in_(Use.counting().select(Use.id)) & (Article.state == "published"))
        .group_by(stands)
        .order_by(people.desc(), stands)
        .limit(SHOWN)
        .tuples()
    )
    helped = dict(rows)
    known = along(Article.select().where(Article.id.in_(list(helped))), Article.author)
    by_id = {article.id: article for article in known}
    return [Reused(by_id[ident], count) for ident, count in helped.items()]
