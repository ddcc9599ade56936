"""The database: connecting to it, and transactions that wait their turn and are started again."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import random
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any, Generic, TypeVar, cast
from urllib.parse import unquote, urlsplit

import peewee
from peewee import DatabaseProxy
from playhouse.pool import PooledPostgresqlDatabase, PooledSqliteDatabase

from portal.models.base.wording import Wording

T = TypeVar("T")

db = DatabaseProxy()

_remembered: ContextVar[dict[Any, tuple[str, Any]] | None] = ContextVar("remembered", default=None)
BUSY_MS = 5000
"""So long a writer waits for another process that writes to SQLite."""
CACHE = 1000
"""Kilobytes that each connection to SQLite may keep of it: they are of use until somebody else writes, and
there are as many as threads.
"""
LOOK = 0.001
"""Seconds between two looks whether that process is done."""


def remembered(key: Any, read: Callable[[], T], *, table: str = "") -> T:
    """What was read under this key, read once in a transaction, and again after anything was written in it;
    what is read of one `table` alone, after that was written.

    For what many ask for and few change: settings, trees. Whoever is given it must not change it.
    """
    known = _remembered.get()
    if known is None:
        return read()
    if key not in known:
        known[key] = (table, read())
    return cast("T", known[key][1])


def _forget(told: Any) -> None:
    """Forget what was remembered when the database is told anything but a question."""
    known = _remembered.get()
    if not known or told.sql.lstrip("(").startswith(("SELECT", "WITH")):
        return
    writes = told.sql.startswith(_WRITES)
    for key, (table, _) in list(known.items()):
        if not (writes and table) or f'"{table}"' in told.sql:
            del known[key]


_WRITES = ("INSERT", "UPDATE", "DELETE", "SAVEPOINT", "RELEASE")
"""What says in its own words which table it changes, or changes none; a rollback may have changed any."""


class Latest(Generic[T]):
    """The latest of what was reckoned in this process, by what it rests on: reckoned anew once that, or the
    database, is another. Threads that ask at once each get what rests on what they read. Whoever is given it
    must not change it.
    """

    def __init__(self) -> None:
        self._kept: tuple[Any, T] | None = None

    def of(self, rests: tuple[Any, ...], reckon: Callable[[], T]) -> T:
        whole, kept = (str(db.obj.database), *rests), self._kept
        if kept is None or kept[0] != whole:
            kept = self._kept = (whole, reckon())
        return kept[1]


def connect(url: str, *, synchronous: str = "normal", connections: int = 20) -> peewee.Database:
    """Bind every model to the database at a URL. Raises ValueError for an unknown scheme.

    `synchronous` is SQLite's: what it promises when the power goes. With a write-ahead log `normal` waits for
    the disk at checkpoints alone, `full` at each commit. PostgreSQL has its own `synchronous_commit`.
    """
    parts = urlsplit(url)
    database: peewee.Database
    if parts.scheme == "sqlite":
        path = unquote(parts.path[1:]) if parts.path.startswith("/") else parts.path
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        _processes.among(path)
        database = _Sqlite(  # type: ignore[no-untyped-call]
            path,
            max_connections=connections,
            timeout=5,
            pragmas={
                "journal_mode": "wal",
                "synchronous": synchronous,
                "busy_timeout": BUSY_MS,
                "foreign_keys": 1,
                "cache_size": -CACHE,
            },
            returning_clause=True,
            check_same_thread=False,
        )
    elif parts.scheme in ("postgresql", "postgres"):
        database = PooledPostgresqlDatabase(
            unquote(parts.path[1:]),
            max_connections=connections,
            timeout=10,
            stale_timeout=300,
            prefer_psycopg3=True,
            **_postgres_options(parts),
        )
    else:
        raise ValueError(f"the database address {parts.scheme}://... is neither sqlite:/// nor postgresql://")
    database.context_class = Wording
    database.query_hooks.append(_forget)
    if db.obj is not None:
        db.obj.close_idle()  # nobody asks that pool again; left alone, they stay open until collected
    db.initialize(database)
    return database


def _postgres_options(parts: Any) -> dict[str, Any]:
    options = {"host": parts.hostname, "port": parts.port, "user": parts.username, "password": parts.password}
    named = dict(pair.split("=", 1) for pair in parts.query.split("&") if "=" in pair)
    options |= {key: unquote(value) for key, value in named.items()}
    return {
        key: unquote(value) if isinstance(value, str) else value for key, value in options.items() if value
    }


def is_sqlite() -> bool:
    """Whether the bound database is SQLite."""
    return isinstance(db.obj, peewee.SqliteDatabase)


def among(ids: Iterable[int]) -> Any:
    """Ids for `in_`, as one parameter however many they are: PostgreSQL takes 65,535 of them."""
    of_json = (
        "(SELECT value FROM json_each(?))"
        if is_sqlite()
        else "(SELECT CAST(value AS BIGINT) FROM jsonb_array_elements_text(%s::jsonb))"
    )
    return peewee.SQL(of_json, (json.dumps([*ids]),))


class _FairLock:
    """A lock that is handed on in the order of asking: no writer starves."""

    def __init__(self) -> None:
        self._guard, self._held, self._waiting = threading.Lock(), False, deque[threading.Event]()

    def acquire(self) -> None:
        with self._guard:
            if not self._held:
                self._held = True
                return
            turn = threading.Event()
            self._waiting.append(turn)
        turn.wait()

    def acquire_now(self) -> bool:
        """Take it if nobody has it."""
        with self._guard:
            taken, self._held = not self._held, True
            return taken

    def release(self) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._held = False


class _Turnstile:
    """Hands SQLite's one right to write on among processes: its own lock goes to whoever happens to ask
    next, and a process that writes without a pause has the others wait for seconds. Whoever waits stands in
    the gate, through which the writer must come back.
    """

    def __init__(self) -> None:
        self._path, self._process, self._files = "", 0, list[int]()

    def among(self, path: str) -> None:
        """Those that write to this file."""
        self._close()
        self._path = path

    @contextmanager
    def passed(self, until: float) -> Iterator[None]:
        """Wait for one's turn until then, by the monotonic clock. Raises OperationalError."""
        gate, turn = self._opened()
        _take(gate, until)
        try:
            _take(turn, until)
        finally:
            fcntl.flock(gate, fcntl.LOCK_UN)
        try:
            yield
        finally:
            fcntl.flock(turn, fcntl.LOCK_UN)

    def _opened(self) -> list[int]:
        if self._process != os.getpid():  # a lock belongs to whoever opened the file, and to whom it forked
            self._close()
            names = (f"{self._path}-gate", f"{self._path}-turn")
            self._files = [os.open(name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600) for name in names]
            self._process = os.getpid()
        return self._files

    def _close(self) -> None:
        for file in self._files:
            os.close(file)
        self._process, self._files = 0, []


def _take(file: int, until: float) -> None:
    while True:
        try:
            return fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.EACCES):
                raise
        if time.monotonic() > until:
            raise peewee.OperationalError("database is locked")
        time.sleep(LOOK)


def _patience(began: float) -> float:
    """Until when somebody who began to wait then waits for other processes: in all as long as BUSY_MS says.
    Of that a fifth is left to whoever waited for their own process: where another holds the lock, many who
    stand in line are told so one soon after the other, and not each five seconds after the one before.
    """
    return max(began + BUSY_MS / 1000, time.monotonic() + BUSY_MS / 5000)


@contextmanager
def _busy_until(until: float) -> Iterator[None]:
    """On this connection SQLite waits no longer for its lock."""
    left = int((until - time.monotonic()) * 1000)
    if left > BUSY_MS * 0.9:
        yield
        return
    db.execute_sql(f"PRAGMA busy_timeout = {max(left, 0)}")
    try:
        yield
    finally:
        db.execute_sql(f"PRAGMA busy_timeout = {BUSY_MS}")


_writers, _processes = _FairLock(), _Turnstile()
_RETRIED_STATES = {"40001", "40P01", "55P03", "23505"}
"""The last: a key was looked for in vain and written by someone else meanwhile. Begun again, it is found."""
_ATTEMPTS = 8


class _Sqlite(PooledSqliteDatabase):
    """A change outside of a transaction is one of its own, and waits its turn as the others do."""

    def execute_sql(self, sql: str, params: Any = None) -> Any:
        if self.in_transaction() or not sql.startswith(("INSERT", "UPDATE", "DELETE")):
            return super().execute_sql(sql, params)  # type: ignore[no-untyped-call]
        began = time.monotonic()
        _writers.acquire()
        try:
            with _processes.passed(_patience(began)):
                return super().execute_sql(sql, params)  # type: ignore[no-untyped-call]
        finally:
            _writers.release()


@contextmanager
def transaction(*, write: bool = True) -> Iterator[None]:
    """One connection and one transaction around a block; raising rolls back. Joins one already open."""
    if db.in_transaction():
        with db.atomic():
            yield
        return
    known = _remembered.set({})
    try:
        with _outermost(write):
            yield
    finally:
        _remembered.reset(known)


@contextmanager
def _outermost(write: bool) -> Iterator[None]:
    if not is_sqlite():
        with db.connection_context(), db.atomic():
            yield
    elif not write:
        with db.connection_context(), db.atomic("DEFERRED"):
            yield
    else:
        began = time.monotonic()
        _writers.acquire()
        try:
            until = _patience(began)
            with (
                _processes.passed(until),
                db.connection_context(),
                _busy_until(until),
                db.atomic("IMMEDIATE"),
            ):
                yield
        finally:
            _writers.release()


def transact(work: Callable[[], T], *, write: bool = True) -> T:
    """Run work in one transaction; start it again from the beginning when the database asks for that, or when
    a unique key that it looked for first was taken meanwhile: then it answers what the other made.
    """
    until = time.monotonic() + BUSY_MS * 0.9 / 1000  # whoever waited so long is told that it is busy
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            with transaction(write=write):
                return work()
        except (peewee.OperationalError, peewee.IntegrityError) as error:
            late = attempt == _ATTEMPTS or time.monotonic() > until
            if db.in_transaction() or late or not is_busy(error):
                raise
            time.sleep(random.uniform(0, 0.01 * 2**attempt))  # noqa: S311 - spreads retries, no secret
    raise AssertionError("unreachable")


def write_in_passing(work: Callable[[], Any]) -> None:
    """Do a small write of which nothing hangs, unless the database is busy: a reader does not wait for it."""
    if not is_sqlite():
        transact(work)
    elif _writers.acquire_now():
        try:
            with db.connection_context():
                try:
                    with _busy_until(0), db.atomic("IMMEDIATE"):
                        work()
                except peewee.OperationalError as error:
                    if not is_busy(error):
                        raise
        finally:
            _writers.release()


def is_busy(error: Exception) -> bool:
    """Whether others were at work on the same, for too long: it may go well the next time."""
    state = getattr(error.__cause__, "sqlstate", None) or getattr(error.__context__, "sqlstate", None)
    return state in _RETRIED_STATES or "database is locked" in str(error)
