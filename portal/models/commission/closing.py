"""A month is previewed and closed: read at one moment, reckoned in memory, kept in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from peewee import chunked

from portal import clock
from portal.clock import Month
from portal.i18n import Phrase, month_in_each
from portal.models.base import bulk
from portal.models.base.database import db, is_sqlite, transact
from portal.models.base.record import Invalid
from portal.models.commission.calculation import Inputs, Reckoning, compute
from portal.models.commission.facts import read
from portal.models.commission.periods import Period
from portal.models.commission.policies import Policy
from portal.models.commission.rulebook import Rulebook
from portal.models.commission.statements import Statement
from portal.models.experiences.experiences import Experience
from portal.models.experiences.reviews import Review
from portal.models.people.notices import Notice
from portal.models.people.people import Person, Role
from portal.models.work.clocks import Clock
from portal.models.work.jobs import Job, Progress

_STEP = 250
_LOCK = 4_711_202


def closable_by(period: Period, person: Person, book: Rulebook | None = None) -> bool:
    """The closer; not who scores the experiences it depends on, nor who approved its policy (RULES 4.1)."""
    if not person.does(Role.CLOSER) or person.is_reviewer or _judged(period, person):
        return False
    return person.id not in (book or Rulebook.read()).approvers(period.month)


def _judged(period: Period, person: Person) -> bool:
    """Whether someone scored an experience of the month, also if they are no reviewer any more."""
    scored = Review.completed_at.is_null(False) & (Review.reviewer == person)
    within = (Experience.first_submitted_at >= period.month.start) & (
        Experience.first_submitted_at < period.month.end
    )
    return Review.select().join(Experience, on=Review.experience).where(scored & within).exists()


def ask_preview(period: Period, *, by: Person | None) -> Job:
    """Ask for everyone's statement to be reckoned and shown; `by`: None where the portal asks by itself.

    Raises Invalid once the month is closed.
    """
    return _ask("preview", period, by)


def ask_close(period: Period, *, by: Person, seen: str) -> Job:
    """Ask for a month to be closed; asked twice, it happens once. Raises Invalid before its end.

    `seen`: the digest of the preview that `by` looked at; where the month comes out otherwise, it stays open.
    Who looked at none closes nothing.
    """
    if not period.is_over:
        raise Invalid(Phrase("This month is not over yet. It can be closed from the first of the next."))
    if not seen and not period.is_closed:
        raise Invalid(Phrase("It is closed from a preview: look at its numbers first."))
    if seen != period.digest and not period.is_closed:
        raise Invalid(Phrase("There is a newer preview than the one that you looked at. Look at it first."))
    return _ask("close", period, by, seen=seen)


def _ask(what: str, period: Period, by: Person | None, **facts: str) -> Job:
    period = Period.begun(period.month)
    if not Rulebook.read().triggers(period.month):
        raise Invalid(Phrase("No approved policy holds in this month. Approve one first."))
    if period.is_closed:
        raise Invalid(
            Phrase("This month is closed and never changes. What comes late goes into the next one.")
        )
    if period.running:
        return period.running
    with db.atomic():
        job = Job.enqueue(f"{what}_period", month=str(period.month), by=by and by.id, **facts)
        known = Period.job == period.job_id if period.job_id else Period.job.is_null()
        Period.update(job=job).where((Period.id == period.id) & known & ~Period.is_settled()).execute()
        period.track(f"{what}_asked", by=by)
    return job


def preview_in_time() -> None:
    """Ask for the preview of last month that everyone is promised, on the day on which it is due, unless
    somebody had one made since the month ended (RULES 4.1).
    """
    period, book = Period.of(Month.of(clock.today()).previous), Rulebook.read()
    if period.is_closed or period.was_previewed or not book.triggers(period.month):
        return
    if clock.now() >= book.preview_begins(period.month):
        ask_preview(period, by=None)


def await_closing() -> None:
    """Ask finance for last month, and from its end on for this one: to close it, then to pay it.

    What was not closed when another month has passed is asked no more; what was closed is asked for until it
    is paid.
    """
    month = Month.of(clock.today())
    owed = list(Period.select().where((Period.state == "closed") & (Period.month < month.previous)))
    over = {Period(month=month.plus(-n)).waiting[1] for n in range(2, 26)}
    Clock.stop_many("month", "period", over - {each.waiting[1] for each in owed})
    for each in (*owed, Period.of(month.previous), Period.of(month)):
        _await(each)


def _await(period: Period) -> None:
    book, month = Rulebook.read(), period.month
    if period.state == "paid" or not (period.id or book.policies):
        return
    if period.state == "closed":
        text = Phrase("Export and pay the month %(month)s.", month=month_in_each(month))
        who, but, since, due = Role.PAYER, [period.closed_by_id or 0], period.closed_at, None
    else:
        text = Phrase("Close the month %(month)s.", month=month_in_each(month))
        who, but, since, due = Role.CLOSER, [], month.end, book.close_due(month)
    waiting = Clock.of(period.waiting, "period")
    if waiting is not None and (waiting.phrase, waiting.due_at, waiting.who) != (text, due, str(who)):
        Clock.stop(period.waiting, "period")
    Clock.start(
        period.waiting,
        "period",
        who=who,
        but=but,
        text=text,
        url=period.url,
        since=since,
        shown_at=month.end,
        due_at=due,
    )


class _Overtaken(Exception):
    """Another month was closed since the facts were read."""


class _Changed(Exception):
    """The month comes out otherwise than in the preview that was confirmed."""


def _silent(_done: int, _total: int) -> None:
    """Show no progress."""


def preview(month: Month, *, by: int | None, progress: Progress = _silent) -> None:
    """Reckon and show everyone's statement of a month that is not closed; again gives the same again."""
    reckonings, _, steps = _reckoned(month, progress)

    def keep() -> None:
        if _hold(month):
            period = Period.begun(month)
            _store(period, reckonings, lines=False, state="preview", by=by)
            if period.is_over:
                _tell_payees(period, reckonings, "preview", PREVIEWED)

    transact(keep)
    progress(steps, steps)


def close(month: Month, *, by: int, seen: str = "", progress: Progress = _silent) -> None:
    """Close a month for ever. However many ask, however often it is killed: it happens once and whole.

    Where it comes out otherwise than in the preview `seen`, it is previewed anew and stays open.
    """
    while True:
        reckonings, closed, steps = _reckoned(month, progress)
        try:
            transact(partial(_close, month, reckonings, closed, by, seen))
        except _Overtaken:
            continue
        except _Changed:
            transact(partial(_stop, month, reckonings, by))
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


def _hold(month: Month) -> bool:
    """Hold the month's row until the transaction ends; false when it is closed already."""
    period = Period.begun(month)
    free = (Period.id == period.id) & ~Period.is_settled()
    return bool(Period.update(people=Period.people).where(free).execute())


def _stop(month: Month, reckonings: Sequence[Reckoning], by: int) -> None:
    """Show what the month comes to now, in place of the preview that was confirmed."""
    if not _hold(month):
        return
    period = Period.begun(month)
    _store(period, reckonings, lines=False, state="preview", by=by)
    text = Phrase(
        "%(month)s was not closed: it changed since you looked. See the new preview.",
        month=month_in_each(month),
    )
    Notice.tell(by, text, about=period)


def _close(month: Month, reckonings: Sequence[Reckoning], closed: set[Month], by: int, seen: str) -> None:
    _wait_for_other_months()
    if not _hold(month):
        return
    if set(Period.settled()) != closed:
        raise _Overtaken
    period = Period.begun(month)
    digest = _store(period, reckonings, lines=True, state="closed", by=by)
    if seen and digest != seen:
        raise _Changed
    await_closing()
    _tell_payees(period, reckonings, "statement", READY)


def _wait_for_other_months() -> None:
    """Closes of different months follow one another; the lock ends with the transaction."""
    if not is_sqlite():
        db.execute_sql("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))


def _store(
    period: Period, reckonings: Sequence[Reckoning], *, lines: bool, state: str, by: int | None
) -> str:
    digest = Statement.keep(period, reckonings, Policy.approved(), lines=lines)
    at = clock.now()
    values: dict[str, object] = {
        "state": state,
        "people": len(reckonings),
        "total": sum(one.total for one in reckonings),
        "bonus": sum(one.bonus for one in reckonings),
        "digest": digest,
    }
    lacking = [earning.part for one in reckonings for earning in one.pending if earning.missing]
    if state == "closed":
        values |= {"closed_at": at, "closed_by": by}
    else:
        values |= {"previewed_at": at, "previewed_by": by}
    Period.update(values).where(Period.id == period.id).execute()
    verb = "closed" if state == "closed" else "previewed"
    changes: dict[str, Any] = {"total": [None, values["total"]], "sha256": [None, digest]}
    if lacking:
        changes |= {"pending": [None, len(lacking)], "pending_amount": [None, sum(lacking)]}
    period.track(verb, by=by, changes=changes)
    return digest


READY = Phrase("Your commission statement for %(month)s is ready.")
PREVIEWED = Phrase("The preview of your commission for %(month)s is there: look whether anything is missing.")


def _tell_payees(period: Period, reckonings: Sequence[Reckoning], what: str, words: Phrase) -> None:
    """Each once, however often it is previewed."""
    text = Phrase(words.msgid, month=month_in_each(period.month))
    rows = [
        {
            "person": one.person,
            "text": text.msgid,
            "values": text.values,
            "url": Statement.page_of(period.month, one.person),
            "key": f"{what} {period.month} {one.person}",
        }
        for one in reckonings
    ]
    bulk.insert(Notice, rows, ignore=True)
