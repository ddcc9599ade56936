"""The parts of the company, in a tree."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from peewee import ForeignKeyField

from portal.models.base.fields import NameField
from portal.models.base.record import Editable, Indexed


class Department(Editable, Indexed):
    """A part of the company, in a tree."""

    name = NameField(120, unique=True)
    name_en = NameField(120, default="")
    parent: ForeignKeyField[Any] = ForeignKeyField("self", null=True, on_delete="RESTRICT")
    parent_id: int | None

    @classmethod
    def all_below(cls, departments: Iterable[int]) -> set[int]:
        """These departments' ids and all below them, read in one go: a company has few departments."""
        found: set[int] = set(departments)
        rows: Any = cls.select(cls.id, cls.parent).tuples()
        parents, size = dict(rows), 0
        while len(found) > size:
            size = len(found)
            found |= {department for department, parent in parents.items() if parent in found}
        return found

    def with_descendants(self) -> list[int]:
        """Ids of this department and all below it."""
        found, edge = [self.id], [self.id]
        while edge:
            edge = [d.id for d in Department.select(Department.id).where(Department.parent.in_(edge))]
            edge = [d for d in edge if d not in found]
            found += edge
        return found
