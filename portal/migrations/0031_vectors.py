"""What texts are about is kept as vectors beside the search entries; questions tell their answers apart, and
what was written is found by its authors' names, what was accepted as its article alone.
"""

from __future__ import annotations

from typing import Any

import peewee
from peewee import BigAutoField, BigIntegerField, BlobField, BooleanField, CharField, IntegerField, TextField

from portal import clock
from portal.models.base.fields import UtcDateTimeField


class Table(peewee.Model):
    class Meta:
        legacy_table_names = False


class SearchVector(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    model = CharField(40)
    name = CharField(90)
    revision = BigIntegerField(index=True)
    digest = CharField(32)
    groups = TextField()
    vectors = BlobField()
    begun = IntegerField()

    class Meta:
        table_name = "search_vector"
        indexes = ((("model", "name"), True),)


class SearchDocument(Table):
    id = BigAutoField()
    noun = CharField(40)
    record = BigIntegerField()
    gone = BooleanField()

    class Meta:
        table_name = "search_document"


class SearchOutbox(Table):
    seq = BigAutoField()
    kind = CharField(40)
    record = BigIntegerField()
    at = UtcDateTimeField()

    class Meta:
        table_name = "search_outbox"


def up(migrator: Any, db: Any) -> None:
    with db.bind_ctx((SearchVector, SearchDocument, SearchOutbox)):
        db.create_tables([SearchVector])
        written = SearchDocument.noun.in_(["article", "experience", "question"]) & ~SearchDocument.gone
        rows = [
            {"kind": row.noun, "record": row.record, "at": clock.now()}
            for row in SearchDocument.select().where(written).order_by(SearchDocument.id)
        ]
        for start in range(0, len(rows), 200):
            SearchOutbox.insert_many(rows[start : start + 200]).execute()
