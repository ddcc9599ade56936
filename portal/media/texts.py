"""The words of a file, so that it is found by them."""

from __future__ import annotations

from pathlib import Path

from portal.media.kinds import EXCEL, PDF, SLIDES, TEXT, WORD
from portal.tables import confined

READABLE = (PDF, WORD, EXCEL, SLIDES, TEXT)
READER = Path(__file__).with_name("text_reader.py")
MOST = 60_000
"""Characters that are read of a file: some forty pages. What comes after is not found by its words."""
SECONDS = 30
LIMITS = {
    "RLIMIT_AS": 1 << 30,
    "RLIMIT_CPU": 20,
    "RLIMIT_FSIZE": 1 << 20,
    "RLIMIT_CORE": 0,
}
"""What the process that reads may use: bytes of addresses, seconds, bytes of the answer."""


def words_of(data: bytes, media: str) -> str | None:
    """What stands in a file: '' where it holds pictures alone, None where it cannot be read in bounds."""
    found = confined.read(READER, {"media": media, "most": MOST, "limits": LIMITS}, data, seconds=SECONDS)
    return None if found is None else found.decode("utf-8", "replace").replace("\0", "").strip()
