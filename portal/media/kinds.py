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
    played: str = ""
    """The element that plays it: `audio`, `video`, or none."""


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
_MPEG4 = Kind("video/mp4", (".mp4", ".m4v", ".3gp"), played="video")
_SOUND4 = Kind("audio/mp4", (".m4a", ".m4b"), played="audio")
_QUICKTIME = Kind("video/quicktime", (".mov",), played="video")
_WEBM = Kind("video/webm", (".webm",), played="video")
_MP3 = Kind("audio/mpeg", (".mp3",), played="audio")
_OGG = Kind("audio/ogg", (".ogg", ".oga", ".opus"), played="audio")
_WAVE = Kind("audio/wav", (".wav",), played="audio")
_AAC = Kind("audio/aac", (".aac",), played="audio")
RECORDINGS = {kind.media: kind for kind in (_MPEG4, _SOUND4, _QUICKTIME, _WEBM, _MP3, _OGG, _WAVE, _AAC)}
"""What phones and recorders make: played in the page, never read as a page."""
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


def recording_of(data: bytes) -> Kind | None:
    """The kind of a recording, by its first bytes; None of all else."""
    if data[4:8] == b"ftyp":
        brand = data[8:12]
        return _QUICKTIME if brand == b"qt  " else _SOUND4 if brand in (b"M4A ", b"M4B ") else _MPEG4
    if data.startswith(b"\x1aE\xdf\xa3"):
        return _WEBM if b"webm" in data[:64] else None
    if data[:4] == b"RIFF" and data[8:12] == b"WAVE":
        return _WAVE
    if data.startswith(b"OggS"):
        return _OGG
    if data.startswith((b"\xff\xf1", b"\xff\xf9")):
        return _AAC
    is_frame = data[:1] == b"\xff" and data[1:2] in (b"\xfb", b"\xfa", b"\xf3", b"\xf2")
    return _MP3 if is_frame or data.startswith(b"ID3") else None


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
