"""What the portal holds of a database, and lets go."""

from __future__ import annotations

from functools import partial
from typing import Any

from portal.models.base import database


def test_who_connects_anew_leaves_no_connection_open(database_url: str) -> None:
    """A check, a command and the portal itself each connect in one process; a pool that nobody asks any more
    would hold its connections until it is collected.
    """
    first: Any = database.connect(database_url)
    with first.connection_context():
        held = first.connection()
    assert [connection for _, _, connection in first._connections] == [held]
    second: Any = database.connect(database_url)
    assert first._connections == []
    with second.connection_context():
        third: Any = database.connect(database_url)
        assert second.execute_sql("SELECT 1").fetchone() == (1,), "what is at work is left alone"
    second.close_all()
    third.close_all()


def test_the_latest_is_reckoned_anew_once_what_it_rests_on_is_another(database_url: str) -> None:
    database.connect(database_url)
    latest, reckoned = database.Latest[int](), list[int]()

    def reckon(number: int) -> int:
        reckoned.append(number)
        return number

    assert [latest.of((n,), partial(reckon, n)) for n in (1, 1, 2, 2, 1)] == [1, 1, 2, 2, 1]
    assert reckoned == [1, 2, 1]


def test_who_reckons_at_once_is_given_their_own(database_url: str) -> None:
    """Another thread, which read something else, keeps its own at the same moment."""
    database.connect(database_url)

    class Overtaken(database.Latest[str]):
        def __setattr__(self, name: str, value: Any) -> None:
            super().__setattr__(name, (("theirs",), "theirs"))

    assert Overtaken().of(("mine",), lambda: "mine") == "mine"
