"""Whether an archive may be looked into at all: Python's zipfile reads its whole directory at once."""

from __future__ import annotations

LARGEST_DIRECTORY = 2 << 20
"""Bytes: more than 5,000 files with long names take. 430,000 tiny ones take 20 MB, and seconds."""
_END, _LOCATOR, _END64 = b"PK\x05\x06", b"PK\x06\x07", b"PK\x06\x06"
_END_BYTES, _LOCATOR_BYTES, _END64_BYTES, _LONGEST_COMMENT = 22, 20, 56, 1 << 16


def is_bounded(data: bytes) -> bool:
    """Whether a zip says of itself, where zipfile looks for it, that its directory is no larger than that;
    what cannot be told is not bounded (APPNOTE.TXT 4.3.14-16).
    """
    at = len(data) - _END_BYTES
    if data[-_END_BYTES:-18] != _END or data[-2:] != b"\0\0":  # there is a comment behind it
        at = data.rfind(_END, max(0, at - _LONGEST_COMMENT))
    end = data[at : at + _END_BYTES]
    if at < 0 or len(end) < _END_BYTES:
        return False
    sizes, located = [_number(end[12:16])], at - _LOCATOR_BYTES
    if located >= 0 and data[located : located + 4] == _LOCATOR:  # what stands there counts, not this
        told = _number(data[located + 8 : located + 16])
        near, far = (
            data[max(0, place) : max(0, place) + _END64_BYTES] for place in (located - _END64_BYTES, told)
        )
        if located < _END64_BYTES or not near.startswith(_END64):
            return False
        sizes = [_number(each[40:48]) for each in (near, far) if each.startswith(_END64)]
    return max(sizes) <= LARGEST_DIRECTORY


def _number(data: bytes) -> int:
    return int.from_bytes(data, "little")
