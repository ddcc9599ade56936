"""How experiences are scored, and what a panel's opinions come to (RULES 4.2). Exact: no floats."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from statistics import median
from typing import NamedTuple

from portal.i18n import Phrase

WEIGHTS = (30, 25, 20, 15, 10)
PASS_MARK = 70
GAP = 15
"""Two scores further apart than this call a third reviewer."""
LEAST_CORRECT = 3
PANEL = 2
HIGHEST = 5


class Scores(NamedTuple):
    """One reviewer's five scores, 0 to 5."""

    correct: int
    reusable: int
    new: int
    clear: int
    linked: int

    def total(self, weights: Sequence[int] = WEIGHTS) -> Fraction:
        """`100 x sum(w*s/5) / sum(w)`: 0 to 100, exact."""
        weighed = sum(w * s for w, s in zip(weights, self, strict=True))
        return Fraction(100 * weighed, HIGHEST * sum(weights))

    def worth(self, weights: Sequence[int] = WEIGHTS) -> Fraction:
        """The same without what is new in it, 0 to 100: what improves something known need not be new."""
        others = [weight if name != "new" else 0 for name, weight in zip(NAMES, weights, strict=True)]
        return self.total(others) if any(others) else self.total(weights)


NAMES = Scores._fields


class Criterion(NamedTuple):
    """One line of the rubric: what is asked, and what each score from 0 to 5 looks like."""

    name: str
    label: Phrase
    help: Phrase
    anchors: tuple[Phrase, ...]


CRITERIA = (
    Criterion(
        "correct",
        Phrase("Correct and evidenced"),
        Phrase("Can it be checked? Do facts, figures and rules hold?"),
        (
            Phrase("Wrong, and would do harm"),
            Phrase("Mostly wrong"),
            Phrase("Doubtful, no evidence"),
            Phrase("Right, little evidence"),
            Phrase("Right, with evidence"),
            Phrase("Right, evidence anyone can check"),
        ),
    ),
    Criterion(
        "reusable",
        Phrase("Others can use it"),
        Phrase("Could a colleague do the same next week?"),
        (
            Phrase("Of no use to others"),
            Phrase("Only for this one deal"),
            Phrase("A hint, the steps are missing"),
            Phrase("Usable with some thought"),
            Phrase("Usable as it stands"),
            Phrase("Usable far beyond this case"),
        ),
    ),
    Criterion(
        "new",
        Phrase("New to us"),
        Phrase("Does it add to what the company knows already?"),
        (
            Phrase("A copy"),
            Phrase("Known to everyone"),
            Phrase("Known, told differently"),
            Phrase("Adds a detail"),
            Phrase("Adds a method"),
            Phrase("Changes how we work"),
        ),
    ),
    Criterion(
        "clear",
        Phrase("Clear"),
        Phrase("Is it understood on first reading, with a title that says what it is about?"),
        (
            Phrase("Cannot be understood"),
            Phrase("Hard to follow"),
            Phrase("Understood on second reading"),
            Phrase("Understandable"),
            Phrase("Clear, well ordered"),
            Phrase("A pleasure to read"),
        ),
    ),
    Criterion(
        "linked",
        Phrase("Linked"),
        Phrase("Do customer type, product and topics fit, so that it is found where it is needed?"),
        (
            Phrase("No links, or wrong ones"),
            Phrase("One link, does not fit"),
            Phrase("Some fit"),
            Phrase("The main ones fit"),
            Phrase("All fit"),
            Phrase("All fit and the text says for whom"),
        ),
    ),
)


HARD_FAILS = {
    "privacy": Phrase("It tells who a customer is"),
    "duplicate": Phrase("It is a duplicate"),
    "not checkable": Phrase("Nobody can check it"),
}
"""What is not accepted whatever it scores (RULES 4.2)."""


@dataclass(frozen=True)
class Opinion:
    """What one reviewer thinks of an experience; `total` and `worth` (None: the same) are 0 to 100."""

    total: Fraction
    verdict: str
    correct: int
    hard_fail: str = ""
    worth: Fraction | None = None


@dataclass(frozen=True)
class Outcome:
    """What a panel decides: its verdict and its score, 0 to 100."""

    verdict: str
    score: Fraction


def differ(one: Opinion, other: Opinion, gap: int = GAP) -> bool:
    """Whether two reviewers are more than 15 points or a verdict apart."""
    return one.verdict != other.verdict or abs(one.total - other.total) > gap


def panel_size(opinions: Sequence[Opinion], gap: int = GAP, size: int = PANEL) -> int:
    """How many reviewers are needed, as far as the opinions given so far can tell: 2, or 3."""
    return 3 if len(opinions) >= 2 and differ(opinions[0], opinions[1], gap) else size


def decide(
    opinions: Sequence[Opinion],
    *,
    pass_mark: int = PASS_MARK,
    gap: int = GAP,
    size: int = PANEL,
    least_correct: int = LEAST_CORRECT,
) -> Outcome | None:
    """The panel's outcome, or None while opinions are missing.

    Two who agree: the mean score. Three: the median score and the majority's verdict; where all three
    differ, the verdict between the others. A majority for `accept` needs the pass mark, enough (3) for
    correctness from each and no hard fail; short of that the author is asked for a revision. So does one for
    `merge`, which earns too, by what the text is worth without being new.
    """
    if len(opinions) < panel_size(opinions, gap, size):
        return None
    score = _middle([opinion.total for opinion in opinions])
    worth = _middle([o.total if o.worth is None else o.worth for o in opinions])
    verdict = _majority([opinion.verdict for opinion in opinions])
    sound = all(o.correct >= least_correct and not o.hard_fail for o in opinions)
    earns = {"accept": sound and score >= pass_mark, "merge": sound and worth >= pass_mark}
    return Outcome(verdict if earns.get(verdict, True) else "revise", score)


def _middle(totals: Sequence[Fraction]) -> Fraction:
    """The mean of two, the median of three."""
    return sum(totals, Fraction(0)) / len(totals) if len(totals) == 2 else Fraction(median(totals))


_FROM_LOW_TO_HIGH = ("reject", "revise", "merge", "accept")


def _majority(verdicts: Sequence[str]) -> str:
    ranked = sorted(verdicts, key=_FROM_LOW_TO_HIGH.index)
    for verdict in ranked:
        if ranked.count(verdict) * 2 > len(ranked):
            return verdict
    return ranked[len(ranked) // 2]
