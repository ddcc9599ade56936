"""A Word file as Markdown, with its pictures named by where they lie."""

from __future__ import annotations

from pathlib import Path

from portal.tables import confined
from portal.text.from_html import written

ENDING = ".docx"
READER = Path(__file__).with_name("word_reader.py")
MOST = 1_500_000
"""Signs of HTML: an article has at most 200,000 of its own."""
SECONDS = 15
LIMITS = {
    "RLIMIT_AS": 1 << 30,
    "RLIMIT_CPU": 10,
    "RLIMIT_FSIZE": 8 << 20,
    "RLIMIT_CORE": 0,
}
"""What the process that reads may use: bytes of addresses, seconds, bytes of the answer."""


def text_in(data: bytes, place: str) -> str | None:
    """What stands in it; None where it cannot be read in bounds. Its pictures are called `PLACE-number`."""
    asked = {"place": place, "most": MOST, "limits": LIMITS}
    found = confined.read(READER, asked, data, seconds=SECONDS)
    return None if found is None else written(found.decode("utf-8", "replace").replace("\0", ""))
