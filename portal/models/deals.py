"""Chances to sell, from lead to won or lost, and the money that came of them."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from peewee import CharField, Check, DateField, ForeignKeyField

from portal.models.base import (
    Editable,
    MoneyField,
    NameField,
    RateField,
    Record,
    Searchable,
    TextField,
    UtcDateTimeField,
)
from portal.models.customers import Customer
from portal.models.people import Person
from portal.models.products import Product


class Stage(StrEnum):
    """How far a deal is. Won and lost end it."""

    LEAD = "lead"
    ENGAGED = "engaged"
    VIEWING = "viewing"
    NEGOTIATION = "negotiation"
    WON = "won"
    LOST = "lost"


OPEN_STAGES = (Stage.LEAD, Stage.ENGAGED, Stage.VIEWING, Stage.NEGOTIATION)
WHOLE = 1_000_000


class Deal(Editable, Searchable):
    """A chance to sell one product to one customer. Some imported deals have no customer."""

    code = NameField(60, null=True, unique=True)
    title = NameField(200)
    customer = ForeignKeyField(Customer, null=True, on_delete="RESTRICT")
    customer_id: int | None
    product = ForeignKeyField(Product, null=True, on_delete="RESTRICT")
    product_id: int | None
    owner = ForeignKeyField(Person, on_delete="RESTRICT")
    owner_id: int
    stage = CharField(20, default=Stage.LEAD)
    amount = MoneyField(null=True)
    """What was or may be sold, in minor units."""
    engaged_on = DateField(null=True)
    expected_on = DateField(null=True)
    closed_on = DateField(null=True)
    lost_reason = NameField(300, default="")
    competitor = NameField(200, default="")
    note = TextField(default="")
    archived_at = UtcDateTimeField(null=True)

    class Meta:
        indexes = ((("stage", "id"), False), (("owner", "stage"), False), (("closed_on", "id"), False))
        constraints = [
            Check("stage IN ('lead', 'engaged', 'viewing', 'negotiation', 'won', 'lost')"),
            Check("(stage IN ('won', 'lost')) = (closed_on IS NOT NULL)"),
            Check("amount IS NULL OR amount >= 0"),
        ]


class DealShare(Record):
    """A person's part in a deal's commission, in millionths; a deal's shares sum to the whole."""

    deal = ForeignKeyField(Deal, on_delete="CASCADE")
    deal_id: int
    person = ForeignKeyField(Person, on_delete="RESTRICT")
    person_id: int
    share = RateField()

    class Meta:
        indexes = ((("deal", "person"), True),)
        constraints = [Check("share > 0 AND share <= 1000000")]


class DealLine(Record):
    """Commissionable money of a deal, dated: contract signed, delivered, invoiced or paid.

    Append-only. A reversal is the mirrored row naming the row that it reverses (once: unique).
    """

    deal = ForeignKeyField(Deal, on_delete="RESTRICT")
    deal_id: int
    trigger = CharField(20)
    """Which of the events of RULES 4.1 (`earn trigger`) it is."""
    on = DateField()
    amount = MoneyField()
    reverses: ForeignKeyField[Any] = ForeignKeyField("self", null=True, unique=True, on_delete="RESTRICT")
    reason = NameField(300, default="")
    recorded_by = ForeignKeyField(Person, null=True, on_delete="RESTRICT")

    class Meta:
        indexes = ((("trigger", "on", "id"), False), (("deal", "trigger"), False))
        constraints = [
            Check("trigger IN ('contract', 'delivery', 'invoice', 'payment')"),
            Check("(reverses_id IS NULL) = (amount >= 0)"),
        ]
