"""Measures how fast search answers among many documents: `python -m benchmarks.search --speed`.

As the portal has it: several processes ask (PORTAL_PROCESSES), each works on as many questions at a time as it has
threads, the texts lie in a database file, and what a question means is worked out by one process beside.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import random
import re
import resource
import signal
import sqlite3
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from itertools import islice, product
from pathlib import Path
from typing import Any, NamedTuple

import anyio
import anyio.to_thread

from benchmarks.search import GROUPS, crowd, percentile, server, shared
from portal import settings
from portal.search import maker, meaning, nearness
from portal.search.documents import FoldedText, IndexEntry, SearchDoc, entries
from portal.search.embedded import Embedded
from portal.search.engine import Engine, Query
from portal.search.find import find
from portal.search.meilisearch import Meilisearch

READS = GROUPS | {f"team:{number}" for number in range(12)}
USERS = (1, 16)


def bulk(count: int) -> Iterator[SearchDoc]:
    """Documents of about 1,300 characters, mixed from the sentences of the question sets."""
    chance = random.Random(5)
    sentences: list[str] = []
    titles: list[str] = []
    for folder in sorted(shared().glob("qa_*")):
        for line in (folder / "docs.jsonl").read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            titles.append(row["title"])
            sentences += [part for part in re.split(r"(?<=[。.!?！？])", row["text"]) if 8 < len(part) < 300]
    kinds = ("article", "customer", "question", "product")
    for number in range(count):
        body = ""
        while len(body) < 1300:
            body += chance.choice(sentences)
        title = f"{chance.choice(titles)} {chance.choice(titles)[:20]} {number}"
        tags = (f"topic:{chance.randrange(40)}", f"type:{chance.randrange(6)}")
        groups = frozenset({"public" if chance.random() < 0.7 else f"team:{chance.randrange(50)}"})
        kind = kinds[number % len(kinds)]
        yield SearchDoc(f"{kind}-{number}", kind, title, (), tags, body, groups, updated=number)


class Rows:
    """The texts in a database file, as the portal has them, and vectors by lot for those that have one: what is
    near is chance, but it costs what it costs.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.held = threading.local()
        self.chance = random.Random(7)

    def make(self) -> None:
        self.connection().executescript(
            "CREATE TABLE entry (id TEXT PRIMARY KEY, written TEXT, text TEXT) WITHOUT ROWID;"
            "CREATE TABLE vector (id TEXT, packed BLOB, groups TEXT);"
        )

    def connection(self) -> sqlite3.Connection:
        if not hasattr(self.held, "connection"):
            self.held.connection = sqlite3.connect(self.path)
        connection: sqlite3.Connection = self.held.connection
        return connection

    def put(self, docs: Sequence[SearchDoc]) -> None:
        with self.connection() as connection:
            connection.executemany(
                "INSERT INTO entry VALUES (?, ?, ?)",
                (
                    (entry.id, json.dumps(entry.written(), ensure_ascii=False), entry.text.pack())
                    for doc in docs
                    for entry in entries(doc)
                ),
            )
            size = nearness.Vectors.dimensions
            connection.executemany(
                "INSERT INTO vector VALUES (?, ?, ?)",
                (
                    (doc.id, self.chance.randbytes(size), " ".join(doc.groups))
                    for doc in docs
                    if doc.kind in meaning.NOUNS
                ),
            )

    def load(self, ids: Sequence[str]) -> dict[str, IndexEntry]:
        marks = ",".join("?" * len(ids))
        found = self.connection().execute(
            f"SELECT id, written, text FROM entry WHERE id IN ({marks})", list(ids)
        )
        return {
            id: IndexEntry.read(json.loads(written), FoldedText.unpack(text)) for id, written, text in found
        }

    def vectors(self) -> nearness.Vectors:
        held = nearness.Vectors()
        found = self.connection().execute("SELECT id, packed, groups FROM vector")
        while some := found.fetchmany(1_000):
            held.put(some)
        return held


# --- The processes -------------------------------------------------------------------------------------


@contextmanager
def making() -> Iterator[tuple[bytes, int]]:
    """The process that works out what questions mean: where it is asked, and its number."""
    door = maker.door()
    if door is None:
        raise SystemExit("This system has no such doors: only Linux has.")
    process = os.fork()
    if not process:
        threads = settings.read().threads
        maker.answer(door, lambda sort, text: meaning.vector_of(sort, text).tobytes(), threads)
    try:
        yield door.getsockname(), process
    finally:
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)


def busy(process: int) -> float:
    """Seconds of the processor that a process has used."""
    spent = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[11:13]
    return sum(map(int, spent)) / os.sysconf("SC_CLK_TCK")


@dataclass
class Asks:
    """What a process needs to ask."""

    rows: Path
    index: Path
    """Of the embedded engine."""
    door: bytes
    url: str = ""
    """Of the server, when that one answers; it is told how many texts hold a word by the index beside it."""
    key: str = ""

    def engine(self) -> Engine:
        embedded = Embedded(self.index)
        if not self.url:
            return embedded
        return Meilisearch(self.url, self.key, index="bulk", seconds=30, counted=embedded.counted)


class Way(NamedTuple):
    """How people ask: with whole questions or while they type, by words alone or by meaning too."""

    suggest: bool
    by_meaning: bool

    def __str__(self) -> str:
        return (
            f"{'typing' if self.suggest else 'questions':10} {'with meaning' if self.by_meaning else '':12}"
        )


class Told(NamedTuple):
    """What a process measured: milliseconds of each answer, how many times as long as the server's own answer
    each took, and its milliseconds of the processor.
    """

    took: list[float]
    ratios: list[float]
    busy: float


class Asker:
    """One process that answers people."""

    here: Asker

    def __init__(self, asks: Asks) -> None:
        self.rows, self.engine = Rows(asks.rows), asks.engine()
        self.timer = Timed(self.engine) if isinstance(self.engine, Meilisearch) else None
        self.lock, self.ratios = threading.Lock(), list[float]()
        if asks.door:
            meaning.ask_at(asks.door)
            self.vectors = self.rows.vectors()

    @classmethod
    def begin(cls, asks: Asks) -> None:
        """The one of this process."""
        cls.here = cls(asks)

    @classmethod
    def told(cls, way: Way, texts: Sequence[str], users: int) -> Told:
        """Some users ask, each the next one as soon as the last is answered. As many questions are worked on at a
        time as the portal does; the others wait for their turn.
        """
        here, limiter = cls.here, anyio.CapacityLimiter(settings.read().threads)
        meaning.forget()
        here.ratios.clear()

        async def answer(text: str) -> None:
            await anyio.to_thread.run_sync(here.one, text, way, limiter=limiter)

        began = time.process_time()
        took = asyncio.run(crowd(answer, texts, users))
        return Told(took, list(here.ratios), 1000 * (time.process_time() - began))

    def one(self, text: str, way: Way) -> None:
        began = time.perf_counter()
        asks = Query(text, groups=READS, size=10, suggest=way.suggest)
        nearest, begin = (self.nearest, meaning.begin) if way.by_meaning else (None, None)
        find(self.engine, asks, self.rows.load, nearest=nearest, begin=begin)
        if self.timer and (spent := self.timer.take()):
            self.ratios.append((time.perf_counter() - began) * 1000 / spent)

    def nearest(self, text: str, groups: frozenset[str] | None) -> list[tuple[str, float]]:
        question = meaning.of_question(text)
        with self.lock:
            return self.vectors.nearest(question, groups)


class Timed:
    """A Meilisearch engine that notes how long the server and the way to it took, per thread."""

    def __init__(self, engine: Meilisearch) -> None:
        self.spent = threading.local()
        ask = engine._ask

        def timed(queries: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
            started = time.perf_counter()
            answers = ask(queries)
            self.spent.ms = getattr(self.spent, "ms", 0.0) + (time.perf_counter() - started) * 1000
            return answers

        engine._ask = timed  # type: ignore[method-assign]

    def take(self) -> float:
        spent = getattr(self.spent, "ms", 0.0)
        self.spent.ms = 0.0
        return float(spent)


# --- Measuring -----------------------------------------------------------------------------------------


def speed(count: int, queries: int, only: str) -> None:
    """Indexes many documents, then asks with one user and with sixteen; `only` one engine."""
    with ExitStack() as stack:
        place = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        by_meaning = settings.read().finds_by_meaning
        door, process = stack.enter_context(making()) if by_meaning else (b"", 0)
        running = stack.enter_context(server())
        rows = Rows(place / "rows.db")
        rows.make()
        alone = Asks(rows.path, place / "index", door)
        ways = [alone] if only != "meilisearch" else []
        if running and only != "embedded":
            ways.append(replace(alone, url=running.url, key=running.key))
        for asks in ways:
            engine = asks.engine()
            index(engine, count, rows if asks is ways[0] else None)
            memory = (
                running.memory()
                if running and asks.url
                else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
            )
            print(f"  memory {memory} MB", flush=True)
            measure(asks, queries, process)


def index(engine: Engine, count: int, rows: Rows | None) -> None:
    """Gives an engine its documents, and keeps them in rows, if there are none yet."""
    started, spent, docs = time.perf_counter(), 0.0, bulk(count)
    while batch := list(islice(docs, 2_000)):
        before = time.perf_counter()
        engine.index(batch)
        spent += time.perf_counter() - before
        if rows:
            rows.put(batch)
    whole = time.perf_counter() - started
    print(
        f"{engine.name}: {count:,} documents indexed in {spent:.0f} s (with making them {whole:.0f} s)",
        flush=True,
    )


def measure(asks: Asks, queries: int, making: int) -> None:
    """Asks with so many users as there are processes to ask, each with its part of them."""
    words = [text for folder in sorted(shared().glob("qa_*")) for text in questions(folder)]
    with ExitStack() as stack:
        apart = multiprocessing.get_context("spawn")  # an engine's threads do not live on in a fork
        askers = [
            stack.enter_context(ProcessPoolExecutor(1, apart, Asker.begin, (asks,)))
            for _ in range(settings.read().processes)
        ]
        for suggest, texts in ((False, words), (True, typed(words))):
            asked = random.Random(13).sample(texts, min(queries, len(texts)))
            for by_meaning, users in product((False, True) if asks.door and not suggest else (False,), USERS):
                tell(Way(suggest, by_meaning), askers[:users], asked, users, making)


def tell(
    way: Way, askers: Sequence[ProcessPoolExecutor], asked: Sequence[str], users: int, making: int
) -> None:
    """Prints how long so many users wait."""
    for begun in [each.submit(Asker.told, way, asked[:50], 1) for each in askers]:
        begun.result()
    spent = busy(making) if making else 0.0
    shares = [
        each.submit(Asker.told, way, asked[n :: len(askers)], users // len(askers))
        for n, each in enumerate(askers)
    ]
    parts = [share.result() for share in shares]
    spent = (busy(making) - spent if making else 0.0) * 1000 + sum(part.busy for part in parts)
    took = [each for part in parts for each in part.took]
    ratios = [each for part in parts for each in part.ratios]
    ratio = f", {percentile(ratios, 0.5):.2f} times the server's own answer" if ratios else ""
    print(
        f"  {way} {users:2} users of {len(askers)} processes: p50 {percentile(took, 0.5):6.1f} ms,"
        f" p95 {percentile(took, 0.95):6.1f} ms, CPU {spent / len(asked):4.1f} ms a query{ratio}",
        flush=True,
    )


def questions(folder: Path) -> list[str]:
    lines = (folder / "queries.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["query"] for line in lines]


def typed(words: Sequence[str]) -> list[str]:
    """What stands in the box while the first words of questions are typed."""
    chance = random.Random(17)
    return [text[: chance.randint(1, 12)] for text in words]
