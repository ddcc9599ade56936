"""The form of a word in one of the company's own lists."""

from __future__ import annotations

from typing import Any

from portal.forms.base import Choice, Flag, Form, FormKey, Pick, TextLine, Version
from portal.i18n import Phrase
from portal.models.company.lists import LISTS
from portal.models.customers.trait_kinds import LEVELS
from portal.models.expertise.soft_traits import SoftTrait


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
        form = FORMS.get(noun, cls)(formdata, obj=word)
        model: Any = LISTS[noun]
        if hasattr(model, "parent"):
            form.parent.offer(model.select().order_by(model.name))
        else:
            del form.parent
        if isinstance(form, TraitKindForm):
            form.suits.offer(SoftTrait.select().order_by(SoftTrait.position, SoftTrait.id))
        return form


class CloseReasonForm(WordForm):
    """A reason for which deals end. Offered for neither, it is kept where it was said."""

    for_won = Flag(Phrase("Offered for won deals"), default=True)
    for_lost = Flag(Phrase("Offered for lost deals"), default=True)


class SoftTraitForm(WordForm):
    """A word for how colleagues work."""

    synonyms = TextLine(Phrase("Other words"), longest=400)


class LevelChoice(Choice):
    """A privacy level, as a number."""

    def process_data(self, value: Any) -> None:
        self.data = None if value is None else str(value)


class TraitKindForm(SoftTraitForm):
    """A word for what customers are like."""

    purpose = TextLine(Phrase("Why may it be kept?"), required=True, longest=300)
    level = LevelChoice(
        Phrase("Who reads it"), choices=[(str(level), who) for level, who in LEVELS.items()], required=True
    )
    suits = Pick(Phrase("Colleagues who suit them are called"))

    @property
    def facts(self) -> dict[str, Any]:
        return super().facts | {"level": next((one for one in LEVELS if str(one) == self.level.data), 0)}


FORMS: dict[str, type[WordForm]] = {
    "traits": TraitKindForm,
    "soft-traits": SoftTraitForm,
    "close-reasons": CloseReasonForm,
}
"""The forms of lists whose words have more than names."""
