"""Links of published articles to the web, and which of them lead nowhere: whoever wrote the text is asked."""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Iterable, Iterator
from datetime import timedelta
from enum import StrEnum
from typing import Any

from peewee import CharField, ForeignKeyField, IntegerField, ModelSelect, chunked, fn

from portal import clock
from portal.i18n import Phrase
from portal.models.base import bulk
from portal.models.base.database import db
from portal.models.base.fields import TextField, UtcDateTimeField
from portal.models.base.record import Row, along
from portal.models.company.settings import Setting
from portal.models.knowledge.articles import Article, ends_with_it, rewords_with_it
from portal.models.knowledge.checks import whom
from portal.models.people.people import Person
from portal.models.work.clocks import Clock, step

WAITS = "broken links"
MOST_AT_ONCE = 200
"""So many addresses are looked at in one go: what is left waits for the next day."""
ASKED_AGAIN = 5
"""So many that answered before are asked whether there is a network."""
LONGEST = 2000
SURE = 2
"""So often in a row, on different days, an address must lead nowhere before anybody is asked."""


_LINK = re.compile(r'href="(https?://[^"]+)"')


class LookOutcome(StrEnum):
    """What became of a look at an address."""

    HERE = "here"
    GONE = "gone"
    """There is no such page."""
    UNSAID = "unsaid"
    """Nothing is said by it: it asks who we are, is busy, or is no address of the open web."""
    UNREACHED = "unreached"
    """Nothing answered: there is no such host, it is down, or there is no network here."""


class OutsideLink(Row):
    """An address of the web in a published article, and what a look at it found."""

    article = ForeignKeyField(Article, on_delete="CASCADE", index=False)
    article_id: int
    address = TextField()
    mark = CharField(64)
    """Of the address, which is too long for a key."""
    looked_at = UtcDateTimeField(null=True)
    misses = IntegerField(default=0)
    """How often in a row it led nowhere."""
    broken_since = UtcDateTimeField(null=True)

    class Meta:
        indexes = ((("article", "mark"), True), (("mark",), False), (("looked_at",), False))

    @classmethod
    def are_looked_at(cls) -> bool:
        """Whether the company lets the portal ask the web."""
        return bool(Setting.read("fresh.links"))

    @classmethod
    def gather(cls, articles: Iterable[Article]) -> None:
        """Know the addresses that these published articles name now, and forget those that they do not."""
        for article in articles:
            named = {_mark(each): each for each in _addresses(article.html)}
            mine = cls.select(cls.mark).where(cls.article == article)
            held = {row.mark for row in mine}
            if gone := held - named.keys():
                cls.delete().where((cls.article == article) & cls.mark.in_(sorted(gone))).execute()
            rows = [
                {"article": article.id, "address": named[mark], "mark": mark, "created_at": clock.now()}
                for mark in sorted(named.keys() - held)
            ]
            bulk.insert(cls, rows, ignore=True)
            if gone:
                ask(article)

    @classmethod
    def due(cls) -> list[str]:
        """The addresses to look at now, those first that were not looked at for longest, else by chance: what
        is not reached stands in the way of no other for ever.
        """
        before = clock.now() - timedelta(days=Setting.read("fresh.links"))
        missed_before = clock.now() - timedelta(hours=20)
        waits = cls.looked_at.is_null() | (cls.looked_at <= before)
        waits |= cls.misses.between(1, SURE - 1) & (cls.looked_at <= missed_before)
        read = cls.article.in_(Article.select(Article.id).where(Article.state == "published"))
        oldest = fn.MIN(cls.looked_at).asc(nulls="first")
        rows: Any = cls.select(fn.MIN(cls.address)).where(waits & read).group_by(cls.mark)
        return [address for (address,) in rows.order_by(oldest, fn.RANDOM()).limit(MOST_AT_ONCE).tuples()]

    @classmethod
    def answered(cls) -> list[str]:
        """A few addresses, by chance, that did not lead nowhere when they were looked at last."""
        well = cls.looked_at.is_null(False) & (cls.misses == 0)
        rows: Any = cls.select(fn.MIN(cls.address)).where(well).group_by(cls.mark)
        return [address for (address,) in rows.order_by(fn.RANDOM()).limit(ASKED_AGAIN).tuples()]

    @classmethod
    def note(cls, address: str, outcome: LookOutcome) -> None:
        """What a look found, for every article that names the address; who looks after them is asked."""
        now, same = clock.now(), cls.mark == _mark(address)
        with db.atomic():
            if outcome in (LookOutcome.GONE, LookOutcome.UNREACHED):
                cls.update(looked_at=now, misses=cls.misses + 1).where(same).execute()
                sure = same & (cls.misses >= SURE) & cls.broken_since.is_null()
                cls.update(broken_since=now).where(sure).execute()
            else:
                cls.update(looked_at=now, misses=0, broken_since=None).where(same).execute()
            naming = cls.select(cls.article).where(same)
            for article in along(Article.select().where(Article.id.in_(naming)), Article.author, whole=True):
                ask(article)

    @classmethod
    def broken_in(cls, article: Article) -> ModelSelect[OutsideLink]:
        """Those of an article that lead nowhere."""
        mine = (cls.article == article) & cls.broken_since.is_null(False)
        return cls.select().where(mine).order_by(cls.id)


def ask(article: Article) -> None:
    """Who wrote it, or who stands in, mends its links; nobody where none is broken."""
    broken = OutsideLink.broken_in(article).count() if article.is_read else 0
    if not broken:
        Clock.stop(article, WAITS)
        return
    text = Phrase("Links that lead nowhere: %(title)s", title=article.title)
    Clock.start(article, WAITS, who=whom(article, to_check=False), text=text, url=f"{article.url}/links")


def in_pieces() -> Iterator[list[int]]:
    """Ids of published articles that name any address, some at a time."""
    rows: Any = Article.select(Article.id).where(
        (Article.state == "published") & Article.body.contains("://")
    )
    held = OutsideLink.select(OutsideLink.article)
    ids = {row.id for row in rows} | {row.article_id for row in held}
    yield from chunked(sorted(ids), 100)


def gather(ids: list[int]) -> None:
    """Know the addresses of these articles."""
    read = Article.select().where(Article.id.in_(ids) & (Article.state == "published"))
    OutsideLink.gather(along(read, Article.author, whole=True))


@step(WAITS, "left", "away")
def pass_on(waiting: Clock) -> None:
    """Who was asked has left, or is on leave: the next who may change the text is asked."""
    article = Article.get_or_none(Article.id == waiting.subject)
    if article is not None and (to := whom(article, to_check=False)):
        Clock.update(who=to).where(Clock.id == waiting.id).execute()


@rewords_with_it
def mended(article: Article) -> None:
    """Who takes a link that leads nowhere out of the text is asked for it no longer."""
    if Clock.of(article, WAITS) is not None:
        OutsideLink.gather([article])


@ends_with_it
def mend_nothing(article: Article, by: Person | None) -> None:
    """Nobody mends the links of what is put away."""
    Clock.stop(article, WAITS)


def _addresses(rendered: str) -> set[str]:
    """What a rendered text links outside of the portal."""
    found = {html.unescape(each).partition("#")[0] for each in _LINK.findall(rendered)}
    return {each for each in found if len(each) <= LONGEST}


def _mark(address: str) -> str:
    return hashlib.sha256(address.encode()).hexdigest()
