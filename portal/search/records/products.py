"""Products, as search finds them."""

from __future__ import annotations

from collections.abc import Sequence

from portal.models.products.products import Product
from portal.search.documents import SearchDoc
from portal.search.records.common import STAFF, joined, plain, seconds, tag
from portal.search.text import alternates


def products(ids: Sequence[int]) -> list[SearchDoc]:
    """What is sold, and what was."""
    return [_product(product) for product in Product.select().where(Product.id.in_(ids))]


def _product(product: Product) -> SearchDoc:
    return SearchDoc(
        id=str(product),
        kind="product",
        title=product.name,
        alt=tuple(
            dict.fromkeys(
                (
                    *([product.name_en] if product.name_en else []),
                    *alternates(product.code, "code"),
                    *alternates(product.name, "title"),
                )
            )
        ),
        tags=tag("product", product.id),
        body=joined(product.series, product.series_en, plain(product.description)),
        groups=frozenset({STAFF}),
        status="archived" if product.archived_at else "active",
        updated=seconds(product.updated_at),
    )
