"""How many queries something costs."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

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
