"""The table in a file that a person brings, whatever program wrote it: headers, rows, oddities."""

from __future__ import annotations

import re
import statistics
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from portal.i18n import Phrase
from portal.tables import delimited, handbook, workbooks
from portal.tables.archives import is_bounded
from portal.tables.cells import BadCell, Cell, parse_money, parse_text, unguarded
from portal.tables.days import guess_date_order
from portal.tables.names import key, similar
from portal.tables.notes import Note, Unreadable
from portal.tables.watermark import is_watermark
from portal.tables.workbooks import NumberedRow

__all__ = ["Cell", "Note", "Table", "TableRow", "Unreadable", "guess_columns", "read_table"]


MAX_BYTES = 50 << 20
MAX_ROWS = 200_000
MAX_COLUMNS = 500
MOST_NOTES = 20  # of one kind; the rest is counted
LONGEST_HEADER = 120
HEADER_SOUGHT_IN = 30  # filled rows from the top
FULLER = 1.5  # a second line of headers is so much fuller than the first, which only groups

_OTHER_KINDS = (
    (b"%PDF", "pdf", Phrase("This is a PDF, not a table. Export the table as .xlsx or .csv.")),
    (b"\x89PNG", "image", Phrase("This is a picture, not a table.")),
    (b"\xff\xd8\xff", "image", Phrase("This is a picture, not a table.")),
    (b"GIF8", "image", Phrase("This is a picture, not a table.")),
    (b"\x1f\x8b", "archive", Phrase("This is an archive, not a table. Unpack it first.")),
    (b"7z\xbc\xaf\x27\x1c", "archive", Phrase("This is an archive, not a table. Unpack it first.")),
    (b"Rar!", "archive", Phrase("This is an archive, not a table. Unpack it first.")),
    (b"BZh", "archive", Phrase("This is an archive, not a table. Unpack it first.")),
    (b"{\\rtf", "document", Phrase("This is a text document, not a table.")),
)
_MARKUP = re.compile(rb"\s*(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|head|body|table|meta|\?xml|style)\b", re.I)
_NUMBER = re.compile(r"[-+]?[.,]*\d[\d.,]*%?", re.A)
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_a-zA-Z]+")


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row as the person sees it: `number` is the line of the file or the row of the sheet.

    There is a value for each header, None where blank. Text files give texts as they stand. `problem` says
    why the row should not be taken as it is: it has more cells than there are headers.
    """

    number: int
    values: tuple[Cell, ...]
    problem: Phrase | None = None


@dataclass(frozen=True)
class Table:
    """Headers (unique, never blank), the rows that hold anything, and what was noticed on the way."""

    headers: tuple[str, ...]
    rows: Sequence[TableRow]
    notes: tuple[Note, ...] = ()
    sheets: tuple[str, ...] = ()
    """The sheets of a workbook by name, to choose another one."""
    header_row: int = 1
    """The line or sheet row of the headers; 0 where the file has none."""


def read_table(
    path: Path,
    *,
    sheet: str | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    header_row: int | None = None,
    max_bytes: int = MAX_BYTES,
    max_rows: int = MAX_ROWS,
    max_columns: int = MAX_COLUMNS,
    words: bool = False,
) -> Table:
    """The table in a csv, tsv, txt, xlsx, xls or ods file, or a zip of Markdown files, told by its content;
    Unreadable says why not.

    What is not given is guessed and noted. `header_row` is a line or sheet row, 0 for a file without headers.
    `words`: with what stands in a handbook's Word files, which takes long; else they are known by name alone.
    """
    try:
        size = path.stat().st_size
        if size > max_bytes:
            raise Unreadable(
                "too_large", Phrase("The file is larger than %(limit)s MB.", limit=max_bytes >> 20)
            )
        data = path.read_bytes()
    except OSError:
        raise Unreadable("no_file", Phrase("The file cannot be opened.")) from None
    if not data:
        raise Unreadable("empty", Phrase("The file is empty."))
    _refuse_other_kinds(data)
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")) and not is_bounded(data):
        raise workbooks.damaged()
    records: Iterable[tuple[int, Sequence[Cell]]]
    if data.startswith(b"PK") and handbook.is_handbook(data):
        records, notes, sheets = handbook.read(data, words=words)
        header_row = 1
    elif data.startswith((b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")):
        records, notes, sheets = workbooks.read(data, sheet=sheet, max_bytes=max_bytes, max_rows=max_rows)
    else:
        records, notes = delimited.read(data, encoding=encoding, delimiter=delimiter)
        sheets = ()
    filled, blank = _take_filled(records, max_rows, max_columns)
    if blank:
        notes.append(Note("blank_rows", Phrase("Blank rows, left out: %(count)s.", count=blank)))
    marked = len(filled)
    filled = [row for row in filled if not (is_watermark(row[1]) and row is not filled[0])]
    if len(filled) < marked:
        notes.append(Note("watermark", Phrase("The line that says who took the list is left out.")))
    at = _find_header(filled) if header_row is None else _given_header(filled, header_row)
    if len(filled) - at - 1 > max_rows:
        raise Unreadable("too_many_rows", Phrase("The file has more than %(limit)s rows.", limit=max_rows))
    return _table(filled, at, notes, sheets)


def guess_columns(
    headers: Sequence[str], fields: Mapping[str, str | Iterable[str]], exact: Collection[str] = ()
) -> dict[str, int]:
    """Which header holds which field, by each field's synonyms (a list, or a text with commas), best first.

    The same words win over the same words without a trailing `name`, these over a header that ends in them
    (`property_industry`, `主要联系人`), these over a misspelling. No header serves twice. Fields that are
    `exact` take none but the same words: a postal code is no code.
    """
    claims: list[tuple[int, int, int, int, str]] = []
    for position, (field, given) in enumerate(fields.items()):
        synonyms = re.split(r"[,，、;；]", given) if isinstance(given, str) else list(given)
        for rank, synonym in enumerate([*synonyms, field]):
            for index, header in enumerate(headers):
                fit = _fit(header, synonym)
                if fit is not None and (fit <= 1 or field not in exact):
                    claims.append((fit, rank, position, index, field))
    guessed: dict[str, int] = {}
    for *_fit_and_rank, index, field in sorted(claims):
        if field not in guessed and index not in guessed.values():
            guessed[field] = index
    return guessed


def _fit(header: str, synonym: str) -> int | None:
    """How well a header says what a synonym says: 0 is the same, None is not at all."""
    wanted, found = key(synonym), key(header)
    if not wanted or not found:
        return None
    if wanted == found:
        return 0
    if _without_name(wanted) == _without_name(found):
        return 1
    wanted_words, words = _words(synonym), _words(header)
    han = not wanted.isascii()
    if len(wanted_words) < len(words) and words[-len(wanted_words) :] == wanted_words and not han:
        return 2 + len(words) - len(wanted_words)
    if han and len(wanted) > 1 and found.endswith(wanted):
        return 2 + len(found) - len(wanted)
    return 100 if similar(header, [synonym]) else None


def _words(text: str) -> list[str]:
    return [word.casefold() for word in _WORDS.findall(text)]


def _without_name(text: str) -> str:
    return re.sub(r"(?<=.)(?:name|名称|名稱|名)$", "", text)


def _refuse_other_kinds(data: bytes) -> None:
    for magic, code, message in _OTHER_KINDS:
        if data.startswith(magic):
            raise Unreadable(code, message)
    if _MARKUP.match(data[:200]):
        raise Unreadable(
            "markup",
            Phrase("This is a web page or XML under another name. Open it and save it as .xlsx or .csv."),
        )
    if data[:1] in b"\x03\x30\x31\x83\x8b\xf5" and _is_dbf(data):
        raise Unreadable("dbf", Phrase("dBase files cannot be read. Save the file as .xlsx or .csv."))


def _is_dbf(data: bytes) -> bool:
    """A day of last update, and a header whose length fits its 32-byte field descriptions and end mark."""
    length = int.from_bytes(data[8:10], "little")
    dated = len(data) > 32 and 1 <= data[2] <= 12 and 1 <= data[3] <= 31
    marks = data[length - 1 : length] + data[length - 264 : length - 263]  # Visual FoxPro adds 263 bytes
    return dated and 33 <= length <= len(data) and 0x0D in marks


def _take_filled(
    records: Iterable[tuple[int, Sequence[Cell]]], max_rows: int, max_columns: int
) -> tuple[list[NumberedRow], int]:
    """The rows that hold anything, their trailing blanks cut off, and how many hold nothing."""
    filled: list[NumberedRow] = []
    blank = 0
    for number, cells in records:
        if not any(value is not None and (not isinstance(value, str) or value.strip()) for value in cells):
            blank += 1
            continue
        if len(filled) > max_rows + HEADER_SOUGHT_IN:
            raise Unreadable(
                "too_many_rows", Phrase("The file has more than %(limit)s rows.", limit=max_rows)
            )
        values: list[Cell] = [
            None if value == "" else unguarded(value) if isinstance(value, str) and value[0] == "'" else value
            for value in cells
        ]
        if len(values) > max_columns and any(value is not None for value in values[max_columns:]):
            raise Unreadable(
                "too_many_columns", Phrase("The file has more than %(limit)s columns.", limit=max_columns)
            )
        filled.append((number, values[:max_columns]))
    if not filled:
        raise Unreadable("empty", Phrase("The file is empty."))
    return filled, blank


def _table(filled: list[NumberedRow], at: int, notes: list[Note], sheets: tuple[str, ...]) -> Table:
    body = filled[at + 1 :]
    named = filled[at][1] if at >= 0 else []
    width = _width(named, body, bool(sheets))
    headers = _headers(named, width, notes)
    number = filled[at][0] if at >= 0 else 0
    if at > 0:
        notes.append(
            Note("skipped", Phrase("Lines above the headers, left out: %(count)s.", count=at), number)
        )
    if at < 0:
        notes.append(Note("no_header", Phrase("The file has no headers: its columns are numbered.")))
    unread = {note.row: note.message for note in notes if note.code == "unread"}
    rows = _rows(body, width, notes, unread)
    if not rows:
        notes.append(Note("no_rows", Phrase("There are no rows below the headers.")))
    return Table(headers, rows, tuple(notes), sheets, number)


def _find_header(filled: list[NumberedRow]) -> int:
    """Which filled row holds the headers, -1 for none: titles and remarks above it have far fewer cells."""
    head = [cells for _number, cells in filled[:HEADER_SOUGHT_IN]]
    counts = [sum(value is not None for value in cells) for cells in head]
    typical = statistics.median_low(counts)
    at = 0
    while at < len(head) - 1 and typical > 1 and _is_title(head[at], counts[at], typical):
        at += 1
    for below in range(at + 1, min(at + 3, len(head))):
        grouped = counts[below] >= max(typical, counts[at] * FULLER) and counts[at] < typical
        if grouped and all(
            isinstance(value, str) and not _is_number(value) for value in head[below] if value
        ):
            return below
    return -1 if at == 0 and _is_data(head) else at


def _is_title(cells: list[Cell], count: int, typical: int) -> bool:
    return count <= max(1, typical // 2) and (count > 1 or cells[0] is not None)


def _is_data(head: list[list[Cell]]) -> bool:
    """Whether the first row is no header: its numbers and dates stand above numbers and dates."""
    if len(head) < 2:
        return False
    first, second = head[0], head[1]
    filled = [i for i, value in enumerate(first) if value is not None and _is_value(value)]
    years = all(re.fullmatch(r"(?:19|20)\d\d", parse_text(first[i])) for i in filled)
    return bool(filled) and not years and all(i < len(second) and _is_value(second[i]) for i in filled)


def _is_value(value: Cell) -> bool:
    if value is None or isinstance(value, bool):
        return False
    if not isinstance(value, str):
        return True
    return _is_number(value) or guess_date_order([value]) != "ambiguous"


def _is_number(value: Cell) -> bool:
    if not isinstance(value, str):
        return isinstance(value, int | float)
    if not _NUMBER.fullmatch(value.strip()):
        return False
    try:
        parse_money(value.strip().rstrip("%"), 15)
    except BadCell as bad:
        return bad.code == "currency"
    return True


def _given_header(filled: list[NumberedRow], header_row: int) -> int:
    if header_row == 0:
        return -1
    for at, (number, _cells) in enumerate(filled):
        if number == header_row:
            return at
    raise Unreadable("no_header_row", Phrase("Row %(row)s is blank or missing.", row=header_row))


def _width(named: list[Cell], body: list[NumberedRow], is_sheet: bool) -> int:
    """How many columns: as far as there are headers, and in a sheet or without headers as far as values."""
    width = max((i for i, value in enumerate(named, 1) if value is not None), default=0)
    if is_sheet or not named:
        reach = max(
            (i for _n, cells in body for i, value in enumerate(cells, 1) if value is not None), default=0
        )
        return max(width, reach)
    # cells under a blank header belong to the table; cells beyond the last comma of the headers do not
    return max(
        width,
        max(
            (
                i
                for _n, cells in body
                for i, v in enumerate(cells[: len(named)], 1)
                if v is not None and i > width
            ),
            default=0,
        ),
    )


def _headers(named: list[Cell], width: int, notes: list[Note]) -> tuple[str, ...]:
    taken: set[str] = set()
    renamed: list[Note] = []
    headers: list[str] = []
    texts = [" ".join(parse_text(value).split())[:LONGEST_HEADER] for value in named[:width]]
    texts += [""] * (width - len(texts))
    written = set(texts)
    for index, text in enumerate(texts, 1):
        wanted = name = text or f"Column {index}"
        copy = 1
        while name in taken or (name != text and name in written):
            copy += 1
            name = f"{wanted} ({copy})"
        taken.add(name)
        headers.append(name)
        if text and name != text:
            message = Phrase(
                "The header “%(header)s” occurs again and is called “%(name)s”.", header=text, name=name
            )
            renamed.append(Note("duplicate_header", message))
        elif not text and named:
            renamed.append(
                Note("blank_header", Phrase("A column without a header is called “%(name)s”.", name=name))
            )
    notes.extend(renamed[:MOST_NOTES])
    if len(renamed) > MOST_NOTES:
        more = Phrase("More headers that got a new name: %(count)s.", count=len(renamed) - MOST_NOTES)
        notes.append(Note("more_headers", more))
    return tuple(headers)


def _rows(
    body: list[NumberedRow], width: int, notes: list[Note], unread: Mapping[int | None, Phrase]
) -> tuple[TableRow, ...]:
    rows: list[TableRow] = []
    ragged: list[Note] = []
    for number, cells in body:
        problem = unread.get(number)
        count = len(cells)
        if count != width:
            if any(value is not None for value in cells[width:]):
                problem = Phrase(
                    "This row has %(found)s cells for %(expected)s headers.", found=count, expected=width
                )
            if count < width or problem:
                message = Phrase(
                    "Row %(row)s has %(found)s of %(expected)s cells.",
                    row=number,
                    found=count,
                    expected=width,
                )
                ragged.append(Note("ragged", message, number))
            cells = cells[:width] + [None] * (width - count)
        rows.append(TableRow(number, tuple(cells), problem))
    notes.extend(ragged[:MOST_NOTES])
    if len(ragged) > MOST_NOTES:
        more = Phrase("More rows with too few or too many cells: %(count)s.", count=len(ragged) - MOST_NOTES)
        notes.append(Note("ragged", more))
    return tuple(rows)
