"""The form of what an article begins from."""

from __future__ import annotations

from portal.forms.base import Choice, Form, FormKey, TextArea, TextLine, Version
from portal.i18n import Phrase
from portal.models.knowledge.articles import LONGEST_BODY
from portal.models.knowledge.words import FRESHNESS


class ArticleTemplateForm(Form):
    """A text to write on, and what it is for."""

    name = TextLine(Phrase("Name"), required=True, longest=80)
    purpose = TextLine(Phrase("What it is for"), longest=200)
    body = TextArea(Phrase("Text"), required=True, longest=LONGEST_BODY, rows=18)
    freshness = Choice(
        Phrase("How long it stays true"), choices=tuple(FRESHNESS.items()), default="evergreen"
    )
    key = FormKey()
    version = Version()
