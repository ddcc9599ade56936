"""What was freed goes back to the system: left to itself, the C library keeps a heap for each thread, and in
them all the room that the largest hash, import or export ever took.
"""

from __future__ import annotations

import ctypes

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
"""The numbers by which glibc's `mallopt` knows its settings (malloc.h)."""
HEAPS = 1
LARGE = 256 * 1024
"""Bytes from which a piece is taken from the system by itself, and given back so. Without a fixed bound
glibc raises it to what was freed last, such as the 19 MB of a password's hash.
"""


def give_back() -> None:
    """Keep little of what is freed, from now on. Where the C library is another one it stays as it is."""
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return
    for setting, value in ((_ARENA_MAX, HEAPS), (_MMAP_THRESHOLD, LARGE), (_TRIM_THRESHOLD, LARGE)):
        mallopt(setting, value)
