"""What the worker can do: each job with its function, its words and its period."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from portal import clock
from portal.i18n import Phrase
from portal.models.work.jobs import Job

Function = Callable[[Job], None]
PeriodOf = Callable[[datetime], str]

MOMENT, WHILE, HOURS = timedelta(minutes=5), timedelta(hours=1), timedelta(hours=6)
"""Terms: of what takes seconds, of what looks through everything, of what somebody's large file may take."""


@dataclass(frozen=True)
class Work:
    """One kind of job; one is made for each `period`, the stretch of time that a moment falls in."""

    words: Phrase
    function: Function
    term: timedelta
    """So long it may take; then its process is ended, and it is tried again later."""
    period: PeriodOf | None = None
    when: Callable[[], bool] | None = None
    """Whether there is anything to do in this period; asked each second."""


WORK: dict[str, Work] = {}
"""By the name under which a job is kept. A function opens its own transactions, so that progress is seen."""

LOOPS: list[Callable[[], bool]] = []
"""Small things the worker does beside its jobs, such as feeding the search index; true when there was any."""
SLOW_LOOPS: list[Callable[[], bool]] = []
"""Those of which each takes long: they hold up no small one."""


def work(
    name: str,
    words: Phrase,
    *,
    term: timedelta,
    every: PeriodOf | None = None,
    when: Callable[[], bool] | None = None,
) -> Callable[[Function], Function]:
    """Register the function that does a job."""

    def register(function: Function) -> Function:
        WORK[name] = Work(words, function, term, every, when)
        return function

    return register


def daily(moment: datetime) -> str:
    """The company's day, for jobs that run once a day."""
    return clock.local(moment).date().isoformat()


def weekly(moment: datetime) -> str:
    """The company's week, for jobs that run as it begins."""
    year, week, _ = clock.local(moment).isocalendar()
    return f"{year}-W{week:02d}"


def hourly(moment: datetime) -> str:
    """The hour, for jobs that run once an hour."""
    return moment.isoformat(timespec="hours")[:13]


def every_five_minutes(moment: datetime) -> str:
    """The twelfth of an hour, for what people wait for."""
    return f"{hourly(moment)}:{moment.minute // 5 * 5:02d}"
