"""Where things lie in a picture: places across in percent, so that words keep their size at any width."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

LEFT = 9.0
"""So much of the width, in percent, belongs to the numbers of the scale."""
STEPS = (1, 2, 5, 10, 20, 25, 50)


def across(place: int, places: int) -> str:
    """The middle of one of so many equal parts."""
    return f"{LEFT + (100 - LEFT) * (place + 0.5) / places:.2f}%"


@dataclass(frozen=True)
class Scale:
    """Values of 0 to `top` on so many pixels, the greatest on top."""

    top: float
    step: float
    height: int
    above: int = 20
    """Pixels that are free above."""

    @classmethod
    def of(cls, values: Sequence[float], height: int, *, least: float = 1, lines: int = 4) -> Scale:
        """One that holds these values and has few lines, as long as they fit the steps."""
        most = max([least, *values])
        step = next((step for step in STEPS if most <= step * lines), max(STEPS[-1], -(-most // lines)))
        return cls(step * -(-most // step), step, height)

    def y(self, value: float) -> float:
        return round(self.above + (1 - value / self.top) * self.height, 1)

    @property
    def lines(self) -> list[tuple[str, float]]:
        """The words and places of its lines."""
        count = round(self.top / self.step)
        return [(f"{self.step * n:g}", self.y(self.step * n)) for n in range(count + 1)]

    @property
    def bottom(self) -> float:
        return self.y(0)


@dataclass(frozen=True)
class Mark:
    """A value in the picture, with its interval where it has one."""

    x: str
    y: float
    value: float
    words: str
    low: float = 0
    high: float = 0
    is_open: bool = False
    """Whether it may still change."""
