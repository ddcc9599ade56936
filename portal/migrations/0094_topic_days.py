"""How many contacts of a day raised which topic is kept: the texts of four weeks are not read each hour."""

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


def up(migrator: Any, db: Any) -> None:
    with db.bind_ctx((TopicDay,)):
        db.create_tables([TopicDay])
