"""Several processes answer at one door: each alone, all together gone."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

import httpx2
import pytest

from portal import shell
from portal.models.base import database
from portal.models.company.topics import Topic
from portal.models.knowledge.articles import Article
from portal.models.people.needs import needs
from portal.models.people.people import Person
from portal.models.people.sessions import Session
from portal.models.search.vectors import SearchVector
from portal.settings import Settings
from tests.parts import answers, timed
from tests.serving import Served

pytestmark = timed  # of processes that come and go


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
    """Whether it waits at a door: the worker has no loop that looks at one."""
    with suppress(FileNotFoundError):
        opened = [each.readlink().name for each in Path(f"/proc/{process}/fd").iterdir()]
        return lives(process) and any("eventpoll" in each for each in opened)
    return False


OTHERWISE = {
    "工资发放日": "每月十号统一打到银行卡，逢节假日提前。",
    "门锁安装": "先拆把手，再对准孔位，最后拧紧螺丝。",
    "停车位登记": "登记车牌以后由物业分配车位。",
}
"""Titles and texts, of which the first answers questions that share no word with it."""


@pytest.fixture
def served(migrated: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    monkeypatch.setenv("PORTAL_PROCESSES", "2")
    portal = Served(migrated)
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


def holds_door(process: int, port: int) -> bool:
    """Whether it has the socket at which the portal listens (proc(5): state 0A)."""
    table = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    doors = {f"socket:[{row[9]}]" for row in table if row[1].endswith(f":{port:04X}") and row[3] == "0A"}
    with suppress(FileNotFoundError):
        return any(str(each.readlink()) in doors for each in Path(f"/proc/{process}/fd").iterdir())
    return False


def refused(port: int) -> bool:
    with suppress(TimeoutError):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except ConnectionRefusedError:
            return True
    return False


def test_who_answers_nobody_holds_no_door(served: Served) -> None:
    assert served.process is not None
    eventually(lambda: any(listens(each) for each in beside(served)))
    keepers = children(served.process.pid)
    held = [holds_door(each, served.port) for keeper in keepers for each in (keeper, *children(keeper))]
    assert sorted(held) == [False, False, True, True], "the worker and its keeper; the second and its own"
    assert holds_door(served.process.pid, served.port)


def test_who_comes_after_the_end_began_is_refused_while_others_are_still_answered(served: Served) -> None:
    """They waited until the last process was gone, up to 25 seconds."""
    eventually(lambda: any(listens(each) for each in beside(served)))
    assert served.process is not None
    others, first = beside(served), served.process
    os.kill(first.pid, signal.SIGSTOP)  # the second answers this one
    with socket.create_connection(("127.0.0.1", served.port), timeout=20) as slow:
        head = f"POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1:{served.port}\r\nContent-Length: 9\r\n"
        kind = "Content-Type: application/x-www-form-urlencoded\r\n\r\n"
        slow.sendall((head + "Expect: 100-continue\r\n" + kind).encode())
        assert b" 100 " in slow.recv(1000), "it is being read"
        os.kill(first.pid, signal.SIGCONT)
        first.terminate()
        eventually(lambda: refused(served.port), 3)
        assert any(lives(each) for each in others)
        slow.sendall(b"email=a&b")
        assert slow.recv(1000).startswith(b"HTTP/1.1 ")
    first.wait(20)
    assert not any(map(lives, others))


def test_all_end_when_the_first_is_killed(served: Served) -> None:
    others = beside(served)
    served.kill()
    eventually(lambda: not any(map(lives, others)))
    eventually(lambda: free(served.port))


def holds_model(process: int) -> bool:
    """Whether it has what makes vectors in memory: the worker too, which gives way to those who answer."""
    with suppress(OSError):
        return lives(process) and "onnxruntime" in Path(f"/proc/{process}/maps").read_text()
    return False


def maker_of(portal: Served) -> int:
    """The one process that makes vectors of questions."""
    assert portal.process is not None
    nice = partial(os.getpriority, os.PRIO_PROCESS)
    found = [each for each in beside(portal) if holds_model(each) and nice(each) == nice(portal.process.pid)]
    assert len(found) == 1
    return found[0]


@pytest.fixture
def of_wages(migrated: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Served, str]]:
    """A portal that finds by meaning, with three articles, and the session of somebody who reads them."""
    if not Settings(search_meaning=True).finds_by_meaning:
        pytest.skip("the extra `semantic` is missing: pip install -e '.[semantic]'")
    monkeypatch.setenv("PORTAL_PROCESSES", "2")
    monkeypatch.setenv("PORTAL_SEARCH_MEANING", "1")
    database.connect(f"sqlite:///{migrated / 'portal.db'}")
    portal = Served(migrated)
    with database.db.connection_context():
        reader = Person.add(by=None, email="ben@example.com", name="本")
        topics = [Topic.create(name="行政")]
        for title, body in OTHERWISE.items():
            Article.add(by=reader, title=title, body=body, topics=topics, published=True)
        portal.start()
        eventually(
            lambda: SearchVector.select().where(SearchVector.digest != "").count() == len(OTHERWISE), 60
        )
        yield portal, Session.open(reader)[1]
    portal.kill()
    database.db.close_all()


def finds(portal: Served, token: str, text: str) -> bool:
    page = httpx2.get(f"{portal.url}/search", params={"q": text}, cookies={"session": token}, timeout=30).text
    return "工资发放日" in page


def test_one_process_alone_holds_the_model_and_is_followed_by_another(of_wages: tuple[Served, str]) -> None:
    portal, token = of_wages
    eventually(lambda: finds(portal, token, "我的薪水几号发下来？"))
    assert portal.process is not None
    maker, others = maker_of(portal), beside(portal)
    assert not any(holds_model(each) for each in [portal.process.pid, *others] if listens(each))
    os.kill(maker, signal.SIGKILL)
    eventually(lambda: finds(portal, token, "这个月的报酬哪天能拿到手呢"))
    portal.stop()
    assert not any(map(lives, others))


def test_who_searches_waits_for_no_model_that_hangs(of_wages: tuple[Served, str]) -> None:
    """Words alone find until it is there again: then both processes use it."""
    portal, token = of_wages
    eventually(lambda: finds(portal, token, "我的薪水几号发下来？"))
    maker = maker_of(portal)
    os.kill(maker, signal.SIGSTOP)
    for number in range(10):
        began = time.monotonic()
        assert not finds(portal, token, f"第{number}回报酬哪天能拿到手")
        assert time.monotonic() - began < 4, "the first of a process waits a second"
    os.kill(maker, signal.SIGCONT)
    eventually(lambda: all(finds(portal, token, f"报酬哪天能拿到{number}次") for number in range(10)))


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
