"""The form of what the company is called."""

from __future__ import annotations

from portal.forms.base import Form, TextLine
from portal.i18n import Phrase


class CompanyForm(Form):
    """What the company is called."""

    name = TextLine(Phrase("Company name"), required=True, longest=60)
    name_en = TextLine(Phrase("Company name in English"), required=True, longest=60)
