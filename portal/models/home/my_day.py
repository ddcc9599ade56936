"""What a person sees first in the morning: what needs them, where they stand, what is new."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from functools import cached_property

from peewee import ModelSelect

from portal import clock
from portal.clock import Month
from portal.i18n import Phrase
from portal.models.commission.merit import Merit
from portal.models.expertise.votes import HELD
from portal.models.knowledge.articles import Article
from portal.models.people.needs import Need, needs
from portal.models.people.notices import Notice
from portal.models.people.people import Person
from portal.models.sales.deals import Deal
from portal.models.sales.words import Stage

FEW = 6
MOST_SHOWN = 8
"""So much of what waits stands on the first page."""


@dataclass(frozen=True)
class Fold:
    """Much of one sort that waits, as one line: it would hide all else."""

    name: str
    icon: str
    words: Phrase
    needs: list[Need]


_FOLDED: tuple[tuple[str, str, Collection[str], int, Callable[[int], Phrase]], ...] = (
    ("votes", "scale", HELD, 4, lambda count: Phrase("%(num)s votes wait for a look", num=count)),
    (
        "drafts",
        "pencil",
        ("draft",),
        8,
        lambda count: Phrase("%(num)s drafts wait to be finished", num=count),
    ),
)
"""What is folded: its name and icon, what waits so, from how many on, and what is said of so many."""


@dataclass(frozen=True)
class MyDay:
    """The first page's facts."""

    month: Month
    needs: list[Need]
    notices: list[Notice]
    merit: Merit | None
    """None for auditors, who are paid for nothing."""
    won: int
    """Deals won this month."""
    deals: list[Deal]
    """Open deals, those expected soonest first."""
    team: list[Deal] | None
    """Of whom this person leads, those that are expected by a day; None for who leads nobody."""
    articles: list[Article]
    """What was published last."""

    @classmethod
    def of(cls, person: Person) -> MyDay:
        """Today as this person sees it."""
        month = Month.of(clock.now())
        kept = Deal.select().where(Deal.archived_at.is_null())
        mine = kept.where(Deal.owner == person)
        won = mine.where((Deal.stage == Stage.WON) & Deal.closed_on.between(month.first_day, month.last_day))
        led = sorted(person.team)
        new = (
            Article.visible_to(person)
            .select_extend(Person)
            .join_from(Article, Person, on=Article.author)
            .where(Article.state == "published")
            .order_by(Article.published_at.desc(), Article.id.desc())
        )
        return cls(
            month=month,
            needs=needs(person),
            notices=list(Notice.unread_by(person).limit(FEW)),
            merit=None if person.is_auditor else Merit.of(person, month),
            won=won.count(),
            deals=_soonest(mine),
            team=_soonest(kept.where(Deal.owner.in_(led) & Deal.expected_on.is_null(False))) if led else None,
            articles=list(new.limit(FEW)),
        )

    @cached_property
    def folds(self) -> list[Fold]:
        """What waits in so great a number that it is one line."""
        return folds(self.needs)

    @cached_property
    def unfolded(self) -> list[Need]:
        """What waits besides, most urgent first."""
        return unfolded(self.needs, self.folds)

    @property
    def first(self) -> list[Need]:
        """What of it stands on the first page."""
        return self.unfolded[:MOST_SHOWN]


def folds(found: Iterable[Need]) -> list[Fold]:
    """What of all that waits is one line each, where there is much of a sort."""
    every, made = list(found), list[Fold]()
    for name, icon, kinds, least, words in _FOLDED:
        if len(alike := [need for need in every if need.kind in kinds]) >= least:
            made.append(Fold(name, icon, words(len(alike)), alike))
    return made


def unfolded(found: Iterable[Need], folded: Iterable[Fold]) -> list[Need]:
    """What of all that waits is in none of these."""
    within = {need.id for fold in folded for need in fold.needs}
    return [need for need in found if need.id not in within]


def _soonest(deals: ModelSelect[Deal]) -> list[Deal]:
    """The open ones that are expected first, with whom they are about and who looks after them."""
    soon = deals.where(Deal.closed_on.is_null())
    soon = soon.order_by(Deal.expected_on.asc(nulls="last"), Deal.id.desc())
    return list(Deal.with_names(soon.limit(FEW)))
