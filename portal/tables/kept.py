"""A table kept beside its file once it was read: no later step reads the file itself again."""

from __future__ import annotations

import gzip
import json
import secrets
import zlib
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import Any

from portal.tables.handbook import WORDS
from portal.tables.notes import Note, pack, unpack
from portal.tables.table import Table, TableRow, read_table

FORMAT = "4"
"""Raised whenever the reader reads a file otherwise than before: what was kept until then is left alone."""


def read_once(path: Path, *, sheet: str | None = None, words: bool = False) -> Table:
    """The table in a file whose name is the hash of its bytes: from the copy where there is a sound one.
    `words`: with what stands in the Word files of a handbook, which takes long the first time.
    """
    chosen = f"{zlib.crc32(sheet.encode()):08x}" if sheet is not None else "first"
    table = _read_once(path, path.with_name(f"{path.name}.{chosen}.table{FORMAT}"), sheet)
    if words and any(note.code == WORDS for note in table.notes):
        table = _read_once(path, path.with_name(f"{path.name}.{WORDS}.table{FORMAT}"), sheet, words=True)
    return table


def _read_once(path: Path, copy: Path, sheet: str | None, *, words: bool = False) -> Table:
    table = _load(copy, sheet) if path.exists() else None
    if table is None:
        table = read_table(path, sheet=sheet, words=words)
        _keep(table, copy, sheet)
    return table


def _keep(table: Table, copy: Path, sheet: str | None) -> None:
    """Write the copy, whole or not at all: without it the file is read again."""
    arriving = copy.with_name(f"{copy.name}.{secrets.token_hex(4)}")
    notes = [[note.code, pack(note.message), note.row] for note in table.notes]
    with suppress(OSError):
        try:
            with gzip.open(arriving, "wt", compresslevel=1, encoding="ascii") as file:
                head = [sheet, table.headers, notes, table.sheets, table.header_row, len(table.rows)]
                file.write(json.dumps(head) + "\n")
                for row in table.rows:
                    problem = pack(row.problem) if row.problem is not None else None
                    file.write(json.dumps([row.number, row.values, problem], default=_dated) + "\n")
            arriving.replace(copy)
        finally:
            arriving.unlink(missing_ok=True)


def _load(copy: Path, sheet: str | None) -> Table | None:
    """The table as it was kept; None where there is no copy, or a damaged one."""
    try:
        with gzip.open(copy, "rt", encoding="ascii") as file:
            kept_sheet, headers, notes, sheets, header_row, count = json.loads(next(file))
            decode = json.JSONDecoder(object_hook=_day).decode  # `loads` would make one for each line
            rows = tuple(_row(*decode(line)) for line in file)
        if kept_sheet != sheet or len(rows) != count:
            return None
        noted = tuple(Note(code, unpack(message), row) for code, message, row in notes)
        return Table(tuple(headers), rows, noted, tuple(sheets), header_row)
    except (OSError, EOFError, StopIteration, ValueError, TypeError, KeyError, zlib.error):
        return None


def _row(number: int, values: list[Any], problem: dict[str, Any] | None) -> TableRow:
    return TableRow(number, tuple(values), unpack(problem) if problem is not None else None)


def _dated(value: date) -> dict[str, str]:
    return {"$moment" if isinstance(value, datetime) else "$day": value.isoformat()}


def _day(found: dict[str, Any]) -> Any:
    if "$day" in found:
        return date.fromisoformat(found["$day"])
    return datetime.fromisoformat(found["$moment"]) if "$moment" in found else found
