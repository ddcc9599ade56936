"""What a person sees first in the morning: what needs them, where they stand, what is new."""

from __future__ import annotations

from dataclasses import dataclass

from portal import clock
from portal.clock import Month
from portal.models.commission.merit import Merit
from portal.models.knowledge.articles import Article
from portal.models.people.needs import Need, needs
from portal.models.people.notices import Notice
from portal.models.people.people import Person
from portal.models.sales.deals import OPEN_STAGES, Deal
from portal.models.sales.words import Stage

FEW = 6


@dataclass(frozen=True)
class MyDay:
    """The first page's facts."""

    month: Month
    needs: list[Need]
    notices: list[Notice]
    merit: Merit | None
    won: int
    """Deals won this month."""
    deals: list[Deal]
    """Open deals, those expected soonest first."""
    articles: list[Article]
    """What was published last."""

    @classmethod
    def of(cls, person: Person) -> MyDay:
        """Today as this person sees it."""
        month = Month.of(clock.now())
        mine = Deal.select().where((Deal.owner == person) & Deal.archived_at.is_null())
        won = mine.where((Deal.stage == Stage.WON) & Deal.closed_on.between(month.first_day, month.last_day))
        soon = mine.where(Deal.stage.in_(OPEN_STAGES)).order_by(
            Deal.expected_on.asc(nulls="last"), Deal.id.desc()
        )
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
            merit=Merit.of(person, month),
            won=won.count(),
            deals=list(Deal.with_names(soon.limit(FEW))),
            articles=list(new.limit(FEW)),
        )
