"""What search knows of the records, and how far each engine has come: written by the feed alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from peewee import (
    BigIntegerField,
    BooleanField,
    CharField,
    ForeignKeyField,
    IntegerField,
    JSONField,
    fn,
)

from portal import clock
from portal.models.base.fields import TextField, UtcDateTimeField
from portal.models.base.prepared import Prepared
from portal.models.base.record import Record
from portal.models.search.words import SEARCH_CURSOR, SEARCH_FAILURE

LEASE = timedelta(seconds=60)
LONGEST_PAUSE = 15
"""Seconds between two tries of an engine that is down: it is caught up with soon after it is back."""


class SearchDocument(Record):
    """One record as it was last made findable; one that is gone stays as a mark until all engines know."""

    noun = CharField(40)
    record = BigIntegerField()
    revision = BigIntegerField(index=True)
    """Rises with every change of any document: an engine has all up to its cursor."""
    stamp = CharField(32)
    """Hash of what is indexed."""
    title = TextField(default="")
    """Folded title and other names, for the search that needs no engine."""
    data = JSONField(default=dict)
    gone = BooleanField(default=False)
    changed_at = UtcDateTimeField(default=clock.now)

    class Meta:
        indexes = ((("noun", "record"), True),)

    @property
    def name(self) -> str:
        """Its id in the engines: `article-12`."""
        return f"{self.noun}-{self.record}"

    @classmethod
    def newest_id(cls, fed: int | None = None) -> int:
        """The id of the newest document; up to a revision that an engine has: of the newest such that the
        engine has it and all before it.
        """
        lacking = cls.select(fn.MIN(cls.id)).where(cls.revision > fed).scalar() if fed is not None else None
        return int(lacking) - 1 if lacking else int(cls.select(fn.MAX(cls.id)).scalar() or 0)

    @classmethod
    def newest_revision(cls) -> int:
        """The revision that an engine has which has all. Not an id: those have gaps, and may be higher."""
        return int(cls.select(fn.MAX(cls.revision)).scalar() or 0)

    @classmethod
    def counts(cls) -> dict[str, int]:
        """How many records of each noun are findable."""
        rows: Any = (
            cls.select(cls.noun, fn.COUNT(cls.id)).where(~cls.gone).group_by(cls.noun).order_by(cls.noun)
        ).tuples()
        return dict(rows)


class SearchEntry(Record):
    """One section or restricted part of a document, as an engine holds it."""

    name = CharField(90, unique=True)
    document = ForeignKeyField(SearchDocument, on_delete="CASCADE")
    document_id: int
    stamp = CharField(32)
    data = JSONField()
    """All of it, and the folded text that the ranker reads."""

    @classmethod
    def kept(cls, names: Sequence[str]) -> list[Any]:
        """The `data` of the entries with these names, in no order."""
        batches = (names[start : start + 256] for start in range(0, len(names), 256))
        return [cls.data.python_value(data) for batch in batches for (data,) in _KEPT.rows(names=batch)]


_KEPT = Prepared[SearchEntry](
    lambda names: SearchEntry.select(SearchEntry.data).where(SearchEntry.name.in_(names))
)


class SearchCursor(Record):
    """How far one engine has come with the documents; the row `documents` counts their revisions."""

    called = SEARCH_CURSOR

    engine = CharField(40, unique=True)
    seq = BigIntegerField(default=0)
    """The last revision that the engine holds."""
    kept_from = BigIntegerField(null=True)
    """While it is being rebuilt: the revision from which it must be told again."""
    holder = CharField(120, default="")
    held_until = UtcDateTimeField(null=True)
    failures = IntegerField(default=0)
    error = TextField(default="")
    failed_at = UtcDateTimeField(null=True)
    retry_at = UtcDateTimeField(null=True)
    fed_at = UtcDateTimeField(null=True)

    @classmethod
    def of(cls, engine: str) -> SearchCursor:
        """The cursor of an engine, made when there is none."""
        cls.insert(engine=engine, created_at=clock.now()).on_conflict_ignore().execute()
        return cls.get(cls.engine == engine)

    @classmethod
    def known(cls, engine: str) -> SearchCursor | None:
        """The cursor of an engine, if it was ever fed."""
        return _CURSORS.first(engine=engine)

    @classmethod
    def take(cls, engine: str, holder: str, *, dead: bool = False) -> SearchCursor | None:
        """The right to write to an engine, for a minute: one conditional update settles who has it.

        `dead`: the one who has it is known not to live any more.
        """
        at = clock.now()
        free = (cls.holder == "") | (cls.holder == holder) | (cls.held_until < at)
        if dead:
            free |= cls.holder.is_null(False)
        mine = {"holder": holder, "held_until": at + LEASE}
        taken = cls.update(mine).where((cls.engine == engine) & free).execute()
        return cls.get(cls.engine == engine) if taken else None

    def move(self, to: int) -> bool:
        """The engine has all up to this revision; False when the right to say so was lost meanwhile."""
        at = clock.now()
        values = {"seq": to, "failures": 0, "error": "", "retry_at": None, "fed_at": at}
        mine = (SearchCursor.id == self.id) & (SearchCursor.holder == self.holder)
        moved = SearchCursor.update({**values, "held_until": at + LEASE}).where(mine).execute()
        self.seq = to
        return bool(moved)

    def release(self) -> None:
        """Give the right to write back."""
        mine = (SearchCursor.id == self.id) & (SearchCursor.holder == self.holder)
        SearchCursor.update(holder="", held_until=None).where(mine).execute()

    def fail(self, error: str) -> None:
        """Note that the engine could not be written to, and wait: each time longer, 15 seconds at most."""
        at = clock.now()
        wait = timedelta(seconds=min(LONGEST_PAUSE, 2 ** min(self.failures, 5)))
        mine = (SearchCursor.id == self.id) & (SearchCursor.holder == self.holder)
        values: dict[Any, Any] = {
            "failures": SearchCursor.failures + 1,
            "error": error[:1000],
            "failed_at": at,
            "retry_at": at + wait,
            "holder": "",
            "held_until": None,
        }
        SearchCursor.update(values).where(mine).execute()

    @property
    def is_pausing(self) -> bool:
        return self.retry_at is not None and self.retry_at > clock.now()

    @property
    def is_behind(self) -> bool:
        """Whether its engine refuses changes that wait for it."""
        return bool(self.error) and SearchDocument.select().where(SearchDocument.revision > self.seq).exists()

    @property
    def waiting(self) -> int:
        """How many documents the engine has not been given yet."""
        return SearchDocument.select().where(SearchDocument.revision > self.seq).count()

    @property
    def behind_since(self) -> datetime | None:
        """When the oldest change that the engine lacks was made."""
        lacking = SearchDocument.revision > self.seq
        oldest = SearchDocument.select(SearchDocument.changed_at).where(lacking)
        row = oldest.order_by(SearchDocument.changed_at).first()
        return row.changed_at if row else None


_CURSORS = Prepared[SearchCursor](lambda engine: SearchCursor.select().where(SearchCursor.engine == engine))


class SearchFailure(Record):
    """A record that could not be made findable: tried again, then kept for the administrator."""

    called = SEARCH_FAILURE

    noun = CharField(40)
    record = BigIntegerField()
    engine = CharField(40, default="")
    """Empty when its document could not even be made."""
    attempts = IntegerField(default=0)
    error = TextField(default="")
    at = UtcDateTimeField(default=clock.now)
    retry_at = UtcDateTimeField(null=True)
    """Empty when it is not tried again by itself."""

    class Meta:
        indexes = ((("noun", "record", "engine"), True),)

    MOST_ATTEMPTS = 5

    @classmethod
    def note(cls, noun: str, record: int, error: str, *, engine: str = "") -> None:
        """It failed once more; after five times it waits for a person."""
        where = (cls.noun == noun) & (cls.record == record) & (cls.engine == engine)
        known = cls.get_or_none(where) or cls(noun=noun, record=record, engine=engine)
        known.attempts += 1
        known.error, known.at = error[:1000], clock.now()
        pause = timedelta(seconds=10 * 2**known.attempts)
        known.retry_at = clock.now() + pause if known.attempts < cls.MOST_ATTEMPTS else None
        known.save()

    def retry(self, *, by: Any) -> None:
        """Give it another round."""
        self.track("retried", by=by)
        SearchFailure.update(attempts=0, retry_at=clock.now()).where(SearchFailure.id == self.id).execute()

    @classmethod
    def settle(cls, noun: str, records: list[int]) -> None:
        """These could be made findable after all."""
        cls.delete().where((cls.noun == noun) & cls.record.in_(records)).execute()
