"""Spreadsheet files: whether they are safe to open, and the cells of one sheet."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

from portal.i18n import Phrase
from portal.tables import confined
from portal.tables.cells import Cell
from portal.tables.notes import Note, Unreadable

NumberedRow = tuple[int, list[Cell]]

READER = Path(__file__).with_name("workbook_reader.py")
SECONDS = 120  # for one workbook; 200,000 rows take a few
LIMITS = {
    "RLIMIT_AS": 1 << 30,  # bytes of address space; two million cells take a quarter of it
    "RLIMIT_CPU": 100,  # seconds
    "RLIMIT_FSIZE": 1 << 28,  # bytes of the answer: some 1,300 for each of 200,000 rows
    "RLIMIT_CORE": 0,
}
"""What the process that reads may use: a file of a few kB can ask for all memory and all time there is."""
UNZIPPED_TIMES = 10  # a spreadsheet unpacks to at most so many times the largest file allowed
WHOLE = 2.0**53  # up to here a float holds every whole number


def read(
    data: bytes, *, sheet: str | None, max_bytes: int, max_rows: int
) -> tuple[Iterator[NumberedRow], list[Note], tuple[str, ...]]:
    """The rows of one sheet (the first visible one that holds anything), notes, and the sheets' names.

    The workbook is opened in a process of its own: a damaged one of 6 kB can ask for all memory there is.
    """
    if data.startswith(b"PK"):
        _refuse_archive(data, max_bytes * UNZIPPED_TIMES)
    asked = {"sheet": sheet, "max_rows": max_rows, "limits": LIMITS}
    told = confined.read(READER, asked, data, seconds=SECONDS)
    if told is None:
        raise damaged()
    lines = io.BytesIO(told)
    answer: dict[str, Any] = json.loads(next(lines))
    match answer.get("refused"):
        case "password":
            raise Unreadable("password", Phrase("The file is protected by a password."))
        case "no_sheet":
            raise Unreadable("no_sheet", Phrase("There is no sheet called “%(sheet)s”.", sheet=sheet))
        case "empty":
            raise Unreadable("empty", Phrase("The file is empty."))
        case "too_many_rows":
            raise Unreadable(
                "too_many_rows", Phrase("The file has more than %(limit)s rows.", limit=max_rows)
            )
    notes: list[Note] = []
    if sheet is None and len(answer["sheets"]) > 1:
        notes.append(Note("sheet", Phrase("Read the sheet “%(sheet)s”.", sheet=answer["sheet"])))
    if answer["merged"]:
        notes.append(Note("merged", Phrase("Merged cells hold for each of their rows.")))
    rows = ((number, [_cell(value) for value in json.loads(line)]) for number, line in enumerate(lines, 1))
    return rows, notes, tuple(answer["sheets"])


def damaged() -> Unreadable:
    """Why what is called a spreadsheet or an archive cannot be read."""
    return Unreadable("damaged", Phrase("The file is damaged, of an unknown kind or too large to read."))


def _refuse_archive(data: bytes, max_unzipped: int) -> None:
    """Refuses archives that hold no workbook, and bombs, which unpack without end."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, EOFError, NotImplementedError, OSError, ValueError):
        raise damaged() from None
    names = {member.filename.lower() for member in members}
    if "xl/workbook.bin" in names:
        raise Unreadable("xlsb", Phrase("Binary workbooks cannot be read. Save the file as .xlsx."))
    if not names & {"xl/workbook.xml", "content.xml"}:
        told = Phrase(
            "Nothing in this zip can be read: it may hold Markdown, HTML or Word files; unpack a table."
        )
        raise Unreadable("archive", told)
    if sum(member.file_size for member in members) > max_unzipped:
        raise Unreadable(
            "too_large", Phrase("The file is larger than %(limit)s MB.", limit=max_unzipped >> 20)
        )
    if any(member.flag_bits & 1 for member in members):
        raise Unreadable("password", Phrase("The file is protected by a password."))


def _cell(value: Any) -> Cell:
    """The value in the portal's terms: whole numbers as int, blank as None, days and moments as such."""
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < WHOLE else value
    if isinstance(value, list):
        kind, text = value
        return date.fromisoformat(text) if kind == "day" else datetime.fromisoformat(text)
    return None if value == "" else value
