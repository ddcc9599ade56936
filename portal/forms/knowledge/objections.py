"""Forms of what is said against an article."""

from __future__ import annotations

from portal.forms.base import Form, NamesChecked, TextArea
from portal.i18n import Phrase
from portal.models.knowledge.objections import LONGEST


class ObjectionForm(Form):
    """Why it did not work."""

    reason = TextArea(Phrase("Why it did not work"), required=True, longest=LONGEST, rows=2)
    names_checked = NamesChecked()


class ReplyForm(Form):
    """What became of it."""

    text = TextArea(Phrase("Your reply"), required=True, longest=LONGEST, rows=2)
    names_checked = NamesChecked()
