"""How much personal data the check finds in a labelled list, and how often it is wrong (RULES 4.10).

    python -m benchmarks.personal_data      recall and false alarms of each kind; each line that was judged wrongly

The list is `benchmarks/personal_data.tsv`: what must be found and what must not, in Chinese and English.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from portal.text import naming
from portal.text.personal_data import find

LIST = Path(__file__).parent / "personal_data.tsv"
KIND = {"mobile": "phone", "landline": "phone"}
"""Kinds of the list that the check calls otherwise."""


class Line(NamedTuple):
    """A text, the kind of what stands in it (`none`), the names known, and the very words to be found."""

    kind: str
    names: tuple[str, ...]
    text: str
    wanted: str


@dataclass
class Measured:
    """What was found of each kind, what was missed, and what was taken for personal data and is none."""

    lines: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    own: int = 0
    """Of the names those found where they are known as one of a writer's many customers, not the deal's."""
    alarms: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    @property
    def recall(self) -> float:
        """The share of what must be found that was."""
        return sum(self.found.values()) / (sum(self.lines.values()) - self.lines["none"])

    @property
    def false_alarms(self) -> float:
        """The share of harmless lines in which something was found."""
        return sum(self.alarms.values()) / self.lines["none"]


def read() -> list[Line]:
    """The labelled list."""
    rows = [row for row in LIST.read_text(encoding="utf-8").splitlines() if row and not row.startswith("#")]
    parts = [[*row.split("\t"), "", ""][:4] for row in rows]
    return [
        Line(kind, tuple(filter(None, names.split(";"))), text, want) for kind, names, text, want in parts
    ]


def measure() -> Measured:
    """Each line judged by the check."""
    measured, lines = Measured(), read()
    everyone = sorted({name for line in lines for name in line.names})
    for line in lines:
        measured.lines[line.kind] += 1
        finds = find(line.text, line.names)
        own = find(line.text, naming.standing(line.text, everyone)) if line.kind == "name" else []
        measured.own += any(one.kind == "name" and line.wanted in one.text for one in own)
        if line.kind == "none":
            if finds:
                measured.alarms[finds[0].kind] += 1
                measured.wrong.append(f"false alarm  {finds[0].kind}: “{finds[0].text}” in {line.text}")
            continue
        kind = KIND.get(line.kind, line.kind)
        if any(one.kind == kind and line.wanted in one.text for one in finds):
            measured.found[line.kind] += 1
        else:
            said = ", ".join(f"{one.kind}: {one.text}" for one in finds) or "nothing"
            measured.wrong.append(f"missed       {line.kind}: “{line.wanted}” in {line.text} (found: {said})")
    return measured


def main() -> None:
    measured = measure()
    print("\n".join(measured.wrong))
    print(f"\n{'kind':12} {'lines':>6} {'found':>6} {'recall':>7} {'false alarms':>13}")
    kinds = [kind for kind in measured.lines if kind != "none"]
    for kind in kinds:
        lines, found = measured.lines[kind], measured.found[kind]
        alarms = measured.alarms[KIND.get(kind, kind)] if kind != "landline" else 0
        print(f"{kind:12} {lines:6} {found:6} {found / lines:7.1%} {alarms:13}")
    names = measured.lines["name"]
    print(f"{'  of many':12} {names:6} {measured.own:6} {measured.own / names:7.1%}")
    lines = sum(measured.lines[kind] for kind in kinds)
    print(f"{'all':12} {lines:6} {sum(measured.found.values()):6} {measured.recall:7.1%}")
    alarms = sum(measured.alarms.values())
    print(f"{'none':12} {measured.lines['none']:6} {alarms:6} false alarms: {measured.false_alarms:.1%}")


if __name__ == "__main__":
    main()
