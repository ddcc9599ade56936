"""Who writes: a process by its machine, its number and a word of its own."""

from __future__ import annotations

import os
import secrets
import socket
from functools import cache
from pathlib import Path


def holder() -> str:
    """This process."""
    return _of(os.getpid())


@cache
def _of(process: int) -> str:
    return f"{socket.gethostname()}:{process}:{secrets.token_hex(4)}"


def is_dead(named: str) -> bool:
    """Whether a lease is held by a process of this machine that lives no more."""
    host, _, rest = named.rpartition(":")[0].rpartition(":")
    if host != socket.gethostname() or not rest.isdigit() or named == holder():
        return False
    if int(rest) == os.getpid():
        return True  # an earlier life under the same number
    try:
        os.kill(int(rest), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return _has_ended(int(rest))


def _has_ended(process: int) -> bool:
    """Whether it was killed, and only its parent has not asked how it ended: it writes no more. On a busy
    machine that may take longer than a start.
    """
    try:
        told = Path(f"/proc/{process}/stat").read_bytes()
    except OSError:  # a system that has no such file, or it is gone by now
        return False
    return told.rpartition(b")")[2].split()[:1] == [b"Z"]
