"""Writing an import's rows, some hundred in a transaction: killed at any point, it goes on where it was."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import peewee

from portal import clock
from portal.models.base.database import transact
from portal.models.base.record import Stale
from portal.models.imports.imports import BATCH, Import, Progress
from portal.models.imports.plan import Draft, Plan
from portal.models.imports.records import Writer, decide, lines_of
from portal.models.imports.rows import ImportRow
from portal.tables.remarks import Unreadable

TRIES = 3
"""Of one batch, when someone else writes the same records at this moment."""


def run(imported: Import, note: Progress | None = None) -> None:
    """Write all rows that are not written yet. `note` is told rows done and rows in all."""
    if imported.state == "running":
        try:
            plan = transact(imported.plan, write=False)
        except Unreadable as unreadable:
            imported.fail(unreadable.message)
        else:
            Run(imported, plan, note).all()


class Run:
    """One try at an import, from wherever the last one ended."""

    def __init__(self, imported: Import, plan: Plan, note: Progress | None) -> None:
        self.imported, self.plan, self.note = imported, plan, note
        self.writer = Writer(imported.id, plan, imported.by)
        self.records: dict[int, int] = {}
        """The record of each row so far."""

    def all(self) -> None:
        """Names first, then the rows, then the end."""
        transact(self._add_names)
        self.records = {d.row: d.target for d in self.plan.drafts if d.target is not None}
        self.records |= transact(partial(ImportRow.written, self.imported), write=False)
        done = transact(partial(ImportRow.numbers, self.imported), write=False)
        finished = sum(draft.row in done for draft in self.plan.drafts)
        for batch in self.plan.batches(BATCH, done):
            finished += len(batch)
            self.records |= self._write(batch, finished)
        transact(self._finish)

    def _add_names(self) -> None:
        """Records that the file names without bringing them; they count as rows before the first."""
        self.plan.names.remember(self.imported.by)
        row = min([0, *ImportRow.numbers(self.imported)])
        for name in self.plan.names.to_add():
            row -= 1
            made = self.writer.add_named(name)
            ImportRow.create(
                imported=self.imported,
                row=row,
                outcome="created",
                noun=made.kind(),
                record=made.id,
                version=made.version,
            )

    def _write(self, batch: list[Draft], finished: int) -> Mapping[int, int]:
        def work() -> Mapping[int, int]:
            made = self._write_once(batch)
            if self.note is not None:
                self.note(finished, len(self.plan.drafts))
            return made

        for _ in range(TRIES - 1):
            try:
                return transact(work)
            except (Stale, peewee.IntegrityError):
                continue  # look at the records again: someone else wrote them
        return transact(work)

    def _write_once(self, batch: list[Draft]) -> Mapping[int, int]:
        decisions = decide(self.plan, batch, self.records)
        updated = [decision for decision in decisions if decision.outcome == "updated"]
        lines = lines_of(updated)
        self.writer.create([decision for decision in decisions if decision.outcome == "created"])
        before = {d.draft.row: self.writer.update(d, lines.get(d.record.id, ())) for d in updated}
        ImportRow.keep(self.imported, self.plan.kind, decisions, before)
        return {d.draft.row: getattr(d.record, "id", d.record) for d in decisions if d.record is not None}

    def _finish(self) -> None:
        counts = ImportRow.count(self.imported)
        fresh = (Import.id == self.imported.id) & (Import.state == "running")
        values = {"state": "finished", "counts": counts, "finished_at": clock.now()}
        if Import.update(values).where(fresh).execute():
            self.imported.state, self.imported.counts = "finished", counts
            self.imported.track("finished", by=self.imported.by, changes={"counts": [None, counts]})
