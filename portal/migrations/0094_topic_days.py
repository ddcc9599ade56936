"""How many contacts of a day raised which topic is kept: the texts of four weeks are not read each hour, and what
was noted of customers is found by its moment.
"""

from __future__ import annotations

from typing import Any

import peewee
from peewee import BigAutoField, BigIntegerField, Check, DateField, IntegerField

from portal.models.base.fields import UtcDateTimeField


class TopicDay(peewee.Model):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    day = DateField()
    topic = BigIntegerField()
    cases = IntegerField()

    class Meta:
        legacy_table_names = False
        indexes = ((("day", "topic"), True),)
        constraints = [Check("cases >= 0")]


class Interaction(peewee.Model):
    at = UtcDateTimeField()

    class Meta:
        legacy_table_names = False
        indexes = ((("at",), False),)


def up(migrator: Any, db: Any) -> None:
    with db.bind_ctx((TopicDay, Interaction)):
        db.create_tables([TopicDay])
        noted: Any = Interaction
        noted._schema.create_indexes(safe=True)
