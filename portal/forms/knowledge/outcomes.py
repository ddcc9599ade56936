"""Forms of what becomes of a suggestion."""

from __future__ import annotations

from typing import Any, Self

from portal.forms.base import Choice, Day, Form, NamesChecked, Pick, TextArea
from portal.i18n import Phrase
from portal.models.knowledge.outcomes import ANSWERS, LONGEST
from portal.models.people.people import Person


class OutcomeForm(Form):
    """Whether it is carried out, and why not."""

    state = Choice(
        Phrase("What becomes of it?"),
        choices=[("", Phrase("Choose")), *((state, state.label) for state in ANSWERS)],
        required=True,
    )
    planned_on = Day(Phrase("Carried out by"))
    text = TextArea(Phrase("Your reply"), longest=LONGEST, rows=4)
    names_checked = NamesChecked()


class OutcomeOwnerForm(Form):
    """Who answers instead."""

    is_act = True

    owner = Pick(Phrase("Who answers"), required=True)

    def offering(self, but: list[int]) -> Self:
        """With everyone here but those who proposed it."""
        people: Any = Person.select().where(Person.deactivated_at.is_null() & Person.id.not_in(but))
        self.owner.offer(people.order_by(Person.name))
        return self
