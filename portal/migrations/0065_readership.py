"""How much each article, and what stands under each topic, is read: sums by week and month, marks that end."""

from __future__ import annotations

from typing import Any

import peewee
from peewee import BigAutoField, BigIntegerField, BooleanField, CharField, Check, DateField, IntegerField

from portal.models.base.fields import UtcDateTimeField


class Table(peewee.Model):
    class Meta:
        legacy_table_names = False


class ReadMark(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    period = CharField(10)
    what = CharField(40)
    who = CharField(32)
    counted = BooleanField()

    class Meta:
        indexes = ((("period", "what", "who"), True), (("counted",), False))


class Readership(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    noun = CharField(10)
    record = BigIntegerField()
    span = CharField(5)
    on = DateField()
    views = IntegerField()
    readers = IntegerField()
    searches = IntegerField()

    class Meta:
        indexes = ((("noun", "record", "span", "on"), True), (("noun", "span", "on"), False))
        constraints = [
            Check("noun IN ('article', 'topic')"),
            Check("span IN ('week', 'month')"),
            Check("views >= 0 AND readers >= 0 AND searches >= 0"),
        ]


def up(migrator: Any, db: Any) -> None:
    with db.bind_ctx((ReadMark, Readership)):
        db.create_tables([ReadMark, Readership])
