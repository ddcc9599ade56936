"""How much an article is read: a sum for each week and month, of it and of its topics; never who read what.

Somebody counts once a day for an article, and among its readers once a week and once a month. To know the
second time from the first, a mark is kept until that day, week or month is over; then it is deleted, and the
sum alone stays. No sum is told before its week or month is over, nor where few read (`insights.usage`).
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
from portal.models.people.people import Person

KEPT = timedelta(days=730)
"""So long sums are kept: two years can be compared."""


class ReadMark(Row):
    """That somebody is among those counted in a day, a week or a month. Deleted once that is over."""

    period = CharField(10)
    """The company's day, week or month: `2026-11-29`, `2026-W48`, `2026-11`."""
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
        day, *longer = _periods()
        subjects = [f"article-{article}", *(f"topic-{topic}" for topic in sorted(topics))]
        among = [(period, f"read {each}") for period in longer for each in subjects]
        cls._put([(day, f"read {subjects[0]}"), *among], person, key)

    @classmethod
    def search(cls, ident: str, *, person: Person, key: str) -> None:
        """Somebody opened this, `article-7`, from what they had searched; what is no article is not counted,
        nor what they do not count for as a reader.
        """
        noun, _, number = ident.partition("-")
        if noun != Article.kind() or not number.isdecimal() or len(number) > 15:
            return
        article = Article.get_or_none(Article.id == int(number))
        if article is not None and counts_for(article, person, article.credited_ids):
            cls._put([(_periods()[0], f"search {article}")], person.id, key)

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
        """Whose day, week or month is over is in the sum, and no longer here; what came meanwhile, and is in
        none yet, stays until it is.
        """
        Readership.add_up()
        cls.delete().where(cls.period.not_in(_periods()) & cls.counted).execute()


class Readership(Row):
    """How often an article, or what stands under a topic, was read in a week or a month, and by how many."""

    noun = CharField(10)
    record = BigIntegerField()
    span = CharField(5)
    """`week` or `month`."""
    on = DateField()
    """The company's day with which it begins."""
    views = IntegerField(default=0)
    """One for each person and day; under a topic, for each of its articles."""
    readers = IntegerField(default=0)
    """By how many people it was read."""
    searches = IntegerField(default=0)
    """How often it was opened from what was searched: one for each person and day."""

    class Meta:
        indexes = ((("noun", "record", "span", "on"), True), (("noun", "span", "on"), False))
        constraints = [
            Check("noun IN ('article', 'topic')"),
            Check("span IN ('week', 'month')"),
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
            sums = defaultdict[tuple[str, int, str, date], Counter[str]](Counter)
            topics = _topics_of({_subject(what)[1] for _, what in marks if _subject(what)[0] == "article"})
            for period, what in marks:
                subject = _subject(what)
                spans = _spans(period)
                if len(spans) == 1:
                    sums[*subject, *spans[0]]["readers"] += 1
                    continue
                counts = "searches" if what.startswith("search") else "views"
                for each in (subject, *(("topic", topic) for topic in topics[subject[1]])):
                    for span in spans:
                        sums[*each, *span][counts] += 1
            cls._add(sums)

    @classmethod
    def _add(cls, sums: Mapping[tuple[str, int, str, date], Mapping[str, int]]) -> None:
        now, none = clock.now(), {"views": 0, "readers": 0, "searches": 0}
        rows = [
            {**none, **counted, "noun": noun, "record": record, "span": span, "on": on, "created_at": now}
            for (noun, record, span, on), counted in sorted(sums.items())
        ]
        fields: Any = (cls.views, cls.readers, cls.searches)
        adding = {field: field + getattr(EXCLUDED, field.name) for field in fields}
        for some in chunked(rows, bulk.BATCH):
            added: Any = cls.insert_many(some)
            added = added.on_conflict(conflict_target=(cls.noun, cls.record, cls.span, cls.on), update=adding)
            added.as_rowcount().execute()

    @classmethod
    def views_of(cls, articles: Collection[int], days: int = 30) -> Counter[int]:
        """How often each of these was read in the weeks that began in the last days."""
        weeks = (
            (cls.noun == "article") & (cls.span == "week") & (cls.on > clock.today() - timedelta(days=days))
        )
        found = Counter[int]()
        for some in chunked(sorted(articles), bulk.BATCH):
            rows: Any = cls.select(cls.record, cls.views).where(weeks & cls.record.in_(some)).tuples()
            for article, views in rows:
                found[article] += views
        return found

    @classmethod
    def forget_old(cls) -> None:
        """What is too long ago to be compared with is forgotten."""
        cls.delete().where(cls.on < clock.today() - KEPT).execute()


def counts_for(article: Article, person: Person, authors: Collection[int]) -> bool:
    """Whether it counts that this person reads it: what is published, unless they wrote it or may change it.
    Whoever judges or checks it, or sees how much it is read, is no reader.
    """
    return article.state == "published" and person.id not in authors and not article.archivable_by(person)


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


def _periods() -> tuple[str, str, str]:
    """Today, this week and this month."""
    today = clock.today()
    return today.isoformat(), f"{today:%G-W%V}", str(Month.of(today))


def _spans(period: str) -> tuple[tuple[str, date], ...]:
    """The week or month that a period is; of a day, both in which it lies."""
    if "W" in period:
        return (("week", date.fromisoformat(f"{period}-1")),)
    if len(period) == len("2026-11"):
        return (("month", Month.parse(period).first_day),)
    day = date.fromisoformat(period)
    return ("week", day - timedelta(days=day.weekday())), ("month", day.replace(day=1))


def _digest(period: str, what: str, person: int, key: str) -> str:
    secret = hashlib.sha256(f"{key} reading {period} {what}".encode()).digest()
    return hashlib.blake2b(str(person).encode(), key=secret, digest_size=16).hexdigest()
