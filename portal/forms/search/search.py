"""Forms of search: the company's words."""

from __future__ import annotations

from wtforms import fields

from portal.forms.base import Form, FormKey, TextLine, Version
from portal.i18n import Phrase


class SynonymForm(Form):
    """Words that mean the same, or one word that stays whole."""

    words = TextLine(Phrase("Words"), required=True, longest=500, id="synonym-words")
    key = FormKey()
    version = Version()


class WordSetForm(Form):
    """A trade whose words to begin with, by key."""

    trade = fields.HiddenField()
