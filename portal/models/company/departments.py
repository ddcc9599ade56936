"""The parts of the company, in a tree."""

from __future__ import annotations

from typing import Any

from peewee import ForeignKeyField

from portal.models.base.fields import NameField
from portal.models.base.record import Editable, Indexed, Tree


class Department(Editable, Tree, Indexed):
    """A part of the company, in a tree."""

    name = NameField(120, unique=True)
    name_en = NameField(120, default="")
    parent: ForeignKeyField[Any] = ForeignKeyField("self", null=True, on_delete="RESTRICT")
    parent_id: int | None
