"""The rows of a file as they were understood, before anything is written."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import reduce
from typing import Any

from portal.i18n import Phrase


@dataclass(slots=True)
class Draft:
    """One row as it was understood: values by field, or the reason why it is not taken."""

    row: int
    values: dict[str, Any] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    """What the record is given besides if it is new, because other rows name it."""
    problems: list[Phrase] = field(default_factory=list)
    """All reasons why it is not taken."""
    bad: frozenset[str] = frozenset()
    """The fields of which the cells are among these reasons."""
    doubts: dict[str, Phrase] = field(default_factory=dict)
    """What is wrong with a cell, unless the record holds it so already, by field."""
    owner: Any = None
    """How the file names the owner."""
    masked: tuple[tuple[str, str], ...] = ()
    """Cells that hold a mask in the place of a value: nothing is written from them (RULES 4.10)."""
    ident: str = ""
    """The portal's own number of the record, where the file says it."""
    is_filled: bool = False
    """Whether its owner is the one for all rows without an owner."""
    target: int | None = None
    """The id of the record that it is about, where there is one already."""
    by_name: bool = False
    """Whether nothing but its name says so: then the name stays as it is spelt on record."""
    above: int | None = None
    """The row of the same file that must come first: its parent or manager."""
    depth: int = 0
    """How many rows of the file are above it."""

    def refuse(self, *problems: Phrase, field: str = "") -> None:
        """It is not taken, for one more reason; `field` is where the reason is."""
        self.problems += [problem for problem in problems if problem not in self.problems]
        if field:
            self.bad |= {field}

    @property
    def is_sound(self) -> bool:
        """Whether it can be taken."""
        return not self.problems

    @property
    def problem(self) -> Phrase | None:
        """All reasons why it is not taken, as one text."""
        return reduce(and_also, self.problems) if self.problems else None


def and_also(one: Phrase, other: Phrase) -> Phrase:
    """Two reasons as one text."""
    return Phrase("%(one)s %(other)s", one=one, other=other)


def in_column(header: str, problem: Phrase) -> Phrase:
    """A problem with the column that it is in."""
    return Phrase("%(column)s: %(problem)s", column=header, problem=problem)


def parents_first(drafts: list[Draft]) -> list[Draft]:
    """The same rows, each after the row of the file that it belongs to; a circle is refused."""
    by_row = {draft.row: draft for draft in drafts}
    settled: set[int] = set()
    for draft in drafts:
        path: list[Draft] = []
        step: Draft | None = draft
        while step is not None and step.row not in settled and step not in path:
            path.append(step)
            step = by_row.get(step.above) if step.above is not None else None
        if step is not None and step in path:
            for one in path[path.index(step) :]:
                one.refuse(Phrase("These rows belong to each other in a circle."))
                one.above = None
        for below in reversed(path):
            boss = by_row.get(below.above) if below.above is not None else None
            settled.add(below.row)
            if boss is not None:
                below.depth = boss.depth + 1
                if not boss.is_sound:
                    below.refuse(Phrase("It belongs to row %(row)s, which is not taken.", row=boss.row))
    return sorted(drafts, key=lambda draft: draft.depth)
