"""What happens to a row now: a new record, a changed one, nothing, or a reason why not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial, reduce
from typing import Any

from portal.i18n import Phrase
from portal.models.base import bulk
from portal.models.base.database import transact
from portal.models.base.intake import Comparison, Intake, Source, called
from portal.models.commission.periods import Period
from portal.models.customers.masks import SEEN_MASKED, Restricted
from portal.models.imports.drafts import Draft, and_also, in_column
from portal.models.imports.imports import Import
from portal.models.imports.names import Name
from portal.models.imports.plan import ImportPlan
from portal.models.people.people import Person
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
    left_out: Phrase | None = None
    """Why a cell of a row that is taken is not written."""
    before: Mapping[str, Any] = field(default_factory=dict)
    """What stood there before, of changes that are kept beside the record."""
    money: Sequence[tuple[str, int, date]] = ()
    """What it writes into the ledger: trigger, amount and day of each line."""


def source_of(imported: Import, by: Any) -> Source:
    """An import as where records come from."""
    paid_by = Person.get_or_none(Person.id == imported.choices.get("paid_by"))
    return Source(by, imported.id, Period.settled, paid_by)


def decide(
    plan: ImportPlan, intake: Intake[Any], batch: Sequence[Draft], rows: Mapping[int, int]
) -> list[Decision]:
    """What would happen to these rows now; `rows` gives the ids of records that earlier rows brought."""
    values = {
        draft.row: {name: _settled(value, rows) for name, value in draft.values.items()}
        for draft in batch
        if draft.is_sound
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
        if not draft.is_sound:
            decisions.append(Decision(draft, "rejected", problem=draft.problem))
        elif draft.row not in compared:
            new = values[draft.row] | draft.facts
            if (unfit := intake.unfit(new)) is not None:
                decisions.append(Decision(draft, "rejected", problem=unfit))
                continue
            told = [one for one in (_left_out(plan, draft, None), intake.left_out(new)) if one is not None]
            left, money = reduce(and_also, told) if told else None, tuple(intake.money(None, new))
            decisions.append(Decision(draft, "created", values=new, left_out=left, money=money))
        else:
            record = stored[draft.target]
            one = _judged(plan, draft, record, values[draft.row], compared[draft.row])
            one.money = tuple(intake.money(record, one.values)) if one.values else ()
            decisions.append(one)
    return decisions


def decisions(imported: Import, plan: ImportPlan, note: Progress | None = None) -> Iterator[Decision]:
    """What would happen to all rows, with nothing written. `note` is told rows done and rows in all."""
    intake, rows, done = plan.schema.intake(source_of(imported, plan.by)), plan.targets, 0
    for batch in plan.batches():
        yield from transact(partial(decide, plan, intake, batch, rows), write=False)
        done += len(batch)
        if note is not None:
            transact(partial(note, done, len(plan.drafts)))


def _settled(value: Any, rows: Mapping[int, int]) -> Any:
    """A value with ids in the place of names."""
    if isinstance(value, tuple):
        return tuple(_settled(part, rows) for part in value)
    return _id(value, rows) if isinstance(value, Name) else value


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
    hidden = record.hidden_from(plan.by, compared.changes) if isinstance(record, Restricted) else []
    changes = {name: value for name, value in compared.changes.items() if name not in hidden}
    told = [in_column(plan.schema.field(name).label, SEEN_MASKED) for name in hidden]
    told += [one for one in (_left_out(plan, draft, record), compared.left_out) if one is not None]
    left, outcome = reduce(and_also, told) if told else None, "updated" if changes else "unchanged"
    return Decision(draft, outcome, record, changes, left_out=left, before=compared.before)


def _left_out(plan: ImportPlan, draft: Draft, record: Any) -> Phrase | None:
    """A cell that holds a mask is never written; one that is the mask of what is on record says nothing."""
    left = [
        in_column(
            plan.schema.field(name).label,
            Phrase(
                "“%(value)s” is a value masked for whoever took the list: it is left out.", value=text[:60]
            ),
        )
        for name, text in draft.masked
        if record is None or name in plan.schema.private or not record.is_masked(name, text)
    ]
    return reduce(and_also, left) if left else None
