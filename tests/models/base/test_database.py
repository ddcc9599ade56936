"""What the portal holds of a database, and lets go."""

from __future__ import annotations

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
