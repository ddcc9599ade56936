"""What happens to a row now: a new record, a changed one, nothing, or a reason why not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from portal.i18n import Phrase
from portal.models.base import bulk
from portal.models.base.database import transact
from portal.models.base.intake import Comparison, Intake, Source, called
from portal.models.commission.periods import Period
from portal.models.imports.drafts import Draft
from portal.models.imports.imports import Import
from portal.models.imports.names import Name
from portal.models.imports.plan import ImportPlan
from portal.models.work.jobs import Progress

TO_COME = -1
"""Stands for a record that a dry run does not make."""


@dataclass(slots=True)
class Decision:
    """What happens to one row."""

    draft: Draft
    outcome: str
    """`created`, `updated`, `unchanged` or `rejected`."""
    record: Any = None
    values: dict[str, Any] = field(default_factory=dict)
    """What is written: all fields of a new record, the changed ones of a known record."""
    problem: Phrase | None = None


def source_of(imported: Import, by: Any) -> Source:
    """An import as where records come from."""
    return Source(by, imported.id, Period.settled)


def decide(
    plan: ImportPlan, intake: Intake[Any], batch: Sequence[Draft], rows: Mapping[int, int]
) -> list[Decision]:
    """What would happen to these rows now; `rows` gives the ids of records that earlier rows brought."""
    values = {
        draft.row: {
            name: _id(value, rows) if isinstance(value, Name) else value
            for name, value in draft.values.items()
        }
        for draft in batch
        if draft.problem is None
    }
    stored = _records(plan, [d.target for d in batch if d.row in values and d.target is not None])
    known = [
        (draft, stored[draft.target]) for draft in batch if draft.row in values and draft.target in stored
    ]
    compared = dict(
        zip(
            (draft.row for draft, _record in known),
            intake.compare([(record, values[draft.row]) for draft, record in known]),
            strict=True,
        )
    )
    decisions = []
    for draft in batch:
        if draft.problem is not None:
            decisions.append(Decision(draft, "rejected", problem=draft.problem))
        elif draft.row not in compared:
            decisions.append(Decision(draft, "created", values=values[draft.row] | draft.facts))
        else:
            record = stored[draft.target]
            decisions.append(_judged(plan, draft, record, values[draft.row], compared[draft.row]))
    return decisions


def decisions(imported: Import, plan: ImportPlan, note: Progress | None = None) -> Iterator[Decision]:
    """What would happen to all rows, with nothing written. `note` is told rows done and rows in all."""
    intake, rows, done = plan.schema.intake(source_of(imported, plan.by)), plan.targets, 0
    for batch in plan.batches():
        yield from transact(partial(decide, plan, intake, batch, rows), write=False)
        done += len(batch)
        if note is not None:
            transact(partial(note, done, len(plan.drafts)))


def _id(value: Name, rows: Mapping[int, int]) -> Any:
    if value.own_row is not None:
        return rows.get(value.own_row, TO_COME)
    return TO_COME if value.found is None else value.found


def _records(plan: ImportPlan, ids: Sequence[int]) -> dict[Any, Any]:
    model: Any = plan.schema.model
    return {record.id: record for record in bulk.read(model, model.id, ids)}


def _judged(
    plan: ImportPlan, draft: Draft, record: Any, values: Mapping[str, Any], compared: Comparison
) -> Decision:
    # what everyone may read and the row does not change needs no right; private facts are not to be guessed
    asks = compared.changes or values.keys() & getattr(record, "restricted", {}).keys()
    problem = compared.problem
    if asks and not plan.may_change(record):
        problem = Phrase("“%(name)s” is not yours to change.", name=called(record))
    if problem is not None:
        return Decision(draft, "rejected", record, problem=problem)
    return Decision(draft, "updated" if compared.changes else "unchanged", record, compared.changes)
