"""The money that came of a deal, and who shares in its commission."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Self, TypeVar

from peewee import CharField, Check, DateField, ForeignKeyField, ModelSelect

from portal import clock
from portal.i18n import Phrase
from portal.models.base.database import db
from portal.models.base.fields import MoneyField, NameField, RateField
from portal.models.base.record import Invalid, Record
from portal.models.people.people import Person
from portal.models.sales.deals import WHOLE, Deal

L = TypeVar("L", bound="DealLine")
TRIGGERS = {
    "contract": Phrase("Contract signed"),
    "delivery": Phrase("Delivered"),
    "invoice": Phrase("Invoiced"),
    "payment": Phrase("Payment received"),
}


class DealShare(Record):
    """A person's part in a deal's commission, in millionths; a deal's shares sum to the whole."""

    deal = ForeignKeyField(Deal, on_delete="CASCADE", index=False)
    deal_id: int
    person = ForeignKeyField(Person, on_delete="RESTRICT")
    person_id: int
    share = RateField()

    class Meta:
        indexes = ((("deal", "person"), True),)
        constraints = [Check("share > 0 AND share <= 1000000")]

    @classmethod
    def of(cls, deal: Deal) -> dict[int, int]:
        """What was agreed: millionths by person id; empty when nothing was."""
        return {s.person_id: s.share for s in cls.select().where(cls.deal == deal).order_by(cls.id)}

    @classmethod
    def with_people(cls, deal: Deal) -> list[tuple[Person, int]]:
        """Who shares and in how many millionths; all to the owner unless agreed."""
        agreed = cls.select(cls, Person).join(Person, on=cls.person).where(cls.deal == deal).order_by(cls.id)
        return [(share.person, share.share) for share in agreed] or [(deal.owner, WHOLE)]

    @classmethod
    def agree(cls, deal: Deal, shares: Mapping[Person, int], *, by: Person | None) -> None:
        """Replace a deal's shares. Raises Invalid unless they sum to the whole, and once a month has passed
        since money was recorded: credit stays with whoever had it on that day (RULES 4.1).
        """
        wanted = {person.id: share for person, share in shares.items() if share}
        if any(share < 0 for share in wanted.values()) or sum(wanted.values()) != WHOLE:
            raise Invalid({"shares": Phrase("The shares must add up to the whole.")})
        before = cls.of(deal)
        if before == wanted:
            return
        if any(line.on < clock.Month.of(clock.today()).first_day for line in deal.lines()):
            raise Invalid({"shares": Phrase("Money of an earlier month is recorded: its shares stay.")})
        with db.atomic():
            deal.touch({})
            cls.delete().where(cls.deal == deal).execute()
            at = clock.now()
            cls.insert_many(
                [{"deal": deal, "person": p, "share": s, "created_at": at} for p, s in wanted.items()]
            ).execute()
            deal.track("shared", by=by, changes={"shares": [_keys(before), _keys(wanted)]})

    @classmethod
    def fix(cls, deal: Deal) -> None:
        """Write the default down, all to the owner, where nothing was agreed."""
        if not cls.of(deal):
            cls.insert(deal=deal, person=deal.owner_id, share=WHOLE).on_conflict_ignore().execute()


def _keys(shares: Mapping[int, int]) -> dict[str, int]:
    return {str(person): share for person, share in shares.items()}


class DealLine(Record):
    """Commissionable money of a deal, dated: contract signed, delivered, invoiced or paid.

    Append-only. A reversal is the mirrored row naming the row that it reverses (once: unique).
    """

    deal = ForeignKeyField(Deal, on_delete="RESTRICT", index=False)
    deal_id: int
    trigger = CharField(20)
    """Which of the events of RULES 4.1 (`earn trigger`) it is."""
    on = DateField()
    amount = MoneyField()
    reverses: ForeignKeyField[Any] = ForeignKeyField("self", null=True, unique=True, on_delete="RESTRICT")
    reverses_id: int | None
    reason = NameField(300, default="")
    recorded_by = ForeignKeyField(Person, null=True, on_delete="RESTRICT")
    recorded_by_id: int | None
    key = NameField(60, null=True, unique=True)
    """The form it came from: sent twice, it is one payment."""

    class Meta:
        indexes = ((("trigger", "on", "id"), False), (("deal", "trigger"), False))
        constraints = [
            Check("trigger IN ('contract', 'delivery', 'invoice', 'payment')"),
            Check("(reverses_id IS NULL) = (amount >= 0)"),
        ]

    @classmethod
    def visible_to(cls, person: Person) -> ModelSelect[Self]:
        """As the deals themselves."""
        return cls.select()

    @classmethod
    def of(cls, deal: Deal) -> ModelSelect[Self]:
        """All lines of a deal, newest first."""
        return cls.select().where(cls.deal == deal).order_by(cls.id.desc())

    @classmethod
    def standing(cls, deal: Deal) -> list[Self]:
        """The lines of a deal that are neither reversed nor reversals."""
        return cls.standing_among(list(cls.of(deal)))

    @staticmethod
    def standing_among(lines: list[L]) -> list[L]:
        """Of all lines of a deal, those that are neither reversed nor reversals."""
        gone = {line.reverses_id for line in lines}
        return [line for line in lines if line.reverses_id is None and line.id not in gone]

    @classmethod
    def earned(cls, trigger: str, month: clock.Month) -> ModelSelect[Self]:
        """The lines that count for a month under an earn trigger: dated in it, reversals included."""
        dated = (cls.on >= month.first_day) & (cls.on < month.next.first_day)
        return cls.select().where((cls.trigger == trigger) & dated).order_by(cls.on, cls.id)

    @classmethod
    def record(
        cls, deal: Deal, trigger: str, amount: int, on: date, *, by: Person | None, key: str | None = None
    ) -> DealLine:
        """Write money down; a form sent twice (same key) is one line. Raises Invalid and Stale."""
        if key and (known := cls.get_or_none(cls.key == key)):
            return known
        cls._check(deal, trigger, amount, on)
        with db.atomic():
            deal.touch({})  # two payments at one moment cannot both fit into what is still unpaid
            DealShare.fix(deal)
            line = cls.create(
                deal=deal, trigger=trigger, amount=amount, on=on, recorded_by=by, key=key or None
            )
            verb = "paid" if trigger == "payment" else "recorded"
            changes = {"amount": [None, amount], "on": [None, on.isoformat()], "trigger": [None, trigger]}
            deal.track(verb, by=by, changes=changes)
        return line

    @classmethod
    def _check(cls, deal: Deal, trigger: str, amount: int, on: date) -> None:
        errors: dict[str, str] = {}
        if trigger not in TRIGGERS:
            errors["trigger"] = Phrase("Choose what the money is for.")
        if not deal.is_won:
            errors[""] = Phrase("Money belongs to a won deal. Win it first.")
        left = (deal.amount or 0) - sum(line.amount for line in cls.of(deal) if line.trigger == trigger)
        if amount <= 0:
            errors["amount"] = Phrase("The amount must be more than nothing.")
        elif deal.is_won and amount > left:
            errors["amount"] = Phrase(
                "That is more than what is still open: %(left)s.", left=f"{left / 100:,.2f}"
            )
        if on > clock.today():
            errors["on"] = Phrase("This day is still to come.")
        if errors:
            raise Invalid(errors)

    def reverse(self, *, by: Person | None, reason: str, on: date | None = None) -> DealLine:
        """Take it back by a mirrored line, dated today unless said otherwise. Raises Invalid."""
        if self.reverses_id is not None:
            raise Invalid(Phrase("This line is a reversal. Record the money again instead."))
        if not reason.strip():
            raise Invalid({"reason": Phrase("Say why it is taken back.")})
        on = on or clock.today()
        if not self.on <= on <= clock.today():
            raise Invalid({"on": Phrase("This day cannot be: it is in the future or before the money came.")})
        values = {
            "deal": self.deal_id,
            "trigger": self.trigger,
            "amount": -self.amount,
            "on": on,
            "reverses": self,
            "reason": reason.strip(),
            "recorded_by": by,
            "created_at": clock.now(),
        }
        with db.atomic():
            if DealLine.insert(values).on_conflict_ignore().execute():
                changes = {"amount": [self.amount, 0], "reason": [None, reason.strip()]}
                self.deal.track("reversed", by=by, changes=changes)
        return DealLine.get(DealLine.reverses == self)

    def reversible_by(self, person: Person) -> bool:
        """Finance, and the managers of the deal's owner."""
        return person.is_finance or person.leads(self.deal.owner_id)

    @property
    def trigger_label(self) -> Phrase:
        return TRIGGERS[self.trigger]
