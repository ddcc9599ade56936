"""How far those who judge the same things agree: Krippendorff's alpha for scores (RULES 4.2)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

TARGET, WATCH = 0.80, 0.667
"""A rule of thumb, no law: such cut-offs are arbitrary (BMC Medical Research Methodology 2018)."""


def reading(found: float) -> str:
    """What an alpha says: `good`, `watch` or `low`."""
    return "good" if found >= TARGET else "watch" if found >= WATCH else "low"


def alpha(units: Iterable[Sequence[float]]) -> float | None:
    """Krippendorff's alpha, interval scale, of the scores that each unit was given; 1 is full agreement, 0 is
    what chance gives, below it is worse than chance.

    What only one judged says nothing. None while nothing was judged twice; 1 where every score is the same.
    """
    shared = [list(scores) for scores in units if len(scores) > 1]
    every = [score for scores in shared for score in scores]
    if not every:
        return None
    seen = sum(_squares(scores) / (len(scores) - 1) for scores in shared) / len(every)
    by_chance = _squares(every) / (len(every) * (len(every) - 1))
    return 1 - seen / by_chance if by_chance else 1.0


def _squares(scores: Sequence[float]) -> float:
    """The squared differences of all ordered pairs, in sum."""
    middle = sum(scores) / len(scores)
    return 2 * len(scores) * sum((score - middle) ** 2 for score in scores)
