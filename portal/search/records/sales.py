"""Deals, as search finds them."""

from __future__ import annotations

from collections.abc import Sequence

from peewee import JOIN

from portal.models.customers.customers import Customer
from portal.models.products.products import Product
from portal.models.sales.close_reasons import CloseReason
from portal.models.sales.deals import Deal, reasons_of
from portal.search.documents import SearchDoc
from portal.search.records.common import at_customer, beside, every, joined, plain, seconds, serving, tag
from portal.search.text import alternates


def deals(ids: Sequence[int]) -> list[SearchDoc]:
    """Chances to sell, with the names of customer and product."""
    found = (
        Deal.select(Deal, Customer, Product)
        .join(Customer, JOIN.LEFT_OUTER, on=Deal.customer)
        .switch(Deal)
        .join(Product, JOIN.LEFT_OUTER, on=Deal.product)
        .where(Deal.id.in_(ids) & Deal.archived_at.is_null())
    )
    listed = list(found)
    why = reasons_of(listed)
    return [_deal(deal, why.get(deal.id, [])) for deal in listed]


def _deal(deal: Deal, reasons: Sequence[CloseReason]) -> SearchDoc:
    customer = deal.customer if deal.customer_id else None
    product = deal.product if deal.product_id else None
    linked = [each for each in (customer, product) if each is not None]
    code = product.code if product else ""
    own, english = [each.name for each in linked], [each.name_en for each in linked]
    why = " · ".join(each.name_en for each in reasons if each.name_en)
    return SearchDoc(
        id=str(deal),
        kind="deal",
        title=deal.title,
        alt=(*alternates(deal.code or "", "code"), *alternates(deal.title, "title")),
        tags=(*tag("product", deal.product_id), *tag("type", customer.type_id if customer else None)),
        body=joined(
            " · ".join(filter(None, (*own, code))),
            # one beside the other: what is shown of a hit is in one language
            " · ".join(filter(None, (*english, code, why))) if any((*english, why)) else "",
            deal.competitor,
            deal.lost_reason,
            " · ".join(each.name for each in reasons),
            plain(deal.note),
        ),
        groups=frozenset(
            {
                every("deal"),
                serving(deal.owner_id),
                beside("deal", deal.owner_id),
                str(deal),
                *((serving(customer.owner_id), at_customer(customer.id)) if customer else ()),
            }
        ),
        status=deal.stage,
        owner=str(deal.owner_id),
        updated=seconds(deal.updated_at),
    )


def deals_of_customers(ids: Sequence[int]) -> dict[str, list[int]]:
    """The deals that are found by the names of these customers."""
    return {"deal": [deal.id for deal in Deal.select(Deal.id).where(Deal.customer.in_(ids))]}


def deals_of_products(ids: Sequence[int]) -> dict[str, list[int]]:
    """The deals that are found by the names of these products."""
    return {"deal": [deal.id for deal in Deal.select(Deal.id).where(Deal.product.in_(ids))]}
