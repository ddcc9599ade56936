"""Traditional characters as the Simplified ones that most here write."""

from __future__ import annotations

from pathlib import Path


def _read() -> dict[str, str]:
    lines = (Path(__file__).parent / "traditional.txt").read_text(encoding="utf-8").splitlines()
    return {pair[0]: pair[1] for line in lines if not line.startswith("#") for pair in line.split()}


SIMPLIFIED = _read()
"""The Simplified form of each Traditional character that has one, one for one: offsets stay true."""
