"""The kinds of customers that share doubts and wishes."""

from __future__ import annotations

from typing import Any, Self

from peewee import IntegerField, ModelSelect

from portal.models.base.fields import NameField
from portal.models.base.record import Editable


class CustomerType(Editable):
    """A kind of customer that shares doubts and wishes: answers are best for one of these."""

    name = NameField(120, unique=True)
    name_en = NameField(120, default="")
    position = IntegerField(default=0)

    @classmethod
    def visible_to(cls, person: Any) -> ModelSelect[Self]:
        """Everyone sees them, in the company's order."""
        return cls.select().order_by(cls.position, cls.id)
