"""Customers and their contacts, many at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portal.models.base.intake import Intake
from portal.models.base.record import SearchOutbox
from portal.models.customers.contacts import Contact
from portal.models.customers.customers import Customer


class CustomerIntake(Intake[Customer]):
    """Customers as a file brings or names them: nobody owns them unless it says so."""

    model = Customer

    def add_named(self, name: str, **facts: Any) -> Customer:
        return Customer.add(by=self.by, name=name, owner=None, **facts)


class ContactIntake(Intake[Contact]):
    """Contacts as a file brings them."""

    model = Contact

    def _reindex(self, found: Mapping[int, int | None]) -> None:
        """They are found as their customers."""
        SearchOutbox.note(Customer.kind(), {customer for customer in found.values() if customer})
