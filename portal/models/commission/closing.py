"""Previewing and closing a month: read at one moment, reckoned in memory, kept in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from peewee import chunked

from portal import clock
from portal.clock import Month
from portal.i18n import Phrase
from portal.models.base.database import db, is_sqlite, transact
from portal.models.commission.periods import Period, hold_close
from portal.models.commission.policies import Policy
from portal.models.commission.reckoning import read
from portal.models.commission.statements import Statement
from portal.models.commission.terms import Inputs, Reckoning, compute
from portal.models.people.notices import Notice

Progress = Callable[[int, int], None]
_STEP = 250


class _Overtaken(Exception):
    """Another month was closed since the facts were read."""


def _silent(_done: int, _total: int) -> None:
    """Nobody is watching."""


def preview(month: Month, *, by: int, progress: Progress = _silent) -> None:
    """Reckon and show everyone's statement of a month that is not closed; again gives the same again."""
    reckonings, _, steps = _reckoned(month, progress)

    def keep() -> None:
        if _take(month):
            _store(Period.begun(month), reckonings, lines=False, state="preview", by=by)

    transact(keep)
    progress(steps, steps)


def close(month: Month, *, by: int, progress: Progress = _silent) -> None:
    """Close a month for ever. However many ask, however often it is killed: it happens once and whole."""
    while True:
        reckonings, closed, steps = _reckoned(month, progress)
        try:
            transact(partial(_close, month, reckonings, closed, by))
        except _Overtaken:
            continue
        progress(steps, steps)
        return


def _reckoned(month: Month, progress: Progress) -> tuple[list[Reckoning], set[Month], int]:
    """Everyone's reckoning from one snapshot, the months that were closed in it, and how many steps it takes.

    The last step, keeping them, is still to come.
    """
    alone = not db.in_transaction()  # within another transaction its snapshot is the one to read from

    def snapshot() -> tuple[list[Inputs], set[Month]]:
        if not is_sqlite() and alone:
            db.execute_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        return read(month), set(Period.settled())

    inputs, closed = transact(snapshot, write=False)
    reckonings: list[Reckoning] = []
    done = 0
    for some in chunked(inputs, _STEP):
        reckonings += [made for one in some if not (made := compute(one)).is_empty]
        done += len(some)
        progress(done, len(inputs) + 1)
    return reckonings, closed, len(inputs) + 1


def _take(month: Month) -> bool:
    """Hold the month's row until the transaction ends; false when it is closed already."""
    period = Period.begun(month)
    free = (Period.id == period.id) & ~Period.is_settled()
    return bool(Period.update(people=Period.people).where(free).execute())


def _close(month: Month, reckonings: Sequence[Reckoning], closed: set[Month], by: int) -> None:
    hold_close()
    if not _take(month):
        return
    if set(Period.settled()) != closed:
        raise _Overtaken
    period = Period.begun(month)
    _store(period, reckonings, lines=True, state="closed", by=by)
    _tell_payees(period, reckonings)


def _store(period: Period, reckonings: Sequence[Reckoning], *, lines: bool, state: str, by: int) -> None:
    digest = Statement.keep(period, reckonings, Policy.approved(), lines=lines)
    at = clock.now()
    values: dict[str, object] = {
        "state": state,
        "people": len(reckonings),
        "total": sum(one.total for one in reckonings),
        "bonus": sum(one.bonus for one in reckonings),
        "digest": digest,
    }
    if state == "closed":
        values |= {"closed_at": at, "closed_by": by}
    else:
        values |= {"previewed_at": at, "previewed_by": by}
    Period.update(values).where(Period.id == period.id).execute()
    verb = "closed" if state == "closed" else "previewed"
    period.track(verb, by=by, changes={"total": [None, values["total"]], "sha256": [None, digest]})


def _tell_payees(period: Period, reckonings: Sequence[Reckoning]) -> None:
    text = Phrase("Your commission statement for %(month)s is ready.", month=str(period.month))
    rows = [
        {
            "person": one.person,
            "text": text.msgid,
            "values": text.values,
            "url": f"/commission/statements/{period.month}/{one.person}",
            "key": f"statement {period.month} {one.person}",
            "at": clock.now(),
            "created_at": clock.now(),
        }
        for one in reckonings
    ]
    for batch in chunked(rows, 500):
        Notice.insert_many(batch).on_conflict_ignore().execute()
