"""Who writes: a process by its machine, its number and a word of its own."""

from __future__ import annotations

import os
import secrets
import socket
from functools import cache


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
    return False
