"""The form for products."""

from __future__ import annotations

from typing import Self

from portal.forms.base import Form, FormKey, Money, PickByName, TextArea, TextLine, Version
from portal.i18n import Phrase
from portal.models.people.people import Person
from portal.models.products.products import Product


class ProductForm(Form):
    """What is sold, and for how much."""

    name = TextLine(Phrase("Name"), required=True, longest=200)
    name_en = TextLine(Phrase("English name"), longest=200)
    code = TextLine(Phrase("Code"), required=True, longest=60)
    series = TextLine(Phrase("Series"), longest=120)
    series_en = TextLine(
        Phrase("Series in English"),
        longest=120,
        description=Phrase("One name for all products of the series: who changes it here changes it in all."),
    )
    list_price = Money(Phrase("List price"))
    owner = PickByName(
        Phrase("Owner"),
        lasting=True,
        description=Phrase("Answers what colleagues suggest about this product."),
    )
    description = TextArea(Phrase("Description"), rows=10)
    key = FormKey()
    version = Version()

    def offering(self, product: Product | None = None) -> Self:
        """With everyone to whom it may belong; who owns it and has left may stay until someone follows."""
        here = Product.owners()
        if product is not None and product.owner_id is not None:
            here = here.orwhere(Person.id == product.owner_id)
        self.owner.offer(here.order_by(Person.sort_name, Person.id))
        return self
