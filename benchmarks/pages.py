"""What a page costs: its CPU time against a bare Starlette + Jinja2 + peewee page with the same rows.

    python -m benchmarks.pages [FOLDER]      FOLDER: made by benchmarks.data; made in a temporary folder when absent

Both apps run in this process, in turn, on the same database; figures are medians of CPU milliseconds.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import anyio.to_thread
import peewee
from jinja2 import DictLoader, Environment
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from benchmarks.data import generate
from portal.app import create_app
from portal.models import base
from portal.models.articles import Article
from portal.models.customers import Customer
from portal.models.deals import Deal
from portal.models.events import Event
from portal.models.people import Person, Role
from portal.models.products import Product
from portal.models.sessions import Session
from portal.settings import Settings

ROUNDS = 40
MOST = 2.0
"""The budget: a page's CPU time against the bare page's."""

BARE = Environment(
    autoescape=True,
    loader=DictLoader(
        {
            "base": "<!doctype html><html lang=en><head><meta charset=utf-8><title>{% block title %}{% endblock %}</title>"
            "<link rel=stylesheet href=/static/a.css></head><body><nav><ul>{% for n in nav %}<li><a href='/{{ n }}'>{{ n }}"
            "</a></li>{% endfor %}</ul></nav><main>{% block main %}{% endblock %}</main></body></html>",
            "list": "{% extends 'base' %}{% block title %}List{% endblock %}{% block main %}<h1>List</h1><table><thead><tr>"
            "{% for c in columns %}<th><a href='?sort={{ c }}'>{{ c }}</a></th>{% endfor %}</tr></thead><tbody>{% for row in rows %}<tr>"
            "{% for cell in cells(row) %}<td data-label='x'>{{ cell }}</td>{% endfor %}</tr>{% endfor %}</tbody></table>{% endblock %}",
            "detail": "{% extends 'base' %}{% block title %}{{ row.id }}{% endblock %}{% block main %}<h1>{{ row.id }}</h1><dl>"
            "{% for name, value in row.__data__.items() %}<dt>{{ name }}</dt><dd>{{ value }}</dd>{% endfor %}</dl>"
            "<ol>{% for event in events %}<li>{{ event.at }} {{ event.verb }} {{ event.actor }}</li>{% endfor %}</ol>{% endblock %}",
        }
    ),
)
NAV = tuple(f"entry-{n}" for n in range(11))


def bare_list(query: Callable[[], Any], columns: tuple[str, ...]) -> Callable[[], str]:
    """A list page without anything around it."""

    def cells(row: Any) -> Iterator[Any]:
        for column in columns:
            value = row
            for part in column.split("."):
                value = getattr(value, part, None)
            yield value

    def page() -> str:
        return BARE.get_template("list").render(nav=NAV, columns=columns, rows=list(query()), cells=cells)

    return page


def bare_detail(model: type[Any], ident: int) -> Callable[[], str]:
    """A detail page without anything around it: the record and its last 30 events."""

    def page() -> str:
        events = (
            Event.select().where((Event.subject_kind == model.kind()) & (Event.subject == ident)).limit(30)
        )
        return BARE.get_template("detail").render(nav=NAV, row=model.get_by_id(ident), events=list(events))

    return page


def bare_app(pages: dict[str, Callable[[], str]]) -> Starlette:
    """The pages as a bare application: one thread hop, one connection, one session look-up."""

    def endpoint(page: Callable[[], str]) -> Any:
        def work(token: str) -> str:
            with base.db.connection_context():
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
    original = base.db.obj.execute_sql

    def execute(sql: str, *args: Any, **kwargs: Any) -> Any:
        seen.append(sql)
        return original(sql, *args, **kwargs)

    base.db.obj.execute_sql = execute
    try:
        yield seen
    finally:
        del base.db.obj.execute_sql


def with_names(model: type[Any], order: Any) -> Callable[[], Any]:
    """Fifty rows with the owner's name joined."""

    def query() -> Any:
        owner = model.author if hasattr(model, "author") else model.owner
        return (
            model.select(model, Person)
            .join(Person, peewee.JOIN.LEFT_OUTER, on=owner)
            .order_by(order)
            .limit(50)
        )

    return query


def plan() -> dict[str, Callable[[], str]]:
    """Each page of the portal with its bare twin."""
    return {
        "/customers": bare_list(
            with_names(Customer, Customer.sort_name),
            ("id", "name", "type_id", "owner.name", "city", "sector", "updated_at"),
        ),
        "/deals": bare_list(
            with_names(Deal, Deal.id.desc()),
            ("id", "title", "customer_id", "owner.name", "stage", "amount", "closed_on"),
        ),
        "/products": bare_list(
            lambda: Product.select().order_by(Product.id).limit(50),
            ("id", "code", "name", "series", "list_price"),
        ),
        "/articles": bare_list(
            with_names(Article, Article.published_at.desc()),
            ("id", "title", "author.name", "kind_of", "summary", "published_at"),
        ),
        "/people": bare_list(
            lambda: Person.select().order_by(Person.sort_name).limit(50),
            ("id", "name", "title", "department_id", "email", "phone"),
        ),
        "/customers/77": bare_detail(Customer, 77),
        "/deals/77": bare_detail(Deal, 77),
        "/articles/77": bare_detail(Article, 77),
        "/products/7": bare_detail(Product, 7),
    }


def measure(folder: Path) -> bool:
    """Print the table; whether every page keeps the budget."""
    app = create_app(Settings(data=folder, secret="benchmark", worker=False))  # noqa: S106 - signs nothing
    with base.db.connection_context():
        person = Person.get_by_id(1)
        if not person.is_manager:
            person.grant(Role.MANAGER, by=None)
        token = Session.open(person)[1]
    pages, kept = plan(), True
    bare = bare_app(pages)
    print(f"{'page':<16}{'CPU ms':>8}{'bare ms':>9}{'ratio':>7}{'queries':>9}{'kB':>6}{'gz kB':>7}")
    for path in pages:
        ours, theirs = [], []
        for _ in range(5):
            asyncio.run(ask(app, path, token))
            asyncio.run(ask(bare, path, token))
        with counted() as statements:
            status, body = asyncio.run(ask(app, path, token))
        for _ in range(ROUNDS):
            ours.append(cpu(app, path, token))
            theirs.append(cpu(bare, path, token))
        mine, other = statistics.median(ours), statistics.median(theirs)
        kept &= mine <= MOST * other
        print(
            f"{path:<16}{mine:>8.2f}{other:>9.2f}{mine / other:>7.2f}{len(statements):>9}"
            f"{len(body) / 1000:>6.0f}{len(gzip.compress(body)) / 1000:>7.1f}"
            + ("" if status == 200 else f"  STATUS {status}")
        )
    return kept


def cpu(app: Any, path: str, token: str) -> float:
    """CPU milliseconds of one request, all threads."""
    before = time.process_time()
    asyncio.run(ask(app, path, token))
    return 1000 * (time.process_time() - before)


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("folder", type=Path, nargs="?")
    folder = given.parse_args().folder
    with tempfile.TemporaryDirectory() as made:
        if folder is None:
            folder = Path(made)
            generate(folder, 0.1)
        kept = measure(folder)
    print("every page keeps the budget of 2x" if kept else f"over the budget of {MOST}x: see above")


if __name__ == "__main__":
    main()
