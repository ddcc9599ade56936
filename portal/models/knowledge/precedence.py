"""Why somebody is asked before others: R of RULES 4.5, term by term, each number as it is shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, NamedTuple, Self

from portal.i18n import Phrase
from portal.models.expertise.expertise import KINDS, Expertise

ANSWERS, BELOW = "answers", "below"
"""What adds up to Ê beside the kinds of evidence."""
PARTS = KINDS | {
    ANSWERS: Phrase("Answers in the field, which fade by half in 90 days"),
    BELOW: Phrase("From topics below: half of what is known there"),
}
INSTEAD = {
    "wrote": Phrase("Lately wrote in the field."),
    "above": Phrase("Proved to know the topic above."),
    "reviews": Phrase("Reviews what is written in the field."),
    "answers": Phrase("Answers colleagues lately, if nothing of the kind."),
    "writes": Phrase("Writes lately, if nothing of the kind."),
    "here": Phrase("Nobody is known for it: they are here, and are asked least."),
}
"""Why somebody is named of whom nothing is known in the field, in the order in which they are named."""
HALF = 0.5
"""The availability of who ignored three questions in 30 days (RULES 4.5)."""


class Addend(NamedTuple):
    """A kind of what somebody proved, and what it adds."""

    kind: str
    amount: float

    @property
    def label(self) -> Phrase:
        return PARTS[self.kind]


def parts_of(known: Expertise) -> dict[str, float]:
    """What each kind of evidence adds to somebody's expertise, with what comes up from topics below."""
    return known.by_kind | ({BELOW: known.inherited} if known.inherited else {})


@dataclass(frozen=True)
class Precedence:
    """R = availability x (Ê + L + A) / (1 + open questions): what somebody proved, how much they answered the
    like, how active they are, each divided by the largest among those who may be asked.

    Every number is rounded to two decimals before it is reckoned with: what is shown adds up to what orders.
    Of two who come to the same so, beside one who knows far more, that comes first which is more before it
    is divided.
    """

    parts: tuple[Addend, ...] = ()
    alike: float = 0.0
    active: float = 0.0
    most_proved: float = 0.0
    most_alike: float = 0.0
    most_active: float = 0.0
    ignored: int = 0
    """Questions they left without a word in the last 30 days."""
    open_questions: int = 0
    """Questions that they are asked and have not said anything to."""
    availability: float = 1.0

    @classmethod
    def of(cls, parts: Mapping[str, float], *, alike: float = 0.0, active: float = 0.0, **facts: Any) -> Self:
        """What was measured of one person, before it is compared."""
        told = tuple(Addend(kind, round(parts[kind], 2)) for kind in PARTS if round(parts.get(kind, 0.0), 2))
        return cls(told, alike=round(alike, 2), active=round(active, 2), **facts)

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> Self:
        """As it was kept."""
        parts = tuple(Addend(kind, amount) for kind, amount in kept["parts"])
        return cls(**{**kept, "parts": parts})

    @property
    def kept(self) -> dict[str, Any]:
        """As it is kept: plain values."""
        return asdict(self) | {"parts": [list(part) for part in self.parts]}

    @property
    def proved(self) -> float:
        """E over all topics asked for, and any answer in the field; never below 0."""
        return max(round(sum(part.amount for part in self.parts), 2), 0.0)

    @property
    def terms(self) -> tuple[float, float, float]:
        """Ê, L and A, each between 0 and 1."""
        return (
            _share(self.proved, self.most_proved),
            _share(self.alike, self.most_alike),
            _share(self.active, self.most_active),
        )

    @property
    def sum(self) -> float:
        """Ê + L + A."""
        return round(sum(self.terms), 2)

    @property
    def total(self) -> float:
        """R, by which people are ordered."""
        return round(self.availability * self.sum / (1 + self.open_questions), 2)

    @property
    def place(self) -> tuple[float, float]:
        """What orders people, the first first: R, then what it comes to without rounding on the way."""
        measured = (
            (self.proved, self.most_proved),
            (self.alike, self.most_alike),
            (self.active, self.most_active),
        )
        exact = sum(value / most for value, most in measured if most > 0)
        return -self.total, -self.availability * exact / (1 + self.open_questions)


def compared(precedences: Mapping[int, Precedence]) -> dict[int, Precedence]:
    """The same, each beside the largest of each term."""
    most: dict[str, Any] = {
        "most_proved": _most(one.proved for one in precedences.values()),
        "most_alike": _most(one.alike for one in precedences.values()),
        "most_active": _most(one.active for one in precedences.values()),
    }
    return {who: replace(one, **most) for who, one in precedences.items()}


def _most(values: Iterable[float]) -> float:
    return max(values, default=0.0)


def _share(value: float, most: float) -> float:
    return round(value / most, 2) if most > 0 else 0.0
