"""The demo company, told once and opened by those tests that look at the whole portal."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from starlette.applications import Starlette
from starlette.testclient import TestClient

from portal import demo
from portal.app import create_app
from portal.demo import story
from portal.migrations import models
from portal.models import base
from portal.models.people import Person
from portal.models.sessions import Session
from portal.settings import Settings

EMAIL = {person.key: person.email for person in story.PEOPLE}


def tell(path: Path) -> None:
    """Write the demo company to a new SQLite file."""
    settings = Settings(data=path.parent, database_url=f"sqlite:///{path}", secret="a secret for tests")
    base.connect(settings.database)
    with base.db.connection_context():
        base.db.create_tables(models())
        demo.tell(settings)
    base.db.close_all()


@dataclass
class Company:
    """A portal with the demo company, in which anyone may be signed in and everything can be taken back."""

    app: Starlette
    path: Path
    pristine: Path
    tokens: dict[str, str] = field(default_factory=dict)

    def person(self, key: str) -> Person:
        """Someone of the story by their key."""
        return Person.get(Person.email == EMAIL[key])

    def browser(self, key: str) -> TestClient:
        """A browser in which this person is signed in, to the end."""
        return TestClient(self.app, cookies={"session": self.tokens[key]}, follow_redirects=False)

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
    company = Company(create_app(settings), path, folder / "pristine.db")
    with base.db.connection_context():
        company.tokens = {key: Session.open(company.person(key))[1] for key in EMAIL}
        company.keep()
        yield company
    base.db.close_all()
