"""Several processes answer at one door: each alone, all together gone."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from portal import shell
from portal.models.people.needs import needs
from portal.models.people.people import Person
from portal.settings import ROOT
from tests.parts import answers
from tests.serving import Served


def eventually(done: Callable[[], bool], seconds: float = 20) -> None:
    until = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < until
        time.sleep(0.02)


def children(process: int) -> list[int]:
    try:
        told = Path(f"/proc/{process}/task/{process}/children").read_text()
    except FileNotFoundError:
        return []
    return [int(child) for child in told.split()]


def beside(served: Served) -> list[int]:
    """What the keepers of the first process keep: the worker, and who answers beside it."""
    assert served.process is not None
    return [kept for keeper in children(served.process.pid) for kept in children(keeper)]


def lives(process: int) -> bool:
    stat = Path(f"/proc/{process}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"


def listens(process: int) -> bool:
    """Whether it waits at a door: the worker has the socket from its parent, and no loop that looks at it."""
    with suppress(FileNotFoundError):
        opened = [each.readlink().name for each in Path(f"/proc/{process}/fd").iterdir()]
        return lives(process) and any("eventpoll" in each for each in opened)
    return False


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    monkeypatch.setenv("PORTAL_PROCESSES", "2")
    command = [sys.executable, "-m", "portal", "migrate"]
    environment = os.environ | {"PORTAL_DATA": str(tmp_path), "PYTHONPATH": str(ROOT)}
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
    portal = Served(tmp_path)
    portal.start()
    eventually(lambda: len(beside(portal)) == 2)
    yield portal
    portal.kill()


def free(port: int) -> bool:
    with socket.socket() as door:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            door.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def test_one_that_dies_is_missed_by_nobody_and_followed_by_another(served: Served) -> None:
    eventually(lambda: any(listens(each) for each in beside(served)))
    second = next(each for each in beside(served) if listens(each))
    os.kill(second, 9)
    assert all(answers(f"{served.url}/sign-in") for _ in range(10))
    eventually(lambda: any(listens(each) and each != second for each in beside(served)))
    assert all(answers(f"{served.url}/sign-in") for _ in range(10))


def test_all_end_when_the_first_is_told_to(served: Served) -> None:
    others = beside(served)
    served.stop()
    assert not any(map(lives, others))
    assert free(served.port)


def test_all_end_when_the_first_is_killed(served: Served) -> None:
    others = beside(served)
    served.kill()
    eventually(lambda: not any(map(lives, others)))
    eventually(lambda: free(served.port))


def test_what_one_process_was_told_another_counts(ada: Person) -> None:
    """The number beside the bell is counted again in all of them after an act."""
    shell.count_anew(ada, 99)
    assert shell.how_many_need(ada) == 99
    other = os.fork()
    if not other:
        shell.forget_count(ada)
        os._exit(0)
    os.waitpid(other, 0)
    assert shell.how_many_need(ada) == len(needs(ada)) != 99
