"""The people at a customer."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from operator import or_
from typing import Any, Self

from peewee import BooleanField, ForeignKeyField, ModelSelect, Value

from portal.i18n import Phrase
from portal.models.base.database import db
from portal.models.base.fields import MarkdownField, NameField, UtcDateTimeField
from portal.models.base.published import names_in
from portal.models.base.record import Archivable, Indexed, Invalid, SearchOutbox, Tree
from portal.models.customers.customers import Customer
from portal.models.customers.masks import Restricted
from portal.models.customers.rights import needed, of_open
from portal.models.customers.words import CONTACT
from portal.models.people.people import Person
from portal.text.addresses import is_email
from portal.text.naming import standing


class Contact(Restricted, Archivable, Tree, Indexed):
    """A person at a customer. Phone and e-mail are L3, as the customer's."""

    called = CONTACT

    customer = ForeignKeyField(Customer, on_delete="CASCADE", verbose_name=Phrase("Customer"))
    customer_id: int
    name = NameField(120, verbose_name=Phrase("Full name"))
    title = NameField(120, default="", verbose_name=Phrase("Title"))
    phone = NameField(40, default="", verbose_name=Phrase("Phone"))
    email = NameField(254, default="", verbose_name=Phrase("E-mail"))
    note = MarkdownField(default="", verbose_name=Phrase("Note"))
    decides = BooleanField(default=False, verbose_name=Phrase("Decides"))
    reports_to: ForeignKeyField[Any] = ForeignKeyField(
        "self", null=True, on_delete="SET NULL", verbose_name=Phrase("Reports to")
    )
    reports_to_id: int | None
    archived_at = UtcDateTimeField(null=True)
    parent_field = "reports_to"

    @classmethod
    def visible_to(cls, person: Person) -> ModelSelect[Self]:
        """Whoever opens the customer; phone and e-mail go through the mask."""
        return of_open(cls.customer, person)

    @classmethod
    def of(cls, customer: Customer) -> ModelSelect[Self]:
        """The people at a customer: who decides first."""
        mine = (cls.customer == customer) & cls.archived_at.is_null()
        return cls.select().where(mine).order_by(cls.decides.desc(), cls.name, cls.id)

    @classmethod
    def add(cls, customer: Customer, *, by: Person | None, name: str, **fields: Any) -> Contact:
        """Note someone at a customer. Raises Invalid."""
        contact = cls(customer=customer, name=name.strip(), **fields)
        contact._check({"name": name, **fields})
        with db.atomic():
            contact.save(force_insert=True)
            contact.track("added", by=by, changes={"name": [None, contact.name]})
        return contact

    def edit(self, *, by: Any, version: int | None = None, **values: Any) -> dict[str, list[Any]]:
        """Change fields. Raises Invalid, and Stale when version is old."""
        values = self.own_values(values, by=by)
        self._check(self.but_for_its_number(values))
        return super().edit(by=by, version=version, **values)

    def reindex(self) -> None:
        """They are found as their customer."""
        SearchOutbox.note(Customer.kind(), [self.customer_id])

    @classmethod
    def faults(cls, values: Mapping[str, Any]) -> dict[str, Phrase]:
        """What is wrong with these facts, by field."""
        errors = super().faults(values)
        if "name" in values and not values["name"].strip():
            errors["name"] = Phrase.among("people", "A name is needed.")
        if values.get("email") and "email" not in errors and not is_email(values["email"]):
            errors["email"] = Phrase("This is not an e-mail address. Write one such as name@example.com.")
        return errors

    def _check(self, values: Mapping[str, Any]) -> None:
        errors = self.faults(values)
        chief = values.get("reports_to")
        if chief is not None and (chief.customer_id != self.customer_id or self.is_above(chief)):
            errors["reports_to"] = Phrase("Choose someone else at this customer.")
        if errors:
            raise Invalid(errors)

    def reveal(self, *, by: Person) -> None:
        """Someone who may asks to see phone and e-mail in full: it is logged (RULES 4.10)."""
        if not self.open_to(by):
            self.track("revealed", by=by, changes={"why": [None, "asked"]})

    def open_to(self, person: Person) -> bool:
        """As the customer's own."""
        return self.customer.open_to(person)

    def revealable_to(self, person: Person) -> bool:
        return self.customer.revealable_to(person)

    def editable_by(self, person: Person) -> bool:
        return self.customer.editable_by(person)


def names_at(customer: Customer | int) -> list[str]:
    """The names of a customer and of everyone there, in any language."""
    return _names(Customer.id == (customer if isinstance(customer, int) else customer.id))


def all_names() -> list[str]:
    """The names of all customers and of everyone there, in any language: hundreds of thousands."""
    return _names(Customer.id.is_null(False))


@names_in
def names_of_own(text: str, person: int | None) -> list[str]:
    """The names of the customers whom a person looks after or has a deal with, and of the people there, that
    may stand in a text in one of their forms: 韦先生 as well as 韦小宝.
    """
    if person is None:
        return []
    dealt = needed(Customer.id, Person(id=person), [person], lent=False)
    return standing(text, _names(reduce(or_, dealt, Customer.owner == person)))


def _names(which: Any) -> list[str]:
    people = Contact.select(Contact.name, Value("")).join(Customer).where(which)
    rows: Any = (Customer.select(Customer.name, Customer.name_en).where(which) | people).tuples()
    return [name for row in rows for name in row if name]
