"""Where topics lie on their map: rows of circles, the largest first, each with its name and a word below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from portal import i18n

WIDTH = 1000
LEAST, MOST, ROOM = 14, 48, 124
"""The smallest and the largest radius, and the width that words need."""
WORDS = 44
"""The height of the two lines below."""
LONGEST = 16
"""So many narrow characters of a name find room; a wide one takes two."""


class Sized(Protocol):
    """A topic, and of how many pieces something tells about it."""

    @property
    def topic(self) -> Any: ...

    @property
    def pieces(self) -> int: ...


@dataclass(frozen=True)
class Bubble:
    """A topic on the map."""

    known: Sized
    x: float
    y: float
    radius: float

    @property
    def squeezed(self) -> int:
        """The width into which its name has to be squeezed; 0 where it finds room as it is."""
        wide = sum(2 if ord(letter) > 0x2E80 else 1 for letter in i18n.label(self.known.topic))
        return ROOM - 8 if wide > LONGEST else 0


@dataclass(frozen=True)
class TopicMap:
    """All topics, and how high the map is."""

    bubbles: list[Bubble]
    height: float

    @classmethod
    def of(cls, topics: Sequence[Sized]) -> TopicMap:
        """The area of each circle tells how many pieces there are."""
        by_size = sorted(topics, key=lambda each: (-each.pieces, each.topic.id))
        most = max((each.pieces for each in by_size), default=0) or 1
        placed, y = list[Bubble](), 8.0
        per_row = WIDTH // ROOM
        for start in range(0, len(by_size), per_row):
            row = by_size[start : start + per_row]
            radii = [LEAST + (MOST - LEAST) * (each.pieces / most) ** 0.5 for each in row]
            middle = y + max(radii)
            for place, (each, radius) in enumerate(zip(row, radii, strict=True)):
                placed.append(
                    Bubble(each, (place + 0.5) * WIDTH / per_row, round(middle, 1), round(radius, 1))
                )
            y = middle + max(radii) + WORDS
        return cls(placed, y)
