"""Pictures as they may be shown: upright, no larger than a page needs, nothing beside the picture itself.
Where and when it was taken, by which device and whose, is left out.
"""

from __future__ import annotations

import threading
from pathlib import Path

from portal.tables import confined

READER = Path(__file__).with_name("picture_reader.py")
LARGEST_SIDE = 2400
"""Pixels: a page of 900 on a screen of more than twice the density."""
MOST_PIXELS = 60_000_000
"""Of a picture that is opened: a phone takes 12 to 50 million."""
SECONDS = 15
LIMITS = {
    "RLIMIT_AS": 1 << 30,
    "RLIMIT_CPU": 8,
    "RLIMIT_FSIZE": 1 << 25,
    "RLIMIT_CORE": 0,
}
"""What the process that reads may use: bytes of addresses, seconds, bytes of the answer."""

_AT_ONCE = threading.BoundedSemaphore(2)


class Broken(Exception):
    """It cannot be shown: damaged, larger than any picture, or something else than it says."""


def cleaned(data: bytes, media: str) -> bytes:
    """The picture alone, of the same kind. Raises Broken."""
    named = media.partition("/")[2].upper()
    asked = {"format": named, "side": LARGEST_SIDE, "pixels": MOST_PIXELS, "limits": LIMITS}
    with _AT_ONCE:
        found = confined.read(READER, asked, data, seconds=SECONDS)
    if found is None:
        raise Broken
    return found
