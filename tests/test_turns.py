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
