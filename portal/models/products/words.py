"""What is sold is called."""

from __future__ import annotations

from portal.i18n import Phrase
from portal.models.base.nouns import Noun

PRODUCT = Noun(
    "product",
    Phrase("Product"),
    Phrase("Products"),
    icon="package",
    path="/products/{id}",
)
