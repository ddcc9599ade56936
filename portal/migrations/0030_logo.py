"""A company may show its logo."""

from __future__ import annotations

from typing import Any

import peewee
from peewee import BigAutoField, BlobField, CharField, Check, IntegerField

from portal.models.base.fields import UtcDateTimeField


class Logo(peewee.Model):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    sha256 = CharField(64, unique=True)
    media_type = CharField(20)
    width = IntegerField()
    height = IntegerField()
    content = BlobField()

    class Meta:
        legacy_table_names = False
        constraints = [Check("media_type IN ('image/png', 'image/jpeg', 'image/webp')")]


def up(migrator: Any, db: Any) -> None:
    with db.bind_ctx([Logo]):
        Logo.create_table()
