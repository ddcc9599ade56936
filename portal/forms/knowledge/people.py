"""What one colleague says of another."""

from __future__ import annotations

from typing import Any, Self

from wtforms import fields, widgets

from portal import i18n
from portal.forms.base import Form, Pick, PickMany
from portal.i18n import Phrase
from portal.models.company.topics import Topic
from portal.models.people.words import LANGUAGES


class EndorsementForm(Form):
    """A topic that a colleague knows."""

    topic = Pick(Phrase("Topic"), required=True)

    def offering(self, person: Any) -> Self:
        """With the topics in use."""
        self.topic.offer(Topic.visible_to(person))
        return self


class OwnPageForm(Form):
    """What somebody says of themselves on their page."""

    languages = fields.SelectMultipleField(
        Phrase("Languages spoken"),
        choices=[],
        validate_choice=False,
        widget=widgets.ListWidget(prefix_label=False),
        option_widget=widgets.CheckboxInput(),
    )
    wanted = PickMany(Phrase("Would like to learn"))
    declared = PickMany(Phrase("I also know"))

    @classmethod
    def of(cls, person: Any, formdata: Any, said: dict[Any, list[Topic]]) -> Self:
        """The form for one person, with what they said until now."""
        given = {"languages": person.spoken, **said}
        form = cls(formdata, data=given)
        form.languages.choices = [(code, i18n.gettext(words)) for code, words in LANGUAGES.items()]
        form.languages.data = [code for code in form.languages.data or () if code in LANGUAGES]
        for box in (form.wanted, form.declared):
            box.offer(Topic.visible_to(person))
        return form
