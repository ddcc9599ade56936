"""Customers who are persons are sorted by how their family name is read, as colleagues are: 曾 under zeng."""

from __future__ import annotations

from typing import Any

import peewee
from peewee import BigAutoField, CharField

from portal.models.base.fields import NameField
from portal.text.pinyin import SURNAMES, name_sort_key


class Customer(peewee.Model):
    id = BigAutoField()
    name = NameField(200)
    sort_name = NameField(400)
    form = CharField(20)

    class Meta:
        legacy_table_names = False


def up(migrator: Any, db: Any) -> None:
    with db.bind_ctx((Customer,)):
        otherwise = peewee.fn.SUBSTR(Customer.name, 1, 1).in_(list(SURNAMES))
        for one in list(Customer.select().where((Customer.form == "person") & otherwise)):
            Customer.update(sort_name=name_sort_key(one.name)[:400]).where(Customer.id == one.id).execute()
