"""What people looked for, what they did not find, and what they want to be told of."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from peewee import (
    JOIN,
    BigIntegerField,
    BooleanField,
    Case,
    Check,
    ForeignKeyField,
    IntegerField,
    ModelSelect,
    fn,
)

from portal import clock
from portal.i18n import Phrase
from portal.models.base.database import db
from portal.models.base.fields import NameField, StateField, UtcDateTimeField
from portal.models.base.prepared import Prepared
from portal.models.base.record import Invalid, Record
from portal.models.company.settings import Setting
from portal.models.knowledge.articles import Article
from portal.models.knowledge.merging import goes_on
from portal.models.knowledge.questions import Question
from portal.models.people.notices import Notice
from portal.models.people.people import Person
from portal.models.search.documents import SearchDocument
from portal.models.search.words import GAP, GapState
from portal.text import personal_data

KEPT = timedelta(days=180)
RECENT = timedelta(days=7)


def folded(text: str) -> str:
    """The words looked for, alike however they were typed."""
    return re.sub(r"[\s?？!！。.,，]+", " ", text).strip().casefold()[:200]


class Lookup(Record):
    """One search that somebody made: kept for 180 days, shown only in counts."""

    person = ForeignKeyField(Person, null=True, on_delete="CASCADE")
    """Empty for a visitor of the help site, of whom nothing is known."""
    person_id: int | None
    text = NameField(200)
    folded = NameField(200)
    found = IntegerField(default=0)
    """How many records answered; what nobody counted has 0 and `opened` tells the rest."""
    opened = BooleanField(default=False)
    """Whether something found was opened."""
    at = UtcDateTimeField(default=clock.now)

    class Meta:
        indexes = ((("folded", "at"), False), (("at",), False), (("person", "at"), False))

    @classmethod
    def note(cls, person: Person | int | None, text: str, *, found: int, opened: bool = False) -> None:
        """Note a search. The same again within half an hour is one search, opened if it was once. What tells
        who somebody is, and signs or numbers alone, are not noted: others read what was looked for in vain.
        """
        words = folded(text)
        if not re.search(r"[^\W\d_]", words) or personal_data.find(text):
            return
        with db.atomic():
            recent = (
                (cls.person == person)
                & (cls.folded == words)
                & (cls.at > clock.now() - timedelta(minutes=30))
            )
            known = cls.select().where(recent).order_by(cls.id.desc()).first() if person is not None else None
            if known is None:
                cls.create(person=person, text=text[:200], folded=words, found=found, opened=opened)
            elif opened != known.opened or found != known.found:
                cls.update(opened=known.opened or opened, found=max(found, known.found)).where(
                    cls.id == known.id
                ).execute()

    @classmethod
    def forget_old(cls) -> None:
        """Who looked for what is forgotten."""
        cls.delete().where(cls.at < Setting.kept_since("searches")).execute()


class Gap(Record):
    """Something looked for that the company had no answer to, once someone took care of it."""

    called = GAP

    folded = NameField(200, unique=True)
    text = NameField(200)
    state = StateField(GapState, max_length=20, default=GapState.OPEN, verbose_name=Phrase("State"))
    question = ForeignKeyField(Question, null=True, on_delete="SET NULL")
    question_id: int | None
    article = ForeignKeyField(Article, null=True, on_delete="SET NULL")
    article_id: int | None
    by = ForeignKeyField(Person, null=True, on_delete="SET NULL")
    by_id: int | None
    answered_at = UtcDateTimeField(null=True)

    class Meta:
        constraints = [Check("state IN ('open', 'answered', 'dismissed')")]

    @classmethod
    def open_to(cls, person: Person) -> bool:
        """Topic reviewers, managers and administrators see what was not found."""
        return person.is_reviewer or person.is_manager or person.is_administrator

    @classmethod
    def of(cls, text: str) -> Gap:
        """What was looked for with these words. Raises Invalid when nobody did."""
        words = folded(text)
        known = cls.get_or_none(cls.folded == words)
        if known is not None:
            return known
        asked = Lookup.select().where(Lookup.folded == words).order_by(Lookup.id.desc()).first()
        if asked is None:
            raise Invalid(Phrase("Nobody looked for this lately."))
        cls.insert(folded=words, text=asked.text, created_at=clock.now()).on_conflict_ignore().execute()
        return cls.get(cls.folded == words)

    @classmethod
    def note_question(cls, question: Question, text: str) -> None:
        """What was looked for in vain is asked now: whoever looked for it is told of its answer."""
        words = folded(text)
        found = Lookup.select().where(Lookup.folded == words)
        if not words or not found.exists() or found.where(Lookup.opened).exists():
            return
        gap, by = cls.of(text), None if question.is_anonymous else question.asker
        if gap.state == "open" and gap.question is None:
            gap.question = question
            gap._take(by)

    def ask(self, *, by: Person) -> Question:
        """Make a question of it, once, for experts to answer."""
        with db.atomic():
            if self.question is None:
                self.question = Question.ask(by=by, text=self.text)
                self._take(by)
            return self.question

    def write(self, *, by: Person) -> Article:
        """Begin an article about it, once, as a draft of one's own."""
        with db.atomic():
            if self.article is None:
                self.article = Article.add(by=by, title=self.text, body="", published=False)
                self._take(by)
            return self.article

    def dismiss(self, *, by: Person) -> None:
        """Nothing has to be written: it was a slip or is answered elsewhere. Twice is harmless."""
        if self.state == "open":
            self.state = "dismissed"
            self._take(by)

    def _take(self, by: Person | None) -> None:
        self.by = by
        self.save()
        self.track("taken up", by=by, changes={"state": [None, self.state]})

    @classmethod
    def _ready(cls) -> ModelSelect[Self]:
        has_answer = (Question.state == "answered") & Question.archived_at.is_null()
        return (
            cls.select(cls, Question, Article)
            .join(Question, JOIN.LEFT_OUTER, on=cls.question)
            .switch(cls)
            .join(Article, JOIN.LEFT_OUTER, on=cls.article)
            .where((cls.state == "open") & (has_answer | (Article.state == "published")))
        )

    @classmethod
    def is_any_ready(cls) -> bool:
        """Whether something that was missing has its answer now."""
        return cls._ready().exists()

    @classmethod
    def settle(cls) -> int:
        """Close what has been answered since, and tell those who had looked for it; gives how many."""
        gaps = list(cls._ready())
        for gap in gaps:
            gap._answered()
        return len(gaps)

    def _answered(self) -> None:
        published = self.article is not None and self.article.state == "published"
        answer = self.article if published else self.question
        done = Gap.update(state="answered", answered_at=clock.now()).where(
            (Gap.id == self.id) & (Gap.state == "open")
        )
        if not done.execute() or answer is None:
            return
        askers = Lookup.select(Lookup.person).join(Person).where(Person.deactivated_at.is_null())
        for row in askers.where(Lookup.folded == self.folded).distinct():
            if row.person_id is not None and row.person_id != self.by_id:
                told = Phrase("What you looked for has an answer now: “%(text)s”", text=self.text)
                Notice.tell(row.person_id, told, about=answer, key=f"gap:{self.id}:{row.person_id}")


@dataclass(frozen=True)
class Missing:
    """Words that were looked for in vain: how often in the last seven days, and in the seven before."""

    text: str
    folded: str
    recent: int
    before: int
    empty: int
    """How many of the recent ones found nothing at all; the others found nothing worth opening."""
    people: int
    outside: int
    """How often in the last seven days on the help site, by whomever."""
    gap: Gap | None

    @property
    def state(self) -> str:
        return self.gap.state if self.gap else "open"


def missing(*, state: str = "open", limit: int = 100, until: datetime | None = None) -> list[Missing]:
    """What was looked for in vain, most often first; what was opened at least half the time is no gap.

    `until`: the moment that ends the seven days, now where none is given.
    """
    now = until or clock.now()
    recent = Lookup.at > now - RECENT
    vain = ~Lookup.opened
    within = Lookup.at > now - 2 * RECENT if state == "open" else Lookup.at > now - KEPT
    count: Any = fn.SUM(Case(None, [(recent & vain, 1)], 0))
    before: Any = fn.SUM(Case(None, [(~recent & vain & (Lookup.at > now - 2 * RECENT), 1)], 0))
    empty: Any = fn.SUM(Case(None, [(recent & vain & (Lookup.found == 0), 1)], 0))
    outside: Any = fn.SUM(Case(None, [(recent & vain & Lookup.person.is_null(), 1)], 0))
    failed: Any = fn.SUM(Case(None, [(vain, 1)], 0))
    rows: Any = (
        Lookup.select(
            Lookup.folded,
            fn.MAX(Lookup.text),
            count,
            before,
            empty,
            fn.COUNT(fn.DISTINCT(Lookup.person)),
            outside,
        )
        .where(within & (Lookup.at <= now))
        .group_by(Lookup.folded)
        .having((failed > 0) & (failed * 2 > fn.COUNT(Lookup.id)))
        .order_by(count.desc(), before.desc(), Lookup.folded)
        .limit(limit * 3)
        .tuples()
    )
    listed = list(rows)
    gaps = {gap.folded: gap for gap in Gap.select().where(Gap.folded.in_([row[0] for row in listed]))}
    found = [
        Missing(text, words, recently, earlier, nothing, people, outside, gaps.get(words))
        for words, text, recently, earlier, nothing, people, outside in listed
    ]
    return [each for each in found if each.state == state][:limit]


class SavedSearch(Record):
    """A search that someone keeps: they are told of what comes to it."""

    person = ForeignKeyField(Person, on_delete="CASCADE")
    person_id: int
    name = NameField(120)
    query = NameField(600)
    """What stands behind `/search?`."""
    checked_at = UtcDateTimeField(default=clock.now)
    seen = BigIntegerField(default=0)
    """Documents up to this id are not new to it."""

    class Meta:
        indexes = ((("person", "query"), True),)

    MOST = 50

    @classmethod
    def visible_to(cls, person: Person) -> ModelSelect[Self]:
        """One's own."""
        return cls.select().where(cls.person == person).order_by(cls.id.desc())

    @classmethod
    def is_kept(cls, person: Person, query: str) -> bool:
        """Whether one keeps this search already."""
        return bool(_SAME.rows(person=person.id, query=query))

    @classmethod
    def keep(cls, *, by: Person, query: str, name: str = "") -> SavedSearch:
        """Keep a search; the same again is the one kept already. Raises Invalid."""
        query = query.lstrip("?")[:600]
        if not query:
            raise Invalid(Phrase("Search for something first, then save it."))
        known = cls.get_or_none((cls.person == by) & (cls.query == query))
        if known is not None:
            return known
        if cls.visible_to(by).count() >= cls.MOST:
            raise Invalid(Phrase("You keep 50 searches already: remove one first."))
        seen = SearchDocument.newest_id()
        return cls.create(person=by, query=query, name=(name.strip() or query)[:120], seen=seen)

    @property
    def url(self) -> str:
        """Where the search is made again."""
        return f"/search?{self.query}"

    def remove(self, *, by: Person) -> None:
        """No longer kept."""
        self.delete_instance()

    def look(self, seen: int) -> None:
        """Note that all documents up to this id were looked at."""
        SavedSearch.update(checked_at=clock.now(), seen=seen).where(SavedSearch.id == self.id).execute()

    def tell_owner(self, count: int, first: str) -> None:
        """Tell its owner of new hits."""
        text = (
            Phrase("New in your search “%(name)s”: %(title)s", name=self.name, title=first)
            if count == 1
            else Phrase(
                "%(count)s new in your search “%(name)s”, among them: %(title)s",
                count=count,
                name=self.name,
                title=first,
            )
        )
        Notice.tell(self.person_id, text, about=self)

    @classmethod
    def due(cls, but: Collection[int] = ()) -> Iterable[int]:
        """Ids of the searches kept by people who are here, but for some."""
        active = cls.select(cls.id).join(Person).where(Person.deactivated_at.is_null()).order_by(cls.id)
        return [row.id for row in active if row.id not in but]


_SAME = Prepared[SavedSearch](
    lambda person, query: SavedSearch.select(SavedSearch.id).where(
        (SavedSearch.person == person) & (SavedSearch.query == query)
    )
)


goes_on(Gap.article)
