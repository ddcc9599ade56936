"""Which records changed since the search index last looked: written with the change itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from peewee import BigAutoField, BigIntegerField, CharField, Model, ModelDelete, chunked, fn

from portal import clock
from portal.models.base import UtcDateTimeField, db


class SearchOutbox(Model):
    """One record whose search document must be made again, or removed when the record is gone."""

    if TYPE_CHECKING:

        @classmethod
        def delete(cls) -> ModelDelete: ...  # the stub's descriptor does not know subclasses

    seq = BigAutoField()
    kind = CharField(40)
    record = BigIntegerField()
    at = UtcDateTimeField(default=clock.now)

    class Meta:
        database = db
        legacy_table_names = False

    woken: Callable[[], None] | None = None
    """Called after commit, so that the worker looks at once."""

    @classmethod
    def waiting(cls) -> dict[str, tuple[int, datetime]]:
        """For each kind of record, how many changes wait, and since when."""
        rows: Any = cls.select(cls.kind, fn.COUNT(cls.seq), fn.MIN(cls.at)).group_by(cls.kind).tuples()
        return {kind: (count, cls.at.python_value(oldest)) for kind, count, oldest in rows}

    @classmethod
    def note(cls, kind: str, records: Iterable[int]) -> None:
        """Note records of one kind as changed."""
        at = clock.now()
        rows = [{"kind": kind, "record": record, "at": at} for record in records]
        for batch in chunked(rows, 300):
            cls.insert_many(batch).execute()
        if rows and cls.woken is not None:
            db.after_commit(cls.woken)
