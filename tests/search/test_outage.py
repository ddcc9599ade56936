"""A server in trouble: pages stay quick, search says what it can still do, saving goes on, it catches up."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import meilisearch
import pytest
from starlette.applications import Starlette

from portal import clock
from portal.models.people.people import Person
from portal.models.products.products import Product
from portal.models.search.documents import SearchCursor
from portal.search import searcher
from portal.search.searcher import FAILURES, Breaker
from portal.settings import Settings
from tests.conftest import SignIn
from tests.parts import MeilisearchServer, free_port, timed
from tests.search.parts import emptied

BANNER = "searches its own index"
TITLES_ONLY = "only titles and names are searched"


@contextmanager
def misbehaving(seconds: float, status: int) -> Iterator[str]:
    """A server that answers every request late and wrongly."""
    stop = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            stop.wait(seconds)
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer  # noqa: N815 - named by the standard library

        def log_message(self, format: str, *words: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        stop.set()
        server.shutdown()
        server.server_close()


@contextmanager
def down(server: MeilisearchServer) -> Iterator[tuple[str, str]]:
    yield f"http://127.0.0.1:{free_port()}", "key"


@contextmanager
def slow(server: MeilisearchServer) -> Iterator[tuple[str, str]]:
    with misbehaving(30, 200) as url:
        yield url, "key"


@contextmanager
def failing(server: MeilisearchServer) -> Iterator[tuple[str, str]]:
    with misbehaving(0, 500) as url:
        yield url, "key"


@contextmanager
def wrong_key(server: MeilisearchServer) -> Iterator[tuple[str, str]]:
    yield emptied(server).url, "not the key"


@contextmanager
def no_index(server: MeilisearchServer) -> Iterator[tuple[str, str]]:
    yield emptied(server).url, server.master_key


@pytest.mark.parametrize(
    "trouble", [down, slow, failing, wrong_key, no_index], ids=lambda each: each.__name__
)
@timed
def test_pages_stay_quick_and_say_what_search_can_still_do(
    app: Starlette,
    settings: Settings,
    meilisearch_server: MeilisearchServer,
    sign_in: SignIn,
    ada: Person,
    adam: Person,
    lakeside: Product,
    trouble: Callable[[MeilisearchServer], object],
) -> None:
    searcher.here().feed.drain()
    with trouble(meilisearch_server) as (url, key):  # type: ignore[attr-defined]
        app.state.search = searcher.connect(replace(settings, search_url=url, search_key=key))
        browser = sign_in(ada)
        for _ in range(FAILURES):
            begun = time.monotonic()
            page = browser.get("/search", params={"q": "翠湖"})
            assert time.monotonic() - begun < 20, "a server that answers after 30 seconds is given up"
            assert page.status_code == 200
            assert f'data-hit="{lakeside}"' in page.text
            assert BANNER in page.text
        assert not app.state.search.breakers["meilisearch"].lets_through, "after three failures nobody waits"
        assert f'data-hit="{lakeside}"' in browser.get("/search/suggest", params={"q": "翠湖"}).text
        assert browser.post("/questions/new", data={"text": "门锁安装要多久？"}).status_code == 303
        if trouble is not no_index:
            searcher.here().feed.drain()
            assert SearchCursor.of("meilisearch").waiting > 0 or SearchCursor.of("meilisearch").error
            assert SearchCursor.of("embedded").waiting == 0
            told = sign_in(adam).get("/admin/search").text
            assert "It does not work just now" in told
        assert (
            'data-hit="question-1"' in browser.get("/search", params={"q": "门锁"}).text
            or trouble is no_index
        )


def test_a_missing_index_is_made_at_the_next_feeding(
    app: Starlette,
    settings: Settings,
    meilisearch_server: MeilisearchServer,
    sign_in: SignIn,
    ada: Person,
    lakeside: Product,
) -> None:
    server = emptied(meilisearch_server)
    app.state.search = search = searcher.connect(
        replace(settings, search_url=server.url, search_key=server.master_key)
    )
    search.feed.drain()
    page = sign_in(ada).get("/search", params={"q": "翠湖"}).text
    assert f'data-hit="{lakeside}"' in page
    assert BANNER not in page
    client = meilisearch.Client(server.url, server.master_key)
    client.wait_for_task(client.delete_index("portal").task_uid)
    page = sign_in(ada).get("/search", params={"q": "翠湖"}).text
    assert f'data-hit="{lakeside}"' in page
    assert BANNER in page


def remove(folder: Path) -> None:
    """Delete a folder into which a merge may still be writing."""
    while folder.exists():
        shutil.rmtree(folder, ignore_errors=True)


def test_without_any_index_titles_are_searched(
    app: Starlette, settings: Settings, sign_in: SignIn, ada: Person, ben: Person, lakeside: Product
) -> None:
    search = searcher.here()
    search.feed.drain()
    remove(settings.data / "search")
    page = sign_in(ada).get("/search", params={"q": "翠湖"})
    assert page.status_code == 200
    assert f'data-hit="{lakeside}"' in page.text
    assert TITLES_ONLY in page.text
    assert "<mark>翠湖</mark>花园" in page.text
    assert "data-hit" not in sign_in(ben).get("/search", params={"q": "没有"}).text
    app.state.search = searcher.connect(settings)
    with clock.moved(clock.now() + timedelta(seconds=1)):
        app.state.search.feed.drain()
    page = sign_in(ada).get("/search", params={"q": "翠湖"})
    assert f'data-hit="{lakeside}"' in page.text
    assert TITLES_ONLY not in page.text


def test_the_breaker_rests_fifteen_seconds_then_lets_one_try() -> None:
    now = 100.0
    breaker = Breaker(lambda: now)
    for _ in range(3):
        assert breaker.lets_through
        breaker.note(worked=False)
    now = 114.9
    assert not breaker.lets_through
    now = 115.0
    assert breaker.lets_through
    assert not breaker.lets_through, "one tries, the others go on without"
    breaker.note(worked=True)
    assert breaker.lets_through


def test_the_search_of_a_list_tells_the_breaker_how_it_went(app: Starlette, ada: Person) -> None:
    """One that is let try after a rest and tells nobody has the engine rest again."""
    now = 100.0
    here = searcher.here()
    here.feed.drain()
    breaker = here.breakers["embedded"] = Breaker(lambda: now)
    for _ in range(FAILURES):
        breaker.note(worked=False)
    now = 115.0
    here.holding(ada, "customer", "翠湖")
    assert breaker.lets_through
    assert breaker.lets_through, "it works: all are let through"
    (here.embedded._path / "current.json").write_text("broken")
    here.embedded._view = None
    for _ in range(FAILURES):
        assert breaker.lets_through
        assert here.holding(ada, "customer", "翠湖").ids == []
    assert not breaker.lets_through
