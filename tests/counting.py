"""How many queries something costs, and how often a function is called."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

MOST = 12
"""The most that a page may ask of the database."""


class Queries(logging.Handler):
    """Collects the statements sent to the database."""

    def __init__(self) -> None:
        super().__init__()
        self.statements: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        statement = str(record.msg[0] if isinstance(record.msg, tuple) else record.msg)
        if statement.lstrip("( ").split(" ")[0].upper() in ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH"):
            self.statements.append(statement)


@contextmanager
def queries() -> Iterator[list[str]]:
    """The statements sent while the block runs."""
    log, heard = logging.getLogger("peewee"), Queries()
    before = log.level
    log.addHandler(heard)
    log.setLevel(logging.DEBUG)
    try:
        yield heard.statements
    finally:
        log.removeHandler(heard)
        log.setLevel(before)


@contextmanager
def calls(function: Callable[..., object]) -> Iterator[list[str]]:
    """A mark for each call of a function while the block runs, in this thread and those begun meanwhile."""
    counted: list[str] = []

    def notice(frame: FrameType, event: str, _argument: object) -> None:
        if event == "call" and frame.f_code is function.__code__:
            counted.append(frame.f_code.co_qualname)

    before = sys.getprofile()
    threading.setprofile(notice)
    sys.setprofile(notice)
    try:
        yield counted
    finally:
        sys.setprofile(before)
        threading.setprofile(None)
