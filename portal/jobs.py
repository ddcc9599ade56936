"""Background work: which function does which job, the worker, and what is due each period."""

from __future__ import annotations

import logging
import threading
import traceback
from collections.abc import Callable
from datetime import datetime
from functools import partial

from portal import clock
from portal.models.base import db, request_id, transact
from portal.models.jobs import Job
from portal.models.outbox import SearchOutbox

Work = Callable[[Job], None]
log = logging.getLogger("portal.jobs")

WORK: dict[str, Work] = {}
"""What each job's name does. The function opens its own transactions, so that progress is seen."""

PERIODIC: dict[str, Callable[[datetime], str]] = {}
"""For each periodic job, the period a moment falls in: one job is made for each period."""

LOOPS: list[Callable[[], bool]] = []
"""Small things the worker does between jobs, such as feeding the search index; true when there was work."""


def work(name: str) -> Callable[[Work], Work]:
    """Register the function that does a job."""

    def register(function: Work) -> Work:
        WORK[name] = function
        return function

    return register


def daily(moment: datetime) -> str:
    """The company's day, for jobs that run once a day."""
    return clock.local(moment).date().isoformat()


def hourly(moment: datetime) -> str:
    """The hour, for jobs that run once an hour."""
    return moment.isoformat(timespec="hours")[:13]


def run_one() -> bool:
    """Do the next due job; false when none is due."""
    job = transact(Job.claim)
    if job is None:
        return False
    token = request_id.set(f"job-{job.id}")
    try:
        with db.connection_context():
            WORK[job.name](job)
        transact(job.finish)
    except Exception as error:
        log.exception("job failed", extra={"facts": {"job": job.name, "attempt": job.attempts}})
        text = "".join(traceback.format_exception_only(error)).strip()
        transact(lambda: job.fail(text))
    finally:
        request_id.reset(token)
    return True


def enqueue_periodic() -> None:
    """Make this period's jobs, once, however many workers ask."""
    for name, period in PERIODIC.items():
        key = f"{name} {period(clock.now())}"
        if not Job.select(Job.id).where(Job.key == key).exists():
            transact(partial(Job.enqueue, name, key=key))


class Worker:
    """A thread that does jobs until it is stopped."""

    def __init__(self) -> None:
        self._wake, self._stop = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="worker", daemon=True)

    def start(self) -> None:
        Job.woken = SearchOutbox.woken = self._wake.set
        self._thread.start()

    def stop(self) -> None:
        """Finish the job at hand, then end."""
        self._stop.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(20)

    def _run(self) -> None:
        log.info("worker started")
        while not self._stop.is_set():
            self._wake.clear()
            try:
                with db.connection_context():
                    enqueue_periodic()
                busy = [loop() for loop in LOOPS]
                busy.append(run_one())
            except Exception:
                log.exception("worker stumbled")
                busy = []
                self._stop.wait(1)
            if not any(busy):
                self._wake.wait(1)

    def run_forever(self) -> None:
        """Work in the calling thread: `portal worker`."""
        Job.woken = SearchOutbox.woken = self._wake.set
        self._run()


def drain() -> int:
    """Do every due job now, for commands and tests; gives how many."""
    count = 0
    while run_one():
        count += 1
    return count
