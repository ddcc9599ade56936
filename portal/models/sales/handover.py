"""A customer that goes to another owner, with its deals if wished."""

from __future__ import annotations

from portal.models.base.database import db
from portal.models.customers.customers import Customer
from portal.models.people.people import Person
from portal.models.sales.deals import OPEN_STAGES, Deal


def hand_over(
    customer: Customer, to: Person, *, by: Person, with_deals: bool = False, told: bool = True
) -> bool:
    """Give a customer to a new owner; with the open deals of the old one if wished. False when it is theirs.
    Raises Invalid.
    """
    before = customer.owner_id
    with db.atomic():
        if not customer.hand_over(to, by=by, told=told):
            return False
        if with_deals and before is not None:
            mine = (Deal.customer == customer) & (Deal.owner == before) & Deal.stage.in_(OPEN_STAGES)
            for deal in Deal.select().where(mine):
                deal.hand_over(to, by=by, told=told)
    return True
