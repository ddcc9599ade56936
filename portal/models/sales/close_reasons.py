"""Why deals end as they do, in the company's own words: a list that it edits, so that they can be counted."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Self

from peewee import BooleanField, IntegerField, ModelSelect

from portal.i18n import Phrase
from portal.models.base.fields import NameField
from portal.models.base.record import Editable, SearchOutbox
from portal.models.company.lists import LISTS
from portal.models.sales.words import CLOSE_REASON, Stage

MOST_REASONS = 3
"""Of so many reasons at most a deal was won or lost: who names all of them says nothing."""
CHOOSE = Phrase("Choose one to three reasons.")


class CloseReason(Editable):
    """A reason for which deals are won, or lost, or both. One that is offered for neither is kept for those
    that have it.
    """

    called = CLOSE_REASON

    name = NameField(120, unique=True, verbose_name=Phrase("Name"))
    name_en = NameField(120, default="", verbose_name=Phrase("English name"))
    position = IntegerField(default=1000)
    """What the company adds comes last."""
    for_won = BooleanField(default=True, verbose_name=Phrase("Offered for won deals"))
    for_lost = BooleanField(default=True, verbose_name=Phrase("Offered for lost deals"))

    @classmethod
    def visible_to(cls, person: Any) -> ModelSelect[Self]:
        """Everyone sees them, in the company's order."""
        return cls.select().order_by(cls.position, cls.id)

    @classmethod
    def offered_for(cls, stage: str) -> ModelSelect[Self]:
        """Those among which whoever closes a deal so chooses."""
        return cls.visible_to(None).where(cls.for_won if stage == Stage.WON else cls.for_lost)

    @classmethod
    def have(cls, name: str, **facts: Any) -> CloseReason:
        """The reason of this name, made with these facts where it is not there yet."""
        known: CloseReason | None = cls.get_or_none(cls.name == name)
        return known or cls.create(name=name, **facts)

    closings: Any

    def touch(self, values: Mapping[str, Any]) -> None:
        """Deals are found by its words."""
        super().touch(values)
        if values.keys() & {"name", "name_en"}:
            known = self.closings.model
            rows: Any = known.select(known.deal).where(known.reason == self).tuples()
            SearchOutbox.note("deal", [deal for (deal,) in rows])

    def fits(self, stage: str) -> bool:
        """Whether it is offered for deals that ended so."""
        return bool(self.for_won if stage == Stage.WON else self.for_lost)


def faults_of(reasons: Collection[CloseReason], stage: str) -> dict[str, Phrase]:
    """What is wrong with these as the reasons of a deal that ends so."""
    if len(set(reasons)) > MOST_REASONS:
        return {"reasons": CHOOSE}
    if not all(each.fits(stage) for each in reasons):
        return {"reasons": Phrase("One of these reasons is not offered for a deal that ended so.")}
    return {}


LISTS["close-reasons"] = CloseReason
