"""What so many of so many say: an interval around a rate, and whether two rates differ (RULES 4.9)."""

from __future__ import annotations

from math import ceil, erfc, sqrt
from typing import NamedTuple

Z95 = 1.959963984540054
"""The normal quantile of a two-sided 95 %."""
Z80 = 0.8416212335729143
"""That of a power of 80 %."""


def wilson(hits: int, n: int) -> tuple[float, float]:
    """The Wilson interval, 95 %, of a rate of 0 to 1; the whole of it where there is nothing to count."""
    if n <= 0:
        return 0.0, 1.0
    rate, square = hits / n, Z95 * Z95 / n
    middle = rate + square / 2
    half = Z95 * sqrt(rate * (1 - rate) / n + square / (4 * n))
    return max(0.0, (middle - half) / (1 + square)), min(1.0, (middle + half) / (1 + square))


class Proportion(NamedTuple):
    """So many of so many."""

    hits: int
    n: int

    @property
    def rate(self) -> float:
        """Per 100; 0 of nothing."""
        return 100 * self.hits / self.n if self.n else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Where the true rate lies with 95 %, per 100."""
        low, high = wilson(self.hits, self.n)
        return 100 * low, 100 * high


def p_value(hits: float, n: int, other_hits: float, other_n: int) -> float:
    """How likely two rates differ by as much by chance alone: the two-sided test with the pooled rate."""
    pooled = (hits + other_hits) / (n + other_n)
    spread = sqrt(pooled * (1 - pooled) * (1 / n + 1 / other_n))
    return erfc(abs(hits / n - other_hits / other_n) / spread / sqrt(2)) if spread else 1.0


def needed(rate: float, other: float) -> int:
    """How many it takes on each side to see such a difference at 5 % with a power of 80 %; 0 without one."""
    if rate == other:
        return 0
    middle = (rate + other) / 2
    alone = Z95 * sqrt(2 * middle * (1 - middle))
    both = Z80 * sqrt(rate * (1 - rate) + other * (1 - other))
    return ceil((alone + both) ** 2 / (rate - other) ** 2)
