"""A portal served on a port of its own, and pages of a real browser that forgive no console error."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx2
import pytest
import uvicorn
from peewee import fn
from playwright.sync_api import Browser, BrowserContext, Error, Page
from starlette.applications import Starlette

from portal.migrations import migrate
from portal.models.base import database
from portal.models.base.record import SearchOutbox
from portal.models.people.people import Person
from portal.models.people.sessions import Session
from portal.models.search.documents import SearchCursor, SearchDocument
from tests.conftest import once
from tests.parts import free_port
from tests.serving import Served

OpenPage = Callable[..., Page]
READY = """async () => {
  const scripts = [...document.querySelectorAll("script[type=module][src]")].map(({ src }) => src);
  const first = scripts.find((src) => src.includes("portal.js"));
  if (first && document.body.dataset.person && document.querySelector("main form[method=post]"))
    scripts.push(new URL("drafts.js", first).href);
  await Promise.all(scripts.map((src) => import(src)));
}"""


def ready(page: Page) -> None:
    """Wait until somebody reads what is typed: some scripts ask for others, which come after the page is there."""
    page.wait_for_load_state()
    page.evaluate(READY)


def served(app: Starlette) -> Iterator[str]:
    """Where the portal listens, with several connections to its database as in real life."""
    port = free_port()
    server = uvicorn.Server(
        uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning", lifespan="off")
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{port}"
    for _ in range(200):
        with suppress(httpx2.TransportError):
            httpx2.get(f"{url}/static/vendor/vendor.json")
            break
        time.sleep(0.05)
    yield url
    server.should_exit = True
    thread.join(10)


@pytest.fixture
def address(app: Starlette) -> Iterator[str]:
    yield from served(app)


@pytest.fixture
def open_page(browser: Browser, address: str) -> Iterator[OpenPage]:
    """Open a page as someone: `open_page(ada, "/account", width=375)`. Console errors fail the test at its end,
    except those that hold one of the texts in `expected`.
    """
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_as(
        person: Person, path: str, *, width: int = 1280, expected: tuple[str, ...] = (), **options: object
    ) -> Page:
        context = browser.new_context(
            base_url=address,
            viewport={"width": width, "height": 800},
            **options,  # type: ignore[arg-type]
        )
        contexts.append(context)
        token = Session.open(person)[1]
        context.add_cookies([{"name": "session", "value": token, "url": address}])
        page = context.new_page()

        def complain(text: str) -> None:
            if not any(part in text for part in expected):
                complaints.append(text)

        page.on("console", lambda m: complain(m.text) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: complain(str(error)))
        page.goto(path)
        if options.get("java_script_enabled", True):
            ready(page)
        return page

    yield open_as
    for context in contexts:
        with suppress(Error):
            context.close()
    assert complaints == []


def _await_index() -> None:
    """All of the company is found before anybody looks for what is new: a worker gives way to who is answered,
    and on a busy machine takes a while over it.
    """
    until = time.monotonic() + 180
    while not _is_built():
        assert time.monotonic() < until
        time.sleep(0.2)


def _is_built() -> bool:
    fed = SearchCursor.known("embedded")
    last = SearchDocument.select(fn.MAX(SearchDocument.revision)).scalar() or 0
    return fed is not None and fed.seq >= last > 0 and not SearchOutbox.select().exists()


@contextmanager
def _serving(folder: Path) -> Iterator[Served]:
    """The portal in a folder, served by a process of its own; its database is open here too."""
    database.connect(f"sqlite:///{folder / 'portal.db'}")
    migrate()
    served = Served(folder)
    served.start()
    with database.db.connection_context():
        _await_index()
        yield served
    served.stop()
    database.db.close_all()


@pytest.fixture(scope="session")
def found(told: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the demo company and its index, which a portal that served it made, once in a run."""

    def index(folder: Path) -> None:
        folder.mkdir()
        shutil.copyfile(told, folder / "portal.db")
        with _serving(folder):
            pass

    return once(tmp_path_factory, "found", index)


@pytest.fixture
def portal(found: Path, tmp_path: Path) -> Iterator[Served]:
    """The demo company, served; the test sees its database too."""
    shutil.copytree(found, tmp_path, dirs_exist_ok=True)
    with _serving(tmp_path) as served:
        yield served
