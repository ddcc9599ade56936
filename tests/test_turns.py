"""Slow work stands in nobody's way: a person's, a writer's, another process's."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import pairwise

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from portal import clock
from portal.models.base.database import db
from portal.models.base.record import Event
from portal.models.people.people import Person
from portal.models.people.sessions import Session
from portal.web import Request, view
from tests.conftest import SignIn


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
    browsers, other = [sign_in(ada), sign_in(ada)], sign_in(ben)  # two browsers of one person
    for browser in (*browsers, other):
        browser.get("/account")
    with ThreadPoolExecutor(4) as pool:
        asked = [pool.submit(browsers[n % 2].get, "/slow") for n in range(4)]
        time.sleep(0.1)
        waited = seconds(lambda: other.get("/account"))
        assert all(each.result().status_code == 200 for each in asked)
    gaps = [later - earlier for earlier, later in pairwise(slowly)]
    assert min(gaps) > 0.4  # one after the other
    assert waited < 0.45  # not behind four of them


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
    """But the payroll file: it marks its month as handed over (RULES 4.10)."""
    handing_out = {
        route.name: getattr(route.endpoint, "reading", False)
        for route in app.routes
        if isinstance(route, Route) and route.name.endswith("export")
    }
    assert len(handing_out) >= 9
    assert [name for name, reads in handing_out.items() if not reads] == ["period_export"]


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
