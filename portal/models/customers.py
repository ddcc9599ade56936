"""The organisations and persons served, the people there, and every contact with them."""

from __future__ import annotations

from typing import Any

from peewee import BooleanField, CharField, Check, ForeignKeyField, IntegerField

from portal import clock
from portal.models.base import (
    Editable,
    MoneyField,
    NameField,
    Record,
    Searchable,
    TextField,
    UtcDateTimeField,
)
from portal.models.people import Person


class CustomerType(Editable):
    """A kind of customer that shares doubts and wishes: answers are best for one of these."""

    name = NameField(120, unique=True)
    name_en = NameField(120, default="")
    position = IntegerField(default=0)


class Customer(Editable, Searchable):
    """An organisation or a person that the company serves or would like to."""

    name = NameField(200, index=True)
    name_en = NameField(200, default="")
    sort_name = NameField(400, default="", index=True)
    """Pinyin of the name, for sorting."""
    code = NameField(60, null=True, unique=True)
    """The key under which other systems and imports know it."""
    form = CharField(20, default="organisation")
    type = ForeignKeyField(CustomerType, null=True, on_delete="RESTRICT")
    type_id: int | None
    owner = ForeignKeyField(Person, null=True, on_delete="RESTRICT")
    owner_id: int | None
    parent: ForeignKeyField[Any] = ForeignKeyField("self", null=True, on_delete="SET NULL")
    parent_id: int | None
    sector = NameField(120, default="")
    source = NameField(120, default="")
    city = NameField(120, default="")
    website = NameField(200, default="")
    phone = NameField(40, default="")
    """L3: for the owner and their managers; masked for others (RULES 4.10)."""
    email = NameField(254, default="")
    """L3, as the phone."""
    address = NameField(300, default="")
    """L3, as the phone."""
    revenue = MoneyField(null=True)
    employees = IntegerField(null=True)
    founded = IntegerField(null=True)
    note = TextField(default="")
    archived_at = UtcDateTimeField(null=True)

    class Meta:
        constraints = [Check("form IN ('organisation', 'person')")]


class Contact(Editable):
    """A person at a customer. Phone and e-mail are L3, as the customer's."""

    customer = ForeignKeyField(Customer, on_delete="CASCADE")
    customer_id: int
    name = NameField(120)
    title = NameField(120, default="")
    phone = NameField(40, default="")
    email = NameField(254, default="")
    note = TextField(default="")
    decides = BooleanField(default=False)
    reports_to: ForeignKeyField[Any] = ForeignKeyField("self", null=True, on_delete="SET NULL")
    archived_at = UtcDateTimeField(null=True)


class Interaction(Record):
    """A call, visit, message, viewing or note: what happened between us and a customer."""

    customer = ForeignKeyField(Customer, on_delete="CASCADE")
    customer_id: int
    contact = ForeignKeyField(Contact, null=True, on_delete="SET NULL")
    person = ForeignKeyField(Person, on_delete="RESTRICT")
    person_id: int
    deal = IntegerField(null=True)
    """The deal's id, when it was about one."""
    kind_of = CharField(20, column_name="kind")
    text = TextField(default="")
    at = UtcDateTimeField(default=clock.now)

    class Meta:
        indexes = ((("customer", "at"), False), (("person", "at"), False))
        constraints = [Check("kind IN ('call', 'visit', 'message', 'mail', 'viewing', 'note')")]
