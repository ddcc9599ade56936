"""How much an article is read: sums by day, of it and of its topics; never who read what.

Somebody counts once a day for an article, and among its readers once a month. To know the second time from
the first, a mark is kept until that day, or that month, is over; then it is deleted, and the sum alone stays.
A mark tells neither a person nor a moment: it is a digest with the portal's own secret, another for each
article and each period, so that no two marks of one person can be laid side by side, and no page, list or
export reads them. (Who holds the database and the secret, both, could try all people against the marks of the
running month.)

Whoever reads waits for nothing: the mark is written once the page has left, and the worker adds up.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from peewee import (
    EXCLUDED,
    BigIntegerField,
    BooleanField,
    CharField,
    Check,
    DateField,
    IntegerField,
    chunked,
)

from portal import clock
from portal.clock import Month
from portal.models.base import bulk
from portal.models.base.database import db
from portal.models.base.record import Row
from portal.models.knowledge.articles import Article, ArticleTopic

KEPT = timedelta(days=730)
"""So long the sums of a day are kept: two years can be compared."""


class ReadMark(Row):
    """That somebody is among those counted in a day or a month. Deleted once that is over."""

    period = CharField(10)
    """The company's day or month: `2026-11-29`, `2026-11`."""
    what = CharField(40)
    """What was counted of which record: `read article-7`, `read topic-3`, `search article-7`."""
    who = CharField(32)
    counted = BooleanField(default=False)
    """Whether it is in the sums already."""

    class Meta:
        indexes = ((("period", "what", "who"), True), (("counted",), False))

    @classmethod
    def read(cls, article: int, topics: Iterable[int], *, person: int, key: str) -> None:
        """Somebody reads an article: one statement, which changes nothing when it is said again that day.

        `key`: the portal's secret, without which nobody tells one mark's person from another's.
        """
        day, month = _periods()
        subjects = [f"article-{article}", *(f"topic-{topic}" for topic in sorted(topics))]
        cls._put([(day, f"read {subjects[0]}"), *((month, f"read {each}") for each in subjects)], person, key)

    @classmethod
    def search(cls, ident: str, *, person: int, key: str) -> None:
        """Somebody opened this, `article-7`, from what they had searched; what is no article is not counted,
        nor what its reader wrote.
        """
        noun, _, number = ident.partition("-")
        if noun != Article.kind() or not number.isdecimal() or len(number) > 15:
            return
        article = Article.get_or_none((Article.id == int(number)) & (Article.state == "published"))
        if article is not None and person not in article.credited_ids:
            cls._put([(_periods()[0], f"search {article}")], person, key)

    @classmethod
    def _put(cls, wanted: Iterable[tuple[str, str]], person: int, key: str) -> None:
        begun = clock.start_of(Month.of(clock.now()).first_day)  # no moment: that would tell who it was
        rows = [
            {"period": period, "what": what, "who": _digest(period, what, person, key), "created_at": begun}
            for period, what in wanted
        ]
        cls.insert_many(rows).on_conflict_ignore().as_rowcount().execute()

    @classmethod
    def is_any_uncounted(cls) -> bool:
        """Whether the sums lack something."""
        return cls.select().where(cls.counted == False).exists()  # noqa: E712 - SQL

    @classmethod
    def forget_old(cls) -> None:
        """Whose day or month is over is in the sum, and no longer here."""
        Readership.add_up()
        day, month = _periods()
        cls.delete().where((cls.period < day) & (cls.period != month)).execute()


class Readership(Row):
    """How often an article, or what stands under a topic, was read on a day, and by how many new readers."""

    noun = CharField(10)
    record = BigIntegerField()
    on = DateField()
    """The company's day."""
    views = IntegerField(default=0)
    """One for each person who read it that day; under a topic, for each of its articles."""
    readers = IntegerField(default=0)
    """Of those, who had not read it in that month: added up over the month's days, its readers."""
    searches = IntegerField(default=0)
    """How many opened it that day from what they had searched."""

    class Meta:
        indexes = ((("noun", "record", "on"), True), (("noun", "on"), False))
        constraints = [
            Check("noun IN ('article', 'topic')"),
            Check("views >= 0 AND readers >= 0 AND searches >= 0"),
        ]

    @classmethod
    def add_up(cls) -> None:
        """Take the marks that are new into the sums, each once; an article counts under the topics that it
        stands under now.
        """
        with db.atomic():
            new: Any = ReadMark.update(counted=True).where(ReadMark.counted == False)  # noqa: E712 - SQL
            marks = [
                (row.period, row.what) for row in new.returning(ReadMark.period, ReadMark.what).execute()
            ]
            sums = defaultdict[tuple[str, int, date], Counter[str]](Counter)
            topics = _topics_of({_subject(what)[1] for _, what in marks if _subject(what)[0] == "article"})
            for period, what in marks:
                subject = _subject(what)
                if len(period) == len("2026-11"):
                    # the mark of a month that ended just now belongs to it
                    sums[*subject, min(clock.today(), Month.parse(period).last_day)]["readers"] += 1
                    continue
                counts = "searches" if what.startswith("search") else "views"
                for each in (subject, *(("topic", topic) for topic in topics[subject[1]])):
                    sums[*each, date.fromisoformat(period)][counts] += 1
            cls._add(sums)

    @classmethod
    def _add(cls, sums: Mapping[tuple[str, int, date], Mapping[str, int]]) -> None:
        now, none = clock.now(), {"views": 0, "readers": 0, "searches": 0}
        rows = [
            {**none, **counted, "noun": noun, "record": record, "on": on, "created_at": now}
            for (noun, record, on), counted in sorted(sums.items())
        ]
        fields: Any = (cls.views, cls.readers, cls.searches)
        adding = {field: field + getattr(EXCLUDED, field.name) for field in fields}
        for some in chunked(rows, bulk.BATCH):
            added: Any = cls.insert_many(some)
            added = added.on_conflict(conflict_target=(cls.noun, cls.record, cls.on), update=adding)
            added.as_rowcount().execute()

    @classmethod
    def within(cls, noun: str, since: date, until: date | None = None) -> Any:
        """The condition of the sums of such records from a day on, and before another."""
        found = (cls.noun == noun) & (cls.on >= since)
        return found if until is None else found & (cls.on < until)

    @classmethod
    def views_of(cls, articles: Collection[int], days: int = 30) -> Counter[int]:
        """How often each of these was read in the last days."""
        from_day = clock.today() - timedelta(days=days - 1)
        mine = cls.within("article", from_day) & cls.record.in_(sorted(articles))
        rows: Any = cls.select(cls.record, cls.views).where(mine).tuples()
        found = Counter[int]()
        for article, views in rows if articles else ():
            found[article] += views
        return found

    @classmethod
    def forget_old(cls) -> None:
        """What is too long ago to be compared with is forgotten."""
        cls.delete().where(cls.on < clock.today() - KEPT).execute()


def counts_for(article: Article, person: int, authors: Collection[int]) -> bool:
    """Whether it counts that this person reads it: what is published, and not one's own."""
    return article.state == "published" and person not in authors


def _subject(what: str) -> tuple[str, int]:
    noun, _, number = what.partition(" ")[2].partition("-")
    return noun, int(number)


def _topics_of(articles: Collection[int]) -> defaultdict[int, list[int]]:
    found = defaultdict[int, list[int]](list)
    for some in chunked(sorted(articles), bulk.BATCH):
        rows: Any = ArticleTopic.select(ArticleTopic.article, ArticleTopic.topic)
        for article, topic in rows.where(ArticleTopic.article.in_(some)).tuples():
            found[article].append(topic)
    return found


def _periods() -> tuple[str, str]:
    today = clock.today()
    return today.isoformat(), str(Month.of(today))


def _digest(period: str, what: str, person: int, key: str) -> str:
    secret = hashlib.sha256(f"{key} reading {period} {what}".encode()).digest()
    return hashlib.blake2b(str(person).encode(), key=secret, digest_size=16).hexdigest()
