"""The parts of the company, in a tree."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from peewee import DateField, ForeignKeyField

from portal import clock
from portal.i18n import Phrase
from portal.models.base.database import db
from portal.models.base.fields import NameField
from portal.models.base.record import Editable, Indexed, Record, Tree
from portal.models.company.words import DEPARTMENT


class Department(Editable, Tree, Indexed):
    """A part of the company, in a tree."""

    called = DEPARTMENT

    name = NameField(120, unique=True, verbose_name=Phrase("Name"))
    name_en = NameField(120, default="", verbose_name=Phrase("English name"))
    parent: ForeignKeyField[Any] = ForeignKeyField(
        "self", null=True, on_delete="RESTRICT", verbose_name=Phrase("Belongs to")
    )
    parent_id: int | None

    def touch(self, values: Mapping[str, Any]) -> None:
        """A department that is put below another leaves a note of where it was (RULES 4.1)."""
        with db.atomic():
            asked: Any = Department.select(Department.parent).where(Department.id == self.id).tuples()
            before = next(iter(asked), (None,)) if "parent" in values else (self.parent_id,)
            super().touch(values)
            if before != (self.parent_id,):
                DepartmentMove.note(self, before[0])


class DepartmentMove(Record):
    """What a department lay below until a day. Which has none always lay where it lies."""

    department = ForeignKeyField(Department, on_delete="CASCADE", index=False)
    department_id: int
    parent = ForeignKeyField(Department, null=True, on_delete="SET NULL", backref="was_above")
    parent_id: int | None
    on = DateField()

    class Meta:
        indexes = ((("department", "on"), True),)

    @classmethod
    def note(cls, department: Department, parent: int | None) -> None:
        """It leaves this place today."""
        row = {"department": department, "parent": parent, "on": clock.today(), "created_at": clock.now()}
        cls.insert(row).on_conflict_ignore().execute()
