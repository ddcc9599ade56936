"""Reads one workbook in a process of its own, started by `workbooks.read`; it may die without harm.

Takes the file on its input and `{"sheet": name or null, "max_rows": n, "limits": {...}}` as argument, answers
on its output in lines of JSON: `{"refused": code}`, or the sheets' names, the one read and whether cells were
merged, and after that each row. Imports nothing of the portal, so that it starts at once.
"""

from __future__ import annotations

import io
import json
import resource
import sys
from datetime import date, datetime
from typing import Any

from python_calamine import CalamineSheet, CalamineWorkbook, PasswordError, SheetVisibleEnum

ROOM_ABOVE = 1000  # rows for titles and blanks; the table itself is counted once it is found


def answer(data: bytes, sheet: str | None, max_rows: int) -> tuple[dict[str, Any], list[list[Any]]]:
    """What the workbook is, and its rows in plain values: days and moments as pairs of kind and ISO text."""
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(data))
    except PasswordError:
        return {"refused": "password"}, []
    if sheet is not None and sheet not in workbook.sheet_names:
        return {"refused": "no_sheet"}, []
    chosen = workbook.get_sheet_by_name(sheet) if sheet is not None else first_filled(workbook)
    if chosen is None or not chosen.height:
        return {"refused": "empty"}, []
    if chosen.total_height > max_rows + ROOM_ABOVE:
        return {"refused": "too_many_rows"}, []
    rows = [[plain(value) for value in row] for row in chosen.to_python(skip_empty_area=False)]
    merged = fill_merged(rows, chosen)
    return {"sheets": workbook.sheet_names, "sheet": chosen.name, "merged": merged}, rows


def first_filled(workbook: CalamineWorkbook) -> CalamineSheet | None:
    """The first visible sheet that holds anything, or else a hidden one."""
    visible = {sheet.name for sheet in workbook.sheets_metadata if sheet.visible == SheetVisibleEnum.Visible}
    for name in sorted(workbook.sheet_names, key=lambda name: name not in visible):
        sheet = workbook.get_sheet_by_name(name)
        if sheet.height:
            return sheet
    return None


def plain(value: Any) -> Any:
    """The value as JSON takes it; hours and durations are texts."""
    if isinstance(value, datetime):
        return ["moment", value.isoformat()]
    if isinstance(value, date):
        return ["day", value.isoformat()]
    return value if isinstance(value, bool | int | float | str) else str(value)


def fill_merged(rows: list[list[Any]], sheet: CalamineSheet) -> bool:
    """Repeats a merged cell downwards, where it speaks for each row; across, it would be more values."""
    filled = False
    for (top, left), (bottom, _right) in sheet.merged_cell_ranges or []:
        if top >= len(rows) or left >= len(rows[top]) or rows[top][left] == "":
            continue
        for row in rows[top + 1 : bottom + 1]:
            if row[left] == "":
                row[left], filled = rows[top][left], True
    return filled


if __name__ == "__main__":
    asked = json.loads(sys.argv[1])
    for name, most in asked["limits"].items():
        resource.setrlimit(getattr(resource, name), (most, most))
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    head, rows = answer(sys.stdin.buffer.read(), asked["sheet"], asked["max_rows"])
    for line in (head, *rows):
        sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
    sys.stdout.flush()
