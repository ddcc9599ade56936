"""The demo company, told once and opened by those tests that look at the whole portal."""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from starlette.applications import Starlette
from starlette.routing import Match, Route

from portal import demo
from portal.demo import story
from portal.migrations import migrate
from portal.models.base import database
from portal.models.people.people import Person
from portal.models.people.sessions import Session
from portal.settings import Settings
from tests.client import Client
from tests.wiring import wired

EMAIL = {person.key: person.email for person in story.entries("people")}


def tell(path: Path) -> None:
    """Write the demo company to a new SQLite file."""
    settings = Settings(data=path.parent, database_url=f"sqlite:///{path}", secret="a secret for tests")
    database.connect(settings.database)
    migrate()
    with database.db.connection_context():
        demo.tell(settings)
    database.db.close_all()


class Walked(NamedTuple):
    """A page that someone's links lead to: the name of its route, its path, what it says."""

    name: str
    path: str
    html: str


@dataclass
class Company:
    """A portal with the demo company, in which anyone may be signed in and everything can be taken back."""

    app: Starlette
    path: Path
    pristine: Path
    tokens: dict[str, str] = field(default_factory=dict)
    routes: dict[tuple[str, str], str] = field(default_factory=dict)
    """What was found to answer each path: links repeat from page to page."""

    def person(self, key: str) -> Person:
        """Someone of the story by their key."""
        return Person.get(Person.email == EMAIL[key])

    def browser(self, key: str) -> Client:
        """A browser in which this person is signed in, to the end."""
        return Client(self.app, cookies={"session": self.tokens[key]})

    def route(self, path: str, method: str = "GET") -> str:
        """The name of the address that answers a path; empty when none does."""
        path = path.partition("?")[0]
        if (path, method) not in self.routes:
            scope = {"type": "http", "path": path, "method": method, "root_path": "", "headers": []}
            found = (r for r in self.app.routes if isinstance(r, Route) and r.matches(scope)[0] is Match.FULL)
            self.routes[path, method] = next((route.name for route in found), "")
        return self.routes[path, method]

    def walk(self, key: str) -> Iterator[Walked]:
        """Two pages of each kind that someone's links lead to."""
        browser, waiting, known, visits = self.browser(key), ["/"], set[str](), dict[str, int]()
        while waiting:
            path = waiting.pop(0)
            name = self.route(path)
            if not name or path in known or visits.get(name, 0) >= 2:
                continue
            known.add(path)
            answer = browser.get(path)
            if answer.status_code != 200 or "text/html" not in answer.headers["content-type"]:
                continue
            visits[name] = visits.get(name, 0) + 1
            yield Walked(name, path, answer.text)
            waiting += [link for link in re.findall(r'href="(/[^"#]*)', answer.text) if link not in known]

    def keep(self) -> None:
        """What is there now is what `restore` goes back to."""
        self._copy(self.path, self.pristine)

    def restore(self) -> None:
        """Take back all that was done since."""
        self._copy(self.pristine, self.path)

    @staticmethod
    def _copy(source: Path, target: Path) -> None:
        here, there = sqlite3.connect(source), sqlite3.connect(target)
        try:
            here.backup(there)
        finally:
            here.close()
            there.close()


def opened(told: Path, folder: Path) -> Iterator[Company]:
    """The portal on a copy of the told company, everyone signed in once."""
    path = folder / "portal.db"
    shutil.copyfile(told, path)
    settings = Settings(
        data=folder, database_url=f"sqlite:///{path}", secret="a secret for tests", worker=False
    )
    company = Company(wired(settings), path, folder / "pristine.db")
    with database.db.connection_context():
        company.tokens = {key: Session.open(company.person(key))[1] for key in EMAIL}
        company.keep()
        yield company
    database.db.close_all()
