"""What texts are about, as numbers: written by the feed, kept beside the search entries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from peewee import BigIntegerField, BlobField, CharField, IntegerField

from portal import clock
from portal.models.base.fields import TextField
from portal.models.base.prepared import Prepared
from portal.models.base.record import Record
from portal.models.search.documents import SearchCursor

COUNTER = "vectors"
"""The row of SearchCursor that counts the revisions of vectors."""


class SearchVector(Record):
    """The vectors of one document as one model made them, eight bits a number; one whose text is gone or has
    changed keeps its row without any, so that every process forgets them.
    """

    model = CharField(40)
    name = CharField(90)
    """The document's id in the engines (`article-12`); empty: whether the model has been through all."""
    revision = BigIntegerField(index=True)
    """Rises with every change of any row: a process has all up to what it read last."""
    digest = CharField(32, default="")
    """Hash of the passages that the vectors are of; empty when there are none."""
    groups = TextField(default="")
    """The principals that may read the text, a blank between them."""
    vectors = BlobField(default=b"")
    """A row of numbers from -127 to 127 for each passage."""
    begun = IntegerField(default=0)
    """So often they were begun and nobody saw the end of it."""

    class Meta:
        indexes = ((("model", "name"), True),)

    @classmethod
    def known(cls, model: str, names: Iterable[str]) -> dict[str, SearchVector]:
        """The rows of these documents."""
        rows = cls.select().where((cls.model == model) & cls.name.in_(list(names)))
        return {row.name: row for row in rows}

    @classmethod
    def newest(cls) -> int:
        """The revision up to which there are changes."""
        return next((int(seq) for (seq,) in _NEWEST.rows(engine=COUNTER)), 0)

    @classmethod
    def keep(cls, model: str, rows: Mapping[str, Mapping[str, Any]]) -> None:
        """Put what is given by name in its rows, under a new revision."""
        if not rows:
            return
        now, revision = clock.now(), cls._next()
        given = [
            {"model": model, "name": name, "created_at": now, "revision": revision, **values}
            for name, values in rows.items()
        ]
        renewed = [name for name in given[0] if name not in ("model", "name", "created_at")]
        written = cls.insert_many(given)
        written.on_conflict(conflict_target=[cls.model, cls.name], preserve=renewed).execute()

    @classmethod
    def begin(cls, model: str, counts: Mapping[str, int]) -> None:
        """Note that vectors are being made, with how often they were begun in vain before."""
        now = clock.now()
        rows = [
            {"model": model, "name": name, "created_at": now, "revision": 0, "begun": count + 1}
            for name, count in counts.items()
        ]
        if rows:
            written = cls.insert_many(rows)
            written.on_conflict(conflict_target=[cls.model, cls.name], preserve=["begun"]).execute()

    @classmethod
    def forget(cls, rows: Iterable[SearchVector]) -> None:
        """Leave these without vectors."""
        ids = [row.id for row in rows]
        if ids:
            nothing = {"digest": "", "groups": "", "vectors": b"", "revision": cls._next()}
            cls.update(nothing).where(cls.id.in_(ids)).execute()

    @classmethod
    def follow(cls, documents: Mapping[str, tuple[str, str]]) -> None:
        """Documents were changed: what was made of another text goes at once, who may read it is noted.

        `documents`: by name the digest of the passages now and the principals; empty for one that is gone.
        """
        live = cls.select(cls.id, cls.name, cls.digest, cls.groups).where(
            cls.name.in_(list(documents)) & (cls.digest != "")
        )
        known = list(live)
        cls.forget(row for row in known if row.digest != documents[row.name][0])
        for row in known:
            digest, groups = documents[row.name]
            if row.digest == digest and row.groups != groups:
                cls.update(groups=groups, revision=cls._next()).where(cls.id == row.id).execute()

    @classmethod
    def finish(cls, model: str) -> None:
        """The model has been through all documents: what others made is no longer needed."""
        cls.delete().where(cls.model != model).execute()
        cls.keep(model, {"": {"begun": 0}})

    @classmethod
    def start(cls, model: str) -> bool:
        """Note that the model begins with the first document; false when it has begun before."""
        known = cls.known(model, [""])
        cls.begin(model, {} if known else {"": 0})
        return not known

    @classmethod
    def is_finished(cls, model: str) -> bool:
        """Whether the model has been through all documents once."""
        done = (cls.model == model) & (cls.name == "") & (cls.begun == 0)
        return cls.select().where(done).exists()

    @classmethod
    def _next(cls) -> int:
        """A new revision. The row stays locked until the transaction ends: the next is seen later."""
        SearchCursor.of(COUNTER)
        mine = SearchCursor.engine == COUNTER
        SearchCursor.update(seq=SearchCursor.seq + 1).where(mine).execute()
        return SearchCursor.get(mine).seq


_NEWEST = Prepared[SearchCursor](
    lambda engine: SearchCursor.select(SearchCursor.seq).where(SearchCursor.engine == engine)
)
