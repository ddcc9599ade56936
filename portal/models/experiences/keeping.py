"""What tells who a customer is goes from a draft to where it belongs: the contact (RULES 4.10)."""

from __future__ import annotations

from typing import Any

from portal.i18n import Phrase
from portal.models.base.database import db
from portal.models.base.record import Invalid
from portal.models.customers.contacts import Contact
from portal.models.customers.customers import Customer
from portal.models.experiences.experiences import Experience
from portal.models.people.people import Person
from portal.text.naming import WIDE
from portal.text.personal_data import Find, without

FIELDS = {"phone": "phone", "e-mail": "email", "address": "address"}
"""Where each kind is kept. ID numbers, cards and the like have no place: they are kept nowhere by default."""


def keepers(experience: Experience, person: Person) -> list[Contact | Customer]:
    """The people at its customer, and the customer: where this person may note what a text must not hold."""
    deal = experience.deal if experience.deal_id is not None else None
    customer: Customer | None = None
    if deal is not None and deal.customer_id is not None:
        customer = Customer.visible_to(person).where(Customer.id == deal.customer_id).first()
    if customer is None or not customer.editable_by(person):
        return []
    return [*Contact.of(customer), customer]


def keepable(find: Find, keeper: Contact | Customer) -> bool:
    """Whether this keeper has an empty place for a find, or holds it already."""
    field = FIELDS.get(find.kind, "")
    return bool(field) and hasattr(keeper, field) and getattr(keeper, field) in ("", _plain(find))


def keep(experience: Experience, *, by: Person, field: str, start: int, keeper: str) -> None:
    """Note a find on a contact or the customer, and take it out of the draft. Twice is harmless.

    `field` and `start` say where it stands, `keeper` is `contact-3` or `customer-7`. Raises Invalid when it
    has no place there.
    """
    finds = experience.personal_data([field]).get(field, []) if field in experience.texts else []
    found = next((find for find in finds if find.start == start), None)
    place = next((one for one in keepers(experience, by) if str(one) == keeper), None)
    if found is None:
        return
    if place is None or not keepable(found, place):
        raise Invalid(Phrase("There is no place for this. Take it out by hand."))
    with db.atomic():
        noted: dict[str, Any] = {FIELDS[found.kind]: _plain(found)}
        place.edit(by=by, **noted)
        left: dict[str, Any] = {field: without(getattr(experience, field), [found])}
        experience.save_draft(by=by, **left)


def _plain(find: Find) -> str:
    return find.text.translate(WIDE)
