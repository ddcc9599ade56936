"""Forms of comments on proposed texts."""

from __future__ import annotations

from wtforms import HiddenField

from portal.forms.base import Form, FormKey, NamesChecked, TextArea
from portal.i18n import Phrase
from portal.models.base.listing import number_of
from portal.models.knowledge.comments import LONGEST, LONGEST_QUOTE
from portal.text.passages import AROUND


class CommentForm(Form):
    """What is said of a passage."""

    quote = TextArea(Phrase("The passage"), longest=LONGEST_QUOTE, rows=2)
    before = HiddenField(filters=[lambda typed: (typed or "")[-AROUND:]])
    edition = HiddenField(filters=[lambda typed: number_of(str(typed))])
    text = TextArea(Phrase("Your comment"), required=True, longest=LONGEST, rows=3)
    names_checked = NamesChecked()
    key = FormKey()


class CommentReplyForm(Form):
    """What came of a comment."""

    is_act = True

    text = TextArea(Phrase("Your reply"), required=True, longest=LONGEST, rows=2, id="answer-text")
    names_checked = NamesChecked()
