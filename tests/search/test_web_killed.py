"""The web process killed at any moment: what it said it had saved is there, and is found."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlencode

from playhouse.migrations import Runner
from starlette.applications import Starlette

from portal.migrations import FOLDER
from portal.models.base.database import db, transact
from portal.models.base.record import SearchOutbox
from portal.models.knowledge.questions import Question
from portal.models.people.people import Person
from portal.models.people.sessions import Session
from portal.models.products.products import Product
from portal.models.search.documents import SearchCursor, SearchFailure
from portal.search import searcher
from portal.settings import ROOT, Settings
from tests.parts import free_port, launch, timed, wait_until
from tests.search.parts import ask
from tests.search.test_feed import environment, portal

pytestmark = timed

ROUNDS = 4


@dataclass
class Web:
    """`portal serve` in a process of its own, with its worker."""

    port: int
    token: str
    process: subprocess.Popen[bytes]
    asked: list[str] = field(default_factory=list)
    """The questions that it said it had saved."""

    def request(self, method: str, path: str, **given: str) -> int:
        wire = HTTPConnection("127.0.0.1", self.port, timeout=10)
        headers = {"Cookie": f"session={self.token}", "Content-Type": "application/x-www-form-urlencoded"}
        try:
            wire.request(method, path, urlencode(given), headers)
            return wire.getresponse().status
        finally:
            wire.close()

    def is_up(self) -> bool:
        try:
            return self.request("GET", "/sign-in") < 500
        except OSError:
            return False

    def ask_on(self, chance: random.Random) -> None:
        """Ask one question after another until it is dead."""
        while True:
            text = f"门锁安装要多久？{chance.randrange(10**9)}"
            try:
                if self.request("POST", "/questions/new", text=text) == 303:
                    self.asked.append(text)
            except (OSError, HTTPException):
                return


@contextmanager
def serving(settings: Settings, token: str, folder: Path) -> Iterator[Web]:
    """The web process, killed at the end as a power cut would."""
    port = free_port()
    given = {"PORTAL_PORT": str(port), "PORTAL_WORKER": "1"}
    command = [sys.executable, "-c", "import os, sys; os.chdir(sys.argv[1]); sys.argv[1:] = ['serve'];"]
    command[-1] += " from portal.__main__ import main; main()"
    process = launch([*command, str(ROOT)], folder, env=os.environ | environment(settings) | given)
    web = Web(port, token, process)
    try:
        wait_until(web.is_up, process, folder)
        yield web
    finally:
        process.kill()
        process.wait()


def test_a_web_process_killed_at_any_moment_loses_no_change(
    app: Starlette, settings: Settings, ada: Person, tmp_path: Path
) -> None:
    Runner(db.obj, str(FOLDER)).fake()  # the tables are there; `portal serve` asks for the note of it
    chance = random.Random(20261123)
    token = Session.open(ada)[1]
    said: list[str] = []
    made = 0
    for _ in range(ROUNDS):
        with serving(settings, token, tmp_path) as web:
            asking = threading.Thread(target=web.ask_on, args=(chance,), daemon=True)
            asking.start()
            until = time.monotonic() + chance.uniform(0.1, 1.5)
            while time.monotonic() < until:
                made += 1
                transact(partial(Product.add, by=ada, code=f"K-{made}", name=f"翠湖{made}期"))
                time.sleep(0.03)
        asking.join(15)
        said += web.asked
    assert said, "the web process got so far as to save"
    kept = {question.text for question in Question.select()}
    assert set(said) <= kept, "what was said to be saved is"
    with serving(settings, token, tmp_path):
        end = time.monotonic() + 30
        while time.monotonic() < end and (
            SearchOutbox.select().exists() or SearchCursor.of("embedded").waiting
        ):
            time.sleep(0.1)
    told = portal(settings, "check", "--search")
    assert "documents: no differences" in told
    assert "embedded: no differences" in told
    assert not SearchFailure.select().exists()
    searcher.connect(settings)
    assert [found.hit.id for found in ask(ada, f"K-{made}").hits][:1] == [
        str(Product.get(Product.code == f"K-{made}"))
    ]
