"""The portal killed again and again in the middle of everything, and begun again: nothing acknowledged is lost.

    python -m benchmarks.kills [FOLDER] [--kills 1000] [--seed N] [--database-url URL]

Runs `portal serve` with its worker on the demo company (in FOLDER, or an empty database of the URL where one is given).
In each life people ask questions, a file of customers is imported, a month is previewed or closed, the index is built
anew and a backup written, all at once; at some moment of it all processes are killed as by a power cut. A life costs a
fraction of a second, since the process that serves is forked from one that has everything loaded. Looked at after each
death: what was answered as saved is there. After each ten, once the work is done: no row of a file is lost or there
twice, each month that was closed is closed whole, a backup that was written can be put back and holds all that was
saved before it, and the index equals the database. Printed is what was killed in the middle of what; the status is 1
when anything was lost.
"""

from __future__ import annotations

import argparse
import http.client
import os
import random
import shutil
import signal
import socket
import sqlite3
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from functools import partial
from io import BytesIO
from pathlib import Path
from urllib.parse import urlencode

from portal import backup, clock, demo, settings
from portal.__main__ import main as portal
from portal.jobs import worker
from portal.migrations import migrate
from portal.models.base import database
from portal.models.base.database import transact
from portal.models.base.record import Invalid
from portal.models.commission import closing as closes
from portal.models.commission.periods import Period
from portal.models.commission.statements import Line, Statement
from portal.models.customers.customers import Customer
from portal.models.files import attachments
from portal.models.imports.imports import Import
from portal.models.imports.rows import ImportRow
from portal.models.knowledge.questions import Question
from portal.models.people.people import Person, Role
from portal.models.people.sessions import Session
from portal.models.search.documents import SearchCursor
from portal.models.work.jobs import Job
from portal.search import searcher, store
from portal.search.parsing import ParsedQuery

ROWS = 400
"""Of an imported file."""
LIFE = 0.8
"""Seconds that a life takes at most, from when it has answered."""
ROUND = 10
ASKERS = 2
QUIET = 60.0
"""Seconds in which a life must answer."""


class Lost(Exception):
    """What was acknowledged is not there, or is there by halves."""


@dataclass
class Lives:
    """A portal that is killed, and what it said that it had saved."""

    folder: Path
    chance: random.Random
    port: int = 0
    said: list[str] = field(default_factory=list)
    killed: Counter[str] = field(default_factory=Counter)
    token: str = ""
    asked: int = 0
    saved: threading.Event = field(default_factory=threading.Event)
    """Set once something was saved in this life."""
    backups: list[tuple[Path, int]] = field(default_factory=list)
    """Each that was written, and how much had been said by its beginning."""

    def begin(self) -> None:
        """Tell the company, if it is not told; somebody is signed in."""
        config = self._config()
        database.connect(config.database)
        attachments.keep_in(config.data / "files")
        migrate()
        if not transact(demo.has_people, write=False):
            demo.tell(config)
        self.token = transact(lambda: Session.open(self._chief())[1])
        ParsedQuery.of("预热")
        database.db.close_all()

    def _config(self) -> settings.Settings:
        return settings.read()

    @staticmethod
    def _chief() -> Person:
        found = [each for each in Person.select().order_by(Person.id) if each.holds(Role.ADMINISTRATOR)]
        return found[0]

    # --- One life ---

    def live_and_die(self) -> None:
        """Serve, have all sorts of things done, and be killed in the middle of them."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        os.environ["PORTAL_PORT"] = str(self.port)
        serves = forked(lambda: portal(["serve"]), self.folder / "log")
        copies = 0
        try:
            self._await(serves)
            before = len(self.said)
            self.saved.clear()
            if self.chance.random() < 0.3 and self._config().sqlite_file:
                target = self.folder.parent / f"kept-{len(self.killed)}-{self.chance.randrange(10**9)}.tar.gz"
                self.backups.append((target, before))
                copies = forked(partial(self._copy, target), self.folder / "log")
            askers = [threading.Thread(target=self._ask, args=(n,)) for n in range(ASKERS)]
            for each in askers:
                each.start()
            if self.chance.random() < 0.8:  # else in the middle of beginning, too
                self.saved.wait(QUIET)
            time.sleep(self.chance.uniform(0.01, LIFE))
        finally:
            for process in (serves, copies):
                if process:
                    os.killpg(process, signal.SIGKILL)
                    os.waitpid(process, 0)
                    self._await_end(process)
        for each in askers:
            each.join()

    def _copy(self, target: Path) -> None:
        backup.write(self._config(), target)

    def _await(self, process: int) -> None:
        until = time.monotonic() + QUIET
        while time.monotonic() < until:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return
            if os.waitpid(process, os.WNOHANG)[0]:
                break
            time.sleep(0.01)
        raise Lost(f"it did not begin again: {(self.folder / 'log').read_text(errors='replace')[-2000:]}")

    @staticmethod
    def _await_end(group: int) -> None:
        """Until the last process of a group writes no more: a power cut leaves none, a busy machine is slower."""
        until = time.monotonic() + QUIET
        while time.monotonic() < until and _writes(group):
            time.sleep(0.01)

    def _ask(self, number: int) -> None:
        """One question after another, until nobody answers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        headers = {
            "Cookie": f"session={self.token}",
            "Content-Type": "application/x-www-form-urlencoded",
            "Sec-Fetch-Site": "same-origin",
        }
        for n in range(10**6):
            text = f"门锁安装要多久？{number}-{n}-{self.chance.randrange(10**12)}"
            try:
                connection.request("POST", "/questions/new", urlencode({"text": text}), headers)
                answer = connection.getresponse()
                answer.read()
            except (OSError, http.client.HTTPException):
                return
            if answer.status == 303:
                self.said.append(text)
                self.saved.set()

    # --- What is done meanwhile, and looked at afterwards ---

    def give_work(self) -> None:
        """Begin a file, a month and an index; each goes on from life to life."""
        by, number = self._chief(), self.chance.randrange(10**9)
        lines = "".join(f"翠湖{number}-{n},上海\n" for n in range(ROWS))
        made = transact(
            partial(Import.begin, by=by, file=BytesIO(f"客户名称,城市\n{lines}".encode()), name="客户.csv")
        )
        transact(partial(made.map, columns=made.columns, paid_on_close=False))
        Job.enqueue("rebuild search", engine="embedded")
        month = clock.Month.of(clock.today())
        for each in (month.plus(-3), month.plus(-2), month.previous):
            if Period.of(each).is_closed:
                continue
            closes.preview(each, by=by.id)  # a month is closed from its preview
            seen = Period.of(each)
            with suppress(Invalid):
                transact(partial(closes.ask_close, seen, by=by, seen=seen.digest))
                return
        with suppress(Invalid):
            transact(partial(closes.ask_preview, Period.of(month), by=by))

    def go_on(self) -> None:
        """Have the files written whose dry run is done. What was broken off is taken up at once, as it would be
        when its lease is over, and never given up, as a job would be after five such deaths, and a record that
        is made findable after three.
        """
        by, broken_off = self._chief(), Job.state == "running"
        Job.update(leased_until=clock.now(), attempts=0).where(broken_off).execute()
        SearchCursor.update(failures=0).where(SearchCursor.engine == store.TAKING).execute()
        for each in Import.select().where(Import.state == "checked"):
            transact(partial(each.start, by=by))

    def look(self) -> None:
        """After each death. Raises Lost."""
        new = self.said[self.asked :]
        self.asked = len(self.said)
        missing = set(new) - {row.text for row in Question.select().where(Question.text.in_(new or [""]))}
        if missing:
            raise Lost(f"{len(missing)} questions were answered as saved: {sorted(missing)[:3]}")
        for job in Job.select().where(Job.state == "running"):
            self.killed[job.name] += 1
        self.killed["questions"] += bool(new)

    def look_whole(self) -> None:
        """Once all work is done. Raises Lost."""
        config = self._config()
        searcher.connect(config)
        for _ in range(3):
            self.go_on()
            Job.update(run_at=clock.now()).where(Job.state == "waiting").execute()
            worker.drain()
        dead = [(job.name, job.error) for job in Job.select().where(Job.state == "dead")]
        if dead:
            raise Lost(f"jobs gave up: {dead[:3]}")
        for each in Import.select():
            written = ImportRow.select().where(
                (ImportRow.imported == each) & (ImportRow.outcome == "created")
            )
            records = {row.record for row in written}
            names = Customer.select().where(Customer.id.in_(list(records))).count()
            if each.state != "finished" or (written.count(), names) != (each.rows, each.rows):
                raise Lost(f"{each}: {each.state}, {written.count()} rows and {names} records of {each.rows}")
        self._look_at_months()
        found, down = searcher.here().feed.repair()
        searcher.here().close()
        if any(found.values()) or down:
            raise Lost(f"the index is not the database: {found} {down}")
        if config.sqlite_file:
            with closing(sqlite3.connect(config.sqlite_file)) as file:
                told = file.execute("PRAGMA integrity_check").fetchall()
            if told != [("ok",)]:
                raise Lost(f"the database is broken: {told}")

    @staticmethod
    def _look_at_months() -> None:
        for period in Period.select().where(Period.state == "closed"):
            for one in Statement.select().where(Statement.period == period):
                made = sum(line.amount for line in Line.select().where(Line.statement == one))
                if max(made, 0) != one.total:
                    raise Lost(f"{period}: the lines of {one} do not make its total")

    def look_at_backups(self) -> None:
        """Those that were written can be put back, and hold what had been said. Raises Lost."""
        for target, said in self.backups:
            if target.exists():
                self.killed["backups written"] += 1
                with tempfile.TemporaryDirectory() as name:
                    to = Path(name) / "data"
                    backup.restore(settings.Settings(data=to, secret="kills"), target)  # noqa: S106 - signs nothing
                    with closing(sqlite3.connect(to / "portal.db")) as file:
                        held = {text for (text,) in file.execute("SELECT text FROM question")}
                if lost := set(self.said[:said]) - held:
                    raise Lost(f"the backup {target.name} lacks {len(lost)} questions")
            else:
                self.killed["backup"] += 1
            for left in target.parent.glob(f"*{target.name}*"):
                shutil.rmtree(left) if left.is_dir() else left.unlink()
        self.backups.clear()


def _writes(group: int) -> bool:
    """Whether a process of a group still runs; one that nobody has asked how it ended does not."""
    for each in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, _, of, *_ = each.read_text(errors="replace").rpartition(")")[2].split()
            if of == str(group) and state not in "ZX":
                return True
    return False


def forked(work: Callable[[], object], log: Path | None = None) -> int:
    """A process that does something and ends, at the head of a group of its own; this one must have no
    threads.
    """
    sys.stdout.flush()
    process = os.fork()
    if process:
        with suppress(OSError):  # it was faster
            os.setpgid(process, process)
        return process
    status = 1
    try:
        os.setpgid(0, 0)
        if log is not None:
            file = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            os.dup2(file, 1)
            os.dup2(file, 2)
        work()
        status = 0
    except Lost as lost:
        print(f"LOST  {lost}", flush=True)
    finally:
        os._exit(status)


def apart(work: Callable[[], object]) -> None:
    """Do it in a process of its own: what it opens is gone with it. Raises Lost."""
    if os.waitpid(forked(work), 0)[1]:
        raise Lost("see above")


def kill(folder: Path, kills: int, seed: int, *, url: str = "", told: bool = True) -> Counter[str]:
    """So many deaths; gives in the middle of what. Raises Lost."""
    given = {"PORTAL_DATA": str(folder), "PORTAL_DATABASE_URL": url, "PORTAL_LOG_LEVEL": "ERROR"}
    os.environ.update(given)  # of the processes that are forked
    lives = Lives(folder, random.Random(seed))
    lives.begin()
    began = time.monotonic()
    for number in range(1, kills + 1):
        with database.db.connection_context():
            if number % ROUND == 1:
                lives.give_work()
            lives.go_on()
        database.db.close_all()
        lives.live_and_die()
        with database.db.connection_context():
            lives.look()
        database.db.close_all()
        if number % ROUND == 0 or number == kills:
            apart(lives.look_whole)
            lives.look_at_backups()
            if told:
                took = (time.monotonic() - began) / number
                print(
                    f"{number} kills, {len(lives.said)} questions, {took:.2f} s each: {dict(lives.killed)}",
                    flush=True,
                )
    return lives.killed


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("folder", type=Path, nargs="?")
    given.add_argument("--kills", type=int, default=1000)
    given.add_argument("--seed", type=int, default=random.randrange(10**6))
    given.add_argument("--database-url", default="", help="an empty database")
    args = given.parse_args()
    print(f"seed {args.seed}", flush=True)
    with tempfile.TemporaryDirectory() as made:
        try:
            kill(args.folder or Path(made) / "data", args.kills, args.seed, url=args.database_url)
        except Lost as lost:
            print(f"LOST  {lost}")
            sys.exit(1)


if __name__ == "__main__":
    main()
