"""Taking an import back: what it made goes, what it changed returns, what others built on stays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from peewee import ForeignKeyField, fn

from portal.models.base import bulk
from portal.models.base.database import transact
from portal.models.base.intake import Intake
from portal.models.imports.aliases import Alias
from portal.models.imports.decisions import source_of
from portal.models.imports.imports import Import
from portal.models.imports.named import NAMED
from portal.models.imports.rows import ImportRow
from portal.models.imports.schemas import SCHEMAS
from portal.models.people.people import Person
from portal.models.work.jobs import Progress

BATCH = 300  # rows in one transaction
INTAKES: dict[str, type[Intake[Any]]] = {
    intake.model.kind(): intake
    for intake in (
        *(named.intake for named in NAMED.values()),
        *(schema.intake for schema in SCHEMAS.values()),
    )
    if intake is not None
}
"""How the records of each noun come in and go again."""


def consequences(imported: Import) -> dict[str, Any]:
    """What taking it back would do, in numbers: for whoever is about to do it."""
    removed, restored, kept = dict[str, int](), 0, 0
    for noun, intake in INTAKES.items():
        for outcome in ("created", "updated"):
            mine = (ImportRow.imported == imported) & (ImportRow.noun == noun)
            rows = ImportRow.select().where(mine & (ImportRow.outcome == outcome))
            model: Any = intake.model
            if not (total := rows.count()):
                continue
            same = (model.id == ImportRow.record) & (model.version == ImportRow.version)
            untouched = rows.join(model, on=same).count()
            if outcome == "created" and untouched:
                untouched -= len(_built_on(intake, rows.join(model, on=same)))
            kept += total - untouched
            if outcome == "created":
                removed[noun] = untouched
            else:
                restored += untouched
    money = SCHEMAS[imported.holds].intake.recorded(imported.id)
    names = Alias.taught_by(imported.id).count()
    return {"removed": removed, "restored": restored, "kept": kept, "money": money, "names": names}


def _built_on(intake: type[Intake[Any]], rows: Any) -> set[int]:
    """Those of some records that an import made to which others added since."""
    return intake.built_on([ident for (ident,) in rows.select(ImportRow.record).tuples()])


def take_back(imported: Import, by: Person | None, note: Progress | None = None) -> None:
    """Undo all rows, the last first, some hundred in each transaction; called again, it goes on."""
    if imported.state != "undoing":
        return
    total = ImportRow.of(imported).where(ImportRow.outcome.in_(("created", "updated"))).count()
    while transact(partial(_take_back_some, imported, by, note, total)):
        pass
    transact(partial(_finish, imported, by))


def _take_back_some(imported: Import, by: Person | None, note: Progress | None, total: int) -> bool:
    waiting = ImportRow.of(imported).where(
        ImportRow.outcome.in_(("created", "updated")) & (ImportRow.undone == "")
    )
    most = min(BATCH, SCHEMAS[imported.holds].intake.at_once)
    last: Any = waiting.select(ImportRow.id).order_by(ImportRow.id.desc()).limit(most).tuples()
    rows = bulk.read(ImportRow, ImportRow.id, [ident for (ident,) in last])
    rows.sort(key=lambda row: row.id, reverse=True)
    for noun in dict.fromkeys(row.noun for row in rows):
        some = [row for row in rows if row.noun == noun]
        intake = INTAKES[noun](source_of(imported, by))
        ids = [row.record for row in some]
        stored = {record.id: record for record in bulk.read(intake.model, intake.model.id, ids)}
        _undo_updates(intake, [row for row in some if row.outcome == "updated"], stored)
        _undo_creations(intake, [row for row in some if row.outcome == "created"], stored)
    if note is not None:
        note(total - waiting.count(), total)
    return bool(rows)


def _undo_creations(intake: Intake[Any], rows: Sequence[ImportRow], stored: Mapping[Any, Any]) -> None:
    untouched: set[Any] = {
        r.record for r in rows if r.record in stored and stored[r.record].version == r.version
    }
    free = untouched - intake.built_on(untouched)
    free -= _referred_to(intake, free)
    anchors = intake.take_back([stored[ident] for ident in free])
    gone = {row.record for row in rows} - stored.keys() | (free - anchors)
    _mark([row for row in rows if row.record in gone], "removed")
    _mark([row for row in rows if row.record in anchors], "archived")
    _mark([row for row in rows if row.record not in gone | anchors], "kept")


def _referred_to(intake: Intake[Any], ids: Iterable[Any]) -> set[Any]:
    """Those of some records that others refer to, not counting references among those that go."""
    going, found, model = set(ids), set[Any](), intake.model
    while True:
        before = len(found)
        for key, other in list(model._meta.backrefs.items()):
            if any(key is part for part in intake.parts) or not isinstance(key, ForeignKeyField):
                continue
            free = going - found
            pairs = bulk.find((key, other._meta.primary_key), key, free)
            found |= {ident for ident, by in pairs if other is not model or by not in free}
        if len(found) == before:
            return found


def _undo_updates(intake: Intake[Any], rows: Sequence[ImportRow], stored: Mapping[Any, Any]) -> None:
    restored, kept = list[ImportRow](), list[ImportRow]()
    for row in rows:
        record = stored.get(row.record)
        before: Mapping[str, Any] = row.before or {}
        untouched = record is not None and record.version == row.version and intake.stands(record, before)
        if untouched:
            intake.put_back(record, before, row.row)
        (restored if untouched else kept).append(row)
    _mark(restored, "restored")
    _mark(kept, "kept")


def _mark(rows: Sequence[ImportRow], how: str) -> None:
    if rows:
        ImportRow.update(undone=how).where(bulk.among(ImportRow.id, [row.id for row in rows])).execute()


def _finish(imported: Import, by: Person | None) -> None:
    fresh = (Import.id == imported.id) & (Import.state == "undoing")
    tally: Any = ImportRow.select(ImportRow.undone, fn.COUNT(1)).where(
        (ImportRow.imported == imported) & (ImportRow.undone != "")
    )
    undone: Mapping[str, int] = Counter(dict(tally.group_by(ImportRow.undone).tuples()))
    imported.counts = {**imported.counts, "undone": dict(undone)}
    Alias.forget(imported.id)
    if Import.update(state="undone", counts=imported.counts).where(fresh).execute():
        imported.state = "undone"
        imported.track("undone", by=by, changes={"counts": [None, dict(undone)]})
