"""One article in several languages: each version is an article of its own, with its own author and checks,
and leads to the others.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from peewee import JOIN, CharField, ForeignKeyField, ModelSelect, fn

from portal import clock
from portal.models.base.record import Row
from portal.models.knowledge.articles import Article
from portal.models.people.people import Person
from portal.text.languages import OWN_NAMES


class LanguageVersion(Row):
    """That an article says in one language what others say in theirs."""

    article = ForeignKeyField(Article, on_delete="CASCADE", unique=True)
    article_id: int
    work = CharField(32)
    """What all versions of one have in common: a name that nobody reads."""
    language = CharField(10)
    """As `portal.text.languages` tags it."""

    class Meta:
        indexes = ((("work", "language"), True),)

    @property
    def name(self) -> str:
        """How the language calls itself."""
        return OWN_NAMES.get(self.language, self.language)

    @classmethod
    def beside(cls, articles: ModelSelect[Article]) -> ModelSelect[Article]:
        """The same articles, each with its `in_language` where there are other versions of it."""
        on = cls.article == Article.id
        joined: Any = articles.select_extend(cls)
        found: ModelSelect[Article] = joined.join_from(
            Article, cls, JOIN.LEFT_OUTER, on=on, attr="in_language"
        )
        return found

    @classmethod
    def others(cls, article: Article) -> list[LanguageVersion]:
        """The other versions of an article that everyone reads, for one read `beside`."""
        mine: LanguageVersion | None = getattr(article, "in_language", None)
        if mine is None:
            return []
        read = cls.select(cls, Article.id, Article.title).join(Article)
        read = read.where((cls.work == mine.work) & (cls.article != article) & (Article.state == "published"))
        return list(read.order_by(cls.language))

    @classmethod
    def known(cls, articles: Collection[int]) -> dict[int, LanguageVersion]:
        """What is known of these articles, by their ids."""
        return {row.article_id: row for row in cls.select().where(cls.article.in_(sorted(articles)))}

    @classmethod
    def note(cls, articles: Iterable[Any]) -> None:
        """Let each of these articles know its `in_language`."""
        several = list(articles)
        known = cls.known([each.id for each in several])
        for each in several:
            each.in_language = known.get(each.id)

    @classmethod
    def tie(cls, articles: Mapping[str, int], *, new: Collection[int], by: Person | None) -> None:
        """These are one article, by language: those that are new join the others, or each other. What is
        known already stays as it is; whoever brings them ties to nothing that is not theirs to change.
        """
        if len(articles) < 2 or not set(articles.values()) & set(new):
            return
        there = Article.select().where(Article.id.in_(sorted({*articles.values()} - {*new})))
        mine = {each.id: each for each in there if by is None or each.editable_by(by)}
        known = cls.known([*mine, *new])
        held = [known[ident] for ident in articles.values() if ident in known]
        work = held[0].work if held else secrets.token_hex(16)
        taken = {row.language for row in cls.select(cls.language).where(cls.work == work)}
        joining = {
            language: ident
            for language, ident in articles.items()
            if ident not in known and language not in taken and (ident in new or ident in mine)
        }
        if len(joining) + len(taken) < 2:
            return
        for language, ident in joining.items():
            place = {"article": ident, "work": work, "language": language, "created_at": clock.now()}
            made = cls.insert(place).on_conflict_ignore().execute()
            if made and ident in mine:
                mine[ident].track("language added", by=by, changes={"language": [None, OWN_NAMES[language]]})

    @classmethod
    def works_of(cls, articles: Iterable[int]) -> set[str]:
        """What these articles are versions of."""
        return {row.work for row in cls.known(list(articles)).values()}

    @classmethod
    def leave_alone(cls, works: Collection[str]) -> None:
        """An article whose other versions are gone is one of its own."""
        among = cls.work.in_(sorted(works))
        alone = cls.select(cls.work).where(among).group_by(cls.work).having(fn.COUNT(cls.id) < 2)
        cls.delete().where(cls.work.in_([row.work for row in alone])).execute()


def told_of(article: Article) -> LanguageVersion:
    """What is said of an article that was read `beside` or noted; of one without other versions, nothing."""
    return getattr(article, "in_language", None) or LanguageVersion(work="", language="")
