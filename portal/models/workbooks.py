"""Spreadsheet files: which kind, whether they are safe to open, and the cells of one sheet."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any
from xml.parsers import expat

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, SheetVisibleEnum

from portal.models.base import Phrase
from portal.models.cells import Cell
from portal.models.remarks import Note, Unreadable

Record = tuple[int, list[Cell]]

UNZIPPED_TIMES = 10  # a spreadsheet unpacks to at most so many times the largest file allowed
MOST_CELLS = 20_000_000  # of a sheet's rectangle, full or empty: it is held in memory whole
CHUNK = 1 << 20
WHOLE = 2.0**53  # up to here a float holds every whole number

_XLSX_CELL = re.compile(rb"""<(?:\w+:)?c\s[^<>]*?\br\s*=\s*["']([A-Za-z]{1,3})(\d{1,7})["'][^<>]*(?<!/)>""")
_XLSX_FAR_CELL = re.compile(
    rb"""<(?:\w+:)?c\s[^<>]*?\br\s*=\s*["'](?:[A-Za-z]{2,3}\d{1,7}|[A-Za-z]\d{5,7})["'][^<>]*(?<!/)>"""
)


def read(
    data: bytes, *, sheet: str | None, max_bytes: int, max_rows: int, max_columns: int
) -> tuple[Iterator[Record], list[Note], tuple[str, ...]]:
    """The rows of one sheet (the first visible one that holds anything), notes, and the sheets' names."""
    if data.startswith(b"PK"):
        _refuse_unsafe(data, max_bytes * UNZIPPED_TIMES, max_rows, max_columns)
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(data))
        names = tuple(workbook.sheet_names)
        notes: list[Note] = []
        chosen = _choose(workbook, sheet, notes)
        height, width = chosen.total_height, chosen.total_width
        if height > max_rows + 1000:  # a title may stand above, and blank rows do not count: seen again later
            raise Unreadable("too_many_rows", "The file has more than %(limit)s rows.", limit=max_rows)
        if height * width > MOST_CELLS:
            raise Unreadable("too_large", "The sheet is too large to read.")
        rows = chosen.to_python(skip_empty_area=False)
        filled = _fill_merged(rows, chosen)
    except Unreadable:
        raise
    except PasswordError:
        raise Unreadable("password", "The file is protected by a password.") from None
    except (CalamineError, OSError, ValueError) as error:
        raise _damaged() from error
    except BaseException as error:
        # the reader's Rust side panics on some damaged files, and that is no Exception
        if type(error).__name__ == "PanicException":
            raise _damaged() from None
        raise
    if filled:
        notes.append(Note("merged", Phrase("Merged cells hold for each of their rows.")))
    return ((number, [_cell(value) for value in row]) for number, row in enumerate(rows, 1)), notes, names


def _damaged() -> Unreadable:
    return Unreadable("damaged", "The spreadsheet is damaged or of an unknown kind.")


def _choose(workbook: CalamineWorkbook, name: str | None, notes: list[Note]) -> CalamineSheet:
    names = workbook.sheet_names
    if name is not None:
        if name not in names:
            raise Unreadable("no_sheet", "There is no sheet called “%(sheet)s”.", sheet=name)
        return workbook.get_sheet_by_name(name)
    visible = {s.name for s in workbook.sheets_metadata if s.visible == SheetVisibleEnum.Visible}
    for candidate in [n for n in names if n in visible] + [n for n in names if n not in visible]:
        found = workbook.get_sheet_by_name(candidate)
        if found.height:
            if len(names) > 1:
                notes.append(Note("sheet", Phrase("Read the sheet “%(sheet)s”.", sheet=candidate)))
            return found
    raise Unreadable("empty", "The file is empty.")


def _fill_merged(rows: list[list[Any]], sheet: CalamineSheet) -> bool:
    """Repeats a merged cell downwards, where it speaks for each row; across, it would be more values."""
    filled = False
    for (top, left), (bottom, _right) in sheet.merged_cell_ranges or []:
        if top >= len(rows) or left >= len(rows[top]) or rows[top][left] == "":
            continue
        for row in rows[top + 1 : bottom + 1]:
            if row[left] == "":
                row[left], filled = rows[top][left], True
    return filled


def _cell(value: Any) -> Cell:
    """The value in the portal's terms: whole numbers as int, blank as None, hours and durations as text."""
    if isinstance(value, bool | int | date | datetime):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < WHOLE else value
    if isinstance(value, time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    return str(value) or None


def _refuse_unsafe(data: bytes, max_unzipped: int, max_rows: int, max_columns: int) -> None:
    """Opens no bomb: none that unpacks without end, none whose single far cell asks for all memory."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            names = {member.filename for member in members}
            if "xl/workbook.bin" in names:
                raise Unreadable("xlsb", "Binary workbooks cannot be read. Save the file as .xlsx.")
            if not any(name.lower() == "xl/workbook.xml" for name in names) and "content.xml" not in names:
                raise Unreadable("archive", "This is an archive, not a table. Unpack it first.")
            if sum(member.file_size for member in members) > max_unzipped:
                raise Unreadable(
                    "too_large", "Unpacked, the file is larger than %(limit)s MiB.", limit=max_unzipped >> 20
                )
            for member in members:
                if member.flag_bits & 1:
                    raise Unreadable("password", "The file is protected by a password.")
                _refuse_far_cells(archive, member, max_rows, max_columns)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError, RuntimeError):
        raise _damaged() from None


def _refuse_far_cells(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, max_rows: int, max_columns: int
) -> None:
    """Reads the member to its end, so that a wrong length in the archive's index is found out too."""
    with archive.open(member) as stream:
        if member.filename == "content.xml":
            _refuse_far_ods_cells(stream, max_rows, max_columns)
            return
        is_sheet = "worksheets/" in member.filename.lower()
        tail = b""
        while chunk := stream.read(CHUNK):
            text = tail + chunk
            tail = text[-400:]
            if not is_sheet:
                continue
            for match in _XLSX_FAR_CELL.finditer(text):
                found = _XLSX_CELL.match(match[0])
                if found:
                    _refuse_beyond(int(found[2]), _column(found[1]), max_rows, max_columns)


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _refuse_beyond(row: int, column: int, max_rows: int, max_columns: int) -> None:
    if row > max_rows + 1000:
        raise Unreadable("too_many_rows", "The file has more than %(limit)s rows.", limit=max_rows)
    if column > max_columns:
        raise Unreadable("too_many_columns", "The file has more than %(limit)s columns.", limit=max_columns)


def _refuse_far_ods_cells(stream: Any, max_rows: int, max_columns: int) -> None:
    """An OpenDocument sheet repeats rows and cells by number: a few bytes may mean a million cells."""
    state = {"row": 0, "column": 0}

    def start(name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        if local == "table":
            state.update(row=0)
        elif local == "table-row":
            state.update(row=state["row"] + _repeated(attributes, "rows"), column=0)
        elif local in ("table-cell", "covered-table-cell"):
            state["column"] += _repeated(attributes, "columns")
            if any(attribute.endswith(":value-type") for attribute in attributes):
                _refuse_beyond(state["row"], state["column"], max_rows, max_columns)

    def refuse_doctype(*_: object) -> None:
        raise _damaged()

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = refuse_doctype
    try:
        while chunk := stream.read(CHUNK):
            parser.Parse(chunk, False)
        parser.Parse(b"", True)
    except expat.ExpatError:
        raise _damaged() from None


def _repeated(attributes: dict[str, str], what: str) -> int:
    value = next((v for k, v in attributes.items() if k.endswith(f":number-{what}-repeated")), "1")
    return int(value) if value.isdecimal() and len(value) < 9 else 1 << 30
