"""The worker: it does the jobs that are due, and what is to be done all the time."""

from __future__ import annotations

import logging
import threading
import traceback
from collections.abc import Callable
from functools import partial

from portal import clock
from portal.jobs import (  # noqa: F401 - their work
    clocks,
    commission,
    imports,
    knowledge,
    people,
    retention,
    search,
)
from portal.jobs.registry import LOOPS, WORK
from portal.models.base.database import db, transact
from portal.models.base.record import SearchOutbox, request_id
from portal.models.work.jobs import Job

log = logging.getLogger("portal.jobs")

JOB_SECONDS, CHANGE_SECONDS = 1.0, 0.2
"""How often an idle worker looks for what other processes left it; what its own process leaves wakes it."""


def run_one() -> bool:
    """Do the next due job; false when none is due."""
    job = transact(Job.claim)
    if job is None:
        return False
    token = request_id.set(f"job-{job.id}")
    try:
        with db.connection_context():
            WORK[job.name].function(job)
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
    for name, work in WORK.items():
        if work.period is None:
            continue
        key = f"{name} {work.period(clock.now())}"
        if work.when is not None and not work.when():
            continue
        if not Job.select(Job.id).where(Job.key == key).exists():
            transact(partial(Job.enqueue, name, key=key))


class Worker:
    """Does jobs in one thread and the loops in another, so that a long job holds no change up from being
    found; until it is stopped.
    """

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._job_waits, self._change_waits = threading.Event(), threading.Event()
        jobs = (_next_job, self._job_waits, JOB_SECONDS)
        changes = (_loops, self._change_waits, CHANGE_SECONDS)
        self._threads = [
            threading.Thread(target=self._repeat, name=name, args=works, daemon=True)
            for name, works in (("worker", jobs), ("worker loops", changes))
        ]

    def start(self) -> None:
        Job.woken, SearchOutbox.woken = self._job_waits.set, self._change_waits.set
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Finish what is at hand, then end."""
        self._stop.set()
        for waits in (self._job_waits, self._change_waits):
            waits.set()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(20)

    def _repeat(self, work: Callable[[], bool], waits: threading.Event, pause: float) -> None:
        log.info("worker started")
        while not self._stop.is_set():
            waits.clear()
            try:
                busy = work()
            except Exception:
                log.exception("worker stumbled")
                busy = False
                self._stop.wait(1)
            if not busy:
                waits.wait(pause)

    def run_forever(self) -> None:
        """Work until interrupted: `portal worker`."""
        self.start()
        try:
            self._stop.wait()
        finally:
            self.stop()


def _next_job() -> bool:
    with db.connection_context():
        enqueue_periodic()
    return run_one()


def _loops() -> bool:
    """Each loop in its turn; one that fails holds up no other."""
    busy, failures = list[bool](), list[Exception]()
    for loop in LOOPS:
        try:
            busy.append(loop())
        except Exception as error:
            failures.append(error)
    if failures:
        raise ExceptionGroup(f"{len(failures)} loops failed", failures)
    return any(busy)


def drain() -> int:
    """Do every due job now, for commands and tests; gives how many."""
    count = 0
    while run_one():
        count += 1
    return count
