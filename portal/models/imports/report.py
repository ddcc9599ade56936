"""What people are shown of an import: what it would do, and which rows are not taken and why."""

from __future__ import annotations

import csv
import io
import secrets
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from peewee import chunked

from portal import i18n
from portal.i18n import Phrase
from portal.models.base.database import transact
from portal.models.base.intake import called, stored_as
from portal.models.imports.decisions import Decision, decisions
from portal.models.imports.imports import OUTCOMES, Import
from portal.models.imports.names import Name
from portal.models.imports.plan import ImportPlan
from portal.models.imports.rows import ImportRow
from portal.models.imports.schemas import REASON, ROW, ImportSchema, is_own
from portal.models.work.jobs import Progress
from portal.tables.cells import Cell, guarded, parse_text
from portal.tables.notes import Unreadable, pack
from portal.tables.table import Table
from portal.text.writing import clean

SHOWN = 20  # problems and changes shown on the page; all are in the downloadable list
PIECE = 500  # rows of that list that are written at a time
MOST_NAMES = 100  # to be decided one by one


def check(imported: Import, note: Progress | None = None) -> None:
    """The dry run: what would happen, with nothing written but this report."""
    try:
        imported.read_through()
        plan = transact(partial(ImportPlan.of, imported), write=False)
    except Unreadable as unreadable:
        imported.fail(unreadable.message)
        return
    counts: Counter[str] = Counter()
    problems: list[dict[str, Any]] = []
    reasons: dict[int, Phrase] = {}
    changes: list[dict[str, Any]] = []
    left, money = 0, Ledger()
    for decision in decisions(imported, plan, note):
        counts[decision.outcome] += 1
        if decision.money:
            money.add(decision.money)
        if decision.left_out is not None:
            left += 1
        why = decision.problem or decision.left_out
        if why is not None:
            reasons[decision.draft.row] = why
            if len(problems) < SHOWN:
                problems.append({"row": decision.draft.row, "why": pack(why)})
        if decision.outcome == "updated" and len(changes) < SHOWN:
            changes += [change] if (change := _shown_change(plan.schema, decision))["changes"] else []
    imported.report = {
        "counts": {outcome: counts[outcome] for outcome in OUTCOMES},
        "left_out": left,
        "money": money.told,
        "problems": sorted(problems, key=lambda one: one["row"]),
        "changes": changes,
        "names": [_shown_name(name) for name in plan.names.asked[:MOST_NAMES]],
        "more_names": dict(Counter(name.noun for name in plan.names.asked[MOST_NAMES:])),
        "notes": [pack(note.message) for note in plan.notes[:SHOWN]],
    }
    keep_rejected(imported, reasons)
    fresh = (Import.id == imported.id) & (Import.state == "checking")
    written = partial(Import.update(state="checked", report=imported.report).where(fresh).execute)
    if transact(written):
        imported.state = "checked"


class Ledger:
    """What an import would write into the ledger: how many amounts, how much, earned in which months."""

    def __init__(self) -> None:
        self._told: dict[str, list[Any]] = {}

    def add(self, lines: Iterable[tuple[str, int, date]]) -> None:
        """Count some more, each by its trigger."""
        for trigger, amount, on in lines:
            month = on.isoformat()[:7]
            told = self._told.setdefault(trigger, [0, 0, month, month])
            told[:] = [told[0] + 1, told[1] + amount, min(told[2], month), max(told[3], month)]

    @property
    def told(self) -> dict[str, list[Any]]:
        """By trigger: count, sum in minor units, first and last month."""
        return self._told


def rejected(imported: Import) -> dict[int, Phrase]:
    """Why which rows are not taken: by the run where there was one, else by a new dry run."""
    if imported.is_begun:
        return ImportRow.rejections(imported)
    found = decisions(imported, ImportPlan.of(imported))
    return {one.draft.row: why for one in found if (why := one.problem or one.left_out) is not None}


def keep_rejected(imported: Import, why: Mapping[int, Phrase]) -> None:
    """Leave the list of the rows that are not taken beside the file, in each language: who asks for it is
    given it as it lies there, and nothing is judged anew.
    """
    table = imported.read_through()
    for locale in i18n.LOCALES:
        target = _list_in(imported, locale)
        arriving = target.with_name(f"{target.name}.{secrets.token_hex(4)}")
        try:
            with arriving.open("w", encoding="utf-8", newline="") as file:
                file.writelines(_pieces(locale, table, why, _foreign_columns(table)))
            arriving.replace(target)
        finally:
            arriving.unlink(missing_ok=True)


def kept_list(imported: Import) -> Path | None:
    """That list in the language of who asks; None where none was left, as before this was done."""
    kept = _list_in(imported, i18n.current())
    return kept if kept.exists() else None


def _list_in(imported: Import, locale: str) -> Path:
    """Where it lies: what is made of a file goes with it."""
    stage = "written" if imported.is_begun else "tried"
    file = imported.attachment.place
    return file.with_name(f"{file.name}.{stage}-{imported.id}-{locale}.csv")


def first_rejected(imported: Import) -> tuple[int, dict[int, Phrase]]:
    """How many rows were not taken, and why the first of them were not."""
    if not imported.is_begun:
        return 0, {}
    return ImportRow.count_rejections(imported), ImportRow.rejections(imported, SHOWN)


def rejected_csv(imported: Import) -> str:
    """The rows that are not taken, as they stand in the file, with the reason in front."""
    return "".join(rejected_pieces(imported))


def rejected_pieces(imported: Import) -> Iterator[str]:
    """The same piece by piece, so that nobody waits while all of it is written. What it needs of the database
    is read before the first.
    """
    why, table, locale = rejected(imported), imported.read_through(), i18n.current()
    return _pieces(locale, table, why, _foreign_columns(table))


def _foreign_columns(table: Table) -> list[int]:
    return [at for at, header in enumerate(table.headers) if not is_own(header)]


def _pieces(locale: str, table: Table, why: Mapping[int, Phrase], kept: Sequence[int]) -> Iterator[str]:
    headers = [guarded(table.headers[at]) for at in kept]
    with i18n.speaking(locale):
        head = _lines([[i18n.gettext(ROW), i18n.gettext(REASON), *headers]])
    yield f"\ufeff{head}"
    chosen = (row for row in table.rows if row.number in why)
    for rows in chunked(chosen, PIECE):
        with i18n.speaking(locale):  # each piece may be made in another thread
            text = _lines(
                [row.number, guarded(i18n.gettext(why[row.number])), *_cells(row.values, kept)]
                for row in rows
            )
        yield text


def _cells(values: Sequence[Cell], kept: Sequence[int]) -> list[str]:
    return [guarded(_as_it_stands(values[at])) for at in kept]


def _lines(rows: Iterable[Sequence[object]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


def _as_it_stands(cell: Cell) -> str:
    """A cell as text; in one of several lines nothing is changed."""
    return clean(cell).rstrip() if isinstance(cell, str) and "\n" in cell else parse_text(cell)


def _shown_name(name: Name) -> dict[str, Any]:
    wanted = (
        "may_be_none",
        "noun",
        "text",
        "count",
        "choice",
        "meaning",
        "suggestion",
        "remembered",
        "several",
        "offered",
    )
    return {key: getattr(name, key) for key in wanted}


MOST_SHOWN = 300  # characters of a text


def _briefly(value: Any) -> Any:
    """A value as the page shows it: of a long text the beginning."""
    value = stored_as(value)
    return f"{value[:MOST_SHOWN]}…" if isinstance(value, str) and len(value) > MOST_SHOWN else value


def _shown_change(schema: ImportSchema, decision: Decision) -> dict[str, Any]:
    """What would change, without private facts and without the ids that names stand for."""
    record, changes = decision.record, list[list[Any]]()
    masked = getattr(record, "restricted", {})
    coded = ("name", "names", "kind", "readers")
    open_fields = {f.name for f in schema.fields if f.reads not in coded and f.name not in masked}
    for name, after in decision.values.items():
        if name in open_fields:
            was = decision.before.get(name, record.__data__.get(name))
            changes.append([name, _briefly(was), _briefly(after)])
        elif name in record.__data__ or name in schema.names:
            changes.append([name, "", ""])
    return {"row": decision.draft.row, "name": called(record), "changes": changes}
