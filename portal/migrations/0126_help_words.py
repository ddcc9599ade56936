"""The words of what is public: what the help site's own search looks in."""

from __future__ import annotations

from typing import Any

import peewee
from peewee import BigAutoField, BigIntegerField, BooleanField, CharField, ForeignKeyField, TextField

from portal.models.base import bulk
from portal.text.grams import terms_of


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
    with db.bind_ctx((HelpPage, HelpWord)):
        db.create_tables([HelpWord])
        public: Any = HelpPage.select(HelpPage.id).where(HelpPage.state == "public").tuples()
        for (page,) in list(public):
            title, _, text = HelpPage.get(HelpPage.id == page).plain.partition("\n")
            entitled = terms_of(title)
            terms = sorted(entitled | terms_of(text))
            rows = [{"page": page, "term": each, "in_title": each in entitled} for each in terms]
            bulk.insert(HelpWord, rows)
