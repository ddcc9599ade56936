"""The form of the groups that meet customers."""

from __future__ import annotations

from typing import Any

from portal.forms.base import Form, PickMany, Version
from portal.models.company import contact_groups
from portal.models.company.departments import Department
from portal.models.company.words import CONTACT_GROUPS


class ContactGroupsForm(Form):
    """Which departments each group has."""

    is_of_settings = True
    service = PickMany(CONTACT_GROUPS["service"], lasting=True)
    sales = PickMany(CONTACT_GROUPS["sales"], lasting=True)
    repair = PickMany(CONTACT_GROUPS["repair"], lasting=True)
    engineers = PickMany(CONTACT_GROUPS["engineers"], lasting=True)
    dealers = PickMany(CONTACT_GROUPS["dealers"], lasting=True)
    marketing = PickMany(CONTACT_GROUPS["marketing"], lasting=True)
    version = Version()

    @classmethod
    def of(cls, sent: Any) -> ContactGroupsForm:
        """What is sent, over what holds now."""
        departments = {each.id: each for each in Department.select().order_by(Department.name)}
        held = {
            name: [departments[ident] for ident in ids if ident in departments]
            for name, ids in contact_groups.held().items()
        }
        form = cls(sent, data=held)
        for name in CONTACT_GROUPS:
            field: Any = form[name]
            field.offer(departments.values())
        return form
