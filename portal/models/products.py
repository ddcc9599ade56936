"""What is sold."""

from __future__ import annotations

from peewee import CharField, Check

from portal.models.base import Editable, MoneyField, NameField, Searchable, TextField, UtcDateTimeField


class Product(Editable, Searchable):
    """Something the company sells, with its questions and its knowledge."""

    code = NameField(60, unique=True)
    name = NameField(200)
    name_en = NameField(200, default="")
    series = NameField(120, default="", index=True)
    list_price = MoneyField(null=True)
    description = TextField(default="")
    """Markdown."""
    archived_at = UtcDateTimeField(null=True)
    currency = CharField(3, default="CNY")

    class Meta:
        constraints = [Check("list_price IS NULL OR list_price >= 0")]
