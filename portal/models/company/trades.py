"""A first tree of topics for a company's trade: a beginning that it changes as it likes."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from portal.i18n import Phrase
from portal.models.base.database import db
from portal.models.base.record import Invalid
from portal.models.company import lists
from portal.models.company.topics import Topic


@dataclass(frozen=True)
class Trade:
    """One trade, and what its people have to know: (Chinese, English, those below)."""

    key: str
    name: str
    name_en: str
    topics: list[tuple[str, str, list[tuple[str, str]]]]

    @property
    def count(self) -> int:
        """How many topics that is."""
        return sum(1 + len(below) for _, _, below in self.topics)


@cache
def trades() -> dict[str, Trade]:
    """All trades, by key."""
    told = tomllib.loads(Path(__file__).with_name("trades.toml").read_text(encoding="utf-8"))
    return {key: _trade(key, each) for key, each in told.items()}


def _trade(key: str, told: dict[str, Any]) -> Trade:
    name, name_en = told["name"]
    return Trade(key, name, name_en, [_topic(row) for row in told["topics"]])


def _topic(row: list[Any]) -> tuple[str, str, list[tuple[str, str]]]:
    return row[0], row[1], [(name, name_en) for name, name_en in (row[2] if len(row) > 2 else [])]


def plant(trade: str, *, by: Any) -> int:
    """Add a trade's topics that are not there yet; how many. Twice is harmless. Raises Invalid."""
    if trade not in trades():
        raise Invalid({"trade": Phrase("Choose a trade.")})
    known: dict[str, Topic] = {topic.name: topic for topic in Topic.select()}
    before = len(known)
    with db.atomic():
        for name, name_en, below in trades()[trade].topics:
            top = _there(known, name, name_en, None, by)
            for child, child_en in below:
                _there(known, child, child_en, top, by)
    return len(known) - before


def _there(known: dict[str, Topic], name: str, name_en: str, parent: Topic | None, by: Any) -> Topic:
    if name not in known:
        made: Any = lists.add("topics", by=by, name=name, name_en=name_en, parent=parent, position=len(known))
        known[name] = made
    return known[name]
