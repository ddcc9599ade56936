"""People as a file: who they are and where they belong, as the import of people reads it again.

Roles, duties and passwords never travel in a file, and who has left is only said, never read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from portal import i18n
from portal.i18n import Phrase
from portal.models.base.intake import portal_id
from portal.models.base.nouns import Condition
from portal.models.people.people import Person

ROSTER: Mapping[Phrase, Callable[[Any, Person], object]] = {
    Phrase("Full name"): lambda person, me: person.name,
    Phrase("Name in English"): lambda person, me: person.name_en,
    Phrase("E-mail"): lambda person, me: person.email,
    Phrase("Employee number"): lambda person, me: person.employee_no,
    Phrase("Job title"): lambda person, me: person.title,
    Phrase("Phone"): lambda person, me: person.phone,
    Phrase("Department"): lambda person, me: i18n.label(person.department),
    Phrase("Direct manager"): lambda person, me: i18n.label(person.manager),
    Phrase("Joined on"): lambda person, me: person.hired_on,
    Phrase("Left on"): lambda person, me: person.left_on,
    Phrase("State"): lambda person, me: i18n.label(
        Condition.ACTIVE if person.is_active else Condition.INACTIVE
    ),
    Phrase("Portal ID"): lambda person, me: portal_id(person),
}
"""The columns, with the value of a person for whoever takes the file."""
