"""What helped most: the outcome that stands beside the points of a month (RULES 4.3)."""

from __future__ import annotations

from typing import Any, NamedTuple

from peewee import fn

from portal.clock import Month
from portal.models.base.record import along
from portal.models.knowledge.articles import Article, Use

SHOWN = 5


class Reused(NamedTuple):
    """An article, and how many colleagues it worked for in a month."""

    article: Article
    helped: int


def most_reused(month: Month) -> list[Reused]:
    """The published articles that worked for most colleagues in a month, most first.

    One's own never counts, nor a vote that is held or was dropped: as with points.
    """
    within = (Use.at >= month.start) & (Use.at < month.end)
    rows: Any = (
        Use.select(Use.article, fn.COUNT(Use.id))
        .join(Article)
        .where(within & Use.id.in_(Use.counting().select(Use.id)) & (Article.state == "published"))
        .group_by(Use.article)
        .order_by(fn.COUNT(Use.id).desc(), Use.article)
        .limit(SHOWN)
        .tuples()
    )
    helped = dict(rows)
    known = along(Article.select().where(Article.id.in_(list(helped))), Article.author)
    by_id = {article.id: article for article in known}
    return [Reused(by_id[ident], count) for ident, count in helped.items()]
