"""One after another, each for itself: what fails is put aside with its reason, and the rest goes on."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from peewee import InterfaceError, OperationalError

from portal.models.base.database import transact
from portal.models.work.setbacks import Setback

log = logging.getLogger("portal.jobs")


def each_apart(
    work: str,
    noun: str,
    due: Callable[[set[int]], Iterable[int]],
    act: Callable[[int], Any],
    *,
    shown: Callable[[int, int], None] | None = None,
    nobodys: tuple[type[Exception], ...] = (),
) -> None:
    """Do an act, in a transaction of its own, for each record that is due, but for those put aside: `due` is
    told which. `nobodys` are failures of the whole, such as an engine that is down: they end it, and the job
    is tried again.
    """
    held = transact(lambda: Setback.held(work, noun), write=False)
    idents = [ident for ident in transact(lambda: list(due(held)), write=False) if ident not in held]
    known = transact(lambda: _known(work, noun), write=False)
    for done, ident in enumerate(idents, start=1):
        try:
            transact(partial(act, ident))
        except Exception as error:
            if isinstance(error, (OperationalError, InterfaceError, *nobodys)):
                raise  # a database that is locked or away lies in no record
            _put_aside(work, noun, ident, error)
        else:
            if ident in known:
                transact(partial(Setback.settle, work, noun, [ident]))
        if shown is not None:
            shown(done, len(idents))


def _known(work: str, noun: str) -> set[int]:
    rows: Any = Setback.select(Setback.record).where((Setback.work == work) & (Setback.noun == noun)).tuples()
    return {record for (record,) in rows}


def _put_aside(work: str, noun: str, ident: int, error: Exception) -> None:
    log.error("put aside", exc_info=error, extra={"facts": {"job": work, "record": f"{noun}-{ident}"}})
    text = "".join(traceback.format_exception_only(error)).strip()
    transact(partial(Setback.note, work, noun, ident, text))
