"""Previewing and closing a month."""

from __future__ import annotations

from portal.clock import Month
from portal.i18n import Phrase
from portal.jobs.registry import HOURS, MOMENT, daily, hourly, work
from portal.models.base.database import transact
from portal.models.commission import closing, readers
from portal.models.work.jobs import Job, Progress


@work("preview_period", Phrase("Preview a month"), term=HOURS)
def preview_period(job: Job) -> None:
    closing.preview(Month.parse(job.facts["month"]), by=job.facts["by"], progress=_shown(job))


@work("close_period", Phrase("Close a month"), term=HOURS)
def close_period(job: Job) -> None:
    month, by, seen = Month.parse(job.facts["month"]), job.facts["by"], job.facts.get("seen", "")
    closing.close(month, by=by, seen=seen, progress=_shown(job))


def _shown(job: Job) -> Progress:
    """Progress that people see while it happens: each step is its own transaction."""
    return lambda done, total: transact(lambda: job.progress(done, total))


@work("await closing", Phrase("Ask for the close of a month"), term=MOMENT, every=hourly)
def await_closing(job: Job) -> None:
    transact(closing.await_closing)
    transact(closing.preview_in_time)


@work("await reading", Phrase("Ask for the reading of the rules of pay"), term=MOMENT, every=daily)
def await_reading(job: Job) -> None:
    transact(readers.await_reading)
