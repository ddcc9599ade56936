"""What waits goes on."""

from __future__ import annotations

from functools import partial

from portal.i18n import Phrase
from portal.jobs.apart import each_apart
from portal.jobs.registry import WHILE, every_five_minutes, work
from portal.migrations import models
from portal.models.base.database import transact
from portal.models.work.clocks import Clock
from portal.models.work.jobs import Job

models()  # reads every module of the models, so that each step that a noun declares is known


@work(
    "advance clocks",
    Phrase("Remind, and pass on what is late"),
    term=WHILE,
    every=every_five_minutes,
    when=Clock.is_any_due,
)
def advance_clocks(job: Job) -> None:
    """Take the steps that are due, one clock at a time; one that fails is put aside and holds up no other."""

    def shown(done: int, total: int) -> None:
        transact(partial(job.progress, done, total))

    each_apart("advance clocks", "clock", Clock.due, _advance, shown=shown)


def _advance(ident: int) -> None:
    found = Clock.get_or_none(Clock.id == ident)
    if found is not None:
        found.advance()
