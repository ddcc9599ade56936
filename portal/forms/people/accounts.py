"""Forms for what an administrator keeps: accounts, roles, settings."""

from __future__ import annotations

from typing import Self

from portal.forms.base import Choice, Day, Form, FormKey, Pick, PickByName, TextLine, Version
from portal.i18n import Phrase
from portal.models.company.departments import Department
from portal.models.company.topics import Topic
from portal.models.people.people import Person
from portal.models.people.words import ROLES


class AccountForm(Form):
    """Who someone is and where they belong."""

    email = TextLine(Phrase("E-mail"), required=True, longest=254, render_kw={"type": "email"})
    name = TextLine(Phrase("Full name"), required=True, longest=120)
    name_en = TextLine(Phrase("Name in English"), longest=120)
    title = TextLine(Phrase("Job title"), longest=120)
    title_en = TextLine(Phrase("Job title in English"), longest=120)
    employee_no = TextLine(Phrase("Employee number"), longest=40)
    phone = TextLine(Phrase("Phone"), longest=40, render_kw={"type": "tel"})
    department = Pick(Phrase("Department"))
    manager = PickByName(Phrase("Direct manager"), lasting=True)
    hired_on = Day(Phrase("Joined on"))
    left_on = Day(Phrase("Left on"))
    key = FormKey()
    version = Version()

    def offering(self, person: Person | None = None) -> Self:
        """With the departments and the people who may be the manager; who is, and has left, may stay so."""
        self.department.offer(Department.select().order_by(Department.name))
        able = Person.deactivated_at.is_null()
        able = (able & (Person.id != person.id)) | (Person.id == person.manager_id) if person else able
        self.manager.offer(Person.select().where(able).order_by(Person.sort_name, Person.id))
        return self


class RoleForm(Form):
    """A role to give, for a topic or a department where it needs one."""

    role = Choice(Phrase("Role"), choices=list(ROLES.items()), required=True)
    topic = Pick(Phrase("Reviews the topic"))
    department = Pick(Phrase("Manages the department"), id="role-department")

    def offering(self) -> Self:
        self.topic.offer(Topic.visible_to(None))
        self.department.offer(Department.select().order_by(Department.name))
        return self
