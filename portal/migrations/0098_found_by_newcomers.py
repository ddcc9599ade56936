"""What the steps of paths link is found by what the steps say of it: it is told to search anew."""

from __future__ import annotations

from typing import Any

import peewee
from peewee import BigIntegerField, CharField, Value

from portal import clock
from portal.models.base.fields import UtcDateTimeField


class PathStep(peewee.Model):
    article_id = BigIntegerField(null=True)
    course_id = BigIntegerField(null=True)

    class Meta:
        table_name = "path_step"


class SearchOutbox(peewee.Model):
    kind = CharField(40)
    record = BigIntegerField()
    at = UtcDateTimeField()

    class Meta:
        table_name = "search_outbox"
        primary_key = False


def up(migrator: Any, db: Any) -> None:
    with db.bind_ctx((PathStep, SearchOutbox)):
        now = Value(clock.now(), converter=UtcDateTimeField().db_value)
        columns = [SearchOutbox.kind, SearchOutbox.record, SearchOutbox.at]
        for noun, link in (("article", PathStep.article_id), ("course", PathStep.course_id)):
            linked = PathStep.select(Value(noun), link, now).where(link.is_null(False)).distinct()
            SearchOutbox.insert_from(linked, columns).execute()
