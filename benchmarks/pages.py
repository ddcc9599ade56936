"""What a page costs: its CPU time against a bare Starlette + Jinja2 + peewee page with the same rows.

    python -m benchmarks.pages [FOLDER]      FOLDER: made by benchmarks.data; made in a temporary folder when absent

Both apps run in this process, in turn, on the same database; figures are medians of CPU milliseconds. A bare
page reads and shows the same records as the portal's, as plainly as the libraries let it.
"""

from __future__ import annotations

import argparse
import asyncio
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
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import anyio.to_thread
import peewee
from jinja2 import DictLoader, Environment
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from benchmarks.data import generate
from portal.app import create_app
from portal.models.base import database
from portal.models.base.listing import _pack
from portal.models.base.record import Event
from portal.models.company.customer_types import CustomerType
from portal.models.company.departments import Department
from portal.models.company.topics import Topic
from portal.models.customers.customers import Customer
from portal.models.customers.interactions import Interaction
from portal.models.knowledge.articles import Article, ArticleTopic
from portal.models.people.people import Person, Role
from portal.models.people.sessions import Session
from portal.models.products.products import Product
from portal.models.sales.deals import Deal
from portal.settings import Settings

ROUNDS, WARM = 40, 5
MOST = 2.0
"""The budget: a page's CPU time against the bare page's."""
QUERIES = 12
VISIT = 150
"""Compressed kilobytes of a first visit."""
MEMORY = 250
"""Megabytes of one web process."""
SAME = 1.25
"""Up to this ratio two medians on a busy machine are the same."""

BARE = Environment(
    autoescape=True,
    loader=DictLoader(
        {
            "base": "<!doctype html><html lang=en><head><meta charset=utf-8><title>{% block title %}{% endblock %}</title>"
            "<link rel=stylesheet href=/static/a.css></head><body><nav><ul>{% for n in nav %}<li><a href='/{{ n }}'>{{ n }}"
            "</a></li>{% endfor %}</ul></nav><main>{% block main %}{% endblock %}</main></body></html>",
            "list": "{% extends 'base' %}{% block title %}List{% endblock %}{% block main %}<h1>List</h1><table><thead><tr>"
            "{% for c in columns %}<th><a href='?sort={{ c }}'>{{ c }}</a></th>{% endfor %}</tr></thead><tbody>{% for row in rows %}<tr>"
            "{% for cell in cells(row, columns) %}<td data-label='x'>{{ cell }}</td>{% endfor %}</tr>{% endfor %}</tbody></table>{% endblock %}",
            "detail": "{% extends 'base' %}{% block title %}{{ row.id }}{% endblock %}{% block main %}<h1>{{ row.id }}</h1><dl>"
            "{% for name, value in row.__data__.items() %}<dt>{{ name }}</dt><dd>{{ value }}</dd>{% endfor %}</dl>"
            "{% for title, columns, rows in sections %}<h2>{{ title }}</h2><ul>{% for row in rows %}<li>"
            "{% for cell in cells(row, columns) %}<span>{{ cell }}</span>{% endfor %}</li>{% endfor %}</ul>{% endfor %}{% endblock %}",
        }
    ),
)
NAV = tuple(f"entry-{n}" for n in range(11))
LEFT = peewee.JOIN.LEFT_OUTER
Section = tuple[str, tuple[str, ...], Callable[[], Any]]


def cells(row: Any, columns: tuple[str, ...]) -> Iterator[Any]:
    """The values of a row; `owner.name` follows what was joined."""
    for column in columns:
        value = row
        for part in column.split("."):
            value = getattr(value, part, None)
        yield value


def bare_list(query: Callable[[], Any], columns: tuple[str, ...]) -> Callable[[], str]:
    """A list page with the same rows and cells, and nothing around it."""

    def page() -> str:
        return BARE.get_template("list").render(nav=NAV, columns=columns, rows=list(query()), cells=cells)

    return page


def bare_detail(record: Callable[[], Any], *sections: Section) -> Callable[[], str]:
    """A detail page with the same records, and nothing around it."""

    def page() -> str:
        read = [(title, columns, list(query())) for title, columns, query in sections]
        return BARE.get_template("detail").render(nav=NAV, row=record().get(), sections=read, cells=cells)

    return page


def bare_app(pages: dict[str, Callable[[], str]]) -> Starlette:
    """The pages as a bare application: one thread hop, one connection, one session look-up."""

    def endpoint(page: Callable[[], str]) -> Any:
        def work(token: str) -> str:
            with database.db.connection_context():
                Session.find(token)
                return page()

        async def answer(request: Request) -> Response:
            return HTMLResponse(await anyio.to_thread.run_sync(work, request.cookies.get("session", "")))

        return answer

    return Starlette(routes=[Route(path, endpoint(page)) for path, page in pages.items()])


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
    status, body = 0, bytearray()

    async def receive() -> dict[str, Any]:
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


def customers() -> Any:
    """Customers with the records that their list names."""
    read = Customer.select(Customer, Person, CustomerType).join(Person, LEFT, on=Customer.owner)
    return read.join_from(Customer, CustomerType, LEFT)


def deals() -> Any:
    """Deals with the records that their list names."""
    read = Deal.select(Deal, Person, Customer, Product).join(Person, on=Deal.owner)
    return read.join_from(Deal, Customer, LEFT).join_from(Deal, Product, LEFT)


def articles() -> Any:
    """Published articles with their authors."""
    return Article.select(Article, Person).join(Person, on=Article.author).where(Article.state == "published")


def happened(where: Any) -> Section:
    """The last 20 events of a record."""
    read = Event.select(Event, Person).join(Person, LEFT, on=(Event.actor == Person.id), attr="who")
    return "Events", ("at", "verb", "who.name"), lambda: read.where(where).order_by(Event.at.desc()).limit(20)


def contacts(where: Any) -> Section:
    """The last 20 contacts."""
    read = Interaction.select(Interaction, Person).join(Person, on=Interaction.person).where(where)
    newest = read.order_by(Interaction.at.desc()).limit(20)
    return "Contacts", ("at", "kind_of", "text", "person.name"), newest.clone


def fitting(where: Any, size: int = 5) -> Section:
    """The most used articles about something."""
    best = articles().where(where).order_by(Article.uses.desc()).limit(size)
    return "Articles", ("title", "author.name", "uses"), best.clone


def plan() -> dict[str, Callable[[], str] | None]:
    """Each page of the portal with its bare twin; without one, its queries alone are counted."""
    customer, deal, article = Customer.get_by_id(77), Deal.get_by_id(77), Article.get_by_id(77)
    topics = Topic.select().join(ArticleTopic, on=(ArticleTopic.topic == Topic.id))
    return {
        "/customers": bare_list(
            lambda: customers().order_by(Customer.sort_name).limit(50),
            ("name", "code", "type.name", "city", "owner.name", "updated_at"),
        ),
        "/deals": bare_list(
            lambda: deals().where(Deal.closed_on.is_null()).order_by(Deal.updated_at.desc()).limit(50),
            (
                "title",
                "product.name",
                "customer.name",
                "stage",
                "owner.name",
                "amount",
                "expected_on",
                "closed_on",
                "updated_at",
            ),
        ),
        "/products": bare_list(
            lambda: Product.select().order_by(Product.name).limit(50),
            ("name", "code", "series", "list_price"),
        ),
        "/articles": bare_list(
            lambda: articles().order_by(Article.published_at.desc()).limit(20),
            ("title", "author.name", "kind_of", "summary", "published_at", "uses"),
        ),
        "/people": bare_list(
            lambda: (
                Person.select(Person, Department).join(Department, LEFT).order_by(Person.sort_name).limit(30)
            ),
            ("name", "title", "department.name"),
        ),
        "/customers/77": bare_detail(
            lambda: customers().where(Customer.id == 77),
            happened(Event.customer == 77),
            contacts(Interaction.customer == 77),
            ("Deals", ("title", "stage", "amount", "owner.name"), lambda: deals().where(Deal.customer == 77)),
            fitting(Article.customer_type == customer.type_id),
        ),
        "/deals/77": bare_detail(
            lambda: deals().where(Deal.id == 77),
            happened((Event.subject_kind == "deal") & (Event.subject == 77)),
            contacts(Interaction.deal == 77),
            fitting(Article.product == deal.product_id),
        ),
        "/articles/77": bare_detail(
            lambda: articles().where(Article.id == 77),
            ("Topics", ("name",), lambda: topics.where(ArticleTopic.article == 77)),
            fitting(Article.product == article.product_id),
        ),
        "/products/7": bare_detail(
            lambda: Product.select().where(Product.id == 7), fitting(Article.product == 7, size=20)
        ),
        "/": None,
        "/needs-me": None,
        "/questions": None,
        "/experiences": None,
        "/commission": None,
        "/topics/1": None,
        "/people/7": None,
    }


def measure(folder: Path) -> dict[str, bool]:
    """Print the table; each budget with whether it is kept."""
    app, token = signed_in(folder)
    pages = plan()
    bare = bare_app({path: twin for path, twin in pages.items() if twin})
    worst, most = 0.0, 0
    print(f"{'page':<22}{'CPU ms':>8}{'bare ms':>9}{'ratio':>7}{'queries':>9}{'kB':>6}{'gz kB':>7}")
    for path, twin in pages.items():
        with counted() as statements:
            status, body = asyncio.run(ask(app, path, token))
        asked = len(statements)
        if twin:
            mine, other = compared(cpu(app, path, token), cpu(bare, path, token))
            worst, ratio = max(worst, mine / other), f"{other:>9.2f}{mine / other:>7.2f}"
        else:
            mine, ratio = median(cpu(app, path, token)), f"{'':>16}"
        most = max(most, asked)
        size = f"{len(body) / 1000:>6.0f}{len(gzip.compress(body)) / 1000:>7.1f}"
        print(
            f"{path[:21]:<22}{mine:>8.2f}{ratio}{asked:>9}{size}{'' if status == 200 else f'  STATUS {status}'}"
        )
    return {
        f"every page within {MOST}x of a bare one (worst {worst:.1f}x)": worst <= MOST,
        f"at most {QUERIES} queries a page (most {most})": most <= QUERIES,
        **visited(app, token),
        **deep(app, token),
    }


def signed_in(folder: Path) -> tuple[Starlette, str]:
    """The portal on a folder, and a manager's session token."""
    app = create_app(Settings(data=folder, secret="benchmark", worker=False))  # noqa: S106 - signs nothing
    with database.db.connection_context():
        person = Person.get_by_id(1)
        if not person.is_manager:
            person.grant(Role.MANAGER, by=None)
        return app, Session.open(person)[1]


def cpu(app: Any, path: str, token: str) -> Callable[[], float]:
    """Measures the CPU milliseconds of one request, all threads."""

    def once() -> float:
        before = time.process_time()
        asyncio.run(ask(app, path, token))
        return 1000 * (time.process_time() - before)

    return once


def median(work: Callable[[], float]) -> float:
    """The median of many rounds, warmed up."""
    return statistics.median([work() for _ in range(ROUNDS + WARM)][WARM:])


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
    costs, rows = [], []
    for folder in (small, large):
        app, token = signed_in(folder)
        with database.db.connection_context():
            rows.append(Customer.select().count())
        costs.append({path: median(cpu(app, path, token)) for path in ("/customers", "/deals")})
        database.db.close_all()
    return {
        f"{path} costs the same with {rows[0]:,} customers and {rows[1]:,} "
        f"({costs[0][path]:.1f} ms, {costs[1][path]:.1f} ms)": costs[1][path] <= SAME * costs[0][path]
        for path in costs[0]
    }


def memory(folder: Path) -> dict[str, bool]:
    """What one web process holds after 500 requests."""
    _, token = signed_in(folder)
    paths = [path for path in plan() if path != "/commission"]
    database.db.close_all()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {"PORTAL_DATA": str(folder), "PORTAL_PORT": str(port), "PORTAL_WORKER": "0"}
    command = [sys.executable, "-m", "portal", "serve"]
    with subprocess.Popen(command, env=os.environ | settings, stderr=subprocess.DEVNULL) as server:
        try:
            for n in range(500):
                _get(port, paths[n % len(paths)], token)
            status = Path(f"/proc/{server.pid}/status").read_text()
        finally:
            server.terminate()
    held = int(re.findall(r"VmRSS:\s+(\d+)", status)[0]) / 1024
    return {f"one web process within {MEMORY} MB after 500 requests ({held:.0f} MB)": held <= MEMORY}


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
            generate(folder, 0.1)
        generate(Path(small), 0.002)
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
    tell(run(given.parse_args().folder))


if __name__ == "__main__":
    main()
