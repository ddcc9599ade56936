"""Two worlds that differ in one thing alone: whatever somebody can open is the same in both, or it tells which."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.routing import Route

from portal import clock, shell
from portal.models.base.database import db
from portal.models.people.people import Person
from portal.models.people.sessions import Session
from portal.routes import routes
from portal.search import searcher
from portal.settings import Settings
from tests.client import Client
from tests.wiring import wired

NOON = datetime(2026, 5, 12, 4, tzinfo=UTC)
"""Noon of a Tuesday in Shanghai."""
TABLES = {"people": "person", "accounts": "person", "requests": "customer_request", "policies": "policy"}
"""Whose ids an address takes, where the word before them is not the table's name and an s."""
EXPORTS = ("/customers/export", "/deals/export", "/admin/events/export", "/admin/reviews/export")
FEW = 3
"""Of each table; of people all."""
DRAWN = re.compile(
    r'name="(?:key|offer)" [^>]*value="[^"]*"|src="data:[^"]*"|<code>[A-Z2-7]{32}</code>'
    r'|"(?:token|challenge|id)": ?"[\w.=-]{30,}"'
)
"""What is drawn anew for each page."""


@dataclass
class World:
    """A portal of its own, at a moment that stands still."""

    app: Starlette

    def browser(self, person: Person) -> Client:
        return Client(self.app, cookies={"session": Session.open(person)[1]})

    def opened_by(self, person: Person) -> dict[str, str]:
        """All that somebody can open: each page, what HEAD says of it, its fragment, each file."""
        browser, found = self.browser(person), dict[str, str]()
        for path in self.addresses():
            found[path] = told(browser.get(path))
        for path in ("/", "/needs-me", "/reviews", "/experiences", "/articles", "/people"):
            found[f"HEAD {path}"] = told(browser.head(path))
            found[f"part of {path}"] = told(browser.get(path, headers={"HX-Request": "true"}))
        return found | {path: told(browser.post(path)) for path in EXPORTS}

    def found_by(self, person: Person, *words: str) -> dict[str, str]:
        """What search answers and proposes, the lists narrowed by words, what is kept."""
        searcher.here().feed.drain()
        browser = self.browser(person)
        pages = [
            "/search?q=",
            "/search/suggest?q=",
            "/customers?q=",
            "/deals?q=",
            "/articles?q=",
            "/people?q=",
        ]
        paths = [f"{page}{word}" for word in words for page in pages] + ["/search/saved"]
        return {path: told(browser.get(path)) for path in paths}

    def addresses(self) -> Iterator[str]:
        """Every page, for every record that there is."""
        for route in routes():
            if isinstance(route, Route) and "GET" in (route.methods or ()):
                if "{" not in route.path:
                    yield route.path
                elif re.findall(r"{.*?}", route.path) == ["{id:int}"]:
                    yield from (route.path.replace("{id:int}", str(ident)) for ident in _ids(route.path))


def told(answer: Any) -> str:
    """What an answer says."""
    return f"{answer.status_code} {answer.headers.get('location', '')} {DRAWN.sub('', answer.text)}"


def _ids(path: str) -> list[int]:
    word = path.partition("/{id:int}")[0].rpartition("/")[2]
    table = TABLES.get(word, word.replace("-", "_").removesuffix("s"))
    if table not in db.get_tables():
        return []
    idents = [ident for (ident,) in db.execute_sql(f'SELECT id FROM "{table}" ORDER BY id')]
    return idents if word == "people" else idents[:FEW]


@contextmanager
def world(template: Path, folder: Path, **settings: Any) -> Iterator[World]:
    """A new portal with nobody in it; the one before is closed."""
    db.close_all()
    folder.mkdir()
    shutil.copyfile(template, folder / "portal.db")
    facts: dict[str, Any] = {
        "data": folder,
        "database_url": f"sqlite:///{folder / 'portal.db'}",
        "worker": False,
    }
    with clock.moved(NOON):
        shell._counted.clear()  # the time stands still: what was counted in the world before would hold
        made = World(wired(Settings(**facts, secret="a secret for tests", **settings)))
        with db.connection_context():
            searcher.here().feed.drain()
            yield made
        db.close_all()


def differing(one: dict[str, str], other: dict[str, str]) -> list[str]:
    """Where the two worlds can be told apart, with the first words that differ."""
    found = []
    for path in {**one, **other}:
        here, there = one.get(path, ""), other.get(path, "")
        if here != there:
            at = next((n for n, (a, b) in enumerate(zip(here, there, strict=False)) if a != b), 0)
            near = slice(max(0, at - 60), at + 60)
            found.append(f"{path}: {here[near]!r} / {there[near]!r}")
    return found
