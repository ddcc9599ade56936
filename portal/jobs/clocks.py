"""What waits goes on."""

from __future__ import annotations

from functools import partial

from portal.i18n import Phrase
from portal.jobs.registry import every_five_minutes, work
from portal.migrations import models
from portal.models.base.database import transact
from portal.models.work.clocks import Clock
from portal.models.work.jobs import Job

models()  # reads every module of the models, so that each step that a noun declares is known


@work(
    "advance clocks",
    Phrase("Remind, and pass on what is late"),
    every=every_five_minutes,
    when=Clock.is_any_due,
)
def advance_clocks(job: Job) -> None:
    """Take the steps that are due, one clock at a time; one that fails holds up no other."""
    failures: list[Exception] = []
    due = transact(Clock.due, write=False)
    for done, ident in enumerate(due):
        try:
            transact(partial(_advance, ident))
        except Exception as error:
            failures.append(error)
        transact(partial(job.progress, done + 1, len(due)))
    if failures:
        raise ExceptionGroup(f"{len(failures)} clocks stand still", failures)


def _advance(ident: int) -> None:
    found = Clock.get_or_none(Clock.id == ident)
    if found is not None:
        found.advance()
