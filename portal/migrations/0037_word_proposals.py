"""Words that colleagues found to mean the same are proposed to the administrator."""

from __future__ import annotations

from typing import Any

import peewee
from peewee import BigAutoField, CharField, Check, ForeignKeyField, IntegerField

from portal.models.base.fields import UtcDateTimeField


class Table(peewee.Model):
    class Meta:
        legacy_table_names = False


class Person(Table):
    id = BigAutoField()


class WordProposal(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    sought = CharField(40)
    helped = CharField(40)
    people = IntegerField()
    state = CharField(20)
    by = ForeignKeyField(Person, null=True, on_delete="SET NULL")
    decided_at = UtcDateTimeField(null=True)

    class Meta:
        table_name = "word_proposal"
        indexes = ((("sought", "helped"), True),)
        constraints = [Check("state IN ('open', 'accepted', 'dropped')"), Check("people >= 2")]


def up(migrator: Any, db: Any) -> None:
    with db.bind_ctx((Person, WordProposal)):
        db.create_tables([WordProposal])
