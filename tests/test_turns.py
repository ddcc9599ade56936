"""Slow work stands in nobody's way: a person's, a writer's, another process's."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest
from peewee import OperationalError
from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from portal import clock
from portal.models.base import database
from portal.models.base.database import db, transact
from portal.models.base.record import Event
from portal.models.people.people import Person
from portal.models.people.sessions import Session
from portal.models.work.setbacks import Setback
from portal.settings import ROOT
from portal.turns import Account
from portal.web import Request, view
from tests.client import Client
from tests.conftest import SignIn
from tests.parts import timed

pytestmark = timed


def seconds(work: Callable[[], object]) -> float:
    began = time.monotonic()
    work()
    return time.monotonic() - began


@pytest.fixture
def slowly(app: Starlette) -> list[float]:
    """A page that takes half a second; gives when each began."""
    began = list[float]()

    @view
    def slow(request: Request) -> Response:
        began.append(time.monotonic())
        time.sleep(0.5)
        return PlainTextResponse("slow")

    app.router.routes.append(Route("/slow", slow))
    return began


def test_nobody_holds_both_threads(
    app: Starlette, sign_in: SignIn, ada: Person, ben: Person, slowly: list[float]
) -> None:
    assert app.state.settings.threads == 2
    browsers, other = [sign_in(ada), sign_in(ada)], sign_in(ben)  # two new browsers of one person
    other.get("/account")
    with ThreadPoolExecutor(4) as pool:
        asked = [pool.submit(browsers[n % 2].get, "/slow") for n in range(4)]
        time.sleep(0.1)
        waited = seconds(lambda: other.get("/account"))
        assert all(each.result().status_code == 200 for each in asked)
    gaps = [later - earlier for earlier, later in pairwise(slowly)]
    assert min(gaps) > 0.4  # one after the other
    assert waited < 0.45  # not behind four of them


def test_who_makes_up_sessions_gains_no_turns(app: Starlette) -> None:
    """They wait where those without one do."""
    turns = app.state.turns
    for cookie in ("made-up-0", "made-up-1"):
        Client(app, cookies={"session": cookie}).get("/account")
        assert turns.knows(cookie)
    http = HttpRequest({"type": "http", "headers": [], "client": ("10.0.0.9", 1)})
    assert (
        turns._who(http, "made-up-0") == turns._who(http, "made-up-1") == turns._who(http, "") == "10.0.0.9"
    )


def test_who_takes_a_list_out_keeps_nobody_from_writing(
    app: Starlette, sign_in: SignIn, ada: Person, ben: Person
) -> None:
    @view(reading=True)
    def slow(request: Request) -> Response:
        time.sleep(0.6)
        request.leave(lambda: request.user.track("exported", by=request.user))
        return PlainTextResponse("slow")

    app.router.routes.append(Route("/slow", slow, methods=["POST"]))
    taker, writer = sign_in(ada), sign_in(ben)
    for browser in (taker, writer):
        browser.get("/account")
    with ThreadPoolExecutor(1) as pool:
        taken = pool.submit(taker.post, "/slow")
        time.sleep(0.1)
        waited = seconds(lambda: writer.post("/account/theme", data={"theme": "dark"}))
        assert taken.result().text == "slow"
    assert waited < 0.4  # a writer would have waited for the other
    assert Event.select().where(Event.verb == "exported").count() == 1


def test_every_list_is_taken_out_without_the_writers_turn(app: Starlette) -> None:
    """But the payroll file, which marks its month as handed over (RULES 4.10), and links that let people in: each
    person is told that theirs was shown.
    """
    handing_out = {
        route.name: getattr(route.endpoint, "reading", False)
        for route in app.routes
        if isinstance(route, Route) and route.name.endswith("export")
    }
    assert len(handing_out) >= 9
    assert [name for name, reads in handing_out.items() if not reads] == [
        "accounts_invitation_export",
        "period_export",
    ]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_list_that_cannot_be_written_down_is_not_handed_out(
    app: Starlette, sign_in: SignIn, ada: Person
) -> None:
    browser = sign_in(ada)
    assert browser.post("/deals/export").status_code == 200
    db.execute_sql("CREATE TRIGGER full BEFORE INSERT ON event BEGIN SELECT RAISE(ABORT, 'full'); END")
    answer = browser.post("/deals/export")
    assert answer.status_code == 500
    assert "attachment" not in answer.headers.get("content-disposition", "")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_preview_waits_for_no_writer(app: Starlette, sign_in: SignIn, ada: Person) -> None:
    browser = sign_in(ada)
    browser.get("/account")
    held = sqlite3.connect(app.state.settings.sqlite_file, isolation_level=None, timeout=5)
    held.execute("BEGIN IMMEDIATE")
    try:
        waited = seconds(lambda: browser.post("/preview?part=body", data={"body": "**x**"}))
    finally:
        held.close()
    assert waited < 2


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_another_process_that_writes_stops_no_reader(
    app: Starlette, sign_in: SignIn, ada: Person, ben: Person, stan: Person
) -> None:
    writers, reader = [sign_in(ada), sign_in(stan)], sign_in(ben)
    for browser in (*writers, reader):
        browser.get("/account")
    Session.update(seen_at=clock.now() - timedelta(minutes=11)).execute()  # due to be noted when it is read
    held = sqlite3.connect(app.state.settings.sqlite_file, isolation_level=None, timeout=5)
    held.execute("BEGIN IMMEDIATE")
    try:
        with ThreadPoolExecutor(2) as pool:
            saved = [pool.submit(each.post, "/account/theme", data={"theme": "dark"}) for each in writers]
            time.sleep(0.2)
            waited = [seconds(lambda: reader.get("/account")) for _ in range(3)]
            held.execute("ROLLBACK")
            assert all(each.result().status_code == 303 for each in saved)
    finally:
        held.close()
    assert max(waited) < 2  # a writer waits for five seconds
    assert Session.get(Session.person == ben).seen_at < clock.now() - timedelta(minutes=10)


@pytest.fixture
def hurried(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits long for the database; asked for before the portal, which tells its connections so."""
    monkeypatch.setattr(database, "BUSY_MS", getattr(request, "param", 50))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_who_waits_in_vain_to_write_is_told_to_come_again(
    hurried: None, app: Starlette, sign_in: SignIn, ada: Person
) -> None:
    writer = sign_in(ada)
    writer.get("/account")
    held = sqlite3.connect(app.state.settings.sqlite_file, isolation_level=None, timeout=5)
    held.execute("BEGIN IMMEDIATE")
    try:
        answer = writer.post("/account/theme", data={"theme": "dark"})
    finally:
        held.close()
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert "Nothing was saved" in answer.text
    assert writer.post("/account/theme", data={"theme": "dark"}).status_code == 303


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("hurried", [500], indirect=True)
def test_many_who_wait_in_vain_are_told_soon_one_after_the_other(
    hurried: None, app: Starlette, ada: Person
) -> None:
    """Each began to wait anew when its turn came: the tenth was told after fifty seconds."""
    held = sqlite3.connect(app.state.settings.sqlite_file, isolation_level=None, timeout=5)
    held.execute("BEGIN IMMEDIATE")
    began = time.monotonic()
    try:
        with ThreadPoolExecutor(10) as pool:
            waiting = [pool.submit(transact, partial(ada.track, "looked", by=ada)) for _ in range(10)]
            assert all("locked" in str(each.exception()) for each in waiting)
    finally:
        held.close()
    assert time.monotonic() - began < 3  # 0.5 s, and nine times a fifth of that; it was 5 s
    transact(partial(ada.track, "looked", by=ada))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_process_that_writes_without_a_pause_hands_the_right_on(app: Starlette, ada: Person) -> None:
    """Left to SQLite, whoever waits sleeps while the other takes the lock again."""
    body = (
        "import sys, time\n"
        "from portal.models.base import database\n"
        f"database.connect('sqlite:///{app.state.settings.sqlite_file}')\n"
        "print('on', flush=True)\n"
        "until = time.monotonic() + 20\n"
        "while time.monotonic() < until:\n"
        "    with database.transaction():\n"
        "        time.sleep(0.1)\n"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    busy = subprocess.Popen([sys.executable, "-c", body], stdout=subprocess.PIPE, env=environment)
    with busy:
        assert busy.stdout is not None
        busy.stdout.readline()
        time.sleep(0.2)
        waited = [seconds(lambda: transact(lambda: ada.track("looked", by=ada))) for _ in range(10)]
        # Outside a transaction too, as one who signs in: "database is locked", it said.
        waited += [seconds(partial(Setback.note, "count", "number", n, "x")) for n in range(5)]
        busy.kill()
    assert max(waited) < 0.5  # at most the one at hand, and a moment


def test_a_turn_among_processes_is_not_waited_for_without_end(tmp_path: Path) -> None:
    one, other = database._Turnstile(), database._Turnstile()
    for each in (one, other):
        each.among(str(tmp_path / "portal.db"))
    with one.passed(0):
        for _ in range(2):
            with pytest.raises(OperationalError), other.passed(time.monotonic() + 0.05):
                pass
    with other.passed(0):
        pass


def test_who_asks_without_end_leaves_the_others_their_time(
    app: Starlette, sign_in: SignIn, ada: Person, ben: Person
) -> None:
    """A second of the processor is free; of more a tenth: while Ben works, 0.5 s more are paid by 5 s of rest."""
    spent = list[float]()

    @view
    def compute(request: Request) -> Response:
        until = time.thread_time() + 0.3
        while time.thread_time() < until:
            pass
        spent.append(time.monotonic())
        return PlainTextResponse("computed")

    app.router.routes.append(Route("/compute", compute))
    greedy, other = [sign_in(ada), sign_in(ada)], sign_in(ben)
    for browser in (*greedy, other):
        browser.get("/account")
    began = time.monotonic()
    with ThreadPoolExecutor(4) as pool:
        asked = [pool.submit(greedy[n % 2].get, "/compute") for n in range(8)]
        while time.monotonic() - began < 4:
            other.get("/account")
            time.sleep(0.05)
        while_others_worked = len(spent)
        assert all(each.result().status_code == 200 for each in asked)
        alone = time.monotonic()
    assert 0 < while_others_worked <= 5  # 1.0 s, the one that goes beyond it, and 0.1 s each second
    assert alone - began < 20  # nobody else is there: no rest


def test_what_a_person_had_is_made_up_for_by_time() -> None:
    account = Account()
    account.due, account.at = 1.4, 100.0
    assert account.left(100.0) == pytest.approx(4.0)
    assert account.left(102.0) == pytest.approx(2.0)
    assert account.left(104.1) == 0
    for _ in range(3):
        account.due = 9.0
        account.run(lambda: None)
    assert account.left(time.monotonic()) <= 5.01  # however much it was


def test_a_long_form_is_read_in_the_thread_of_whoever_sent_it(
    app: Starlette, sign_in: SignIn, ada: Person
) -> None:
    """Read where all requests come in, it kept everybody waiting."""
    read = list[float]()

    @view
    def told(request: Request) -> Response:
        read.append(len(str(request.form["text"])))
        return PlainTextResponse("told")

    app.router.routes.append(Route("/told", told, methods=["POST"]))
    browser = sign_in(ada)
    browser.get("/account")
    assert browser.post("/told", data={"text": "汉" * 200_000}).text == "told"
    assert read == [200_000]
    account = max(app.state.turns._accounts.values(), key=lambda one: one.at)
    assert account.due > 0.02  # a page takes a tenth of that: reading it is on Ada's account
    browser.cookies.clear()
    answer = browser.post("/told", data={"text": "汉" * 10})
    assert answer.status_code == 401
    assert "汉" * 10 in answer.text  # kept, to be sent once more


def test_a_writer_waits_for_writers_and_not_once_more_behind_all_who_read(
    app: Starlette, sign_in: SignIn, ada: Person, ben: Person, stan: Person, rita: Person
) -> None:
    """While one writes, another asks to; readers who came after that other come after it."""
    order = list[str]()

    def endpoint(name: str, seconds: float) -> Callable[..., Response]:
        def work(request: Request) -> Response:
            order.append(name)
            time.sleep(seconds)
            return PlainTextResponse(name)

        return work

    for name, method, pause in (("write", "POST", 0.6), ("read", "GET", 0.1), ("long", "GET", 2.5)):
        app.router.routes.append(Route(f"/{name}", view(endpoint(name, pause)), methods=[method]))
    writers, readers = [sign_in(ada), sign_in(ben)], [sign_in(stan), sign_in(rita)]
    for browser in (*writers, *readers):
        browser.get("/account")
    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(readers[0].get, "/long")]
        for browser, ask in (
            (writers[0], "post"),
            (writers[1], "post"),
            (readers[1], "get"),
            (readers[1], "get"),
        ):
            time.sleep(0.08)
            asked.append(pool.submit(getattr(browser, ask), "/write" if ask == "post" else "/read"))
        assert all(each.result().status_code == 200 for each in asked)
    assert order == ["long", "write", "write", "read", "read"]


def test_who_hashes_a_password_keeps_no_writer_waiting(
    app: Starlette, sign_in: SignIn, ada: Person, ben: Person
) -> None:
    @view(transaction=False)
    def hashes(request: Request) -> Response:
        time.sleep(0.6)
        return PlainTextResponse("hashed")

    app.router.routes.append(Route("/hashes", hashes, methods=["POST"]))
    one, other = sign_in(ada), sign_in(ben)
    for browser in (one, other):
        browser.get("/account")
    with ThreadPoolExecutor(1) as pool:
        hashed = pool.submit(one.post, "/hashes")
        time.sleep(0.1)
        waited = seconds(lambda: other.post("/account/theme", data={"theme": "dark"}))
        assert hashed.result().text == "hashed"
    assert waited < 0.4
