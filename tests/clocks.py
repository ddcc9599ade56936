"""The worker's part in tests: letting the clocks go on."""

from __future__ import annotations

from portal.models.work.clocks import Clock


def advance() -> int:
    """Take every step that is due now; gives how many clocks went on."""
    return sum(Clock.get_by_id(ident).advance() for ident in Clock.due())
