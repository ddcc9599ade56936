"""Keeps work going in a process of its own: no page waits for a job, a job that hangs is ended, and what ends
by itself is begun again.
"""

from __future__ import annotations

import ctypes
import logging
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

log = logging.getLogger("portal.jobs")
_PARENT_DEATH = 1
"""`PR_SET_PDEATHSIG` (prctl.h)."""
PATIENCE = 20.0
"""Seconds in which a worker may finish what is at hand."""
REST, LONGEST_REST = 1.0, 60.0
"""Seconds before another worker is begun for one that ended by itself: twice as long each time."""
LONG_LIFE = 60.0
"""Who lived so long has not failed at its start: after it the rest is short again."""
GIVES_WAY = 5
"""How much a worker leaves the processor to those who answer people (nice)."""
JOBS, CHANGES = b"j", b"c"


@dataclass
class Post:
    """What a worker has of its keeper: where it tells what it does, where it is woken, what came before."""

    told: int
    wakes: int
    over: list[int] = field(default_factory=list)
    """Jobs that were ended since they ran longer than their term."""
    stopped: list[int] = field(default_factory=list)
    """Jobs that an administrator had ended."""
    broken_off: list[int] = field(default_factory=list)
    """What its predecessor did beside those, through no fault of its own."""

    def began(self, job: int, seconds: float) -> None:
        """This job has begun, and may take so long."""
        self._tell(f"began {job} {seconds}")

    def ended(self, job: int) -> None:
        self._tell(f"ended {job}")

    def stop(self, job: int) -> None:
        """This job shall be ended, whatever it is at: this process with it."""
        self._tell(f"stop {job}")

    def _tell(self, line: str) -> None:
        with suppress(OSError):  # the keeper is gone: this process goes too
            os.write(self.told, f"{line}\n".encode())


Employment = Callable[[Post], Any]
_started = list["Keeper"]()
"""Those of this process: another that is begun beside them has no part in their lives."""


class Keeper:
    """Runs `work` in a process and begins it anew whenever that ends. It has no thread and no database
    itself, so that it may fork at any time.
    """

    def __init__(
        self,
        work: Employment,
        *,
        name: str = "worker",
        gives_way: int = GIVES_WAY,
        doors: Sequence[socket.socket] = (),
        answers: bool = False,
    ) -> None:
        """`doors`: sockets that are open when this begins, which `work` needs if it `answers` at them. As
        long as one process holds a door, whoever comes waits there, though nobody answers any more.
        """
        self.work, self.name, self.gives_way = work, name, gives_way
        self.doors, self.answers = doors, answers
        self.process = 0
        self._life = self._wakes = -1
        self._rest = REST

    # --- In the process that serves ---

    def start(self) -> None:
        """Begin, before this process has a thread: what one holds at this moment would be held for good."""
        life, self._life = os.pipe()
        heard, self._wakes = os.pipe()
        os.set_blocking(self._wakes, False)
        serves = os.getpid()
        self.process = _fork(lambda: self._keep_for(serves, life, heard))
        os.close(life)
        os.close(heard)
        _started.append(self)

    def wake_jobs(self) -> None:
        """There is a job to do."""
        self._wake(JOBS)

    def wake_changes(self) -> None:
        """There is a change to be found."""
        self._wake(CHANGES)

    def _wake(self, what: bytes) -> None:
        with suppress(OSError):  # it is full: it wakes anyway
            os.write(self._wakes, what)

    def let_go(self) -> None:
        """Have it finish what is at hand, and end; it is not waited for."""
        if self._life >= 0:
            os.close(self._life)
            self._life = -1

    def stop(self) -> None:
        """Have it finish what is at hand, and end."""
        if not self.process:
            return
        self.let_go()
        _started.remove(self)
        if not _gone(self.process, PATIENCE + 5):
            _kill(self.process)
        os.close(self._wakes)
        self.process = 0

    # --- In the keeper's own ---

    def _keep_for(self, serves: int, life: int, heard: int) -> None:
        for each in (self, *_started):
            each.let_go()
        os.close(self._wakes)
        _die_with(serves)
        if not self.answers:
            self._shut()
        self.keep(heard, life)

    def _shut(self) -> None:
        for door in self.doors:
            door.close()

    def keep(self, wakes: int | None = None, life: int | None = None) -> None:
        """Keep a worker at work until asked to stop, or until whoever asked for it is gone."""
        bell, rung = os.pipe()
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: os.write(rung, b"x"))
        if life is not None:
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # of a terminal: the one that serves says when
        ends = [bell] if life is None else [bell, life]
        post = Post(-1, -1 if wakes is None else wakes)
        while post := self._once(post, ends):  # type: ignore[assignment]
            pass

    def _once(self, post: Post, ends: list[int]) -> Post | None:
        """One worker's life; gives the post of the next."""
        hears, post.told = os.pipe()
        keeps = os.getpid()
        worker, began = _fork(lambda: self._work(keeps, post, hears)), time.monotonic()
        os.close(post.told)
        next_, running = Post(-1, post.wakes), dict[int, float]()
        try:
            while True:
                left = min(running.values(), default=time.monotonic() + 3600) - time.monotonic()
                ready = select.select([hears, *ends], [], [], max(0.0, left))[0]
                if set(ready) & set(ends):
                    self._shut()  # first: there is no other to hand them to
                    _stop(worker)
                    return None
                if not ready:
                    next_.over = [job for job, until in running.items() if until <= time.monotonic()]
                elif not (told := os.read(hears, 65536)):
                    _gone(worker, PATIENCE)
                    rest = REST if time.monotonic() - began >= LONG_LIFE else self._rest
                    self._rest = min(2 * rest, LONGEST_REST)
                    facts = {"jobs": sorted(running), "rests": rest}
                    log.error(f"{self.name} ended by itself", extra={"facts": facts})
                    return next_ if not select.select(ends, [], [], rest)[0] else None
                else:
                    next_.stopped = _heard(told, running)
                if judged := {*next_.over, *next_.stopped}:
                    log.error("job ended", extra={"facts": {"jobs": sorted(judged)}})
                    _kill(worker)
                    next_.broken_off = sorted(running.keys() - judged)
                    return next_
        finally:
            os.close(hears)

    def _work(self, keeps: int, post: Post, hears: int) -> None:
        os.close(hears)
        _die_with(keeps)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.nice(self.gives_way)
        self.work(post)


def _heard(told: bytes, running: dict[int, float]) -> list[int]:
    """Note what a worker tells; gives the jobs that are to be ended."""
    stopped = []
    for line in told.decode().splitlines():
        what, job, *seconds = line.split()
        if what == "began":
            running[int(job)] = time.monotonic() + float(seconds[0])
        elif what == "ended":
            running.pop(int(job), None)
        elif int(job) in running:
            stopped.append(int(job))
    return stopped


def _fork(run: Callable[[], None]) -> int:
    process = os.fork()
    if process:
        return process
    status = 1
    try:
        run()
        status = 0
    except BaseException:
        log.exception("worker stumbled")
    finally:
        sys.stdout.flush()
        os._exit(status)


def _die_with(parent: int) -> None:
    """Whoever serves is killed: so is this process, at the same moment."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PARENT_DEATH, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def _stop(process: int) -> None:
    """Ask it to end, and see that it does."""
    with suppress(ProcessLookupError):
        os.kill(process, signal.SIGTERM)
    if not _gone(process, PATIENCE):
        _kill(process)


def _kill(process: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)
    with suppress(ChildProcessError):
        os.waitpid(process, 0)


def _gone(process: int, seconds: float) -> bool:
    """Whether it ends within so long."""
    until = time.monotonic() + seconds
    with suppress(ChildProcessError):
        while not os.waitpid(process, os.WNOHANG)[0]:
            if time.monotonic() > until:
                return False
            time.sleep(0.01)
    return True
