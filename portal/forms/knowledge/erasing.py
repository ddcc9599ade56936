"""The form in which personal data is taken out of what was published."""

from __future__ import annotations

from portal.forms.base import Flag, Form, TextArea
from portal.i18n import Phrase


class ErasureForm(Form):
    """What shall go beside numbers and addresses, which always do."""

    names = Flag(Phrase("Names of the customer and its people too"))
    words = TextArea(Phrase("Other words that must go, one a line"), longest=2000, rows=3, id="erased-words")
