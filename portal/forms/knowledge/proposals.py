"""Forms of texts that are proposed, and of how a topic's articles are approved."""

from __future__ import annotations

from typing import Self

from wtforms import HiddenField

from portal.forms.base import Choice, Form, FormKey, NamesChecked, PickByName, TextArea, TextLine, Version
from portal.forms.knowledge.articles import ArticleForm
from portal.i18n import Phrase
from portal.models.base.listing import number_of
from portal.models.knowledge.articles import LONGEST_BODY
from portal.models.knowledge.proposals import LONGEST_NOTE
from portal.models.knowledge.words import WAYS
from portal.models.people.people import Person, auditors

NOTE = Phrase("What changes, and why")


class ArticleChangeForm(ArticleForm):
    """An article's text, with a word for who approves the change."""

    note = TextLine(NOTE, longest=LONGEST_NOTE)


class SuggestionForm(Form):
    """A change of what somebody else looks after; `number`: the version that it was written on."""

    number = HiddenField(filters=[lambda typed: number_of(str(typed))])
    title = TextLine(Phrase("Title"), required=True, longest=200)
    body = TextArea(Phrase("Text"), required=True, longest=LONGEST_BODY, rows=18)
    note = TextLine(NOTE, longest=LONGEST_NOTE)
    names_checked = NamesChecked()
    key = FormKey()


class ProposalForm(Form):
    """A text that waits, to be written on; `number`: the version of its article that was read beside it."""

    number = HiddenField(filters=[lambda typed: number_of(str(typed))])
    title = TextLine(Phrase("Title"), required=True, longest=200)
    body = TextArea(Phrase("Text"), required=True, longest=LONGEST_BODY, rows=18)
    summary = TextArea(Phrase("In one sentence"), longest=500, rows=2)
    note = TextLine(NOTE, longest=LONGEST_NOTE)
    names_checked = NamesChecked()
    version = Version()


class ProposalRefusalForm(Form):
    """Why a text is sent back."""

    is_act = True

    reason = TextArea(Phrase("What should change"), required=True, longest=LONGEST_NOTE, rows=3)


class TopicRuleForm(Form):
    """How a topic's articles are approved, and whom the topic belongs to."""

    way = Choice(Phrase("How its articles are approved"), choices=tuple(WAYS.items()), default="none")
    owner = PickByName(Phrase("Topic owner"))
    deputy = PickByName(Phrase("Deputy"))
    version = Version()

    def offering(self) -> Self:
        """With the people who work here, and do not audit what others do."""
        here = Person.deactivated_at.is_null() & Person.id.not_in(auditors())
        people = Person.select().where(here).order_by(Person.sort_name, Person.id)
        self.owner.offer(people)
        self.deputy.offer(people)
        return self
