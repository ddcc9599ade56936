"""The `portal` command, run as people run it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from portal.settings import ROOT, read


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


def test_person_add_refuses_an_easy_password_and_adds_nobody(tmp_path: Path) -> None:
    portal(tmp_path, "migrate")
    refused = portal(tmp_path, "person", "add", "a@b.example", "安", "--password-stdin", stdin="short\n")
    assert refused.returncode == 1
    assert "10 characters" in refused.stderr
    again = portal(
        tmp_path, "person", "add", "a@b.example", "安", "--password-stdin", stdin="long enough words\n"
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


def test_unknown_time_zone_is_named(tmp_path: Path) -> None:
    answer = portal(tmp_path, "check", PORTAL_TIME_ZONE="Mars/Olympus")
    assert answer.returncode == 2
    assert "Mars/Olympus" in answer.stderr


def test_backup_comes_back_whole(tmp_path: Path) -> None:
    first, second, file = tmp_path / "one", tmp_path / "two", tmp_path / "kept.tar.gz"
    portal(first, "migrate")
    portal(first, "person", "add", "a@b.example", "安", "--password-stdin", stdin="long enough words\n")
    (first / "files").mkdir()
    (first / "files" / "note").write_text("kept")
    assert portal(first, "backup", str(file)).returncode == 0
    assert portal(second, "restore", str(file)).returncode == 0
    assert (second / "files" / "note").read_text() == "kept"
    twice = portal(
        second, "person", "add", "a@b.example", "安", "--password-stdin", stdin="long enough words\n"
    )
    assert "already here" in twice.stderr
    assert portal(second, "restore", str(file)).returncode == 1


def test_serve_refuses_a_database_that_is_not_up_to_date(tmp_path: Path) -> None:
    answer = portal(tmp_path, "serve")
    assert answer.returncode == 1
    assert "portal migrate" in answer.stderr
