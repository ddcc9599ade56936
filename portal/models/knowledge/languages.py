"""One article in several languages: each version is an article of its own, with its own author and checks,
and leads to the others.
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from peewee import JOIN, CharField, ForeignKeyField, IntegrityError, ModelSelect, fn

from portal import clock
from portal.i18n import Phrase, names
from portal.models.base.database import db
from portal.models.base.record import Invalid, Row, along
from portal.models.base.undoing import MEANWHILE
from portal.models.knowledge.articles import Article, ArticleTopic
from portal.models.knowledge.merging import goes_on
from portal.models.knowledge.shelves import BEST_FIRST
from portal.models.people.notices import Notice
from portal.models.people.people import Person
from portal.text.languages import OWN_NAMES, language_in

OFFERED = 20
AT_ONCE = 5_000


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
    def every(cls) -> dict[int, str]:
        """What each article that everyone reads is a version of, by its id; nothing where they are more than
        can be asked for at once.
        """
        read = cls.select(cls.article, cls.work).join(Article).where(Article.state == "published")
        found = {row.article_id: row.work for row in read.limit(AT_ONCE + 1)}
        return found if len(found) <= AT_ONCE else {}

    @classmethod
    def beside_each(cls, articles: Collection[int]) -> dict[int, list[LanguageVersion]]:
        """The other versions that everyone reads of each of these articles, by its id."""
        mine: Any = cls.alias()
        works = mine.select(mine.work).where(mine.article.in_(sorted(articles)))
        read = cls.select(cls, Article.id, Article.title).join(Article)
        read = read.where(cls.work.in_(works) & (Article.state == "published")).order_by(cls.language)
        together = defaultdict[str, list[LanguageVersion]](list)
        for row in read:
            together[row.work].append(row)
        return {
            row.article_id: [each for each in versions if each is not row]
            for versions in together.values()
            for row in versions
            if row.article_id in articles
        }

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

    # -------------------------------------------------------------- by hand

    @classmethod
    def of(cls, article: Article) -> list[LanguageVersion]:
        """All versions of an article that everyone reads, itself among them; none where it has no other."""
        mine = cls.get_or_none(cls.article == article)
        if mine is None:
            return []
        read = cls.select(cls, Article).join(Article).where(cls.work == mine.work)
        found = list(read.where(Article.state == "published").order_by(cls.language))
        return found if len(found) > 1 and article.id in {each.article_id for each in found} else []

    @classmethod
    def pair(cls, article: Article, other: Article, *, language: str, by: Person) -> None:
        """They say the same, this one in that language, unless its versions say already in which it is; twice
        is harmless. A version that nobody reads any more gives up its place. Raises Invalid.
        """
        if article.id == other.id:
            raise Invalid(Phrase("Choose another one: an article is no version of itself."))
        if not (pairable_by(article, by) and pairable_by(other, by)):
            raise Invalid(Phrase("Both have to be published, and yours to change."))
        if language not in OWN_NAMES:
            raise Invalid(Phrase("Say which language it is in."))
        try:
            with db.atomic():
                cls._pair(article, other, language, by)
        except IntegrityError:
            raise Invalid(MEANWHILE) from None

    @classmethod
    def _pair(cls, article: Article, other: Article, language: str, by: Person) -> None:
        mine, theirs = cls.of(article), cls.of(other)
        if mine and theirs:
            if mine[0].work == theirs[0].work:
                return
            raise Invalid(Phrase("Both have other versions already: take one of them out first."))
        joining = {} if mine else {article.id: language}
        joining |= {} if theirs else {other.id: language_in(other.body or other.title)}
        taken = [*(each.language for each in mine or theirs), *joining.values()]
        if len(set(taken)) < len(taken):
            twice = next(each for each in taken if taken.count(each) > 1)
            told = Phrase(
                "There is a version in that language already: %(language)s.", language=OWN_NAMES[twice]
            )
            raise Invalid(told)
        work = (mine or theirs)[0].work if mine or theirs else secrets.token_hex(16)
        former = cls.works_of(joining)
        gone = Article.select(Article.id).where(Article.state != "published")
        unread = (cls.work == work) & cls.language.in_(sorted(joining.values())) & cls.article.in_(gone)
        cls.delete().where(cls.article.in_(sorted(joining)) | unread).execute()
        rows = [{"article": ident, "language": tag} for ident, tag in joining.items()]
        cls.insert_many([{**row, "work": work, "created_at": clock.now()} for row in rows]).execute()
        cls.leave_alone(former)
        for each in (article, other):
            if tag := joining.get(each.id):
                each.track("language added", by=by, changes={"language": [None, OWN_NAMES[tag]]})
        cls._tell(article, other, by)

    @staticmethod
    def _tell(article: Article, other: Article, by: Person) -> None:
        """Whose text is found through another one knows it, and may take it out again."""
        facts = {"article": article.title, "other": other.title}
        said = Phrase(
            "%(who)s says that “%(article)s” and “%(other)s” are one in two languages.",
            who=names(by),
            **facts,
        )
        for mine in (article, other):
            for person in set(mine.credited_ids) - {by.id}:
                Notice.tell(person, said, about=mine)

    @classmethod
    def part(cls, article: Article, *, by: Person) -> None:
        """It is one of its own again; twice is harmless. The others stay together."""
        with db.atomic():
            mine = cls.get_or_none(cls.article == article)
            if mine is not None and cls.delete().where(cls.id == mine.id).execute():
                cls.leave_alone([mine.work])
                article.track("language removed", by=by, changes={"language": [mine.name, None]})

    @classmethod
    def offered(cls, article: Article, words: str, *, by: Person) -> list[Article]:
        """What it may be paired with, by what its title or summary says, else what is about the same in a
        language in which there is none: the best proven first.
        """
        versions = cls.of(article)
        beside = {article.id, *(each.article_id for each in versions)}
        found = Article.select().where((Article.state == "published") & Article.id.not_in(sorted(beside)))
        if not by.is_reviewer:
            found = found.where(Article.author.in_(sorted({by.id, *by.team})))
        if words.strip():
            found = found.where(Article.matching(words.strip()))
        else:
            about = ArticleTopic.select(ArticleTopic.article).where(ArticleTopic.topic.in_(article.topic_ids))
            tags = [each.language for each in versions] or [language_in(article.body or article.title)]
            others = Article.language.not_in(sorted({tag.partition("-")[0] for tag in tags}))
            found = found.where(others & Article.id.in_(about))
        return list(along(found.order_by(*BEST_FIRST).limit(OFFERED), Article.author))

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


def pairable_by(article: Article, person: Person) -> bool:
    """Whoever may change it, while everyone reads it."""
    return article.is_read and article.editable_by(person)


def _stays(into: Article) -> Any:
    """What is merged leaves its place to the other where that is in its language and has no place yet."""
    chinese = language_in(into.body or into.title).startswith("zh")
    other = LanguageVersion.alias()
    held = fn.EXISTS(other.select(1).where(other.article == into.id))
    is_chinese = LanguageVersion.language.startswith("zh")
    return held | (~is_chinese if chinese else is_chinese)


goes_on(LanguageVersion.article, staying=_stays)


def told_of(article: Article) -> LanguageVersion:
    """What is said of an article that was read `beside` or noted; of one without other versions, nothing."""
    return getattr(article, "in_language", None) or LanguageVersion(work="", language="")
