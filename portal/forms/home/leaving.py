"""The form of handing on what someone holds who leaves."""

from __future__ import annotations

from typing import Any

from wtforms import fields

from portal import clock
from portal.forms.base import Day, Form, PickByName
from portal.i18n import Phrase
from portal.models.home.leaving import GROUPS
from portal.models.people.people import Person


class LeavingForm(Form):
    """When they leave, who takes over, and what of it."""

    left_on = Day(Phrase("Last day of employment"))
    to = PickByName(Phrase("Who takes it over"))
    groups = fields.SelectMultipleField(Phrase("What goes along"), choices=[], validate_choice=False)

    @classmethod
    def of(cls, person: Person, formdata: Any = None) -> LeavingForm:
        """The form for one person: their manager is proposed, and all that they hold."""
        manager = person.manager if person.manager is not None and person.manager.is_active else None
        form = cls(
            formdata, data={"to": manager, "groups": list(GROUPS), "left_on": person.left_on or clock.today()}
        )
        if form.sent:  # nothing ticked is nothing handed over
            form.groups.data = [key for key in form.groups.raw_data or () if key in GROUPS]
        active = Person.select().where(Person.deactivated_at.is_null() & (Person.id != person.id))
        near = active.where(Person.department == person.department_id).order_by(Person.sort_name).limit(50)
        form.to.offer(active, near)
        return form
