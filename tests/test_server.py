"""Who sends half a request, or one without an end, gets no thread, no memory and no waiting."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
import uvicorn
from starlette.applications import Starlette

from portal import server, turns
from portal.models.people.people import Person
from portal.models.people.sessions import Session, remember_device
from portal.server import BoundedProtocol
from portal.web import MAX_OPEN_FORM
from tests.parts import free_port, timed

pytestmark = timed


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "HEADERS_SECONDS", 0.5)
    monkeypatch.setattr(server, "BODY_SECONDS", 0.5)


@pytest.fixture
def port(app: Starlette, impatient: None) -> Iterator[int]:
    """The portal behind its own protocol, in this process."""
    free = free_port()
    config = uvicorn.Config(
        app,
        host="127.0.0.1",
        port=free,
        http=BoundedProtocol,
        log_config=None,
        lifespan="off",
        proxy_headers=False,
    )
    running = uvicorn.Server(config)
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    until = time.monotonic() + 20
    while not running.started and time.monotonic() < until:
        time.sleep(0.02)
    yield free
    running.should_exit = True
    thread.join(20)


def said(port: int, *parts: bytes, pause: float = 0.0) -> bytes:
    """What the server answers to these bytes, until it hangs up."""
    answer = b""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
        try:
            for part in parts:
                line.sendall(part)
                time.sleep(pause)
            while piece := line.recv(65536):
                answer += piece
        except (ConnectionResetError, BrokenPipeError):
            pass
        return answer


def test_a_request_in_time_is_answered(port: int) -> None:
    assert b"200 OK" in said(port, b"GET /sign-in HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")


FORM = b"POST /sign-in HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-www-form-urlencoded\r\n"


def test_endless_headers_are_cut_off(port: int) -> None:
    endless = [b"x-%d: " % n + b"a" * 4000 + b"\r\n" for n in range(200)]  # 800 KB
    began = time.monotonic()
    answer = said(port, b"GET /sign-in HTTP/1.1\r\nhost: x\r\n", *endless)
    assert answer[:12] in (b"HTTP/1.1 431", b"")  # or the line was cut before it was read
    assert time.monotonic() - began < 5


def test_half_a_request_is_not_waited_for(port: int) -> None:
    began = time.monotonic()
    assert said(port, b"GET /sign-in HTTP/1.1\r\nhost: x\r\nx-slow: a") == b""
    assert said(port) == b""  # not a word
    assert time.monotonic() - began < 5


def test_a_dribbled_header_gains_no_time(port: int) -> None:
    began = time.monotonic()
    said(port, b"GET /sign-in HTTP/1.1\r\n", *[b"x: a\r\n"] * 40, pause=0.1)
    assert time.monotonic() - began < 4.5


def test_half_a_form_is_answered_without_the_rest(port: int) -> None:
    head = b"POST /sign-in HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n"
    form = b"content-type: application/x-www-form-urlencoded\r\n\r\nemail=a"
    began = time.monotonic()
    assert said(port, head + form).startswith(b"HTTP/1.1 408")
    assert time.monotonic() - began < 5


def test_a_form_that_falls_silent_is_not_waited_for(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """However much time its length would deserve."""
    monkeypatch.setattr(server, "BODY_SECONDS", 60)
    monkeypatch.setattr(server, "SILENT_SECONDS", 0.3)
    began = time.monotonic()
    assert said(port, FORM + b"content-length: 1000\r\n\r\nemail=a").startswith(b"HTTP/1.1 408")
    assert time.monotonic() - began < 5


def test_a_stranger_sends_no_long_form(port: int, ada: Person) -> None:
    """Who signed in here once may: what was typed while a session ended is kept for them."""
    long = b"content-length: %d\r\nconnection: close\r\n\r\n" % (MAX_OPEN_FORM + 1)
    assert said(port, FORM + long).startswith(b"HTTP/1.1 413")
    made_up = b"cookie: session=x; device=WyJhIl0.x\r\n"
    assert said(port, FORM + made_up + long).startswith(b"HTTP/1.1 413")
    device = remember_device("", ada, "a secret for tests")
    for cookie in (f"device={device}", f"session={Session.open(ada)[1]}"):
        answer = said(
            port, FORM + f"cookie: {cookie}\r\n".encode() + long + b"a=" + b"b" * (MAX_OPEN_FORM - 1)
        )
        assert answer.startswith(b"HTTP/1.1 422"), cookie  # read: it holds neither address nor password


def test_half_forms_fill_no_more_than_their_senders_part(
    port: int, monkeypatch: pytest.MonkeyPatch, ada: Person
) -> None:
    monkeypatch.setattr(turns, "ROOM_OF_ONE", 50_000)
    monkeypatch.setattr(server, "BODY_SECONDS", 5)
    form = FORM + b"content-length: 30000\r\n\r\na="
    with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
        line.sendall(form)  # and no more of it
        time.sleep(0.3)
        refused = said(port, form)
        assert (refused[:12], b"retry-after: 5" in refused.lower()) == (b"HTTP/1.1 503", True)
        small = FORM + b"content-length: 2\r\nconnection: close\r\n\r\na="
        assert said(port, small).startswith(b"HTTP/1.1 422")  # signing in goes on
        mine = FORM + f"cookie: session={Session.open(ada)[1]}\r\n".encode()
        whole = mine + b"content-length: 30000\r\nconnection: close\r\n\r\na=" + b"b" * 29_998
        assert said(port, whole).startswith(b"HTTP/1.1 422")
    time.sleep(0.3)
    assert (
        said(port, FORM + b"content-length: 30000\r\nconnection: close\r\n\r\na=" + b"b" * 29_998)[9:12]
        == b"422"
    )


def test_one_address_takes_no_more_than_half_of_the_connections(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "MOST_OF_ONE", 3)
    monkeypatch.setattr(server, "HEADERS_SECONDS", 20)
    ask = b"GET /sign-in HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
    with ExitStack() as lines:
        for _ in range(3):
            lines.enter_context(socket.create_connection(("127.0.0.1", port), timeout=20))
        time.sleep(0.2)
        assert said(port, ask) == b""
    time.sleep(0.2)
    assert b"200 OK" in said(port, ask)


def test_room_is_given_back() -> None:
    room, half = turns.Inbound(), turns.ROOM_OF_ONE // 2
    with room.taken("person-1", half), room.taken("person-1", half):
        with pytest.raises(turns.Full), room.taken("person-1", 5000):
            pass
        with ExitStack() as others:
            for number in range(turns.ROOM // turns.ROOM_OF_ONE - 1):
                others.enter_context(room.taken(f"other-{number}", turns.ROOM_OF_ONE))
            with pytest.raises(turns.Full), room.taken("the last", 5000):
                pass
    with room.taken("person-1", turns.ROOM_OF_ONE):
        pass


def test_who_takes_time_between_requests_is_served(port: int) -> None:
    """An open line without a request is the keep-alive's, not half a request."""
    ask = b"GET /sign-in HTTP/1.1\r\nhost: x\r\n"
    answer = said(port, ask + b"\r\n", ask + b"connection: close\r\n\r\n", pause=0.8)
    assert answer.count(b"200 OK") == 2


UPLOAD = b"POST /imports/new HTTP/1.1\r\nhost: x\r\ncontent-type: multipart/form-data; boundary=b\r\n"


def test_an_upload_is_refused_before_it_is_read(port: int) -> None:
    """Nobody is signed in: 48 MB are announced, and not one is waited for."""
    began = time.monotonic()
    answer = said(port, UPLOAD + b"content-length: 48000000\r\nconnection: close\r\n\r\n--b\r\n")
    assert answer.startswith(b"HTTP/1.1 401")
    assert time.monotonic() - began < 5


def test_a_request_of_two_lengths_is_refused(port: int) -> None:
    """One server would read the one, the proxy before it the other, and what is between is smuggled in."""
    head = b"POST /sign-in HTTP/1.1\r\nhost: x\r\n"
    for lengths in (
        b"content-length: 5\r\ntransfer-encoding: chunked\r\n",
        b"content-length: 5\r\ncontent-length: 6\r\n",
    ):
        assert said(port, head + lengths + b"\r\n0\r\n\r\n").startswith(b"HTTP/1.1 400"), lengths


def test_a_long_text_beside_a_file_is_refused(port: int, ada: Person) -> None:
    cookie = f"cookie: session={Session.open(ada)[1]}\r\n".encode()
    part = b'--b\r\ncontent-disposition: form-data; name="kind"\r\n\r\n' + b"a" * 400_000 + b"\r\n--b--\r\n"
    head = UPLOAD + cookie + b"connection: close\r\ncontent-length: %d\r\n\r\n" % len(part)
    assert said(port, head + part).startswith(b"HTTP/1.1 413")
