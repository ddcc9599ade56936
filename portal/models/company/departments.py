"""The parts of the company, in a tree."""

from __future__ import annotations

from typing import Any

from peewee import ForeignKeyField

from portal.i18n import Phrase
from portal.models.base.fields import NameField
from portal.models.base.record import Editable, Indexed, Tree
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
