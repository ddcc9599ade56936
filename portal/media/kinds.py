"""What a file is, by what it holds: its name only says which of two that look alike."""

from __future__ import annotations

import io
import re
import zipfile
from typing import NamedTuple

from portal.tables.archives import is_bounded


class Kind(NamedTuple):
    """A kind of file that may stand in a text."""

    media: str
    endings: tuple[str, ...]
    is_picture: bool = False


PNG = Kind("image/png", (".png",), True)
JPEG = Kind("image/jpeg", (".jpg", ".jpeg"), True)
WEBP = Kind("image/webp", (".webp",), True)
GIF = Kind("image/gif", (".gif",), True)
PDF = Kind("application/pdf", (".pdf",))
_OFFICE = "application/vnd.openxmlformats-officedocument."
WORD = Kind(f"{_OFFICE}wordprocessingml.document", (".docx",))
EXCEL = Kind(f"{_OFFICE}spreadsheetml.sheet", (".xlsx",))
SLIDES = Kind(f"{_OFFICE}presentationml.presentation", (".pptx",))
TEXT = Kind("text/plain", (".txt", ".csv", ".md"))
KINDS = {kind.media: kind for kind in (PNG, JPEG, WEBP, GIF, PDF, WORD, EXCEL, SLIDES, TEXT)}
_PARTS = {"word/document.xml": WORD, "xl/workbook.xml": EXCEL, "ppt/presentation.xml": SLIDES}
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0e-\x1f]")
_MOST_PARTS, _UNPACKED = 5_000, 500 << 20
"""Of an office file: parts, and bytes once unpacked. What is more is a bomb, not a document."""


def kind_of(data: bytes, name: str) -> Kind | None:
    """The kind of a file that may stand in a text, None of all others: programs, macros, pages, archives."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if data.startswith(b"\xff\xd8\xff"):
        return JPEG
    if data.startswith((b"GIF87a", b"GIF89a")):
        return GIF
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return WEBP
    if data.startswith(b"%PDF-"):
        return PDF
    if data.startswith(b"PK"):
        return _office(data)
    return TEXT if name.lower().endswith(TEXT.endings) and _is_text(data) else None


def _office(data: bytes) -> Kind | None:
    if not is_bounded(data):
        return None
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, EOFError, NotImplementedError, OSError, ValueError):
        return None
    names = {part.filename for part in parts}
    too_much = len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > _UNPACKED
    if too_much or any(name.lower().endswith("vbaproject.bin") for name in names):
        return None
    return next((kind for part, kind in _PARTS.items() if part in names), None)


def _is_text(data: bytes) -> bool:
    """Whether it is text in one of the encodings that are written here."""
    for encoding in ("utf-8-sig", "gb18030", "utf-16"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return _CONTROLS.search(text) is None
    return False
