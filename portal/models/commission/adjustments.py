"""Money added or taken by hand: a reason and a second person, always."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Self

from peewee import JOIN, BooleanField, Check, ForeignKeyField, ModelSelect

from portal import clock
from portal.clock import Month
from portal.i18n import Phrase, names
from portal.models.base import guards
from portal.models.base.database import db
from portal.models.base.fields import MoneyField, MonthField, NameField, UtcDateTimeField
from portal.models.base.record import Invalid, Record, Resent
from portal.models.commission.words import ADJUSTMENT
from portal.models.people.approvals import Approval
from portal.models.people.hands import FROM_ONE_HAND, are_one_hand
from portal.models.people.needs import SECOND
from portal.models.people.notices import Notice
from portal.models.people.people import Person, Role

_OF_DISPUTE = re.compile(r"dispute-(\d+)(?:-\d+)?$")
ASKED = Phrase("An adjustment waits for a second person: %(reason)s")
WAIVER_ASKED = Phrase("To waive what is to be taken back waits for a second person: %(reason)s")
Deciding = Callable[["Adjustment", bool], None]
_FOLLOWS: list[Deciding] = []


def follows_decision(follow: Deciding) -> Deciding:
    """Register what comes of it that an adjustment was approved, or refused."""
    _FOLLOWS.append(follow)
    return follow


class Adjustment(Record):
    """An amount for one person, proposed by one and decided by another. Never changed once written."""

    called = ADJUSTMENT

    person = ForeignKeyField(Person, on_delete="RESTRICT", backref="adjustments")
    person_id: int
    month = MonthField()
    """The month it is about; when that is closed, it is paid in the open one."""
    amount = MoneyField(verbose_name=Phrase("Amount"))
    waives = BooleanField(default=False)
    """Whether it lessens what is still to be taken back, by so much at most: nothing of it is paid out."""
    reason = NameField(500, verbose_name=Phrase("Reason"))
    proposed_by = ForeignKeyField(Person, on_delete="RESTRICT", backref="adjustments_proposed")
    proposed_by_id: int
    key = NameField(60, null=True, unique=True)
    """The form it came from, or the dispute: sent twice, it is one adjustment."""

    class Meta:
        indexes = ((("month", "person"), False),)
        constraints = [
            Check("amount <> 0"),
            Check("person_id <> proposed_by_id"),
            Check("amount > 0 OR NOT waives"),
        ]

    @classmethod
    def create_table(cls, safe: bool = True, **options: Any) -> Any:
        super().create_table(safe, **options)
        guards.forbid_changes("adjustment")

    @classmethod
    def visible_to(cls, person: Person) -> ModelSelect[Self]:
        """All, to those who see the list; a payee sees theirs on the statement."""
        return cls.select() if cls.listed_for(person) else cls.select().where(False)

    @classmethod
    def listed_for(cls, person: Person) -> bool:
        """Finance, the auditor, and administrators as second pair of eyes."""
        return person.is_finance or person.is_auditor or person.is_administrator

    @classmethod
    def proposable_by(cls, person: Person) -> bool:
        return person.does(Role.ADJUSTER)

    def decidable_by(self, person: Person) -> bool:
        """A second person: neither who proposed it nor who gets it."""
        allowed = person.does(Role.ADJUSTER) or person.is_administrator
        return allowed and person.id not in (self.proposed_by_id, self.person_id)

    @property
    def dispute_url(self) -> str:
        """Where the dispute stands that it settles; '' for any other."""
        found = _OF_DISPUTE.match(self.key or "")
        return f"/commission/disputes/{found[1]}" if found else ""

    @classmethod
    def propose(
        cls,
        person: Person,
        month: Month,
        amount: int,
        reason: str,
        *,
        by: Person,
        waives: bool = False,
        key: str | None = None,
    ) -> Adjustment:
        """Ask for it. With a key that was used: what it made, if that was the same. Raises Invalid."""
        errors: dict[str, str] = {}
        if not amount:
            errors["amount"] = Phrase("An adjustment of nothing is not one.")
        elif waives and amount < 0:
            errors["amount"] = Phrase("What is waived stands without a minus.")
        if len(reason.strip()) < 5:
            errors["reason"] = Phrase("Say why, in a sentence that the payee will read.")
        if person.id == by.id:
            errors["person"] = Phrase("Nobody adjusts their own pay.")
        if errors:
            raise Invalid(errors)
        if key and (known := cls.get_or_none(cls.key == key)):
            facts = (known.person_id, known.month, known.amount, known.reason, known.proposed_by_id)
            if (*facts, known.waives) != (person.id, month, amount, reason.strip(), by.id, waives):
                raise Resent()
            return known
        with db.atomic():
            made = cls.create(
                person=person,
                month=month,
                amount=amount,
                waives=waives,
                reason=reason.strip(),
                proposed_by=by,
                key=key or None,
            )
            made.track("proposed", by=by, changes={"amount": [None, amount]})
            asked = WAIVER_ASKED if waives else ASKED
            text = Phrase(asked.msgid, reason=made.reason)
            Approval.ask(made, "adjustment", text, by=by, who=SECOND, but=[person.id])
        return made

    def decide(self, *, by: Person, approve: bool) -> None:
        """A second person approves or refuses it; the first decision stands."""
        if by.id in (self.proposed_by_id, self.person_id):
            raise Invalid(Phrase("Someone else has to decide this: not who proposed it, not who gets it."))
        theirs = {self.proposed_by_id, self.person_id}
        if approve and are_one_hand(theirs, by.id, duty=Role.ADJUSTER):
            raise Invalid(FROM_ONE_HAND)
        with db.atomic():
            row = {
                "adjustment": self,
                "by": by,
                "approved": approve,
                "at": clock.now(),
                "created_at": clock.now(),
            }
            if AdjustmentDecision.insert(row).on_conflict_ignore().execute():
                Approval.settle(self, "adjustment", by=by, approve=approve)
                self.track("approved" if approve else "refused", by=by)
                text = (
                    Phrase("The adjustment for %(name)s is approved.", name=names(self.person))
                    if approve
                    else Phrase("The adjustment for %(name)s is refused.", name=names(self.person))
                )
                Notice.tell(self.proposed_by_id, text, about=self)
                for follow in _FOLLOWS:
                    follow(self, approve)

    @classmethod
    def undecided(cls) -> ModelSelect[Self]:
        """What waits for a second person, oldest first."""
        return (
            cls.select()
            .join(AdjustmentDecision, JOIN.LEFT_OUTER)
            .where(AdjustmentDecision.id.is_null())
            .order_by(cls.id)
        )


class AdjustmentDecision(Record):
    """The decision of a second person. One for each adjustment."""

    adjustment = ForeignKeyField(Adjustment, unique=True, on_delete="RESTRICT", backref="decisions")
    adjustment_id: int
    by = ForeignKeyField(Person, on_delete="RESTRICT")
    by_id: int
    approved = BooleanField()
    at = UtcDateTimeField(default=clock.now)

    @classmethod
    def create_table(cls, safe: bool = True, **options: Any) -> Any:
        super().create_table(safe, **options)
        guards.forbid_changes("adjustment_decision")
