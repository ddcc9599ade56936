"""The form for products."""

from __future__ import annotations

from portal.forms.base import Form, Line, Money, Text, Version
from portal.i18n import Phrase


class ProductForm(Form):
    """What is sold, and for how much."""

    name = Line(Phrase("Name"), required=True, longest=200)
    name_en = Line(Phrase("English name"), longest=200)
    code = Line(Phrase("Code"), required=True, longest=60)
    series = Line(Phrase("Series"), longest=120)
    list_price = Money(Phrase("List price"))
    description = Text(Phrase("Description"), rows=10)
    version = Version()
