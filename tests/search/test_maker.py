"""Vectors are made beside by one process, for all that answer people."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest

from portal.jobs.keeper import Keeper
from portal.search import EngineDown, maker
from portal.security import JsonLines


def _made(sort: str, text: str) -> bytes:
    if text == "broken":
        raise EngineDown("broken", "no file")
    if text == "secret":
        raise ValueError(f"what was asked: {text}")
    if text == "slow":
        time.sleep(1)
    if text == "hangs":
        time.sleep(60)
    return f"{sort}: {text}".encode()


@pytest.fixture
def door() -> Iterator[socket.socket]:
    """Where a process answers with what it was asked."""
    opened = maker.door()
    assert opened
    process = _begun(opened)
    yield opened
    _end(process)
    opened.close()


def _begun(opened: socket.socket) -> int:
    process = os.fork()
    if not process:
        with suppress(BaseException):
            signal.alarm(60)  # waited for in vain
            maker.answer(opened, _made, 2)
        os._exit(1)
    return process


def _end(process: int) -> None:
    with suppress(ProcessLookupError, ChildProcessError):
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)


def ask(door: socket.socket, text: str, sort: str = "query") -> str:
    return maker.ask(door.getsockname(), sort, text).decode()


@pytest.mark.parametrize("text", ["", " ", "年终奖 怎么算", "two  blanks", "a\nline\x00", "长" * 20_000])
def test_it_gives_what_is_made_of_a_text(door: socket.socket, text: str) -> None:
    assert ask(door, text) == f"query: {text}"
    assert ask(door, text, "passage") == f"passage: {text}"


def test_half_a_sign_is_asked_for_as_well(door: socket.socket) -> None:
    assert ask(door, "half \ud83d") == "query: half ?"


def test_many_may_ask_at_once(door: socket.socket) -> None:
    told = dict[int, str]()
    asking = [
        threading.Thread(target=lambda n=n: told.update({n: ask(door, f"question {n}")})) for n in range(40)
    ]
    for each in asking:
        each.start()
    for each in asking:
        each.join()
    assert told == {number: f"query: question {number}" for number in range(40)}


def test_why_there_is_no_vector_is_told(door: socket.socket) -> None:
    with pytest.raises(EngineDown) as down:
        ask(door, "broken")
    assert (down.value.reason, down.value.detail) == ("broken", "no file")


def test_of_what_was_asked_nothing_is_told_with_it(door: socket.socket) -> None:
    with pytest.raises(EngineDown) as down:
        ask(door, "secret")
    assert str(down.value) == "broken: ValueError"
    assert ask(door, "goes on") == "query: goes on"


def test_of_what_was_asked_no_log_tells(caplog: pytest.LogCaptureFixture) -> None:
    assert maker._told(b"query secret", _made) == b"ebroken ValueError"
    (record,) = caplog.records
    line = JsonLines().format(record)
    assert "ValueError" in line
    assert "test_maker.py" in line, "where it was"
    assert "secret" not in line


def test_nobody_waits_for_long(door: socket.socket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(maker, "PATIENCE", 0.1)
    with pytest.raises(EngineDown) as down:
        ask(door, "slow")
    assert down.value.reason == "slow"


def test_who_asks_and_says_nothing_holds_nobody_up(door: socket.socket) -> None:
    with socket.socket(socket.AF_UNIX) as silent:
        silent.connect(door.getsockname())
        assert ask(door, "another") == "query: another"


def test_who_goes_away_harms_nobody(door: socket.socket) -> None:
    for _ in range(5):
        with socket.socket(socket.AF_UNIX) as gone:
            gone.connect(door.getsockname())
            gone.sendall(b"query slow")
    assert ask(door, "another") == "query: another"


def test_no_other_user_gets_in(door: socket.socket) -> None:
    nobody = 65534
    if os.getuid():
        pytest.skip("only root may be somebody else")
    process = os.fork()
    if not process:
        status = 3
        with suppress(BaseException):
            os.setuid(nobody)
            try:
                ask(door, "hello")
            except EngineDown as down:
                status = 0 if down.reason == "unreachable" else 1
        os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == 0
    assert ask(door, "one of us") == "query: one of us"


def test_what_begins_anew_answers_those_who_waited(monkeypatch: pytest.MonkeyPatch) -> None:
    opened = maker.door()
    assert opened
    _end(_begun(opened))
    told = list[str]()
    waits = threading.Thread(target=lambda: told.append(ask(opened, "waited")))
    waits.start()
    time.sleep(0.2)
    process = _begun(opened)
    waits.join(10)
    _end(process)
    assert told == ["query: waited"]
    opened.close()


def test_what_hangs_is_followed_by_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(maker, "TERM", 0.3)
    monkeypatch.setattr(maker, "PATIENCE", 20)
    opened = maker.door()
    assert opened
    keeper = Keeper(lambda post: maker.answer(opened, maker.watched(_made, post), 2), gives_way=0)
    keeper.start()
    with pytest.raises(EngineDown) as down:
        ask(opened, "hangs")
    assert down.value.reason == "unreachable"
    assert ask(opened, "another") == "query: another"
    keeper.stop()
    opened.close()


def test_where_nobody_is_any_more_it_is_said_at_once() -> None:
    opened = maker.door()
    assert opened
    at = opened.getsockname()
    opened.close()
    with pytest.raises(EngineDown) as down:
        maker.ask(at, "query", "hello")
    assert down.value.reason == "unreachable"
