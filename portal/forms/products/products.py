"""The form for products."""

from __future__ import annotations

from portal.forms.base import Form, FormKey, Money, TextArea, TextLine, Version
from portal.i18n import Phrase


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
    description = TextArea(Phrase("Description"), rows=10)
    key = FormKey()
    version = Version()
