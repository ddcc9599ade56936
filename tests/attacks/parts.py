"""What the attacks share: all that the database holds."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from portal.migrations import models
from portal.models.base.database import db

ASIDE = {"event", "search_outbox", "session", "search_log"}
"""What may grow when nothing is changed: the log of what was tried, who was seen when."""


def everything() -> dict[str, list[Any]]:
    """Every row of every table that is not aside."""
    names = [model._meta.table_name for model in models()]
    return {name: _rows(name) for name in names if name not in ASIDE}


def _rows(name: str) -> list[Any]:
    return sorted(db.execute_sql(f'SELECT * FROM "{name}"').fetchall(), key=repr)


def changed(before: dict[str, list[Any]]) -> dict[str, Any]:
    """The tables that hold something else now, with what they hold."""
    return {name: rows for name, rows in everything().items() if rows != before[name]}


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """What each answers when all begin at the same moment, each in a thread of its own."""
    start, answers = threading.Barrier(len(acts)), list[Any]([None] * len(acts))

    def run(number: int, act: Callable[[], Any]) -> None:
        start.wait()
        try:
            answers[number] = act()
        except BaseException as failure:
            answers[number] = failure
        finally:
            if not db.is_closed():
                db.close()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return answers
