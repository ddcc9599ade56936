"""Text files with delimiters: which encoding, which delimiter, and the cells of every line."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator

import charset_normalizer

from portal.i18n import Phrase
from portal.tables.notes import Note, Unreadable

NumberedLine = tuple[int, list[str]]

DELIMITERS = ("\t", ";", "|", ",")  # the rarer in running text first: they win a tie
DELIMITER_NAMES = {"\t": "tab", " ": "space"}
SNIFFED_LINES = 200
SNIFFED_BYTES = 200_000
FOREIGN_SHARE = 0.15  # of all bytes; Western text has fewer accented letters than this
CHINESE_SHARE = 0.85  # of the characters outside ASCII: common ones in real Chinese text
DAMAGED_SHARE = 0.02  # of the characters outside ASCII; more, and the encoding is another
CONTROL_SHARE = 0.01
EXPECTED_SHARE = 0.98
_EXPECTED = re.compile("[\t\r\n -~\xa0-\u024f\u2010-\u2026\u3000-\u30ff\u4e00-\u9fff\uff01-\uffe5]")
PROSE_LINES, PROSE_WORDS = 5, 5


def read(
    data: bytes, *, encoding: str | None, delimiter: str | None
) -> tuple[Iterator[NumberedLine], list[Note]]:
    """The records of a text file with the line each begins on, and what had to be guessed to read them."""
    notes: list[Note] = []
    text = _decode(data, encoding, notes)
    if "\0" in text:
        text = text.replace("\0", "")
        notes.append(Note("nul", Phrase("NUL characters removed.")))
    if _control_share(text) > CONTROL_SHARE:
        raise Unreadable("binary", Phrase("This is not a table but a file of another kind."))
    if not text.strip(" \t\r\n,;|\x1a"):
        raise Unreadable("empty", Phrase("The file is empty."))
    return _records(text, delimiter, notes), notes


def text_of(data: bytes) -> str:
    """A text file in whatever encoding it is written, as tables are read."""
    return _guess_encoding(data)[1].removeprefix("\ufeff")


def _decode(data: bytes, encoding: str | None, notes: list[Note]) -> str:
    if encoding:
        return _decode_as(data, encoding, notes)
    name, text, damaged = _guess_encoding(data)
    if not text.isascii() or name.startswith("utf-16"):
        shown = name.upper().replace("UTF-8-SIG", "UTF-8").replace("CP1252", "Windows-1252")
        notes.append(Note("encoding", Phrase("Read as %(encoding)s.", encoding=shown)))
    if damaged:
        message = Phrase("Damaged characters, shown as �: %(count)s.", count=damaged)
        notes.append(Note("damaged", message))
    return text.removeprefix("\ufeff")


def _decode_as(data: bytes, encoding: str, notes: list[Note]) -> str:
    try:
        codec = codecs.lookup(encoding)
        text = data.decode("utf-8-sig" if codec.name == "utf-8" else codec.name)
    except (LookupError, ValueError) as error:
        if isinstance(error, UnicodeError):
            raise Unreadable(
                "wrong_encoding", Phrase("The file is not written in %(encoding)s.", encoding=encoding)
            ) from None
        raise Unreadable(
            "unknown_encoding", Phrase("There is no encoding called “%(encoding)s”.", encoding=encoding)
        ) from None
    notes.append(Note("encoding", Phrase("Read as %(encoding)s.", encoding=codec.name.upper())))
    return text.removeprefix("\ufeff")


def _guess_encoding(data: bytes) -> tuple[str, str, int]:
    """The encoding, the text and the number of damaged characters; strict encodings are asked first."""
    for bom, name in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF32_LE, "utf-32"),
        (codecs.BOM_UTF32_BE, "utf-32"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if data.startswith(bom):
            text = data.decode(name, "replace")
            return name, text, text.count("\ufffd")
    if b"\0" in data and (wide := _utf16_without_mark(data)):
        return wide
    try:
        return "utf-8", data.decode("utf-8"), 0
    except UnicodeDecodeError:
        pass
    text = data.decode("utf-8", "replace")
    if 0 < (damaged := text.count("\ufffd")) <= _foreign(text) * DAMAGED_SHARE:
        return "utf-8", text, damaged
    return _chinese(data) or _other_alphabet(data) or _western(data)


def _utf16_without_mark(data: bytes) -> tuple[str, str, int] | None:
    """Read in the right byte order nearly all is plain text and Chinese; in the wrong one hardly anything."""
    for name in ("utf-16-le", "utf-16-be"):
        text = data.decode(name, "replace")
        expected = sum(1 for c in text[:SNIFFED_BYTES] if _EXPECTED.match(c))
        if expected >= min(len(text), SNIFFED_BYTES) * EXPECTED_SHARE and re.search(r"[\t\n\r,;|]", text):
            return name, text, text.count("\ufffd")
    return None


def _chinese(data: bytes) -> tuple[str, str, int] | None:
    """GB18030 or Big5, if the characters that come out are those that Chinese is really written with."""
    found: list[tuple[float, str, str, int]] = []
    for name in ("gb18030", "big5hkscs"):
        text = data.decode(name, "replace")
        damaged = text.count("\ufffd")
        if damaged <= max(_foreign(text), 1) * DAMAGED_SHARE:
            found.append((_common_share(text, name), "big5" if name != "gb18030" else name, text, damaged))
    # max() keeps the first of equals: on a short file GB18030, the encoding of Excel in China, is likelier
    share, name, text, damaged = max(found, key=lambda item: item[0], default=(0.0, "", "", 0))
    return (name, text, damaged) if share >= CHINESE_SHARE else None


def _common_share(text: str, encoding: str) -> float:
    """The share of common characters and punctuation among those outside ASCII (level 1 of the standards)."""
    legacy, levels = ("gb2312", (0xB0, 0xD7)) if encoding == "gb18030" else ("big5", (0xA4, 0xC6))
    counts = Counter(c for c in text[:SNIFFED_BYTES] if c > "\x7f")
    common = 0.0
    for character, count in counts.items():
        code = character.encode(legacy, "ignore")
        if len(code) == 2:
            first = code[0]
            punctuation = first in (0xA1, 0xA3)
            common += count * (1 if levels[0] <= first <= levels[1] or punctuation else 0.6)
    return common / counts.total() if counts else 0.0


def _other_alphabet(data: bytes) -> tuple[str, str, int] | None:
    """Cyrillic, Greek, Japanese, Korean, rare Chinese: asked where the text can hardly be Western."""
    sample = data[:SNIFFED_BYTES]
    if sum(byte > 0x7F for byte in sample) < len(sample) * FOREIGN_SHARE:
        return None
    best = charset_normalizer.from_bytes(sample, steps=3, chunk_size=512).best()
    if best is None or best.encoding.startswith("utf"):
        return None
    text = data.decode(best.encoding, "replace")
    # between the many encodings of Latin letters it guesses; there Windows-1252 is the likeliest by far
    beyond_latin = sum(c >= "\u0370" and c != "\ufffd" for c in text)
    if beyond_latin < _foreign(text) / 2:
        return None
    return best.encoding, text, text.count("\ufffd")


def _western(data: bytes) -> tuple[str, str, int]:
    try:
        return "cp1252", data.decode("cp1252"), 0
    except UnicodeDecodeError:  # five bytes have no character there
        return "latin-1", data.decode("latin-1"), 0


def _foreign(text: str) -> int:
    return sum(c > "\x7f" and c != "\ufffd" for c in text)


def _control_share(text: str) -> float:
    sample = text[:SNIFFED_BYTES].rstrip("\x1a")
    controls = sum(
        (c < " " and c not in "\t\n\v\f\r") or "\x7f" <= c <= "\x9f" or c == "\ufffe" for c in sample
    )
    return controls / len(sample) if sample else 0.0


def _records(text: str, delimiter: str | None, notes: list[Note]) -> Iterator[NumberedLine]:
    lines = _lines(text)
    declared = re.match(r'"?sep=(.)"?\s*$', lines[0].strip("\r\n"), re.I)
    if declared:  # Excel's own first line, which says the delimiter
        delimiter = delimiter or declared[1]
        lines[0] = "\n"
    if delimiter is not None and (len(delimiter) != 1 or delimiter in '"\r\n'):
        raise Unreadable(
            "bad_delimiter", Phrase("“%(delimiter)s” cannot be a delimiter.", delimiter=delimiter)
        )
    delimiter = delimiter or _sniff_delimiter(lines)
    if delimiter != ",":
        shown = DELIMITER_NAMES.get(delimiter, delimiter)
        notes.append(Note("delimiter", Phrase("The delimiter is “%(delimiter)s”.", delimiter=shown)))
    mark = re.escape(delimiter)
    # A blank is no delimiter that blanks follow: between them they would be tried in all ways.
    quoted = delimiter.strip() and re.search(rf'(?m){mark} +"[^"\r\n]*"\s*(?:{mark}|$)', text)
    return _parse(lines, delimiter, escapes=_escapes_quotes(text), spaced=bool(quoted))


def _lines(text: str) -> list[str]:
    """The lines with their ends: only CR, LF and CRLF end a line, whatever Unicode says of others."""
    return list(io.StringIO(text.rstrip("\x1a"), newline=""))


def _parse(
    lines: list[str], delimiter: str, *, escapes: bool = False, spaced: bool = False
) -> Iterator[NumberedLine]:
    """The records; refuses a cell that is too long and a quotation mark that is opened and never closed."""
    reader = csv.reader(
        lines, delimiter=delimiter, escapechar="\\" if escapes else None, skipinitialspace=spaced
    )
    began = 1
    try:
        for cells in reader:
            if reader.line_num > began and reader.line_num == len(lines):
                _refuse_open_quote(lines[began - 1 :], delimiter, began, escapes)
            yield began, cells
            began = reader.line_num + 1
    except csv.Error as error:
        if "field larger" in str(error):
            raise Unreadable(
                "cell_too_long",
                Phrase(
                    "A cell beginning on line %(row)s is longer than %(limit)s characters.",
                    row=began,
                    limit=csv.field_size_limit(),
                ),
            ) from None
        raise Unreadable("damaged", Phrase("Line %(row)s cannot be divided into cells.", row=began)) from None


def _refuse_open_quote(lines: list[str], delimiter: str, began: int, escapes: bool) -> None:
    strict = csv.reader(lines, delimiter=delimiter, strict=True, escapechar="\\" if escapes else None)
    try:
        list(strict)
    except csv.Error as error:
        if "unexpected end" in str(error):
            raise Unreadable(
                "open_quote", Phrase("The quotation mark opened on line %(row)s is never closed.", row=began)
            ) from None


def _escapes_quotes(text: str) -> bool:
    r"""Whether quotation marks inside cells are written `\"`, and the backslash serves nothing else."""
    if not re.search(r'\\"(?![",;\t|\r\n]|$)', text):
        return False
    return not re.search(r'\\(?!["\\])', text.replace("\\\\", ""))


def _sniff_delimiter(lines: list[str]) -> str:
    """The delimiter that divides the most lines, most evenly; comma where nothing is divided."""
    best: tuple[float, int, str] = (0.0, 0, ",")
    head, cut = lines[:SNIFFED_LINES], len(lines) > SNIFFED_LINES
    for delimiter in DELIMITERS:
        widths = _widths(head, delimiter, cut)
        divided = Counter(width for width in widths if width > 1)
        if not divided:
            continue
        width, count = divided.most_common(1)[0]
        evenness = divided.total() / len(widths) * (0.5 + count / divided.total() / 2)
        best = max(best, (round(evenness, 2), width, delimiter), key=lambda found: found[:2])
    if best[0] < 0.5 and _is_prose(head):
        raise Unreadable(
            "no_columns", Phrase("This is running text: its lines are not divided into columns.")
        )
    return best[2] if best[0] >= 0.3 else ","


def _widths(lines: list[str], delimiter: str, cut: bool) -> list[int]:
    """How many cells each record has; `cut`: the last line read is not the last of the file, and a text of
    many lines may go on after it.
    """
    widths: list[int] = []
    try:
        for cells in csv.reader(lines, delimiter=delimiter):
            if any(cells):
                widths.append(len(cells))
    except csv.Error:
        pass  # the reading itself says which line
    return (widths[:-1] if cut and len(widths) > 1 else widths) or [1]


def _is_prose(lines: list[str]) -> bool:
    """Sentences wrapped into lines: many words, commas here and there."""
    full = [line for line in lines if line.strip()]
    words = sum(len(line.split()) for line in full)
    return len(full) >= PROSE_LINES and words >= len(full) * PROSE_WORDS and any("," in line for line in full)
