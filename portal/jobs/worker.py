"""The worker: it does the jobs that are due, and what is to be done all the time."""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
import traceback
from collections.abc import Callable, Collection, Iterable
from functools import partial

from peewee import OperationalError

from portal import clock
from portal.jobs import (  # noqa: F401 - their work
    clocks,
    commission,
    files,
    imports,
    knowledge,
    learning,
    outside_links,
    people,
    retention,
    search,
)
from portal.jobs.keeper import CHANGES, JOBS, Post
from portal.jobs.registry import LOOPS, SLOW_LOOPS, WHILE, WORK, Work
from portal.models.base.database import db, transact
from portal.models.base.record import SearchOutbox, request_id
from portal.models.work.jobs import Job

log = logging.getLogger("portal.jobs")

JOB_SECONDS, CHANGE_SECONDS = 1.0, 0.2
"""How often an idle worker looks for what other processes left it; what its own process leaves wakes it."""
WATCH_SECONDS, LEASE_SECONDS = 1.0, 30.0
"""How often it is looked whether a running job is to be ended, and its lease renewed."""


def is_long(name: str) -> bool:
    """Whether this kind of job may take hours: the others do not wait for it."""
    return WORK[name].term > WHILE


def run_one(names: Collection[str] | None = None, post: Running | None = None) -> bool:
    """Do the next due job, of these kinds alone if any are named; false when none is due."""
    job = transact(partial(Job.claim, names))
    if job is None:
        return False
    token = request_id.set(f"job-{job.id}")
    if post is not None:
        post.began(job.id, WORK[job.name].term.total_seconds())
    try:
        with db.connection_context():
            WORK[job.name].function(job)
        transact(job.finish)
    except Exception as error:
        log.exception("job failed", extra={"facts": {"job": job.name, "attempt": job.attempts}})
        text = "".join(traceback.format_exception_only(error)).strip()
        transact(lambda: job.fail(text))
    finally:
        if post is not None:
            post.ended(job.id)
        request_id.reset(token)
    return True


def enqueue_periodic(names: Collection[str] | None = None) -> None:
    """Make this period's jobs, once, however many workers ask."""
    for name, work in WORK.items():
        if work.period is None or (names is not None and name not in names):
            continue
        key = f"{name} {work.period(clock.now())}"
        if not _is_wanted(name, work):
            continue
        if not Job.select(Job.id).where(Job.key == key).exists():
            transact(partial(Job.enqueue, name, key=key))


def _is_wanted(name: str, work: Work) -> bool:
    """Whether there is anything to do. Where that cannot be told the job is made: it is put aside with its
    reason if it fails too, and the others go on.
    """
    try:
        return work.when is None or work.when()
    except OperationalError:  # the database is away: nothing is told by that
        raise
    except Exception:
        log.exception("periodic job cannot tell whether it is wanted", extra={"facts": {"job": name}})
        return True


class Worker:
    """Does short jobs in one thread, long ones in another and the loops in a third, so that a long job holds
    up no short one and no change from being found; until it is stopped. What its keeper, if it has one, is
    told of each job, lets it end one that hangs.
    """

    def __init__(self, post: Post | None = None) -> None:
        self._stop, self._post, self._running = threading.Event(), post, Running(post)
        self._job_waits, self._long_waits = threading.Event(), threading.Event()
        self._change_waits, self._slow_waits = threading.Event(), threading.Event()
        short = {name for name in WORK if not is_long(name)}
        lanes = {
            "worker": (partial(self._next_job, short), self._job_waits, JOB_SECONDS),
            "worker of long jobs": (
                partial(self._next_job, WORK.keys() - short),
                self._long_waits,
                JOB_SECONDS,
            ),
            "worker loops": (partial(_each, LOOPS), self._change_waits, CHANGE_SECONDS),
            "worker of slow loops": (partial(_each, SLOW_LOOPS), self._slow_waits, CHANGE_SECONDS),
            "worker watch": (self._running.watch, threading.Event(), WATCH_SECONDS),
        }
        self._threads = [
            threading.Thread(target=self._repeat, name=name, args=works, daemon=True)
            for name, works in lanes.items()
        ]

    def start(self) -> None:
        Job.woken, SearchOutbox.woken = self._wake_jobs, self._wake_changes
        for thread in self._threads:
            thread.start()

    def _wake_jobs(self) -> None:
        self._job_waits.set()
        self._long_waits.set()

    def _wake_changes(self) -> None:
        self._change_waits.set()
        self._slow_waits.set()

    def _next_job(self, names: Collection[str]) -> bool:
        with db.connection_context():
            enqueue_periodic(names)
        return run_one(names, self._running)

    def listen(self) -> None:
        """Wake when another process says that there is something to do."""
        assert self._post is not None
        while heard := os.read(self._post.wakes, 4096):
            if JOBS in heard:
                self._wake_jobs()
            if CHANGES in heard:
                self._wake_changes()

    def stop(self) -> None:
        """Finish what is at hand, then end."""
        self._stop.set()
        self._wake_jobs()
        self._wake_changes()
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
        """Work until this process is asked to end."""
        signal.signal(signal.SIGTERM, lambda *_: self._stop.set())
        if self._post is not None and self._post.wakes >= 0:
            threading.Thread(target=self.listen, name="worker ear", daemon=True).start()
        self.start()
        self._stop.wait()
        self.stop()


class Running:
    """The jobs at hand: each keeps its lease while its process lives, and is ended when that is asked for."""

    def __init__(self, post: Post | None) -> None:
        self._post, self._jobs, self._renewed = post, set[int](), time.monotonic()

    def began(self, job: int, seconds: float) -> None:
        self._jobs.add(job)
        if self._post is not None:
            self._post.began(job, seconds)

    def ended(self, job: int) -> None:
        self._jobs.discard(job)
        if self._post is not None:
            self._post.ended(job)

    def watch(self) -> bool:
        """Look once."""
        jobs = sorted(self._jobs)
        if jobs and time.monotonic() - self._renewed > LEASE_SECONDS:
            transact(partial(Job.keep, jobs))
            self._renewed = time.monotonic()
        if jobs and self._post is not None:
            for job in transact(partial(Job.to_be_stopped, jobs), write=False):
                self._post.stop(job)
        return False


def at_work(post: Post) -> None:
    """A worker in the process that its keeper made for it."""
    transact(partial(_tell_what_came_before, post))
    Worker(post).run_forever()


def _tell_what_came_before(post: Post) -> None:
    over, stopped, broken_off = Job.overran, Job.was_stopped, Job.begin_again
    for idents, end in ((post.over, over), (post.stopped, stopped), (post.broken_off, broken_off)):
        for job in Job.select().where(Job.id.in_(idents) & (Job.state == "running")):
            end(job)


def _each(loops: Iterable[Callable[[], bool]]) -> bool:
    """Each loop in its turn; one that fails holds up no other."""
    busy, failures = list[bool](), list[Exception]()
    for loop in loops:
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
