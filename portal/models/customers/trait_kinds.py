"""The company's words for what customers are like, each with its purpose and who reads it (RULES 4.10)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Self

from peewee import Check, ForeignKeyField, IntegerField, ModelSelect, fn

from portal.i18n import Phrase
from portal.models.base.fields import NameField
from portal.models.base.record import SearchOutbox
from portal.models.company.lists import LISTS
from portal.models.company.trait_words import TraitWord, pieces_of
from portal.models.customers.customers import Customer
from portal.models.customers.words import TRAIT_KIND
from portal.models.expertise.soft_traits import SoftTrait
from portal.models.people.people import Person
from portal.text.naming import plain

LEVELS = {
    1: Phrase("Whoever opens the customer"),
    2: Phrase("Who looks after the customer, and who leads them"),
    3: Phrase("Who looks after the customer, alone"),
}
"""Who reads a trait, by its level of RULES 4.10. Level 4 (health, debts, religion) is not kept."""


class TraitKind(TraitWord):
    """A word for what a customer is like: wants safety, asks about resale."""

    called = TRAIT_KIND

    purpose = NameField(300, verbose_name=Phrase("Purpose"))
    """Why it may be kept."""
    level = IntegerField(default=1, verbose_name=Phrase("Who reads it"))
    """A key of LEVELS."""
    suits = ForeignKeyField(
        SoftTrait,
        null=True,
        on_delete="SET NULL",
        index=False,
        verbose_name=Phrase("Colleagues who suit them are called"),
    )
    suits_id: int | None

    class Meta:
        constraints = [Check("level >= 1 AND level <= 3")]

    @classmethod
    def visible_to(cls, person: Any) -> ModelSelect[Self]:
        """Everyone knows the words, in the company's order; of whom they hold is another matter."""
        return cls.select().order_by(cls.position, cls.id)

    @classmethod
    def faults(cls, values: Mapping[str, Any]) -> dict[str, Phrase]:
        faults = super().faults(values)
        if "purpose" in values and not str(values["purpose"] or "").strip():
            faults["purpose"] = Phrase("Say why it may be kept: without a purpose it is not.")
        if "level" in values and values["level"] not in LEVELS:
            faults["level"] = Phrase("Choose who reads it.")
        return faults

    @classmethod
    def names_known(cls, text: str) -> Iterator[str]:
        people: Any = Person.select(Person.name, Person.name_en).tuples()
        customers: Any = Customer.select(Customer.name, Customer.name_en).tuples()
        begin = pieces_of(text)
        named = fn.LOWER(fn.SUBSTR(Customer.name, 1, 2)).in_(begin)
        named |= fn.LOWER(fn.SUBSTR(Customer.name_en, 1, 2)).in_(begin)
        customers = customers.where((Customer.form == "person") & named)
        return (name for rows in (people, customers) for pair in rows for name in pair if name)

    def touch(self, values: Mapping[str, Any]) -> None:
        """Customers are found by its words, and by those who may read it."""
        super().touch(values)
        known = self.traits.model
        SearchOutbox.note(
            "customer", [each.customer_id for each in known.select().where(known.kind_of == self)]
        )

    traits: Any

    @property
    def plain_words(self) -> set[str]:
        """Its words as a text is looked through for them."""
        return {plain(word).lower() for word in self.words}


LISTS["traits"] = TraitKind
