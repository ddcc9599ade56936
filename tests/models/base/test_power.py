"""What is promised when the power goes: chosen, kept to on every connection, and said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from portal.configuration import findings, shown
from portal.models.base import database
from portal.models.base.database import db, is_sqlite
from portal.settings import ROOT, Settings, read
from tests.wiring import wired

NORMAL, FULL = 1, 2
"""The numbers by which SQLite tells `PRAGMA synchronous`."""


@pytest.fixture
def apart(tmp_path: Path) -> Iterator[str]:
    """The address of a SQLite file; what was bound before the test stays closed."""
    yield f"sqlite:///{tmp_path / 'apart.db'}"
    db.close_all()


def _asked(pragma: str) -> list[object]:
    """What several connections say, the second made while the first is used."""
    told = []
    for _ in range(2):
        with db.connection_context():
            told.append(db.execute_sql(f"PRAGMA {pragma}").fetchone()[0])
        db.close_all()
    return told


@pytest.mark.parametrize(
    ("given", "number"),
    [
        ({}, NORMAL),
        ({"PORTAL_SYNCHRONOUS": ""}, NORMAL),
        ({"PORTAL_SYNCHRONOUS": "normal"}, NORMAL),
        ({"PORTAL_SYNCHRONOUS": "FULL"}, FULL),
    ],
)
def test_each_connection_keeps_the_promise(apart: str, given: dict[str, str], number: int) -> None:
    database.connect(apart, synchronous=read(given).synchronous)
    assert _asked("synchronous") == [number, number]
    assert _asked("journal_mode") == ["wal", "wal"]


@pytest.mark.parametrize("given", ["off", "extra", "2", "fast"])
def test_no_other_promise_is_taken(given: str) -> None:
    with pytest.raises(ValueError, match=r"PORTAL_SYNCHRONOUS is .* it should be normal or full"):
        read({"PORTAL_SYNCHRONOUS": given})


def test_the_whole_portal_keeps_it(settings: Settings) -> None:
    wired(replace(settings, synchronous="full"))
    try:
        if is_sqlite():
            assert _asked("synchronous") == [FULL, FULL]
    finally:
        db.close_all()


@pytest.mark.parametrize(
    ("chosen", "promise"), [("normal", "the last moments may be lost"), ("full", "what was saved is kept")]
)
def test_check_says_what_is_promised(settings: Settings, chosen: str, promise: str) -> None:
    config = replace(settings, synchronous=chosen)
    assert dict(shown(config))["synchronous"] == chosen
    told = {found.subject: found.text for found in findings(config)}["database"]
    if config.sqlite_file is not None:
        assert promise in told
        assert "PORTAL_SYNCHRONOUS" in told
    else:  # the tests' own server runs with it off
        assert told.startswith("PostgreSQL: with synchronous_commit = off what was just saved may be lost")
    db.close_all()


def test_the_readme_says_it() -> None:
    words = " ".join((ROOT / "README.md").read_text().split())
    for promise in ("PORTAL_SYNCHRONOUS=normal", "PORTAL_SYNCHRONOUS=full", "synchronous_commit"):
        assert promise in words
