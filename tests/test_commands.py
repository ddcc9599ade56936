"""The `portal` command, run as people run it."""

from __future__ import annotations

import io
import os
import socket
import subprocess
import sys
import tarfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from portal.settings import ROOT, read
from tests.parts import MeilisearchServer, timed


def portal(folder: Path, *args: str, stdin: str = "", **environ: str) -> subprocess.CompletedProcess[str]:
    given = {k: v for k, v in os.environ.items() if not k.startswith("PORTAL_")}
    return subprocess.run(
        [sys.executable, "-m", "portal", *args],
        cwd=ROOT,
        env=given | {"PORTAL_DATA": str(folder)} | environ,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_new_portal_is_explained_step_by_step(tmp_path: Path) -> None:
    before = portal(tmp_path, "check")
    assert before.returncode == 1
    assert "run portal migrate" in before.stdout
    assert portal(tmp_path, "migrate").returncode == 0
    assert "portal person add" in portal(tmp_path, "check").stdout
    added = portal(
        tmp_path,
        "person",
        "add",
        "a@b.example",
        "安",
        "--role",
        "administrator",
        "--password-stdin",
        stdin="long enough words\n",
    )
    assert added.returncode == 0, added.stderr
    after = portal(tmp_path, "check")
    assert after.returncode == 0, after.stdout
    assert "WRONG" not in after.stdout


def test_person_add_refuses_an_easy_password_and_adds_nobody(migrated: Path) -> None:
    refused = portal(migrated, "person", "add", "a@b.example", "安", "--password-stdin", stdin="short\n")
    assert refused.returncode == 1
    assert "10 characters" in refused.stderr
    again = portal(
        migrated, "person", "add", "a@b.example", "安", "--password-stdin", stdin="long enough words\n"
    )
    assert again.returncode == 0


def test_check_hides_passwords(tmp_path: Path) -> None:
    shown = portal(
        tmp_path,
        "check",
        PORTAL_DATABASE_URL="postgresql://portal:sesame@127.0.0.1:1/none",
        PORTAL_SEARCH_KEY="open-sesame",
    ).stdout
    assert "sesame" not in shown
    assert "portal:***@127.0.0.1" in shown
    assert "check PORTAL_DATABASE_URL" in shown


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORTAL_PORT", "eighty"),
        ("PORTAL_PORT", "0"),
        ("PORTAL_WORKER", "maybe"),
        ("PORTAL_CURRENCY", "XYZ"),
        ("PORTAL_THREADS", "1000"),
        ("PORTAL_TIME_ZONE", "Mars/Base"),
        ("PORTAL_TIME_ZONE", "../etc/passwd"),
        ("PORTAL_TRUSTED_PROXIES", "abc"),
        ("PORTAL_TRUSTED_PROXIES", "127.0.0.1, 10.0.0.300"),
    ],
)
def test_a_wrong_setting_is_named_with_what_it_should_be(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=f"{name} is .* it should be"):
        read({name: value})


@pytest.mark.parametrize(
    ("given", "threads"),
    [
        ({}, 2),
        ({"PORTAL_DATABASE_URL": "sqlite:////srv/portal.db"}, 2),
        ({"PORTAL_DATABASE_URL": "postgresql://portal@db/portal"}, 4),
        ({"PORTAL_DATABASE_URL": "postgresql://portal@db/portal", "PORTAL_THREADS": "7"}, 7),
    ],
)
def test_more_threads_where_the_database_is_waited_for(given: dict[str, str], threads: int) -> None:
    assert read(given).threads == threads


@pytest.mark.parametrize(("processors", "given", "processes"), [(1, "", 1), (8, "", 2), (8, "5", 5)])
def test_two_processes_answer_where_there_are_two_processors(
    monkeypatch: pytest.MonkeyPatch, processors: int, given: str, processes: int
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(processors)))
    assert read({"PORTAL_PROCESSES": given}).processes == processes


def test_a_port_that_is_taken_is_named(migrated: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        answer = portal(migrated, "serve", PORTAL_PORT=f"{port}")
    assert answer.returncode == 1
    assert f"127.0.0.1:{port}" in answer.stderr
    assert "PORTAL_PORT" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_unknown_time_zone_is_named(tmp_path: Path) -> None:
    answer = portal(tmp_path, "check", PORTAL_TIME_ZONE="Mars/Olympus")
    assert answer.returncode == 2
    assert "Mars/Olympus" in answer.stderr


def modes(folder: Path) -> set[int]:
    """What others than the owner may do with anything below a folder, and with itself."""
    return {path.stat().st_mode & 0o077 for path in (folder, *folder.rglob("*"))}


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A portal's folder with one person and one file, and its backup."""
    folder, file = tmp_path_factory.mktemp("one"), tmp_path_factory.mktemp("backup") / "kept.tar.gz"
    portal(folder, "migrate")
    portal(folder, "person", "add", "a@b.example", "安", "--password-stdin", stdin="long enough words\n")
    (folder / "files").mkdir()
    (folder / "files" / "note").write_text("kept" * 20_000)
    assert portal(folder, "backup", str(file)).returncode == 0
    return folder, file


def test_backup_comes_back_whole_and_for_its_owner_alone(kept: tuple[Path, Path], tmp_path: Path) -> None:
    second, file = tmp_path / "two", kept[1]
    assert file.stat().st_mode & 0o777 == 0o600
    assert portal(second, "restore", str(file)).returncode == 0
    assert (second / "files" / "note").read_text() == "kept" * 20_000
    assert modes(second) == {0}
    twice = portal(
        second, "person", "add", "a@b.example", "安", "--password-stdin", stdin="long enough words\n"
    )
    assert "already here" in twice.stderr
    again = portal(second, "restore", str(file))
    assert (again.returncode, "empty folder" in again.stderr) == (1, True)


def packed(name: str, content: bytes) -> bytes:
    """An archive of one file."""
    with io.BytesIO() as made:
        with tarfile.open(fileobj=made, mode="w:gz") as archive:
            fact = tarfile.TarInfo(name)
            fact.size = len(content)
            archive.addfile(fact, io.BytesIO(content))
        return made.getvalue()


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "cut": lambda whole: whole[:4000],
    "cut at its end": lambda whole: whole[:-4],
    "bytes lost": lambda whole: whole[:3000] + bytes(200) + whole[3200:],
    "empty": lambda whole: b"",
    "a text": lambda whole: "备份".encode() * 900,
    "no portal's": lambda whole: packed("letter.txt", b""),
    "garbage for a database": lambda whole: packed("portal.db", b"garbage" * 1000),
    "a climber": lambda whole: packed("../climber", b"out"),
}


@pytest.mark.parametrize("how", DAMAGES)
def test_a_damaged_backup_is_refused_before_anything_is_touched(
    kept: tuple[Path, Path], tmp_path: Path, how: str
) -> None:
    bad, folder = tmp_path / "bad.tar.gz", tmp_path / "data"
    bad.write_bytes(DAMAGES[how](kept[1].read_bytes()))
    folder.mkdir()
    refused = portal(folder, "restore", str(bad))
    assert refused.returncode == 1
    assert refused.stderr.startswith(f"portal: {'the database in ' if 'garbage' in how else ''}{bad}")
    assert "Traceback" not in refused.stderr
    assert list(folder.iterdir()) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bad.tar.gz", "data"]
    assert portal(folder, "restore", str(kept[1])).returncode == 0, "the next one is taken"


def test_a_backup_that_cannot_be_written_leaves_nothing(kept: tuple[Path, Path], tmp_path: Path) -> None:
    nowhere = portal(kept[0], "backup", str(tmp_path / "none" / "kept.tar.gz"))
    assert (nowhere.returncode, "Traceback" in nowhere.stderr) == (1, False)
    nothing = portal(tmp_path / "empty", "backup", str(tmp_path / "kept.tar.gz"))
    assert "run portal migrate first" in nothing.stderr
    assert list(tmp_path.glob("kept*")) == []


def test_what_a_killed_backup_left_goes_with_the_next(kept: tuple[Path, Path], tmp_path: Path) -> None:
    """It is a copy of the whole database."""
    left = tmp_path / ".kept.tar.gz-killed"
    left.mkdir()
    (left / "portal.db").write_text("half a copy")
    assert portal(kept[0], "backup", str(tmp_path / "kept.tar.gz")).returncode == 0
    assert [path.name for path in tmp_path.iterdir()] == ["kept.tar.gz"]


def test_what_the_portal_keeps_is_read_by_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    portal(folder, "migrate")
    assert modes(folder) == {0}
    folder.chmod(0o755)
    (folder / "portal.db").chmod(0o644)
    told = portal(folder, "check")
    assert told.returncode == 1
    assert f"WRONG privacy: others on this machine may read {folder / 'portal.db'}" in told.stdout
    assert portal(folder, "reindex").returncode == 0
    assert modes(folder) == {0}, "any command that writes closes it, and the index is born closed"


# --- What is configured wrong is said in a sentence

COMMANDS: dict[str, tuple[str, ...]] = {
    "serve": (),
    "migrate": (),
    "check": (),
    "backup": ("kept.tar.gz",),
    "person": ("add", "a@b.example", "安", "--password-stdin"),
}


@pytest.mark.parametrize("command", COMMANDS)
def test_a_database_that_is_none_is_said_in_a_sentence(tmp_path: Path, command: str) -> None:
    (tmp_path / "portal.db").write_bytes(b"this is no database at all" * 100)
    told = portal(tmp_path, command, *COMMANDS[command], stdin="long enough words\n")
    assert told.returncode == 1
    assert "not a database" in told.stdout + told.stderr
    assert "Traceback" not in told.stderr


@pytest.mark.parametrize("command", ["serve", "person"])
def test_where_there_is_no_database_none_is_made(tmp_path: Path, command: str) -> None:
    told = portal(tmp_path / "data", command, *COMMANDS[command], stdin="long enough words\n")
    assert told.returncode == 1
    assert "Run: portal migrate" in told.stderr
    assert not (tmp_path / "data").exists()


def test_a_server_that_does_not_answer_is_said_in_a_sentence(tmp_path: Path) -> None:
    told = portal(tmp_path, "migrate", PORTAL_DATABASE_URL="postgresql://portal:sesame@127.0.0.1:1/none")
    assert told.returncode == 1
    assert "refused" in told.stderr
    assert "Traceback" not in told.stderr
    assert "sesame" not in told.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORTAL_DATABASE_URL", "mysql://portal:sesame@db/portal"),
        ("PORTAL_DATABASE_URL", "postgresql://portal:sesame@db:port/portal"),
        ("PORTAL_SEARCH_URL", "meili.example:7700"),
        ("PORTAL_BASE_URL", "portal.example"),
        ("PORTAL_SMTP_URL", "mail.example"),
        ("PORTAL_LOG_LEVEL", "LOUD"),
    ],
)
def test_a_wrong_address_is_named_without_its_password(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=f"^{name} is .*: it should be") as said:
        read({name: value})
    assert "sesame" not in str(said.value)


@pytest.mark.parametrize(
    ("named", "told"),
    [
        ({"PORTAL_SEARCH_URL": "http://10.0.0.7:7700"}, "PORTAL_SEARCH_URL=https://"),
        ({"PORTAL_SEARCH_URL": "https://search.example"}, ""),
        ({"PORTAL_SEARCH_URL": "http://127.0.0.1:7700"}, ""),
        ({"PORTAL_SEARCH_URL": "http://localhost:7700"}, ""),
        ({"PORTAL_SMTP_URL": "smtp://mail.example"}, "PORTAL_SMTP_URL=smtp+starttls://"),
        ({"PORTAL_SMTP_URL": "smtp+starttls://mail.example"}, ""),
        ({"PORTAL_SMTP_URL": "smtps://mail.example"}, ""),
        ({"PORTAL_SMTP_URL": "smtp://[::1]"}, ""),
        ({"PORTAL_DATABASE_URL": "postgresql://u@db/portal"}, "sslmode=verify-full"),
        ({"PORTAL_DATABASE_URL": "postgresql://u@db/portal?sslmode=prefer"}, "sslmode=verify-full"),
        ({"PORTAL_DATABASE_URL": "postgresql://u@db/portal?sslmode=verify-full"}, ""),
        ({"PORTAL_DATABASE_URL": "postgresql:///portal?host=/run/postgresql"}, ""),
        ({"PORTAL_DATABASE_URL": "postgresql://u@127.0.0.1/portal"}, ""),
        ({}, ""),
    ],
)
def test_what_goes_unencrypted_to_another_machine_is_told(named: dict[str, str], told: str) -> None:
    found = read(named).unencrypted()
    assert len(found) == (1 if told else 0)
    assert told in "".join(found)


def test_check_and_the_start_tell_what_goes_unencrypted(tmp_path: Path) -> None:
    """Addresses of other machines that nobody has: nothing is asked of them for long."""
    plain = {"PORTAL_SMTP_URL": "smtp://mail.invalid", "PORTAL_BASE_URL": "http://portal.invalid"}
    checked = portal(tmp_path, "check", **plain)
    assert "note encryption: who listens between the machines can read letters" in checked.stdout.replace(
        "  ", " "
    )
    assert "WRONG HTTPS" in checked.stdout
    portal(tmp_path, "migrate")
    with socket.create_server(("127.0.0.1", 0)) as taken:  # so that it ends at once
        begun = portal(tmp_path, "serve", PORTAL_PORT=str(taken.getsockname()[1]), **plain)
    assert "Unencrypted: letters" in begun.stderr
    assert "Unencrypted: pages and passwords" in begun.stderr


@timed
def test_check_asks_every_server_soon_and_makes_nothing(tmp_path: Path) -> None:
    """One that never answers, one that nobody keeps, one that is something else."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        begun = time.monotonic()
        told = portal(
            tmp_path / "data",
            "check",
            PORTAL_SEARCH_URL=f"http://127.0.0.1:{port}",
            PORTAL_SMTP_URL="smtp://127.0.0.1:1",
        )
    assert time.monotonic() - begun < 30
    assert told.returncode == 1
    assert f"WRONG search: http://127.0.0.1:{port}" in told.stdout
    assert "WRONG mail: the mail server does not take letters" in told.stdout
    assert "WRONG database: there is none" in told.stdout
    assert not (tmp_path / "data").exists()


def test_check_says_so_when_something_else_answers(tmp_path: Path) -> None:
    """What is no web server greets whoever comes: told in a sentence, for search and for mail."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

        def greet() -> None:
            with suppress(OSError):
                while True:
                    with other.accept()[0] as guest:
                        guest.sendall(b"SSH-2.0-something\r\n")

        threading.Thread(target=greet, daemon=True).start()
        told = portal(
            tmp_path,
            "check",
            PORTAL_SEARCH_URL=f"http://127.0.0.1:{port}",
            PORTAL_SMTP_URL=f"smtp://127.0.0.1:{port}",
        )
        other.shutdown(socket.SHUT_RDWR)
    assert "WRONG search: " in told.stdout
    assert "WRONG mail: " in told.stdout
    assert "Traceback" not in told.stderr


def test_check_knows_a_search_server_that_answers(
    meilisearch_server: MeilisearchServer, tmp_path: Path
) -> None:
    meilisearch_server.start()
    url, key = meilisearch_server.url, meilisearch_server.master_key
    assert (
        "ok    search: Meilisearch 1."
        in portal(tmp_path, "check", PORTAL_SEARCH_URL=url, PORTAL_SEARCH_KEY=key).stdout
    )
    assert (
        "WRONG search: "
        in portal(tmp_path, "check", PORTAL_SEARCH_URL=url, PORTAL_SEARCH_KEY="another").stdout
    )


def test_serve_refuses_a_database_that_is_not_up_to_date(tmp_path: Path) -> None:
    answer = portal(tmp_path, "serve")
    assert answer.returncode == 1
    assert "portal migrate" in answer.stderr
