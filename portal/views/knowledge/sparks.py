"""How something went, as a small line beside its name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

WIDTH, HEIGHT = 160, 32


@dataclass(frozen=True)
class Spark:
    """The values of a record, in the order of time, and the points of its line."""

    record: Any
    values: list[float]
    points: str

    @classmethod
    def of(cls, record: Any, values: Sequence[float]) -> Spark:
        """One whose greatest value reaches the top."""
        top, step = max([*values, 1.0]), WIDTH / max(len(values) - 1, 1)
        heights = [HEIGHT - 2 - (HEIGHT - 4) * max(value, 0.0) / top for value in values]
        points = " ".join(f"{place * step:.1f},{height:.1f}" for place, height in enumerate(heights))
        return cls(record, list(values), points)
