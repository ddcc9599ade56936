"""Writing an import's rows, some hundred in a transaction: killed at any point, it goes on where it was."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import peewee

from portal import clock
from portal.models.base.database import transact
from portal.models.base.record import Stale
from portal.models.imports.beside import Beside
from portal.models.imports.decisions import decide, source_of
from portal.models.imports.drafts import Draft
from portal.models.imports.imports import Import
from portal.models.imports.named import NAMED
from portal.models.imports.plan import ImportPlan
from portal.models.imports.rows import ImportRow
from portal.models.work.jobs import Progress
from portal.tables.notes import Unreadable

TRIES = 3
"""Of one batch, when someone else writes the same records at this moment."""


def run(imported: Import, note: Progress | None = None) -> None:
    """Write all rows that are not written yet. `note` is told rows done and rows in all."""
    if imported.state == "running":
        try:
            imported.read_through()
            plan = transact(partial(ImportPlan.of, imported), write=False)
        except Unreadable as unreadable:
            imported.fail(unreadable.message)
        else:
            ImportRun(imported, plan, note).all()


class ImportRun:
    """One try at an import, from wherever the last one ended."""

    def __init__(self, imported: Import, plan: ImportPlan, note: Progress | None) -> None:
        self.imported, self.plan, self.note = imported, plan, note
        self.source = source_of(imported, imported.by)
        self.intake = plan.schema.intake(self.source)
        self.beside = Beside(imported)
        self.records: dict[int, int] = {}
        """The record of each row so far."""

    def all(self) -> None:
        """Names first, then the rows, then the end."""
        transact(self._add_names)
        self.records = self.plan.targets | transact(partial(ImportRow.written, self.imported), write=False)
        done = transact(partial(ImportRow.numbers, self.imported), write=False)
        finished = sum(draft.row in done for draft in self.plan.drafts)
        for batch in self.plan.batches(done, self.intake.at_once):
            finished += len(batch)
            self.records |= self._write(batch, finished)
        transact(self._tie)
        transact(self._finish)

    def _add_names(self) -> None:
        """Records that the file names without bringing them; they count as rows before the first."""
        self.plan.names.remember(self.imported.by, self.imported.id)
        row = min([0, *ImportRow.numbers(self.imported)])
        for name in self.plan.names.to_add():
            intake = NAMED[name.noun].intake
            if intake is None:
                continue
            made = intake(self.source).add_named(name.text, **name.facts)
            name.found = made.id
            row -= 1
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

        if self.intake.is_slow:  # nobody else waits meanwhile
            found = transact(partial(decide, self.plan, self.intake, batch, self.records), write=False)
            self.beside.place(found)
        for _ in range(TRIES - 1):
            try:
                return transact(work)
            except (Stale, peewee.IntegrityError):
                continue  # look at the records again: someone else wrote them
        return transact(work)

    def _write_once(self, batch: list[Draft]) -> Mapping[int, int]:
        decisions = decide(self.plan, self.intake, batch, self.records)
        made = self.intake.take_in({d.draft.row: d.values for d in decisions if d.outcome == "created"})
        before = {
            d.draft.row: self.intake.revise(d.record, d.values, d.draft.row)
            for d in decisions
            if d.outcome == "updated"
        }
        self.beside.enclose(
            self.intake.model.kind(),
            {made[d.draft.row] if d.record is None else d.record.id: d.values for d in decisions if d.values},
        )
        ImportRow.keep(self.imported, self.plan.schema, decisions, made, before)
        return made | {d.draft.row: d.record.id for d in decisions if d.record is not None}

    def _tie(self) -> None:
        said = {
            self.records[draft.row]: draft.values for draft in self.plan.sound if draft.row in self.records
        }
        self.intake.tie(said, ImportRow.made(self.imported))

    def _finish(self) -> None:
        counts = ImportRow.count(self.imported)
        fresh = (Import.id == self.imported.id) & (Import.state == "running")
        values = {"state": "finished", "counts": counts, "finished_at": clock.now()}
        if Import.update(values).where(fresh).execute():
            self.imported.state, self.imported.counts = "finished", counts
            self.imported.track("finished", by=self.imported.by, changes={"counts": [None, counts]})
