"""Taking an import back: what it made goes, what it changed returns, what others built on stays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any

from peewee import ForeignKeyField, chunked, fn

from portal import clock
from portal.models.base.database import transact
from portal.models.base.record import Event, Record, Searchable, SearchOutbox, Stale
from portal.models.imports.imports import Import, Progress
from portal.models.imports.kinds import KINDS
from portal.models.imports.names import MODELS
from portal.models.imports.records import Money, reverse, settle, standing_lines
from portal.models.imports.rows import ImportRow
from portal.models.people.people import Person, RoleGrant
from portal.models.sales.deals import Deal, DealLine, DealShare, Stage

BATCH = 300  # rows in one transaction
_OWN = {(DealLine, "deal"), (DealShare, "deal"), (RoleGrant, "person")}
"""What an import writes beside a record and takes back with it."""


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
    rows = list(waiting.order_by(ImportRow.id.desc()).limit(BATCH))
    for noun in dict.fromkeys(row.noun for row in rows):
        some = [row for row in rows if row.noun == noun]
        _undo_updates([row for row in some if row.outcome == "updated"], by)
        _undo_creations([row for row in some if row.outcome == "created"], by)
    if note is not None:
        note(total - waiting.count(), total)
    return bool(rows)


def _model(noun: str) -> Any:
    models = [kind.model for kind in KINDS.values()] + list(MODELS.values())
    return next(model for model in models if model.kind() == noun)


def _undo_creations(rows: Sequence[ImportRow], by: Person | None) -> None:
    if not rows:
        return
    model = _model(rows[0].noun)
    stored = {r.id: r for r in model.select().where(model.id.in_([row.record for row in rows]))}
    made = {row.record: row.version for row in rows}
    untouched = {ident for ident, record in stored.items() if record.version == made[ident]}
    free = untouched - referred_to(model, untouched)
    money = _with_money(free) if model is Deal else {}
    _remove(model, [stored[ident] for ident in free - money.keys()], by)
    _empty([stored[ident] for ident in money], money, by)
    gone = {row.record for row in rows} - stored.keys() | (free - money.keys())
    _mark([row for row in rows if row.record in gone], "removed")
    _mark([row for row in rows if row.record in money], "archived")
    _mark([row for row in rows if row.record not in gone | money.keys()], "kept")


def referred_to(model: Any, ids: Iterable[int]) -> set[int]:
    """Those of some records that others refer to, not counting references among those that go."""
    going, found = set(ids), set[int]()
    while True:
        before = len(found)
        for key, other in list(model._meta.backrefs.items()):
            if (other, key.name) in _OWN or not isinstance(key, ForeignKeyField):
                continue
            for batch in chunked(sorted(going - found), 500):
                query = other.select(key).where(key.in_(batch)).distinct()
                if other is model:
                    query = query.where(model.id.not_in(list(going - found)))
                found |= {ident for (ident,) in query.tuples()}
        if len(found) == before:
            return found


def _with_money(ids: Iterable[int]) -> dict[int, list[DealLine]]:
    """The deals that have lines in the ledger, which is never cut: with those that stand."""
    some = sorted(ids)
    query: Any = DealLine.select(DealLine.deal).where(DealLine.deal.in_(some)).distinct().tuples()
    having = {ident for (ident,) in query}
    standing = standing_lines([Deal(id=ident) for ident in having])
    return {ident: standing.get(ident, []) for ident in having}


def _remove(model: Any, records: Sequence[Record], by: Person | None) -> None:
    if not records:
        return
    ids = [record.id for record in records]
    for key, other in model._meta.backrefs.items():
        if other is model:  # those that go may refer to each other
            model.update({key.name: None}).where(model.id.in_(ids)).execute()
    Event.leave_many(
        model.kind(),
        [(r.id, getattr(r, "customer_id", None), {"name": [_called(r), None]}) for r in records],
        "removed",
        by=by,
    )
    model.delete().where(model.id.in_(ids)).execute()
    if issubclass(model, Searchable):
        SearchOutbox.note(model.kind(), ids)


def _called(record: Record) -> str:
    return getattr(record, "name", "") or getattr(record, "title", "")


def _empty(deals: Sequence[Deal], money: Mapping[int, Sequence[DealLine]], by: Person | None) -> None:
    """Deals with money stay as the ledger's anchor: lines reversed, their codes free for new deals."""
    if not deals:
        return
    reverse([line for deal in deals for line in money[deal.id]], by)
    at = clock.now()
    blank = {"code": None, "stage": Stage.NEGOTIATION, "closed_on": None, "archived_at": at, "updated_at": at}
    for version in {deal.version for deal in deals}:
        ids = [deal.id for deal in deals if deal.version == version]
        fresh = Deal.id.in_(ids) & (Deal.version == version)
        if Deal.update({**blank, "version": version + 1}).where(fresh).execute() != len(ids):
            raise Stale(deals[0].fresh())
    told = [(deal.id, deal.customer_id, {"code": [deal.code, None]}) for deal in deals]
    Event.leave_many(Deal.kind(), told, "import undone", by=by)
    SearchOutbox.note(Deal.kind(), [deal.id for deal in deals])


def _undo_updates(rows: Sequence[ImportRow], by: Person | None) -> None:
    if not rows:
        return
    model = _model(rows[0].noun)
    stored = {r.id: r for r in model.select().where(model.id.in_([row.record for row in rows]))}
    for row in rows:
        record = stored.get(row.record)
        if record is None or record.version != row.version:
            _mark([row], "kept")
            continue
        _restore(record, dict(row.before or {}), row, by)
        _mark([row], "restored")


def _restore(record: Any, before: dict[str, Any], row: ImportRow, by: Person | None) -> None:
    money = before.pop("lines", None)
    values = {name: _read(record, name, value) for name, value in before.items()}
    changes = record.changed_fields(values)
    for name, value in values.items():
        setattr(record, name, value)
    record.touch(values)
    record.track("import undone", by=by, changes=changes)
    if isinstance(record, Deal) and money is not None:
        lines = standing_lines([record]).get(record.id, [])
        wanted: Money = {trigger: (amount, date.fromisoformat(on)) for trigger, amount, on in money}
        settle(record, lines, wanted, key=f"import-undo-{row.id}", by=by)


def _read(record: Any, name: str, value: Any) -> Any:
    column = record._meta.fields[name]
    return date.fromisoformat(value) if value and column.field_type == "DATE" else value


def _mark(rows: Sequence[ImportRow], how: str) -> None:
    ImportRow.update(undone=how).where(ImportRow.id.in_([row.id for row in rows])).execute()


def _finish(imported: Import, by: Person | None) -> None:
    fresh = (Import.id == imported.id) & (Import.state == "undoing")
    tally: Any = ImportRow.select(ImportRow.undone, fn.COUNT(1)).where(
        (ImportRow.imported == imported) & (ImportRow.undone != "")
    )
    undone: Mapping[str, int] = Counter(dict(tally.group_by(ImportRow.undone).tuples()))
    imported.counts = {**imported.counts, "undone": dict(undone)}
    if Import.update(state="undone", counts=imported.counts).where(fresh).execute():
        imported.state = "undone"
        imported.track("undone", by=by, changes={"counts": [None, dict(undone)]})
