"""The real parts that tests stand on: PostgreSQL, Meilisearch, a store of files, Chromium, the HTML checker, axe.

Each fixture starts its part on first use and stops it at the end. A part that the machine lacks skips the test,
with the way to get it; under PORTAL_TEST_ALL=1 it fails the test instead, so that nothing is left out unseen.
"""

from __future__ import annotations

import itertools
import json
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import psycopg
import pytest
from psycopg.pq import TransactionStatus
from psycopg.rows import TupleRow

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parent.parent
NODE_MODULES = ROOT / "node_modules"
timed = pytest.mark.flaky(reruns=3, reruns_delay=2)
"""Of a test that measures time: what is slow is slow each time, while a busy machine has its moments."""
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run browser tests first: they are long, and whoever runs out of work takes over short ones at the end.

    In a whole run each of them may fail once: three at a time on two processors, a page has its moments. The
    end of the run names those that did, for somebody to look at.
    """
    browser = [item for item in items if "browser" in getattr(item, "fixturenames", ())]
    items.sort(key=lambda item: "browser" not in getattr(item, "fixturenames", ()))
    if os.environ.get("PORTAL_TEST_ALL") == "1":
        for item in browser:
            if item.get_closest_marker("flaky") is None:
                item.add_marker(pytest.mark.flaky(reruns=1))


def lacking(part: str, remedy: str) -> NoReturn:
    """Skip the test that needs a part this machine lacks, or fail it under PORTAL_TEST_ALL=1."""
    reason = f"{part} is missing: {remedy}"
    if os.environ.get("PORTAL_TEST_ALL") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def launch(command: Sequence[str | Path], folder: Path, **account: Any) -> subprocess.Popen[bytes]:
    """Start a part in its folder, with a file `log` for what it prints."""
    with (folder / "log").open("ab") as log:
        return subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, **account)


def wait_until(ready: Callable[[], bool], process: subprocess.Popen[bytes], folder: Path) -> None:
    """Wait for a started part to answer. Raises RuntimeError with the end of its log when it does not."""
    end = time.monotonic() + 180
    while time.monotonic() < end and process.poll() is None:
        if ready():
            return
        time.sleep(0.05)
    raise RuntimeError(
        f"{process.args!r} did not start:\n{(folder / 'log').read_text(errors='replace')[-3000:]}"
    )


def ended(process: subprocess.Popen[bytes]) -> None:
    """Wait for a process that was told to stop; kill it when it takes too long."""
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as response:
            return bool(response.status == 200)
    except OSError:
        return False


# PostgreSQL

EMPTY = """
DO $$
DECLARE
    one regclass;
BEGIN
    PERFORM pg_terminate_backend(pid, 10000) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid() AND pid <> ALL ('{%s}');
    -- Neither foreign keys nor the triggers that keep rows for good hold back a replica.
    SET LOCAL session_replication_role = replica;
    -- A test writes to few of the tables: the others have no file to speak of.
    FOR one IN SELECT oid FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
            AND pg_relation_size(oid) > 0 AND relname <> 'schema_migration' LOOP
        EXECUTE format('DELETE FROM %%s', one);
    END LOOP;
    PERFORM setval(seqrelid, 1, false) FROM pg_sequence WHERE pg_sequence_last_value(seqrelid) IS NOT NULL;
END $$
"""


class KeptConnection(psycopg.Connection[TupleRow]):
    """A connection that, when it is closed, waits for whoever connects next: a server's process that begins anew
    has to learn the tables first.
    """

    keeper: PostgresDatabase | None = None

    def close(self) -> None:
        idle = self.pgconn.transaction_status == TransactionStatus.IDLE
        if self.keeper is None or self.keeper.is_gone or not idle:
            super().close()
        elif self not in self.keeper.waiting:
            self.keeper.waiting.append(self)


@dataclass
class PostgresDatabase:
    """A database that is used again and again: emptying it is far quicker than making another."""

    url: str
    connection: psycopg.Connection
    waiting: list[KeptConnection] = field(default_factory=list)
    is_gone: bool = False
    """Whoever closes a connection from now on, as a thread that ends late, really ends it."""

    @property
    def name(self) -> str:
        return self.url.rpartition("/")[2]

    def connect(self, **options: Any) -> psycopg.Connection:
        """A connection as if it had just been made."""
        while self.waiting:
            kept = self.waiting.pop()
            if not kept.closed:
                return kept
        made = KeptConnection.connect(dbname=self.name, **options)
        made.keeper = self
        return made

    def empty(self) -> None:
        """Take every row out, begin the numbers at 1 again, and end what is still at work. Whoever connects next
        finds nothing that was set or prepared before.
        """
        for kept in self.waiting:
            # psycopg takes note of it once for each text.
            kept.execute(f"DISCARD ALL -- {secrets.token_hex(4)}".encode())
        waiting = ",".join(str(kept.info.backend_pid) for kept in self.waiting)
        self.connection.execute((EMPTY % waiting).encode())

    def let_go(self) -> None:
        """End the connections that wait."""
        self.is_gone = True
        for kept in self.waiting:
            kept.close()


@dataclass
class PostgresServer:
    """A cluster of our own, gone after the tests. Every connection is a superuser's."""

    port: int
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def url(self, database: str) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def execute(self, statement: str) -> None:
        """One statement outside any transaction, in the maintenance database."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())

    def create(self, template: str = "template1") -> str:
        """The URL of a new database: empty, or a copy of a template (a database nobody is connected to)."""
        name = f"portal_{next(self.numbers)}"
        # Since version 15 a copy goes through the log, block by block, unless it is asked to be one of files.
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            how = "STRATEGY FILE_COPY" if connection.info.server_version >= 150_000 else ""
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" {how}'.encode())
        return self.url(name)

    @contextmanager
    def keep(self, template: str) -> Iterator[PostgresDatabase]:
        """A copy of a template that can be emptied."""
        url = self.create(template)
        with psycopg.connect(url, autocommit=True) as connection:
            kept = PostgresDatabase(url, connection)
            yield kept
            kept.let_go()
        self.drop(url)

    def drop(self, url: str) -> None:
        """Drop a database that `create` made, with the connections still open to it."""
        self.execute(f'DROP DATABASE IF EXISTS "{url.rpartition("/")[2]}" WITH (FORCE)')


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server that makes as many databases as a test wants."""
    versions = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3])
    )
    found = shutil.which("postgres")
    if not versions and not found:
        lacking("PostgreSQL", "apt-get install postgresql")
    programs = versions[-1].parent if versions else Path(found or "").resolve().parent
    folder = Path(tempfile.mkdtemp(prefix="portal-postgres-"))
    account: dict[str, Any] = {}
    if os.geteuid() == 0:
        # PostgreSQL refuses to run as root.
        postgres_user = pwd.getpwnam("postgres")
        os.chown(folder, postgres_user.pw_uid, postgres_user.pw_gid)
        account = {"user": postgres_user.pw_uid, "group": postgres_user.pw_gid, "extra_groups": []}
    make: list[str | Path] = [programs / "initdb", "--pgdata", folder / "data", "--username=postgres"]
    make += ["--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
    port = free_port()
    serve: list[str | Path] = [programs / "postgres", "-D", folder / "data", "-p", str(port)]
    serve += ["-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={folder}"]
    # Nothing here outlives the tests, so nothing waits for the disk.
    serve += ["-c", "fsync=off", "-c", "full_page_writes=off", "-c", "synchronous_commit=off"]
    # Rows keep the order in which a test wrote them, whatever was emptied before it.
    serve += ["-c", "autovacuum=off", "-c", "max_wal_size=256MB"]
    probe: list[str | Path] = [programs / "pg_isready", "--quiet", "--host=127.0.0.1", f"--port={port}"]
    process = None
    try:
        if launch(make, folder, **account).wait(180) != 0:
            raise RuntimeError((folder / "log").read_text())
        process = launch(serve, folder, **account)
        wait_until(lambda: subprocess.run(probe, check=False).returncode == 0, process, folder)
        yield PostgresServer(port)
    finally:
        if process is not None:
            process.send_signal(signal.SIGINT)  # the fast stop: ends what is still connected
            ended(process)
        shutil.rmtree(folder)


@pytest.fixture
def fresh_postgres(postgres: PostgresServer) -> Iterator[str]:
    """The URL of an empty PostgreSQL database for one test."""
    url = postgres.create()
    yield url
    postgres.drop(url)


# Meilisearch


@dataclass
class MeilisearchServer:
    """A Meilisearch process on its own folder: it can be stopped, killed and started again with its data."""

    program: Path
    folder: Path
    port: int = field(default_factory=free_port)
    master_key: str = "a-master-key-for-the-tests"
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it, unless it runs already, and wait until it answers."""
        if self.process is not None and self.process.poll() is None:
            return
        command: list[str | Path] = [self.program, "--db-path", self.folder / "data"]
        command += ["--dump-dir", self.folder / "dumps", "--http-addr", f"127.0.0.1:{self.port}"]
        command += ["--master-key", self.master_key, "--env", "production", "--no-analytics"]
        command += ["--log-level", "WARN", "--max-indexing-memory", "512MiB", "--max-indexing-threads", "1"]
        self.process = launch(command, self.folder)
        wait_until(lambda: answers(f"{self.url}/health"), self.process, self.folder)

    def stop(self) -> None:
        """Stop it politely."""
        if self.process is not None:
            self.process.terminate()
            ended(self.process)

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def warm_up(self) -> None:
        """Index one Chinese document, whose dictionary takes seconds to load, and forget it."""
        import meilisearch  # noqa: PLC0415 - only where there is a server

        client = meilisearch.Client(self.url, self.master_key)
        index = client.index("warm_up")
        task = index.add_documents([{"id": 1, "text": "客户担心学区会变"}], "id")
        done = client.wait_for_task(task.task_uid, timeout_in_ms=60_000)
        if done.status != "succeeded":
            raise RuntimeError(f"Meilisearch cannot index Chinese: {done.error}")
        client.wait_for_task(index.delete().task_uid, timeout_in_ms=60_000)


@pytest.fixture(scope="session")
def meilisearch_server() -> Iterator[MeilisearchServer]:
    """A running Meilisearch server that has seen Chinese. A test that stops it starts it again."""
    packaged = NODE_MODULES / "@gaubee" / "meilisearch-linux-amd64" / "meilisearch"
    program = Path(os.environ.get("PORTAL_TEST_MEILISEARCH") or packaged)
    if not program.is_file():
        lacking("Meilisearch", "npm install, or name its program in PORTAL_TEST_MEILISEARCH")
    if not os.access(program, os.X_OK):
        # npm unpacks the program without leave to run it.
        program.chmod(program.stat().st_mode | 0o111)
    with tempfile.TemporaryDirectory(prefix="portal-meilisearch-") as folder:
        server = MeilisearchServer(program, Path(folder))
        try:
            server.start()
            server.warm_up()
            yield server
        finally:
            server.stop()


# A store of files


@dataclass
class FileStore:
    """A server that speaks S3, in a process of its own; what it holds ends with it."""

    folder: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, unless it runs already, and wait until it answers."""
        if self.process is not None and self.process.poll() is None:
            return
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self.port)]
        self.process = launch(command, self.folder)
        wait_until(lambda: answers(f"http://127.0.0.1:{self.port}/moto-api/"), self.process, self.folder)

    def stop(self) -> None:
        """Stop it, and lose what it holds."""
        if self.process is not None:
            self.process.terminate()
            ended(self.process)

    def bucket(self) -> str:
        """Make a bucket; gives what PORTAL_FILES_URL is with it."""
        name, day = f"bucket-{secrets.token_hex(6)}", "20260101/us-east-1/s3/aws4_request"
        signed = {"Authorization": f"AWS4-HMAC-SHA256 Credential=key/{day}, SignedHeaders=host, Signature=0"}
        made = urllib.request.Request(f"http://127.0.0.1:{self.port}/{name}", method="PUT", headers=signed)
        urllib.request.urlopen(made, timeout=20).close()
        return f"s3+http://key:se%2Fcret@127.0.0.1:{self.port}/{name}/of the portal"


@pytest.fixture(scope="session")
def file_store() -> Iterator[FileStore]:
    """A running store of files. A test that stops it starts it again."""
    if find_spec("moto") is None:
        lacking("moto", "make ready")
    with tempfile.TemporaryDirectory(prefix="portal-file-store-") as folder:
        server = FileStore(Path(folder))
        try:
            server.start()
            yield server
        finally:
            server.stop()


# The browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, driven by Playwright; a test opens its own context. One for each module: while Playwright
    is open its event loop holds the main thread, and what comes next on this worker may need it.

    The headless shell where there is one: the same engine without windows that nobody sees, at half the work.
    """
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only where there is a browser

    program = os.environ.get("PORTAL_TEST_CHROMIUM") or shutil.which("chromium-headless-shell")
    program = program or shutil.which("chromium")
    if not program:
        lacking("Chromium", "apt-get install chromium-headless-shell, or name it in PORTAL_TEST_CHROMIUM")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=CHROMIUM_FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def axe_source() -> str:
    """The script of axe-core, the accessibility engine."""
    script = NODE_MODULES / "axe-core" / "axe.min.js"
    if not script.is_file():
        lacking("axe-core", "npm install")
    return script.read_text()


@pytest.fixture(scope="session")
def axe(axe_source: str) -> Callable[[Page], list[str]]:
    """Checks an open page: one line per accessibility violation, naming the rule and the elements."""

    def violations(page: Page) -> list[str]:
        # evaluate() is the debugger's way in, which the page's Content-Security-Policy does not refuse.
        if not page.evaluate("'axe' in window"):
            page.evaluate(axe_source + "\n;null")
        # Without preloading: the policy keeps axe from fetching stylesheets again, and it would wait for them.
        result = page.evaluate(
            "axe.run(document, {resultTypes: ['violations'], preload: false, selectors: false})"
        )
        return [
            f"{violation['id']}: {violation['help']}: "
            + "; ".join(node["html"] for node in violation["nodes"])
            for violation in result["violations"]
        ]

    return violations


# The HTML checker


@pytest.fixture(scope="session")
def html_checker() -> Iterator[Callable[[str], list[str]]]:
    """Checks a page's HTML with the Nu HTML checker: one line per error, with the place."""
    jar = NODE_MODULES / "vnu-jar" / "build" / "dist" / "vnu.jar"
    if not jar.is_file():
        lacking("The Nu HTML checker", "npm install")
    java = shutil.which("java")
    if not java:
        lacking("Java", "apt-get install default-jre-headless")
    port = free_port()
    address = f"http://127.0.0.1:{port}/?out=json"

    def check(html: str) -> list[str]:
        request = urllib.request.Request(
            address, html.encode(), {"Content-Type": "text/html; charset=utf-8"}, method="POST"
        )
        with urllib.request.urlopen(request, timeout=60) as response:
            messages = json.load(response)["messages"]
        return [
            f"line {message.get('lastLine', '?')}: {message['message']}: {message.get('extract', '').strip()}"
            for message in messages
            if message["type"] != "info"
        ]

    with tempfile.TemporaryDirectory(prefix="portal-checker-") as folder:
        command: list[str | Path] = [
            java,
            "-Xss2m",
            "-Xmx512m",
            # It lives for a hundred pages: too short to earn back what it would put into being fast.
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Dnu.validator.servlet.bind-address=127.0.0.1",
        ]
        command += ["-cp", jar, "nu.validator.servlet.Main", str(port)]
        process = launch(command, Path(folder))
        try:
            wait_until(lambda: answers(f"http://127.0.0.1:{port}/"), process, Path(folder))
            yield check
        finally:
            process.terminate()
            ended(process)
