"""Who shares in a deal, and who had which part of its money on the day it was earned (RULES 4.1)."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from peewee import Check, ForeignKeyField

from portal import clock
from portal.i18n import Phrase
from portal.models.base.database import db
from portal.models.base.fields import RateField
from portal.models.base.record import Invalid, Record
from portal.models.people.people import Person
from portal.models.sales.deals import WHOLE, Deal, DealShare
from portal.models.sales.lines import DealLine


class LineShare(Record):
    """Who had which part of a line on the day it was earned, where the deal was shared anew since then."""

    line = ForeignKeyField(DealLine, on_delete="CASCADE", index=False)
    line_id: int
    person = ForeignKeyField(Person, on_delete="RESTRICT")
    person_id: int
    share = RateField()

    class Meta:
        indexes = ((("line", "person"), True),)
        constraints = [Check("share > 0 AND share <= 1000000")]

    @classmethod
    def keep(cls, deal: Deal, shares: Mapping[int, int]) -> None:
        """Note the shares so far for what was taken back and for lines of earlier days: theirs stay."""
        kept = {row.line_id for row in cls.select(cls.line).join(DealLine).where(DealLine.deal == deal)}
        all_lines = list(DealLine.of(deal))
        open_lines = {line.id for line in DealLine.standing_among(all_lines) if line.is_of_today}
        lines = [line for line in all_lines if line.id not in kept | open_lines]
        at, had = clock.now(), shares or {deal.owner_id: WHOLE}
        rows = [
            {"line": line, "person": person, "share": share, "created_at": at}
            for line in lines
            for person, share in had.items()
        ]
        if rows:
            cls.insert_many(rows).execute()


def share_with(deal: Deal, shares: Mapping[Person, int], *, by: Person | None) -> None:
    """Agree on who has which part, in millionths. Raises Invalid unless they sum to the whole, and while
    money stands: credit stays with whoever had it on the day it was earned (RULES 4.1).

    A contract alone may stand, as long as its month runs. What was recorded on an earlier day keeps the
    shares it had, also when it was taken back.
    """
    wanted = {person.id: share for person, share in shares.items() if share}
    if any(share < 0 for share in wanted.values()) or sum(wanted.values()) != WHOLE:
        raise Invalid({"shares": Phrase("The shares must add up to the whole.")})
    before = deal.agreed()
    if before == wanted:
        return
    _check_shareable(deal, wanted.keys() - before.keys())
    with db.atomic():
        deal.touch({})  # a payment that came in between makes this stale
        LineShare.keep(deal, before)
        DealShare.write(deal, wanted, by=by)
        deal.track("shared", by=by, changes={"shares": [keys_of(before), keys_of(wanted)]})
        deal.follow_end()


def _check_shareable(deal: Deal, joining: Collection[int]) -> None:
    standing = DealLine.standing(deal)
    if any(line.confirmed_by_id in joining for line in standing):
        words = Phrase("Who confirmed the contract is not paid by it: they cannot share in the deal.")
        raise Invalid({"shares": words})
    if any(line.trigger != "contract" for line in standing):
        raise Invalid(
            {"shares": Phrase("Money came in for this deal: its shares stay. Take the money back first.")}
        )
    if any(line.on < clock.Month.of(clock.today()).first_day for line in standing):
        raise Invalid(
            {"shares": Phrase("The contract is of an earlier month: its shares stay. Reopen the deal first.")}
        )


def unfix_shares(deal: Deal, fixed: Mapping[str, int]) -> None:
    """The default that this win wrote down falls with its line; what stood before, or was agreed since,
    stays.
    """
    if fixed and keys_of(deal.agreed()) == fixed and not DealLine.standing(deal):
        LineShare.keep(deal, deal.agreed())
        DealShare.delete().where(DealShare.deal == deal).execute()


def keys_of(shares: Mapping[int, int]) -> dict[str, int]:
    """The same as an event keeps it."""
    return {str(person): share for person, share in shares.items()}
