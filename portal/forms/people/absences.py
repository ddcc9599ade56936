"""The form in which an absence is noted."""

from __future__ import annotations

from typing import Self

from portal.forms.base import PROPOSED, Day, Form, FormKey, PickByName
from portal.i18n import Phrase
from portal.models.people.people import Person


class AbsenceForm(Form):
    """From when to when somebody is away, and who stands in."""

    first_day = Day(Phrase("First day"), required=True)
    last_day = Day(Phrase("Last day"), required=True)
    substitute = PickByName(Phrase("Stands in"))
    key = FormKey()

    def offering(self, person: Person) -> Self:
        """With those who may stand in for a person: of the same department as a rule."""
        others = Person.select().where(Person.deactivated_at.is_null() & (Person.id != person.id))
        near = others.where(Person.department == person.department_id).order_by(Person.sort_name)
        self.substitute.offer(others, near.limit(PROPOSED))
        return self
