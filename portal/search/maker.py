"""Who makes vectors, in a process of its own: those that answer people share one model, and none holds it."""

from __future__ import annotations

import logging
import os
import secrets
import socket
import struct
import sys
import threading
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Protocol

from portal.search.engine import EngineDown

Make = Callable[[str, str], bytes]
"""Given `query` or `passage` and a text, its vector. Raises EngineDown."""
PATIENCE = 5.0
"""Seconds for one vector: of them the first one needs a part, since the model is loaded for it."""
LONGEST = 64 * 1024
"""Bytes of what is asked."""
TERM = 30.0
"""Seconds after which one vector is taken to hang: the longest text needs a third of one."""
WAITING = 64
"""So many may wait at the door."""
_VECTOR, _ERROR = b"v", b"e"
log = logging.getLogger("portal.search")


class Watch(Protocol):
    """Who ends this process when what began takes longer than so many seconds, and begins another."""

    def began(self, job: int, seconds: float) -> None: ...

    def ended(self, job: int) -> None: ...


def door() -> socket.socket | None:
    """Where the processes of this portal ask; None where the system has no doors that lie in no folder."""
    if sys.platform != "linux":
        return None
    opened = socket.socket(socket.AF_UNIX)
    opened.bind(f"\0portal-{secrets.token_hex(16)}")
    opened.listen(WAITING)
    return opened


def answer(at: socket.socket, make: Make, threads: int) -> None:
    """Answer whoever asks at a door, until this process ends."""
    with ThreadPoolExecutor(threads, "vectors") as several:
        for each in [several.submit(_answer, at, make) for _ in range(threads)]:
            each.result()


def watched(make: Make, watch: Watch) -> Make:
    """What makes vectors, so that none hangs for good."""

    def made(sort: str, text: str) -> bytes:
        thread = threading.get_ident()
        watch.began(thread, TERM)
        try:
            return make(sort, text)
        finally:
            watch.ended(thread)

    return made


def _answer(at: socket.socket, make: Make) -> None:
    while True:
        asks, _ = at.accept()
        with asks, suppress(OSError):  # who asked is gone
            asks.settimeout(PATIENCE)
            if _is_ours(asks):
                asks.sendall(_told(_all(asks), make))


def _is_ours(asks: socket.socket) -> bool:
    """Whether it is the portal's own user: others of the machine may see the door, and do not get in."""
    _, user, _ = struct.unpack("3i", asks.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
    return bool(user == os.getuid())


def _told(asked: bytes, make: Make) -> bytes:
    sort, _, text = asked.decode("utf-8", "replace").partition(" ")
    try:
        return _VECTOR + make(sort, text)
    except EngineDown as down:
        return _ERROR + f"{down.reason} {down.detail}".encode()
    except Exception as error:  # what it says may be what was asked, which no log tells
        kind, at = type(error).__name__, "".join(traceback.format_tb(error.__traceback__))
        log.error("no vector", extra={"facts": {"error": kind, "where": at}})
        return _ERROR + f"broken {kind}".encode()


def ask(at: str | bytes, sort: str, text: str) -> bytes:
    """The vector of a text, made beside. Raises EngineDown, also where nobody answers in time."""
    try:
        with socket.socket(socket.AF_UNIX) as there:
            there.settimeout(PATIENCE)
            there.connect(at)
            there.sendall(f"{sort} {text}".encode("utf-8", "replace"))
            there.shutdown(socket.SHUT_WR)
            told = _all(there)
    except TimeoutError as late:
        raise EngineDown("slow", "no vector in time") from late
    except OSError as error:
        raise EngineDown("unreachable", str(error)) from error
    if told[:1] != _VECTOR:
        reason, _, detail = told[1:].decode().partition(" ")
        raise EngineDown(reason or "unreachable", detail)
    return told[1:]


def _all(wire: socket.socket) -> bytes:
    told = bytearray()
    while (more := wire.recv(LONGEST)) and len(told) < LONGEST:
        told += more
    return bytes(told)
