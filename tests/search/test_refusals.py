"""What refuses changes but lives: a full disk, a folder that is none, a server of an old version."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from starlette.applications import Starlette

from portal import clock
from portal.jobs import worker
from portal.jobs.search import feed_search
from portal.models.knowledge.questions import Question
from portal.models.people.people import Person
from portal.models.products.products import Product
from portal.models.search.documents import SearchCursor
from portal.models.work.jobs import Job
from portal.search import searcher
from portal.settings import Settings
from tests.conftest import SignIn
from tests.parts import lacking
from tests.search.parts import check_index

BEHIND = "the newest ones are not found yet"
BANNER = "searches its own index"
TITLES_ONLY = "only titles and names are searched"


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A disk of 400 kB, mounted as a folder."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=400k", "portal-test", str(folder)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        lacking("A disk of one's own", "run the tests as root, where mount is allowed")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(disk: Path) -> Path:
    """A file that takes all there is left."""
    file = disk / "ballast"
    with file.open("wb", buffering=0) as ballast:
        try:
            while True:
                ballast.write(bytes(1024))
        except OSError:
            return file


def feed_later() -> None:
    """Feed once its engines are tried again."""
    with clock.moved(clock.now() + timedelta(seconds=20)):
        searcher.here().feed.drain()


def test_a_full_disk_holds_up_neither_pages_nor_saving(
    app: Starlette, settings: Settings, sign_in: SignIn, ada: Person, adam: Person, lakeside: Product
) -> None:
    with small_disk(settings.data / "search") as disk:
        searcher.here().feed.drain()
        ballast = fill(disk)
        browser = sign_in(ada)
        assert browser.post("/questions/new", data={"text": "门锁安装要多久？"}).status_code == 303
        searcher.here().feed.drain()
        question = Question.get()
        page = browser.get("/search", params={"q": "翠湖"})
        assert f'data-hit="{lakeside}"' in page.text, "what is in the index is found"
        assert BEHIND in page.text
        assert f'data-hit="{question}"' not in browser.get("/search", params={"q": "门锁"}).text
        told = sign_in(adam).get("/admin/search").text
        assert "takes in no changes just now: its disk is full" in told
        assert SearchCursor.of("embedded").waiting > 0
        ballast.unlink()
        feed_later()
        page = browser.get("/search", params={"q": "门锁"})
        assert f'data-hit="{question}"' in page.text
        assert BEHIND not in page.text
        assert "its disk is full" not in sign_in(adam).get("/admin/search").text.partition("Last error")[0]
        check_index(searcher.here())
        searcher.here().close()


def test_a_disk_full_from_the_start_leaves_titles_and_all_other_work(
    app: Starlette, settings: Settings, sign_in: SignIn, ada: Person, adam: Person, lakeside: Product
) -> None:
    with small_disk(settings.data / "search") as disk:
        ballast = fill(disk)
        feed_search()
        job = Job.enqueue("forget old searches")
        assert worker.run_one(), "the worker's other work goes on"
        assert job.fresh().state == "finished"
        page = sign_in(ada).get("/search", params={"q": "翠湖"})
        assert f'data-hit="{lakeside}"' in page.text
        assert TITLES_ONLY in page.text
        assert "No space left on device" in sign_in(adam).get("/admin/search").text
        ballast.unlink()
        feed_later()
        page = sign_in(ada).get("/search", params={"q": "翠湖"})
        assert f'data-hit="{lakeside}"' in page.text
        assert TITLES_ONLY not in page.text
        searcher.here().close()


def test_an_index_folder_that_is_none_leaves_titles(
    app: Starlette, settings: Settings, sign_in: SignIn, ada: Person, adam: Person, lakeside: Product
) -> None:
    place = settings.data / "search"
    place.write_text("in the way")
    feed_search()
    page = sign_in(ada).get("/search", params={"q": "翠湖"})
    assert f'data-hit="{lakeside}"' in page.text
    assert TITLES_ONLY in page.text
    assert "It does not work just now" in sign_in(adam).get("/admin/search").text
    place.unlink()
    feed_later()
    page = sign_in(ada).get("/search", params={"q": "翠湖"})
    assert f'data-hit="{lakeside}"' in page.text
    assert TITLES_ONLY not in page.text


@contextmanager
def server_of(version: str) -> Iterator[str]:
    """What an old server says: it has keys and a version, and does not know what it is asked."""

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            said: dict[str, object] = {"message": "unknown", "code": "bad_request", "type": "invalid_request"}
            status = 400
            if self.path == "/version":
                status, said = 200, {"pkgVersion": version, "commitSha": "0", "commitDate": "2023-06-05"}
            elif self.path.startswith("/keys"):
                status, said = 200, {"uid": "1", "key": "a key", "actions": [], "indexes": []}
                said |= {
                    "createdAt": "2023-06-05T00:00:00.000000Z",
                    "updatedAt": "2023-06-05T00:00:00.000000Z",
                }
                said |= {"expiresAt": None, "name": "", "description": ""}
            body = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer  # noqa: N815 - named by the standard library

        def log_message(self, format: str, *words: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def test_a_server_of_an_old_version_is_told_of_and_gone_round(
    app: Starlette, settings: Settings, sign_in: SignIn, ada: Person, adam: Person, lakeside: Product
) -> None:
    with server_of("1.2.0") as url:
        search = searcher.connect(replace(settings, search_url=url, search_key="key"))
        app.state.search = search
        search.feed.drain()
        page = sign_in(ada).get("/search", params={"q": "翠湖"})
        assert f'data-hit="{lakeside}"' in page.text
        assert BANNER in page.text
        told = sign_in(adam).get("/admin/search").text
        assert "its version is too old" in told, SearchCursor.of("meilisearch").error
        assert "1.2.0, needed 1.15" in told
        made = sign_in(ada).post("/questions/new", data={"text": "门锁安装要多久？"})
        assert made.status_code == 303
        search.feed.drain()
        assert f'data-hit="{Question.get()}"' in sign_in(ada).get("/search", params={"q": "门锁"}).text
        assert SearchCursor.of("meilisearch").error.startswith("old")
