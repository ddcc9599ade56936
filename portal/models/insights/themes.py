"""For which reasons deals were won and lost, month by month, and what was learnt from them (S10).

Only deals that open for whoever reads are counted: nothing is told that they could not read one by one. Of
the debriefs only those that were accepted are there, as the articles that they became.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from peewee import ModelSelect, fn

from portal.clock import Month
from portal.models.base.record import along
from portal.models.experiences.experiences import Experience
from portal.models.experiences.reviews import Acceptance, Revocation
from portal.models.knowledge.articles import Article
from portal.models.people.people import Person
from portal.models.sales.close_reasons import CloseReason
from portal.models.sales.deals import Deal, DealReason
from portal.models.sales.words import Stage

LEAST = 5
"""Of fewer deals no share is told: one more or less would turn it."""
LESSONS = 10
"""So many of what was learnt stand on the page of a month."""


@dataclass(frozen=True)
class Closed:
    """The deals of a month that ended so: how many, and of how many somebody said why."""

    n: int
    said: int

    @property
    def unsaid(self) -> int:
        return self.n - self.said

    @property
    def is_small(self) -> bool:
        """Whether too few say why for a share."""
        return self.said < LEAST


@dataclass(frozen=True)
class Theme:
    """One reason in a month, beside the month before."""

    reason: CloseReason
    n: int
    before: int
    share: float | None
    """Per 100 of the deals of which somebody said why; one deal may have three reasons. None for few."""
    change: float | None
    """By so many points more or less than in the month before; None where either month has few."""


class Themes:
    """Why the deals of a month were won, or lost, as far as a person may read them."""

    def __init__(self, person: Person, stage: Stage, month: Month) -> None:
        self.person, self.stage, self.month, self.before = person, stage, month, month.plus(-1)

    @cached_property
    def _totals(self) -> tuple[Closed, Closed]:
        said = fn.EXISTS(DealReason.select(1).where(DealReason.deal == Deal.id))
        every = [fn.COUNT(1).filter(_within(month)) for month in (self.month, self.before)]
        known = [fn.COUNT(1).filter(_within(month) & said) for month in (self.month, self.before)]
        rows: Any = self._both.select(*every, *known).tuples()
        ((now, then, now_said, then_said),) = rows
        return Closed(now, now_said), Closed(then, then_said)

    @property
    def _both(self) -> ModelSelect[Deal]:
        """The deals of this month and the one before."""
        return _closed(self.person, self.stage, self.before, self.month)

    @property
    def closed(self) -> Closed:
        return self._totals[0]

    @property
    def closed_before(self) -> Closed:
        return self._totals[1]

    @cached_property
    def themes(self) -> list[Theme]:
        """The reasons of both months, what was said most first."""
        counts = [fn.COUNT(1).filter(_within(month)) for month in (self.month, self.before)]
        rows: Any = (
            self._both.select(DealReason.reason, *counts)
            .join(DealReason, on=(DealReason.deal == Deal.id))
            .group_by(DealReason.reason)
            .tuples()
        )
        found = {reason: (now, then) for reason, now, then in rows}
        words = CloseReason.visible_to(self.person).where(CloseReason.id.in_(list(found)))
        themes = [self._theme(word, *found[word.id]) for word in words]
        return sorted(themes, key=lambda each: (-each.n, -each.before, each.reason.position))

    def _theme(self, reason: CloseReason, now: int, then: int) -> Theme:
        share, earlier = _share(now, self.closed), _share(then, self.closed_before)
        change = None if share is None or earlier is None else share - earlier
        return Theme(reason, now, then, share, change)

    @cached_property
    def competitor(self) -> tuple[str, int] | None:
        """Who is named most as having got the deals that were lost, and how often."""
        lost = _closed(self.person, Stage.LOST, self.month, self.month).where(Deal.competitor != "")
        often = fn.COUNT(1)
        found: Any = lost.select(Deal.competitor, often).group_by(Deal.competitor)
        rows = list(found.order_by(often.desc(), Deal.competitor).limit(1).tuples())
        return rows[0] if rows and self.stage == Stage.LOST else None

    @cached_property
    def lessons(self) -> list[Article]:
        """What was learnt of them, newest first."""
        deals = _closed(self.person, self.stage, self.month, self.month)
        return list(learnt(self.person, deals).limit(LESSONS))


def of_reason(person: Person, stage: Stage, month: Month, reason: CloseReason | None) -> ModelSelect[Deal]:
    """The deals of a month that ended so for a reason, or of which nobody said why, that a person opens."""
    said = DealReason.select(DealReason.deal)
    deals = _closed(person, stage, month, month)
    if reason is None:
        return deals.where(Deal.id.not_in(said))
    return deals.where(Deal.id.in_(said.where(DealReason.reason == reason)))


def learnt(person: Person, deals: ModelSelect[Deal]) -> ModelSelect[Article]:
    """The articles that the accepted debriefs of these deals became, newest first: none in review, none that
    was taken back.
    """
    accepted = (
        Acceptance.select(Acceptance.article)
        .join(Experience)
        .where(
            (Experience.kind_of == "debrief")
            & Experience.deal.in_(deals.select(Deal.id))
            & Acceptance.id.not_in(Revocation.select(Revocation.acceptance))
        )
    )
    found = Article.visible_to(person).where(Article.id.in_(accepted))
    return along(found, Article.author).order_by(Article.published_at.desc(), Article.id.desc())


def _closed(person: Person, stage: Stage, first: Month, last: Month) -> ModelSelect[Deal]:
    """Also what was put away: who lost what is not hidden by that."""
    between = (Deal.closed_on >= first.first_day) & (Deal.closed_on < last.next.first_day)
    return Deal.visible_to(person).where((Deal.stage == stage) & between)


def _within(month: Month) -> Any:
    return (Deal.closed_on >= month.first_day) & (Deal.closed_on < month.next.first_day)


def _share(n: int, closed: Closed) -> float | None:
    return None if closed.is_small else 100 * n / closed.said


def months_until(last: Month, n: int) -> Sequence[Month]:
    """So many months up to this one, newest first."""
    return [last.plus(-back) for back in range(n)]
