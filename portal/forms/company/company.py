"""The form of what the company is called and asks for."""

from __future__ import annotations

from portal.forms.base import Flag, Form, TextLine
from portal.i18n import Phrase


class CompanyForm(Form):
    """What the company is called and asks for."""

    name = TextLine(Phrase("Company name"), required=True, longest=60)
    name_en = TextLine(Phrase("Company name in English"), required=True, longest=60)
    second_factor = Flag(Phrase("Paying, exporting and giving roles needs a second factor"))
