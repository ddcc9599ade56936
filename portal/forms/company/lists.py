"""The form of a word in one of the company's own lists."""

from __future__ import annotations

from typing import Any

from portal.forms.base import Form, FormKey, Pick, TextLine, Version
from portal.i18n import Phrase
from portal.models.company.lists import LISTS


class WordForm(Form):
    """A word in one of the company's own lists."""

    name = TextLine(Phrase("Name"), required=True, longest=120)
    name_en = TextLine(Phrase("Name in English"), longest=120)
    parent = Pick(Phrase("Below"))
    key = FormKey()
    version = Version()

    @classmethod
    def of(cls, noun: str, formdata: Any = None, word: Any = None) -> WordForm:
        """The form of one list; only trees have a parent."""
        form = cls(formdata, obj=word)
        model: Any = LISTS[noun]
        if hasattr(model, "parent"):
            form.parent.offer(model.select().order_by(model.name))
        else:
            del form.parent
        return form
