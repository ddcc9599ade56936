"""What was merged: one article was taken into another, and whoever looks for it finds that one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from peewee import ForeignKeyField, JSONField, fn

from portal import clock
from portal.models.base.fields import UtcDateTimeField
from portal.models.base.prepared import Prepared
from portal.models.base.record import Record
from portal.models.knowledge.articles import Article
from portal.models.people.people import Person


class ArticleMerge(Record):
    """That one article was merged into another: its address leads there for ever."""

    article = ForeignKeyField(Article, unique=True, on_delete="CASCADE", backref="+")
    article_id: int
    into = ForeignKeyField(Article, on_delete="CASCADE", backref="+")
    into_id: int
    by = ForeignKeyField(Person, null=True, on_delete="RESTRICT", backref="+")
    by_id: int | None
    at = UtcDateTimeField(default=clock.now)
    moved = JSONField(default=dict)
    """What went on with the other: for each noun its rows by id, each with its fields as they were."""

    @classmethod
    def stands_for(cls, article: Any) -> Any:
        """The id of what the article of a column was merged into, else its own."""
        return fn.COALESCE(cls.select(cls.into).where(cls.article == article), article)

    @classmethod
    def in_stages(cls) -> list[tuple[int, int, datetime]]:
        """Of what was merged more than once: which merge it is (id), the articles that its text stood in, one
        after the other, and since when in each.
        """
        found, rows = list[tuple[int, int, datetime]](), list(cls.select().order_by(cls.at, cls.id))
        began = {each.id: each.at for each in rows}
        further = {each.id: each for each in rows}
        for each in rows:
            for ident, before in each.moved.get(cls.kind(), {}).items():
                if (row := int(ident)) in began and began[row] <= each.at:
                    found.append((row, before["into"], began[row]))
                    began[row] = each.at
        return found + [(row, further[row].into_id, began[row]) for row in sorted({row for row, *_ in found})]


_MERGED = Prepared[ArticleMerge](
    lambda into: ArticleMerge.select(ArticleMerge.article).where(ArticleMerge.into == into)
)


def family_of(article: Article) -> list[int]:
    """Its id, and those of the articles that were merged into it."""
    return [article.id, *(row[0] for row in _MERGED.rows(into=article.id))]


def credited_before(article: Article) -> set[int]:
    """Who is credited for what was merged into it."""
    others = Article.select().where(Article.id.in_(family_of(article)[1:]))
    return {person for other in others for person in other.credited_ids}
