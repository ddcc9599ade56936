"""Whether reviewers judge alike: how strict each is beside the others, what each accepts (RULES 4.2).

Nothing is corrected by it. A round counts once it is decided: else a reviewer would read the others' scores.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from functools import cached_property
from statistics import fmean
from typing import Any, NamedTuple

from peewee import ModelSelect

from portal import clock
from portal.models.company.settings import Setting
from portal.models.experiences import rubric
from portal.models.experiences.anchors import Anchor
from portal.models.experiences.experiences import Experience
from portal.models.experiences.reviews import Review
from portal.models.insights.agreement import alpha
from portal.models.insights.proportions import wilson
from portal.models.people.people import Person

DAYS = 365
"""So far back it looks."""
FEW = 3
"""Of fewer reviews between two people nothing is said."""


class Given(NamedTuple):
    """One judgement of a decided round."""

    round: tuple[int, int]
    reviewer: int
    author: int
    score: float
    """0 to 100, by the weights of its round."""
    accepts: bool


class Share(NamedTuple):
    """So many of so many were accepted."""

    accepted: int
    n: int

    @classmethod
    def of(cls, reviews: Sequence[Given]) -> Share:
        return cls(sum(review.accepts for review in reviews), len(reviews))

    @property
    def rate(self) -> float:
        """Per 100."""
        return 100 * self.accepted / self.n if self.n else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Where the true rate lies with 95 %, per 100."""
        low, high = wilson(self.accepted, self.n)
        return 100 * low, 100 * high


class Severity(NamedTuple):
    """How far a reviewer's scores lie from those of the others on the same panels, in points of 100."""

    points: float
    """Below 0: stricter than the others."""
    n: int

    @property
    def is_striking(self) -> bool:
        """Whether it is time to talk about it, over one item that is judged together."""
        limit, least = Setting.read("calibration.points"), Setting.read("calibration.items")
        return bool(abs(self.points) > limit and self.n >= least)


class ReviewerStanding(NamedTuple):
    """One reviewer beside the others."""

    reviewer: int
    accepted: Share
    severity: Severity | None
    """None while nothing of theirs was judged by others too."""


class Pair(NamedTuple):
    """What one reviewer made of one author's work, without knowing whose it was."""

    reviewer: int
    author: int
    accepted: Share
    back: Share
    """What the author made of the reviewer's own work."""


class Calibration:
    """The judgements of a year among some reviews."""

    def __init__(self, reviews: ModelSelect[Review]) -> None:
        self._reviews = reviews

    @classmethod
    def beside(cls, person: Person) -> Calibration:
        """Of what a person judged themselves, with the others who judged it too."""
        mine = Review.select(Review.experience).where(Review.reviewer == person)
        return cls(Review.select().where(Review.experience.in_(mine)))

    @cached_property
    def given(self) -> list[Given]:
        scores = [getattr(Review, name) for name in rubric.NAMES]
        decided = (Experience.state != "submitted") | (Experience.round > Review.round)
        lately = Review.completed_at >= clock.now() - timedelta(days=DAYS)
        read = (
            self._reviews.select(
                Review.experience, Review.round, Review.reviewer, Experience.author, Review.verdict, *scores
            )
            .join(Experience, on=(Review.experience == Experience.id))
            .where(decided & lately & Experience.is_new())
            .order_by(Review.id)
        )
        rows: Any = Review.with_judged(read).tuples()
        return [_given(row) for row in rows]

    @cached_property
    def _rounds(self) -> dict[tuple[int, int], list[Given]]:
        found: dict[tuple[int, int], list[Given]] = defaultdict(list)
        for one in self.given:
            found[one.round].append(one)
        return found

    @property
    def shared(self) -> int:
        """How many rounds were judged by more than one."""
        return sum(len(judged) > 1 for judged in self._rounds.values())

    @property
    def alpha(self) -> float | None:
        """How far the reviewers agree (Krippendorff)."""
        return alpha([one.score for one in judged] for judged in self._rounds.values())

    @cached_property
    def _apart(self) -> dict[int, list[float]]:
        """By reviewer how far each score lies from the mean of the others: each round is looked at once."""
        found: dict[int, list[float]] = defaultdict(list)
        for judged in self._rounds.values():
            own: dict[int, float] = {}
            for one in judged:
                own.setdefault(one.reviewer, one.score)
            for reviewer, score in own.items():
                others = [one.score for one in judged if one.reviewer != reviewer]
                if others:
                    found[reviewer].append(score - fmean(others))
        return found

    @cached_property
    def _by_reviewer(self) -> dict[int, list[Given]]:
        found: dict[int, list[Given]] = defaultdict(list)
        for one in self.given:
            found[one.reviewer].append(one)
        return found

    def severity(self, reviewer: int) -> Severity | None:
        """`mean over shared items (own - mean of others)`."""
        apart = self._apart.get(reviewer, [])
        return Severity(fmean(apart), len(apart)) if apart else None

    def standing(self, reviewer: int) -> ReviewerStanding:
        """How one reviewer stands beside the others."""
        return ReviewerStanding(
            reviewer, Share.of(self._by_reviewer.get(reviewer, [])), self.severity(reviewer)
        )

    @property
    def standings(self) -> list[ReviewerStanding]:
        """Every reviewer, who gave most first."""
        found = map(self.standing, self._by_reviewer)
        return sorted(found, key=lambda each: (-each.accepted.n, each.reviewer))

    @cached_property
    def _between(self) -> dict[tuple[int, int], list[Given]]:
        found: dict[tuple[int, int], list[Given]] = defaultdict(list)
        for one in self.given:
            found[one.reviewer, one.author].append(one)
        return found

    @property
    def pairs(self) -> list[Pair]:
        """Reviewer and author, with three reviews or more, most first."""
        found = [self._pair(*both) for both, reviews in self._between.items() if len(reviews) >= FEW]
        return sorted(found, key=lambda pair: (-pair.accepted.n, pair.reviewer, pair.author))

    @property
    def mutual(self) -> list[Pair]:
        """Who judged each other's work, each pair once, most first."""
        both = [(a, b) for a, b in self._between if a < b and (b, a) in self._between]
        found = [self._pair(*each) for each in both]
        return sorted(found, key=lambda pair: (-(pair.accepted.n + pair.back.n), pair.reviewer))

    def _pair(self, reviewer: int, author: int) -> Pair:
        there, back = self._between[reviewer, author], self._between.get((author, reviewer), [])
        return Pair(reviewer, author, Share.of(there), Share.of(back))


def anchored(person: Person) -> dict[int, Severity]:
    """By reviewer how far their scores lie from the right ones, of the anchors that a person may read: their
    own among them.
    """
    lately = Review.completed_at >= clock.now() - timedelta(days=DAYS)
    right = {each.experience_id: each for each in Anchor.visible_to(person)}
    given = Review.select().where(lately & Review.experience.in_(list(right) or [0]))
    found: dict[int, list[float]] = defaultdict(list)
    for review in Review.with_judged(given):
        apart = right[review.experience_id].distance(review)
        if apart is not None:
            found[review.reviewer_id].append(float(apart))
    return {reviewer: Severity(fmean(each), len(each)) for reviewer, each in found.items()}


def _given(row: tuple[Any, ...]) -> Given:
    experience, round, reviewer, author, verdict, *scores, _version, at = row
    total = rubric.Scores(*scores).total(Setting.as_of("review.weights", at))
    return Given((experience, round), reviewer, author, float(total), verdict in ("accept", "merge"))
