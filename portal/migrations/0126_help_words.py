"""The words of what is public: what the help site's own search looks in. They are written first and indexed then,
all at once: one after the other each would look for its place.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import peewee
from peewee import BigAutoField, BigIntegerField, BooleanField, CharField, ForeignKeyField, TextField, chunked

from portal.text.grams import terms_of

PAGES = 100
"""So many are read, and their words written, at once."""
INTO = 'INSERT INTO "help_word" ("page_id", "term", "in_title")'


class Table(peewee.Model):
    class Meta:
        legacy_table_names = False


class HelpPage(Table):
    id = BigAutoField()
    state = CharField(20)
    plain = TextField()


class HelpWord(Table):
    id = BigAutoField()
    page = ForeignKeyField(HelpPage, on_delete="CASCADE")
    term = BigIntegerField()
    in_title = BooleanField()

    class Meta:
        indexes = ((("term", "in_title", "page"), True),)


def up(migrator: Any, db: Any) -> None:
    values = ", ".join([db.param] * 3)
    words: Any = HelpWord
    with db.bind_ctx((HelpPage, HelpWord)):
        words._schema.create_table()
        public: Any = HelpPage.select(HelpPage.id).where(HelpPage.state == "public").tuples()
        for some in chunked([page for (page,) in public], PAGES):
            read: Any = HelpPage.select(HelpPage.id, HelpPage.plain).where(HelpPage.id.in_(some)).tuples()
            rows = [row for page, plain in read for row in _words(page, plain)]
            db.cursor().executemany(f"{INTO} VALUES ({values})", rows)
        words._schema.create_indexes()


def _words(page: int, plain: str) -> Iterator[tuple[int, int, bool]]:
    title, _, text = plain.partition("\n")
    entitled = terms_of(title)
    for term in entitled | terms_of(text):
        yield page, term, term in entitled
