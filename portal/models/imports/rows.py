"""What became of each row of an import, written with the row itself: after a break it goes on from there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Self

import peewee
from peewee import BigIntegerField, CharField, Check, ForeignKeyField, IntegerField, JSONField, ModelSelect

from portal import clock
from portal.i18n import Phrase
from portal.models.base import bulk
from portal.models.base.published import copies
from portal.models.base.record import Record, each_text
from portal.models.imports.decisions import Decision
from portal.models.imports.imports import OUTCOMES, Import
from portal.models.imports.schemas import ImportSchema
from portal.models.knowledge.questions import Answer
from portal.tables.notes import pack, unpack


class ImportRow(Record):
    """What became of one row: unique, so that no row is ever written twice.

    Rows below 1 are records that the file named without bringing them.
    """

    imported = ForeignKeyField(Import, on_delete="CASCADE", index=False)
    imported_id: int
    row = IntegerField()
    outcome = CharField(10)
    noun = CharField(40, default="")
    record = BigIntegerField(null=True)
    version = IntegerField(null=True)
    """The record's version after the import: unchanged since, it may be taken back."""
    why = JSONField(null=True)
    before = JSONField(null=True)
    """For an update: the fields as they were."""
    undone = CharField(10, default="")
    """`removed`, `restored`, `archived` or `kept` once it was taken back."""

    class Meta:
        indexes = ((("imported", "row"), True), (("noun", "record"), False))
        constraints = [Check("outcome IN ('created', 'updated', 'unchanged', 'rejected')")]

    @classmethod
    def keep(
        cls,
        imported: Import,
        schema: ImportSchema,
        decisions: Sequence[Decision],
        made: Mapping[int, int],
        before: Mapping[int, Any],
    ) -> None:
        """Note what became of some rows, in the transaction that did it: what was made, what was before."""
        at = clock.now()
        rows = [
            {
                "imported": imported.id,
                "row": d.draft.row,
                "outcome": d.outcome,
                "noun": schema.model.kind(),
                "record": d.record.id if d.record is not None else made.get(d.draft.row),
                "version": d.record.version if d.record is not None else 1 if d.draft.row in made else None,
                "why": pack(why) if (why := d.problem or d.left_out) is not None else None,
                "before": before.get(d.draft.row),
                "created_at": at,
            }
            for d in decisions
        ]
        bulk.insert(cls, rows)

    @classmethod
    def of(cls, imported: Import) -> ModelSelect[Self]:
        return cls.select().where(cls.imported == imported)

    @classmethod
    def numbers(cls, imported: Import) -> set[int]:
        """The rows that are done."""
        query: Any = cls.select(cls.row).where(cls.imported == imported).tuples()
        return {row for (row,) in query}

    @classmethod
    def written(cls, imported: Import) -> dict[int, int]:
        """The record of each row that has one."""
        query: Any = cls.select(cls.row, cls.record).where(
            (cls.imported == imported) & cls.record.is_null(False)
        )
        return dict(query.tuples())

    @classmethod
    def made(cls, imported: Import) -> set[int]:
        """The records that its rows made."""
        query: Any = cls.select(cls.record).where((cls.imported == imported) & (cls.outcome == "created"))
        return {record for (record,) in query.where(cls.row > 0).tuples()}

    @classmethod
    def count(cls, imported: Import) -> dict[str, int]:
        """How many rows came out in which way; `added` are records that the file only named."""
        number = peewee.fn.COUNT(1)
        query: Any = cls.select(cls.outcome, number).where((cls.imported == imported) & (cls.row > 0))
        counts = dict.fromkeys(OUTCOMES, 0) | dict(query.group_by(cls.outcome).tuples())
        added = cls.of(imported).where(cls.row < 1).count()
        return {**counts, "added": added}

    @classmethod
    def rejections(cls, imported: Import, most: int | None = None) -> dict[int, Phrase]:
        """Why which rows, or cells of rows, were not taken; the first of them, where not all are wanted."""
        query: Any = cls.select(cls.row, cls.why).where(cls._not_taken(imported)).order_by(cls.row)
        return {row: unpack(why) for row, why in query.limit(most).tuples()}

    @classmethod
    def count_rejections(cls, imported: Import) -> int:
        return cls.select().where(cls._not_taken(imported)).count()

    @classmethod
    def _not_taken(cls, imported: Import) -> Any:
        return (cls.imported == imported) & cls.why.is_null(False)


@copies
def _erase_copies(record: Record, cleaned: Callable[[str], str]) -> None:
    """What was there before an import, and what its dry run showed, keep no personal data either."""
    subject: Record = record.question if isinstance(record, Answer) else record
    rows = ImportRow.select().where((ImportRow.noun == subject.kind()) & (ImportRow.record == subject.id))
    numbers = dict[int, list[int]]()
    for row in rows:
        numbers.setdefault(row.imported_id, []).append(row.row)
        if row.before and (before := each_text(row.before, cleaned)) != row.before:
            ImportRow.update(before=before).where(ImportRow.id == row.id).execute()
    for imported in Import.select().where(Import.id.in_(list(numbers))):
        mine = numbers[imported.id]
        shown = imported.report.get("changes", [])
        changes = [each_text(one, cleaned) if one.get("row") in mine else one for one in shown]
        if changes != shown:
            Import.update(report={**imported.report, "changes": changes}).where(
                Import.id == imported.id
            ).execute()
