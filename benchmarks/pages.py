"""What a page costs: its CPU time, cold and warm, for each role, and against a bare page with the same records.

    python -m benchmarks.pages [FOLDER]      FOLDER: made by benchmarks.data --demo; made in a temporary folder when absent

The pages are those whose address names no record and those that their links lead to, one of each kind, each section of
a record a kind of its own. Cold is a person's first page in a process whose templates are loaded, as `portal serve`
loads them; warm, a later one. The bare pages (benchmarks.bare) run in this process too, in turn, on the same database.
Figures are medians of CPU milliseconds of all threads. The status is 1 where a budget is broken.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import gzip
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from html import unescape
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urljoin

from starlette.applications import Starlette
from starlette.routing import Match, Route

from benchmarks.bare import bare_app, twins
from benchmarks.data import generate
from portal import demo, shell, templating
from portal.app import create_app, settle
from portal.models.base import database
from portal.models.base.listing import _pack
from portal.models.base.prepared import Prepared
from portal.models.customers.customers import Customer
from portal.models.people.sessions import Session
from portal.models.sales.deals import Deal
from portal.settings import Settings

ROUNDS, WARM, FEW = 20, 3, 5
"""Rounds of what is compared, of what is not counted before them, and of what is only shown."""
MOST = 2.0
"""The budget: a page's CPU time against the bare page's."""
QUERIES = 12
VISIT = 150
"""Compressed kilobytes of a first visit."""
MEMORY = 250
"""Megabytes of one web process."""
SAME = 1.25
"""Up to this ratio two medians on a busy machine are the same."""
ROLES = ("member", "reviewer", "manager")
OTHERS = ("administrator", "finance")
"""Who is asked for the pages that those may not open."""
LINK = re.compile(rb'href="(/[^"#]*)')
SEARCH = "/search?q=%E5%AD%A6%E5%8C%BA"
"""A search that finds something of what the demo company tells."""
Kind = tuple[str, str]
"""The name of a page's route, and its section."""


async def ask(app: Any, path: str, token: str) -> tuple[int, bytes]:
    """One request straight to the ASGI application."""
    name, _, query = path.partition("?")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": name,
        "raw_path": name.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(b"host", b"bench"), (b"cookie", f"session={token}".encode())],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
    status, body, is_read = 0, bytearray(), False

    async def receive() -> dict[str, Any]:
        nonlocal is_read
        if is_read:  # a file is sent while somebody waits for the browser to hang up
            await asyncio.Event().wait()
        is_read = True
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = message["status"]
        else:
            body.extend(message.get("body", b""))

    await app(scope, receive, send)
    return status, bytes(body)


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements executed inside the block, but for transaction control."""
    seen: list[str] = []
    original = database.db.obj.execute_sql

    def execute(sql: str, *args: Any, **kwargs: Any) -> Any:
        seen.append(sql)
        return original(sql, *args, **kwargs)

    database.db.obj.execute_sql = execute
    try:
        yield seen
    finally:
        del database.db.obj.execute_sql


@dataclass
class Visitor:
    """Someone signed in, and the pages that their links lead to."""

    app: Starlette
    role: str
    token: str

    @cached_property
    def pages(self) -> dict[Kind, str]:
        """An address for each kind of page, of those that begin and those that their links lead to."""
        begin = [each.path for each in self.app.routes if isinstance(each, Route) and "{" not in each.path]
        waiting, known, found = ["/", SEARCH, *begin], set[str](), dict[Kind, str]()
        while waiting:
            path = waiting.pop(0)
            kind = kind_of(self.app, path)
            if path in known or kind is None or kind in found:
                continue
            known.add(path)
            status, body = asyncio.run(ask(self.app, path, self.token))
            if status == 200 and b"<html" in body:
                found[kind] = path
                waiting += [unescape(link.decode()) for link in LINK.findall(body)]
        return found


def kind_of(app: Starlette, path: str) -> Kind | None:
    """Which kind of page answers; None where it is no page, or a list narrowed, or a form for a new record."""
    path, _, query = path.partition("?")
    narrowed = parse_qs(query)
    section = narrowed.pop("tab", [""])[0]
    if (narrowed and path != "/search") or path.endswith(("/new", "/edit", "/suggest")):
        return None
    scope = {"type": "http", "path": path, "method": "GET", "root_path": "", "headers": []}
    for route in app.routes:
        if isinstance(route, Route) and route.matches(scope)[0] is Match.FULL:
            return route.name, section
    return None


@dataclass
class Cost:
    """What a page costs one person."""

    cold: float
    warm: float
    queries: int
    ratio: float | None
    """Its CPU time against the bare page's, warm."""
    size: int
    """Its bytes, compressed."""


def measure(folder: Path) -> dict[str, bool]:
    """Print the table; each budget with whether it is kept."""
    app, visitors = opened(folder)
    with database.db.connection_context():
        known = twins()
    bare = bare_app(list(known.values()))
    empty, kinds = emptier(), dict[Kind, list[Visitor]]()
    for visitor in visitors:
        for kind in visitor.pages:
            held = kinds.setdefault(kind, [])
            if visitor.role in ROLES or not held:
                held.append(visitor)
    costs: dict[tuple[str, str], Cost] = {}
    print(f"{'':<36}" + "".join(f"{role:<28}" for role in ROLES))
    print(
        f"{'page':<36}" + f"{'cold':>6}{'warm':>6}{'asks':>5}{'ratio':>6}     " * len(ROLES) + f"{'gz kB':>6}"
    )
    for kind, held in sorted(kinds.items(), key=lambda one: (one[0] not in known, one[1][0].pages[one[0]])):
        twin, line = known.get(kind), dict[str, Cost]()
        for each in held:
            same = twin is not None and asyncio.run(ask(app, twin.path, each.token))[0] == 200
            path = twin.path if twin and same else each.pages[kind]
            line[each.role] = costs[path, each.role] = cost(each, path, bare if same else None, empty)
        print(row(held[0].pages[kind], line), flush=True)
    return budgets(costs) | visited(app, visitors[0].token) | deep(app, visitors[2].token)


def row(path: str, line: dict[str, Cost]) -> str:
    """A page's line of the table; a page of others alone stands under the first role, with theirs behind it."""
    alone = [role for role in line if role not in ROLES]
    shown = [line.get(role) for role in (alone + list(ROLES) if alone else ROLES)][: len(ROLES)]
    cells = "".join(
        f"{one.cold:>6.1f}{one.warm:>6.1f}{one.queries:>5}{f'{one.ratio:.2f}' if one.ratio else '':>6}     "
        if one
        else " " * 28
        for one in shown
    )
    size = max(one.size for one in line.values()) / 1000
    return f"{path[:35]:<36}{cells}{size:>6.1f}{''.join(f'  {role}' for role in alone)}"


def cost(visitor: Visitor, path: str, bare: Starlette | None, empty: Callable[[], None]) -> Cost:
    """Measure one page for one person."""
    mine, colds = cpu(visitor.app, path, visitor.token), list[float]()
    with counted() as statements:
        for _ in range(FEW):
            empty()
            statements.clear()
            colds.append(mine())
    size = len(gzip.compress(asyncio.run(ask(visitor.app, path, visitor.token))[1]))
    if bare is None:
        return Cost(statistics.median(colds), median(mine), len(statements), None, size)
    warm, other = compared(mine, cpu(bare, path, visitor.token))
    return Cost(statistics.median(colds), warm, len(statements), warm / other, size)


def budgets(costs: dict[tuple[str, str], Cost]) -> dict[str, bool]:
    """What holds for every page, and the pages for which it does not."""
    ratios = {place: one.ratio for place, one in costs.items() if one.ratio}
    asked = {place: one.queries for place, one in costs.items()}
    over = [f"{path} ({role})" for (path, role), ratio in ratios.items() if ratio > MOST]
    many = [f"{path} ({role})" for (path, role), queries in asked.items() if queries > QUERIES]
    return {
        f"every page within {MOST}x of a bare one (worst {max(ratios.values()):.2f}x) {', '.join(over)}": not over,
        f"at most {QUERIES} queries a page, cold (most {max(asked.values())}) {', '.join(many)}": not many,
    }


def emptier() -> Callable[[], None]:
    """Makes the next page a person's first: forgets what was counted, written as SQL, and translated."""
    gc.unfreeze()  # what is frozen is not listed
    prepared = [each for each in gc.get_objects() if isinstance(each, Prepared)]
    gc.freeze()

    def empty() -> None:
        shell._counted.clear()
        templating._fixed.cache_clear()
        templating._template.cache_clear()
        for each in prepared:
            each._written.clear()

    return empty


def opened(folder: Path) -> tuple[Starlette, list[Visitor]]:
    """The portal on a folder in which the demo company works, and someone of each role."""
    app = create_app(Settings(data=folder, secret="benchmark", worker=False))  # noqa: S106 - signs nothing
    app.state.search.feed.drain()  # what the demo company tells can be searched for
    settle(app)
    with database.db.connection_context():
        people = dict(demo.logins())
        return app, [Visitor(app, role, Session.open(people[role])[1]) for role in (*ROLES, *OTHERS)]


def cpu(app: Any, path: str, token: str) -> Callable[[], float]:
    """Measures the CPU milliseconds of one request, all threads."""

    def once() -> float:
        before = time.process_time()
        asyncio.run(ask(app, path, token))
        return 1000 * (time.process_time() - before)

    return once


def median(work: Callable[[], float]) -> float:
    """The median of a few rounds, warmed up."""
    return statistics.median([work() for _ in range(FEW + WARM)][WARM:])


def compared(one: Callable[[], float], other: Callable[[], float]) -> tuple[float, float]:
    """The medians of two, taken in turn: whatever else the machine does then hits both."""
    both = [(one(), other()) for _ in range(ROUNDS + WARM)][WARM:]
    return statistics.median(a for a, _ in both), statistics.median(b for _, b in both)


def loads(page: str, get: Callable[[str], bytes]) -> dict[str, bytes]:
    """All that a browser fetches for a page: what it links, and what that imports in turn."""
    waiting, found = re.findall(r'(?:href|src)="(/static/[^"]+)', page), dict[str, bytes]()
    while waiting:
        address = waiting.pop()
        if address not in found:
            found[address] = get(address)
            imported = re.findall(rb'(?:@import url\(|^import |\bfrom )"([^"]+)"', found[address], re.M)
            waiting += [urljoin(address, name.decode()) for name in imported]
    return found


def compressed(parts: Iterable[bytes]) -> int:
    """Bytes on the wire."""
    return sum(len(gzip.compress(part)) for part in parts)


def visited(app: Any, token: str) -> dict[str, bool]:
    """A first visit: the home page and all that it loads, compressed."""
    _, page = asyncio.run(ask(app, "/", token))
    found = loads(page.decode(), lambda address: asyncio.run(ask(app, address, token))[1])
    size = compressed([page, *found.values()]) / 1000
    said = f"a first visit within {VISIT} kB compressed ({size:.0f} kB, {1 + len(found)} requests)"
    return {said: size <= VISIT}


def deep(app: Any, token: str) -> dict[str, bool]:
    """Long lists cost the same far down as at their top."""
    kept, lists = {}, ((Customer, Customer.sort_name, "name"), (Deal, Deal.updated_at, "-updated"))
    for model, column, sort in lists:
        with database.db.connection_context():
            found = model.select().order_by(column.desc() if sort[0] == "-" else column.asc(), model.id)
            rows = found.where(model.closed_on.is_null()) if model is Deal else found
            row = rows.offset(int(rows.count() * 0.9)).get()
        top = f"/{model.kind()}s?sort={sort}"
        below = f"{top}&after={_pack(row, column)}"
        first, last = compared(cpu(app, top, token), cpu(app, below, token))
        said = f"{top} costs the same 90 % down ({first:.1f} ms, {last:.1f} ms)"
        kept[said] = last <= SAME * first
    return kept


def long(small: Path, large: Path) -> dict[str, bool]:
    """Lists cost the same in a small company and in a large one."""
    costs, rows, paths = [], [], ("/customers", "/deals")
    for folder in (small, large):
        app, visitors = opened(folder)
        with database.db.connection_context():
            rows.append(Customer.select().count())
        one = {path: cpu(app, path, visitors[-1].token) for path in paths}
        costs.append({path: statistics.median([work() for _ in range(ROUNDS)]) for path, work in one.items()})
        database.db.close_all()
    return {
        f"{path} costs the same with {rows[0]:,} customers and {rows[1]:,} "
        f"({costs[0][path]:.1f} ms, {costs[1][path]:.1f} ms)": costs[1][path] <= SAME * costs[0][path]
        for path in paths
    }


def memory(folder: Path) -> dict[str, bool]:
    """What one web process holds after everyone visited every page three times."""
    visitors = opened(folder)[1]
    visits = [(path, each.token) for each in visitors for path in each.pages.values()]
    database.db.close_all()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {"PORTAL_DATA": str(folder), "PORTAL_PORT": str(port), "PORTAL_WORKER": "0"}
    command = [sys.executable, "-m", "portal", "serve"]
    with subprocess.Popen(command, env=os.environ | settings, stderr=subprocess.DEVNULL) as server:
        try:
            for path, token in visits * 3:
                _get(port, path, token)
            status = Path(f"/proc/{server.pid}/status").read_text()
        finally:
            server.terminate()
    held = int(re.findall(r"VmRSS:\s+(\d+)", status)[0]) / 1024
    said = f"one web process within {MEMORY} MB after {3 * len(visits)} requests ({held:.0f} MB)"
    return {said: held <= MEMORY}


def _get(port: int, path: str, token: str) -> None:
    for _ in range(200):
        wire = HTTPConnection("127.0.0.1", port, timeout=20)
        try:
            wire.request("GET", path, headers={"Cookie": f"session={token}"})
            wire.getresponse().read()
            return
        except ConnectionRefusedError:
            time.sleep(0.1)  # it is still starting
        finally:
            wire.close()
    raise RuntimeError("the portal does not answer")


def run(folder: Path | None) -> dict[str, bool]:
    """All budgets of pages, on a large company in a folder, or on a smaller one made for the purpose."""
    with tempfile.TemporaryDirectory() as made, tempfile.TemporaryDirectory() as small:
        if folder is None:
            folder = Path(made)
            generate(folder, 0.1, with_demo=True)
        generate(Path(small), 0.002, with_demo=True)
        kept = measure(folder)
        kept |= long(Path(small), folder)
        return kept | memory(folder)


def tell(kept: dict[str, bool]) -> None:
    """One line for each budget."""
    for said, is_kept in kept.items():
        print(f"{'PASS' if is_kept else 'OVER'}  {said}")


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("folder", type=Path, nargs="?")
    kept = run(given.parse_args().folder)
    tell(kept)
    sys.exit(not all(kept.values()))


if __name__ == "__main__":
    main()
