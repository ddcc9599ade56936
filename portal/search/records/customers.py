"""Customers, the people there and what they ask for, as search finds them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from portal.models.base.record import along
from portal.models.customers.contacts import Contact
from portal.models.customers.customers import Customer
from portal.models.customers.requests import CustomerRequest
from portal.models.customers.traits import Trait
from portal.search.documents import RestrictedText, SearchDoc
from portal.search.records.common import (
    STAFF,
    at_customer,
    beside,
    every,
    joined,
    only,
    plain,
    seconds,
    serving,
    tag,
)
from portal.search.text import alternates


def customers(ids: Sequence[int]) -> list[SearchDoc]:
    """Whom a customer opens for finds it by name, code and the people there; by phone, e-mail and address
    only who reads them in the ordinary course of work (RULES 4.10): the owner.
    """
    contacts: dict[int, list[Contact]] = defaultdict(list)
    for contact in (
        Contact.select().where(Contact.customer.in_(ids) & Contact.archived_at.is_null()).order_by(Contact.id)
    ):
        contacts[contact.customer_id].append(contact)
    traits = Trait.words_of(ids)
    found = Customer.select().where(Customer.id.in_(ids))
    return [_customer(each, contacts[each.id], traits.get(each.id, {})) for each in found]


def _customer(customer: Customer, contacts: list[Contact], traits: dict[int, list[str]]) -> SearchDoc:
    named: list[str] = [*alternates(customer.name, "name" if customer.form == "person" else "company")]
    if customer.name_en:
        named += [customer.name_en, *alternates(customer.name_en, "company")]
    named += alternates(customer.code or "", "code")
    named += [customer.website] if customer.website else []
    for contact in contacts:
        named += [contact.name, *alternates(contact.name, "name")]
    return SearchDoc(
        id=str(customer),
        kind="customer",
        title=customer.name,
        alt=tuple(dict.fromkeys(named)),
        tags=tag("type", customer.type_id),
        body=joined(
            " · ".join(part for part in (customer.sector, customer.city) if part),
            " · ".join(f"{contact.name} {contact.title}".strip() for contact in contacts),
            " · ".join(traits.get(1, ())),
            plain(customer.note),
            *(plain(contact.note) for contact in contacts),
        ),
        groups=frozenset(
            {
                every("customer"),
                serving(customer.owner_id),
                beside("customer", customer.owner_id),
                at_customer(customer.id),
            }
        ),
        status="archived" if customer.is_archived else "active",
        owner=str(customer.owner_id or ""),
        updated=seconds(customer.updated_at),
        restricted=(*_private(customer, contacts), *_known_to_few(customer, traits)),
    )


def _known_to_few(customer: Customer, traits: dict[int, list[str]]) -> Iterator[RestrictedText]:
    """Traits of a higher level are found by the owner alone: who leads them changes without the customer."""
    few = [word for level, words in traits.items() if level > 1 for word in words]
    if few and customer.owner_id is not None:
        yield RestrictedText(frozenset({only(customer.owner_id)}), " · ".join(few))


def _private(customer: Customer, contacts: list[Contact]) -> tuple[RestrictedText, ...]:
    if customer.owner_id is None:
        return ()
    phones = [phone for phone in (customer.phone, *(contact.phone for contact in contacts)) if phone]
    emails = [email for email in (customer.email, *(contact.email for contact in contacts)) if email]
    text = " · ".join([*phones, *emails, *([customer.address] if customer.address else [])])
    if not text:
        return ()
    alt = [form for phone in phones for form in alternates(phone, "phone")]
    alt += [form for email in emails for form in alternates(email, "email")]
    return (RestrictedText(frozenset({only(customer.owner_id)}), text, tuple(dict.fromkeys(alt))),)


def requests(ids: Sequence[int]) -> list[SearchDoc]:
    """What customers ask for, by its words and the customer's name."""
    found = CustomerRequest.select().where(CustomerRequest.id.in_(ids))
    return [_request(each) for each in along(found, CustomerRequest.customer)]


def _request(request: CustomerRequest) -> SearchDoc:
    customer = request.customer
    return SearchDoc(
        id=str(request),
        kind="customer_request",
        title=request.name,
        body=joined(customer.name, customer.name_en, request.text, request.result),
        groups=frozenset({STAFF}),
        status=request.state,
        owner=str(request.taken_by_id or ""),
        updated=seconds(request.updated_at),
    )


def requests_of_customers(ids: Sequence[int]) -> list[int]:
    """The requests that are found by the names of these customers."""
    found = CustomerRequest.select(CustomerRequest.id).where(CustomerRequest.customer.in_(ids))
    return [request.id for request in found]
