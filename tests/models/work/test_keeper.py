"""A worker is kept in a process of its own: what hangs is ended, what it held up goes on."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.applications import Starlette

from portal import clock
from portal.jobs.keeper import Post
from portal.jobs.registry import HOURS, MOMENT, WHILE, WORK
from portal.jobs.worker import Running, Worker, at_work, is_long, run_one
from portal.models.base.record import Event
from portal.models.people.people import Person
from portal.models.work.jobs import LEASE, MOST_ATTEMPTS, Job
from portal.settings import ROOT
from tests.conftest import SignIn


def wait_for(done: Callable[[], bool], seconds: float = 20) -> None:
    until = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < until
        time.sleep(0.02)


def kept(folder: Path, body: str, before: str = "pass") -> subprocess.Popen[bytes]:
    """A process that serves, with a keeper whose worker does `body`; writes go to `said`."""
    told = f"""
        import os, sys, time
        from portal.jobs.keeper import Keeper
        def say(text):
            with open({str(folder / "said")!r}, "a") as file:
                file.write(f"{{os.getpid()}} {{text}}\\n")
        def work(post):
        {textwrap.indent(textwrap.dedent(body), "    " * 3)}
        {before}
        keeper = Keeper(work)
        keeper.start()
        sys.stdin.readline()
        keeper.stop()
        say("stopped")
    """
    lines = [line[8:] if line.startswith(" " * 8) else line for line in told.splitlines()]
    return subprocess.Popen(
        [sys.executable, "-c", "\n".join(lines)],
        stdin=subprocess.PIPE,
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )


def said(folder: Path) -> list[list[str]]:
    file = folder / "said"
    return [line.split(maxsplit=1) for line in file.read_text().splitlines()] if file.exists() else []


def lives(process: str) -> bool:
    stat = Path(f"/proc/{process}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"


def test_what_takes_longer_than_its_term_is_ended_and_the_next_worker_told(tmp_path: Path) -> None:
    hangs = """
        say(f"{post.over} {post.stopped} {post.broken_off}")
        if not post.over:
            post.began(6, 100.0)
            post.began(7, 0.3)
            post.began(8, 0.3)
            post.ended(8)
        time.sleep(60)
    """
    serves = kept(tmp_path, hangs)
    wait_for(lambda: len(said(tmp_path)) == 2)
    (first, _), (second, told) = said(tmp_path)
    assert told == "[7] [] [6]"
    assert not lives(first)
    assert lives(second)
    serves.kill()
    serves.communicate()
    wait_for(lambda: not lives(second))  # as a power cut would


def test_what_is_to_be_stopped_is_ended_at_once_but_only_while_it_runs(tmp_path: Path) -> None:
    hangs = """
        say(f"{post.over} {post.stopped} {post.broken_off}")
        if not post.stopped:
            post.began(7, 100.0)
            post.stop(9)
            post.stop(7)
        time.sleep(60)
    """
    serves = kept(tmp_path, hangs)
    wait_for(lambda: len(said(tmp_path)) == 2)
    assert said(tmp_path)[1][1] == "[] [7] []"
    serves.communicate(b"\n", timeout=30)
    assert said(tmp_path)[-1][1] == "stopped"
    assert not lives(said(tmp_path)[1][0])


def test_a_worker_that_dies_is_followed_by_another(tmp_path: Path) -> None:
    serves = kept(tmp_path, "say('here'); post.began(1, 100.0); os.kill(os.getpid(), 9)")
    wait_for(lambda: len(said(tmp_path)) == 2)
    serves.communicate(b"\n", timeout=30)


def test_what_fails_at_its_start_is_begun_less_and_less_often_until_one_lives_long(tmp_path: Path) -> None:
    """It was begun every second for ever, each time with a traceback."""
    fails = f"""
        say(f"began {{time.monotonic()}}")
        if len(open({str(tmp_path / "said")!r}).readlines()) == 9:
            time.sleep(0.7)
        say(f"ended {{time.monotonic()}}")
        os._exit(1)
    """
    before = "import portal.jobs.keeper as k; k.REST, k.LONGEST_REST, k.LONG_LIFE = 0.2, 0.8, 0.6"
    serves = kept(tmp_path, fails, before)
    wait_for(lambda: len(said(tmp_path)) >= 11)
    serves.communicate(b"\n", timeout=30)
    at = [float(line.split()[1]) for _, line in said(tmp_path)[:11]]
    rests = [began - ended for ended, began in zip(at[1::2], at[2::2], strict=True)]
    assert all(least <= rest for least, rest in zip((0.2, 0.4, 0.8, 0.8), rests, strict=False))
    assert rests[3] < 1.6
    assert rests[4] < 0.8


# --- What becomes of the jobs ---


def running(name: str = "send letter") -> Job:
    job = Job.enqueue(name, letter=0)
    taken = Job.claim([name])
    assert taken is not None
    assert taken.id == job.id
    return taken


def told(monkeypatch: pytest.MonkeyPatch, **before: list[int]) -> None:
    """A worker that begins after this, and ends at once."""
    monkeypatch.setattr(Worker, "run_forever", lambda self: None)
    at_work(Post(-1, -1, **before))


def test_one_that_overran_is_tried_again_later_and_waits_for_a_person_at_last(
    app: Starlette, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = clock.now()
    job = running()
    for attempt in range(1, MOST_ATTEMPTS + 1):
        told(monkeypatch, over=[job.id])
        job = job.fresh()
        assert job.attempts == attempt
        assert str(job.why) == "It took longer than it may, and was ended."
        if attempt < MOST_ATTEMPTS:
            assert job.state == "waiting"
            assert Job.claim() is None
            at += timedelta(hours=1)
            with clock.moved(at):
                assert Job.claim() is not None
    assert job.state == "dead"


def test_one_that_was_broken_off_with_another_loses_no_try(
    app: Starlette, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = running()
    told(monkeypatch, broken_off=[job.id])
    assert (job.fresh().state, job.fresh().attempts) == ("waiting", 0)
    assert Job.claim() is not None


def test_an_administrator_ends_a_running_job(
    sign_in: SignIn, ada: Person, adam: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = running()
    page = sign_in(adam).get("/admin/jobs").text
    assert "begun " in page
    assert f"/admin/jobs/{job.id}/stop" in page
    assert sign_in(ada).post(f"/admin/jobs/{job.id}/stop").status_code == 403
    assert sign_in(adam).post(f"/admin/jobs/{job.id + 9}/stop").status_code == 404
    assert Job.to_be_stopped([job.id]) == []
    for _ in range(2):
        assert sign_in(adam).post(f"/admin/jobs/{job.id}/stop").status_code == 303
    assert Job.to_be_stopped([job.id]) == [job.id]
    assert "Is being ended" in sign_in(adam).get("/admin/jobs").text
    told(monkeypatch, stopped=[job.id])
    assert (job.fresh().state, str(job.fresh().why)) == ("dead", "An administrator ended it.")
    assert "An administrator ended it." in sign_in(adam).get("/admin/jobs").text
    assert [event.verb for event in Event.about(job)] == ["stopped"]
    job.retry(by=adam)
    assert Job.claim() is not None
    assert Job.to_be_stopped([job.id]) == []


def test_one_that_is_not_running_is_not_ended(sign_in: SignIn, adam: Person) -> None:
    job = Job.enqueue("send letter", letter=0)
    assert sign_in(adam).post(f"/admin/jobs/{job.id}/stop").status_code == 303
    assert job.fresh().stop_at is None


def test_one_whose_worker_died_before_it_could_be_ended_is_not_begun_again(adam: Person) -> None:
    job = running()
    job.stop(by=adam)
    with clock.moved(clock.now() + LEASE + timedelta(seconds=1)):
        assert Job.claim() is None
    assert job.fresh().state == "dead"


def test_a_job_that_shows_nothing_of_itself_keeps_its_lease_while_its_worker_lives(
    app: Starlette, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second worker began it as well, two minutes after the first."""
    job, watched = running(), Running(None)
    watched.began(job.id, 100.0)
    monkeypatch.setattr("portal.jobs.worker.LEASE_SECONDS", -1.0)
    with clock.moved(clock.now() + LEASE - timedelta(seconds=1)):
        watched.watch()
    with clock.moved(clock.now() + LEASE + timedelta(seconds=10)):
        assert Job.claim() is None


def test_what_takes_hours_holds_up_nothing_short(app: Starlette) -> None:
    assert {name for name in WORK if is_long(name)} == {
        "preview_period",
        "close_period",
        "check import",
        "run import",
        "undo import",
        "rebuild search",
        "check search",
        "weigh traits",
    }
    assert {work.term for work in WORK.values()} == {MOMENT, WHILE, HOURS}
    Job.enqueue("check import", record=0)
    assert not run_one([name for name in WORK if not is_long(name)])
    assert run_one()


def test_a_worker_hashes_passwords_after_the_one_that_serves_did(tmp_path: Path) -> None:
    """`portal try` hashes for the demo company first: the thread that did it is not there in another process."""
    hashes = """
        from portal.models.people import passwords
        say(passwords._hashing.submit(str.upper, "hashed").result(timeout=10))
        time.sleep(60)
    """
    serves = kept(
        tmp_path,
        hashes,
        before="from portal.models.people import passwords; passwords._hashing.submit(str).result()",
    )
    wait_for(lambda: bool(said(tmp_path)))
    assert said(tmp_path)[0][1] == "HASHED"
    serves.communicate(b"\n", timeout=30)
