"""Measures search as people meet it: how soon a change is found, and how fast the pages answer.

    python -m benchmarks.freshness                       changes under a write load, until /search shows them
    python -m benchmarks.freshness --speed FOLDER        pages of search, with one user and with sixteen

Freshness runs `portal serve` on a small company, saves changes in this process at a steady pace and asks
/search for some of them until they are there; for both engines, where Meilisearch is found (as in
benchmarks.search). Speed asks the application of FOLDER, which benchmarks.data has filled and `portal reindex`
has indexed; with PORTAL_SEARCH_URL and PORTAL_SEARCH_KEY set, Meilisearch answers.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import os
import random
import secrets
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import quote

import anyio.to_thread
from anyio import CapacityLimiter
from starlette.applications import Starlette

from benchmarks.data import generate
from benchmarks.pages import ask
from benchmarks.search import Server, crowd, percentile, server
from portal import clock
from portal.app import create_app, settle
from portal.models.base import database
from portal.models.base.database import transact
from portal.models.customers.customers import Customer
from portal.models.knowledge.articles import Article
from portal.models.people.people import Person, Role
from portal.models.people.sessions import Session
from portal.models.products.products import Product
from portal.models.sales.deals import Deal
from portal.models.search.documents import SearchDocument
from portal.models.work.jobs import Job
from portal.search import searcher
from portal.search.asking import Asked
from portal.search.meilisearch import Meilisearch
from portal.search.searcher import Searcher
from portal.settings import Settings

RATE = 20
"""Saved changes a second."""
BUDGETS = {"embedded": 1.0, "meilisearch": 3.0}
"""Seconds at the median until a change is found."""
LOST = 10.0
"""Seconds after which a change counts as never found."""
PAGES = {1: 50.0, 16: 200.0}
"""Milliseconds that 95 of 100 pages of search may take with the embedded engine, by users."""
SHARE = 1.5
"""What a search may take, against the Meilisearch request that it sends."""


def load_average() -> str:
    """How busy the machine is: figures mean little without it."""
    return f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"


# --- Freshness -----------------------------------------------------------------------------------------


@contextmanager
def portal(folder: Path, running: Server | None) -> Iterator[int]:
    """`portal serve` on a folder, with its worker; gives the port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    environment = os.environ | {
        "PORTAL_DATA": str(folder),
        "PORTAL_PORT": str(port),
        "PORTAL_LOG_LEVEL": "ERROR",
    }
    environment |= {
        "PORTAL_SEARCH_URL": running.url if running else "",
        "PORTAL_SEARCH_KEY": running.key if running else "",
    }
    command = [sys.executable, "-m", "portal", "serve"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as process:
        try:
            yield port
        finally:
            process.terminate()


def page(port: int, path: str, token: str) -> str:
    """A page of a running portal, asked for again while it starts."""
    for _ in range(300):
        wire = HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            wire.request("GET", path, headers={"Cookie": f"session={token}", "Accept-Language": "en"})
            return wire.getresponse().read().decode()
        except ConnectionRefusedError:
            time.sleep(0.1)
        finally:
            wire.close()
    raise RuntimeError("the portal does not answer")


class Writer(threading.Thread):
    """Saves changes at a steady pace; `saved` has each with a word that it alone holds and when it was saved."""

    def __init__(self, by: Person, changes: int) -> None:
        super().__init__(daemon=True)
        self.by, self.changes = by, changes
        self.chance = random.Random()  # a word of its own for each change, on a folder used twice too
        self.saved: list[tuple[str, str, float]] = []
        self.took = 0.0

    def run(self) -> None:
        begun = time.monotonic()
        with database.db.connection_context():
            for number in range(self.changes):
                time.sleep(max(0.0, begun + number / RATE - time.monotonic()))
                word = "".join(self.chance.choices("bcdfghjklmnpqrstvwxz", k=9))
                record = transact(partial(self.change, number, word))
                self.saved.append((str(record), word, time.monotonic()))
        self.took = time.monotonic() - begun

    def change(self, number: int, word: str) -> Any:
        """A verb of one noun after another: half of them on records that are there already."""
        match number % 4:
            case 0:
                return Product.add(by=self.by, code=f"N-{word}", name=f"翠湖 {word}")
            case 1:
                customer = Customer.get_by_id(1 + number // 4 % 1000)
                customer.edit(by=self.by, name=f"{word} 有限公司")
                return customer
            case 2:
                article = Article.get_by_id(1 + number // 4 % 200)
                article.edit(by=self.by, body=f"先看说明书，再动手。{word}。" * 20)
                return article
            case _:
                return Deal.open(by=self.by, title=f"三居置换 {word}")


def freshness(seconds: int, folder: Path | None) -> bool:
    """Prints for each engine how long changes took to be found; whether all budgets are kept."""
    with server() as running, tempfile.TemporaryDirectory() as made:
        if folder is None:
            folder = Path(made)
            generate(folder, 0.01)
        kept = fresh(folder, None, seconds)
        return (fresh(folder, running, seconds) if running else True) and kept


def fresh(folder: Path, running: Server | None, seconds: int) -> bool:
    """One engine's figures."""
    engine = "meilisearch" if running else "embedded"
    person, token = writer_of(folder)
    with portal(folder, running) as port:
        ready(port, token, person)
        writer = Writer(person, seconds * RATE)
        writer.start()
        waits, helped = probe(port, token, writer)
    database.db.close_all()
    middle, tail = statistics.median(waits), percentile(waits, 0.95)
    rate = len(writer.saved) / writer.took
    is_kept = middle < BUDGETS[engine] and not helped and max(waits) < LOST
    print(
        f"{'PASS' if is_kept else 'OVER'}  {engine:12} a change is found after {middle:.2f} s at the median, "
        f"{tail:.2f} s at p95, {max(waits):.2f} s at most ({len(waits)} asked for of {len(writer.saved)} changes, "
        f"{rate:.1f} a second; {helped} answers by the other engine; {load_average()})",
        flush=True,
    )
    return is_kept


def writer_of(folder: Path) -> tuple[Person, str]:
    """Who makes the changes, and the session of the same person."""
    database.connect(f"sqlite:///{folder / 'portal.db'}")
    with database.db.connection_context():
        person = Person.get_by_id(1)
        return person, transact(lambda: Session.open(person))[1]


def ready(port: int, token: str, person: Person) -> None:
    """Wait until everything old is indexed: an engine's first Chinese document takes seconds."""
    first = secrets.token_hex(5)
    with database.db.connection_context():
        record = transact(partial(Product.add, by=person, code=f"N-{first}", name=f"翠湖 {first}"))
    seen, until = 0, time.monotonic() + 200
    while seen < 5 or transact(_works, write=False):
        shown = page(port, f"/search?q={first}", token)
        seen = seen + 1 if f'data-hit="{record}"' in shown and not is_helped(shown) else 0
        if time.monotonic() > until:
            raise RuntimeError("the index is not made")
        time.sleep(0.5)


def _works() -> bool:
    """Whether the daily jobs, which begin with the first start, are still at work."""
    return Job.select().where(Job.state.in_(("waiting", "running")) & (Job.run_at <= clock.now())).exists()


def is_helped(shown: str) -> bool:
    """Whether the page warns that not all of search works."""
    return "note note-warning" in shown


def probe(port: int, token: str, writer: Writer) -> tuple[list[float], int]:
    """Seconds until changes are found, one at a time, the newest each time; and answers by the other engine."""
    waits: list[float] = []
    helped, last = 0, ""
    while writer.is_alive():
        if not writer.saved or writer.saved[-1][0] == last:
            time.sleep(0.005)
            continue
        last, word, at = writer.saved[-1]
        while time.monotonic() - at < LOST:
            shown = page(port, f"/search?q={word}", token)
            helped += is_helped(shown)
            if f'data-hit="{last}"' in shown:
                break
            time.sleep(0.03)
        waits.append(time.monotonic() - at)
    return waits, helped


# --- Speed ---------------------------------------------------------------------------------------------

CUT = 3
Answer = Callable[[str], Awaitable[None]]


def questions() -> Iterator[str]:
    """What people look for in the generated company: names, codes, words, the beginnings of them."""
    chance = random.Random(17)
    models: tuple[tuple[Any, Any], ...] = (
        (Customer, Customer.name),
        (Person, Person.name),
        (Product, Product.code),
        (Article, Article.title),
        (Deal, Deal.title),
    )
    counts = [model.select().count() for model, _ in models]
    while True:
        for (model, column), count in zip(models, counts, strict=True):
            row = model.select(column).where(model.id == 1 + chance.randrange(count)).tuples().get()
            text = str(row[0])
            yield chance.choice((text, text[:CUT], text[CUT - 1 : 2 * CUT], text.lower()))


def signed_in(folder: Path) -> tuple[Starlette, str]:
    """The portal on a folder, and a manager's session token."""
    app = create_app(Settings(data=folder, secret="benchmark", worker=False))  # noqa: S106 - signs nothing
    with database.db.connection_context():
        person = Person.get_by_id(1)
        if not person.is_manager:
            person.grant(Role.MANAGER, by=None)
        return app, Session.open(person)[1]


def speed(folder: Path, queries: int) -> bool:
    """Prints how fast pages of search are; whether all budgets are kept."""
    app, token = signed_in(folder)
    url, key = (os.environ.get(f"PORTAL_SEARCH_{name}", "") for name in ("URL", "KEY"))
    search = searcher.connect(replace(app.state.settings, search_url=url, search_key=key))
    app.state.search = search
    settle(app)
    with database.db.connection_context():
        typed = [text for text, _ in zip(questions(), range(queries), strict=False)]
        documents = SearchDocument.select().where(~SearchDocument.gone).count()
    print(f"{search.engines[0].name}, {documents:,} documents, {load_average()}", flush=True)
    kept = True
    budgets = PAGES if search.server is None else dict.fromkeys(PAGES, math.inf)
    for name, path in (("results", "/search?q="), ("typing", "/search/suggest?q=")):
        asked = [path + quote(text) for text in typed]
        kept &= timed(partial(shown, app, token), asked, f"{name}, page", budgets)
    with database.db.connection_context():
        person = Person.get_by_id(1)
    kept &= timed(partial(found, search, person, app.state.turns.views), typed, "results, search", budgets)
    return kept if search.server is None else shared_out(search, search.server, typed)


def timed(answer: Answer, asked: Sequence[str], name: str, budgets: Mapping[int, float]) -> bool:
    """A line for one user and one for sixteen, who never pause."""
    asyncio.run(crowd(answer, asked[:20], 1))
    kept = True
    for users, budget in budgets.items():
        busy = time.process_time()
        took = asyncio.run(crowd(answer, asked, users))
        busy = 1000 * (time.process_time() - busy) / len(asked)
        middle, tail = statistics.median(took), percentile(took, 0.95)
        kept &= tail <= budget
        print(
            f"{'PASS' if tail <= budget else 'OVER'}  {name:15} {users:2} users: p50 {middle:6.1f} ms, "
            f"p95 {tail:6.1f} ms (budget {budget:.0f}), {busy:5.1f} ms of CPU each, {load_average()}",
            flush=True,
        )
    return kept


async def shown(app: Any, token: str, path: str) -> None:
    """A whole page."""
    status, _ = await ask(app, path, token)
    if status != 200:
        raise RuntimeError(f"{path}: {status}")


async def found(search: Searcher, person: Person, limiter: CapacityLimiter, text: str) -> None:
    """What the page shows, without the page."""

    def work() -> None:
        with database.db.connection_context():
            search.search(person, Asked.read({"q": text}, person, lambda name: []))

    await anyio.to_thread.run_sync(work, limiter=limiter)


def shared_out(search: Searcher, engine: Meilisearch, typed: Sequence[str]) -> bool:
    """How much longer a search takes than the request that it sends to the server, one user asking."""
    waited, way = list[float](), engine._ask

    def noted(queries: Any) -> Any:
        started = time.perf_counter()
        answers = way(queries)
        waited.append(time.perf_counter() - started)
        return answers

    engine._ask = noted  # type: ignore[method-assign]
    ratios, more = list[float](), 0
    with database.db.connection_context():
        person = Person.get_by_id(1)
        for text in typed:
            asked = Asked.read({"q": text}, person, lambda name: [])
            waited.clear()
            started = time.perf_counter()
            search.search(person, asked)
            took = time.perf_counter() - started
            if len(waited) == 1:
                ratios.append(took / waited[0])
            else:
                more += 1
    middle, tail = statistics.median(ratios), percentile(ratios, 0.95)
    print(
        f"{'PASS' if middle <= SHARE else 'OVER'}  a search takes {middle:.2f} times its request to the server at the "
        f"median, {tail:.2f} at p95 (budget {SHARE}; {len(ratios)} searches with one request, {more} with more)",
        flush=True,
    )
    return middle <= SHARE


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("folder", type=Path, nargs="?", help="a company made by benchmarks.data and indexed")
    given.add_argument("--speed", action="store_true", help="measure pages instead of freshness")
    given.add_argument("--seconds", type=int, default=30, help="of changes, for each engine")
    given.add_argument("--queries", type=int, default=300, help="for each line of --speed")
    args = given.parse_args()
    if args.speed and not args.folder:
        given.error("--speed needs a folder")
    kept = speed(args.folder, args.queries) if args.speed else freshness(args.seconds, args.folder)
    raise SystemExit(0 if kept else 1)


if __name__ == "__main__":
    main()
