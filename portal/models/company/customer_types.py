"""The kinds of customers that share doubts and wishes."""

from __future__ import annotations

from typing import Any, Self

from peewee import IntegerField, ModelSelect

from portal.i18n import Phrase
from portal.models.base.fields import NameField
from portal.models.base.record import Editable
from portal.models.company.words import CUSTOMER_TYPE


class CustomerType(Editable):
    """A kind of customer that shares doubts and wishes: answers are best for one of these."""

    called = CUSTOMER_TYPE

    name = NameField(120, unique=True, verbose_name=Phrase("Name"))
    name_en = NameField(120, default="", verbose_name=Phrase("English name"))
    position = IntegerField(default=0)

    @classmethod
    def visible_to(cls, person: Any) -> ModelSelect[Self]:
        """Everyone sees them, in the company's order."""
        return cls.select().order_by(cls.position, cls.id)
