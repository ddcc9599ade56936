"""The form of the rules of review."""

from __future__ import annotations

from typing import Any

from portal.forms.base import Form, PickByName, TextLine, Version, Whole
from portal.i18n import Phrase
from portal.models.experiences import rules
from portal.models.experiences.rubric import CRITERIA, NAMES
from portal.models.people.people import Person

_LABELS = {each.name: each.label for each in CRITERIA}


class ReviewRulesForm(Form):
    """How much each question counts, from what score on something is accepted, and who stands in."""

    is_of_settings = True
    correct = Whole(_LABELS["correct"], required=True, least=0, most=100)
    reusable = Whole(_LABELS["reusable"], required=True, least=0, most=100)
    new = Whole(_LABELS["new"], required=True, least=0, most=100)
    clear = Whole(_LABELS["clear"], required=True, least=0, most=100)
    linked = Whole(_LABELS["linked"], required=True, least=0, most=100)
    pass_mark = Whole(Phrase("Pass mark"), required=True, least=1, most=100)
    gap = Whole(Phrase("A third reviewer is asked above a difference of"), required=True, least=1, most=100)
    panel_lead = PickByName(Phrase("Panel lead"))
    reason = TextLine(Phrase("Reason"), longest=500)
    version = Version()

    @classmethod
    def of(cls, formdata: Any = None) -> ReviewRulesForm:
        """The form of what holds now."""
        form = cls(formdata, data=rules.in_force())
        active = Person.select().where(Person.deactivated_at.is_null())
        form.panel_lead.offer(active.order_by(Person.sort_name))
        return form

    @property
    def weights(self) -> list[Any]:
        """The fields of the weights, in the order of the rubric."""
        return [self[name] for name in NAMES]
