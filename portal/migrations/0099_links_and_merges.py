"""What texts link is kept, for the other way round; and which article was merged into which."""

from __future__ import annotations

import re
from typing import Any

import peewee
from peewee import BigAutoField, BigIntegerField, CharField, ForeignKeyField, JSONField, TextField

from portal.models.base.fields import UtcDateTimeField

PAGES = {
    "/articles/": "article",
    "/questions/": "question",
    "/products/": "product",
    "/courses/": "course",
    "/people/": "person",
    "/topics/": "topic",
}
PATH = re.compile(r"(?<![\w./-])(/[a-z]+/)(\d{1,18})(?![\w/-])")


class Table(peewee.Model):
    class Meta:
        legacy_table_names = False


class Person(Table):
    id = BigAutoField()


class Article(Table):
    id = BigAutoField()
    body = TextField()


class Answer(Table):
    id = BigAutoField()
    text = TextField()


class Question(Table):
    id = BigAutoField()
    detail = TextField()


class Lesson(Table):
    id = BigAutoField()
    text = TextField()


class Product(Table):
    id = BigAutoField()
    description = TextField()


class TextLink(Table):
    id = BigAutoField()
    subject_kind = CharField(40)
    subject = BigIntegerField()
    field = CharField(40)
    target_kind = CharField(40)
    target = BigIntegerField()

    class Meta:
        indexes = (
            (("subject_kind", "subject", "field", "target_kind", "target"), True),
            (("target_kind", "target"), False),
        )


class ArticleMerge(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    article = ForeignKeyField(Article, unique=True, on_delete="CASCADE", backref="+")
    into = ForeignKeyField(Article, on_delete="CASCADE", backref="+")
    by = ForeignKeyField(Person, null=True, on_delete="RESTRICT", backref="+")
    at = UtcDateTimeField()
    moved = JSONField()


TEXTS: tuple[Any, ...] = (Article.body, Answer.text, Question.detail, Lesson.text, Product.description)


def up(migrator: Any, db: Any) -> None:
    with db.bind_ctx((Person, *(text.model for text in TEXTS), TextLink, ArticleMerge)):
        db.create_tables([TextLink, ArticleMerge])
        for text in TEXTS:
            _note(text)


def _note(text: Any) -> None:
    """What stood in texts before is found the other way round too."""
    rows = [
        {
            "subject_kind": text.model._meta.table_name,
            "subject": ident,
            "field": text.name,
            "target_kind": kind,
            "target": number,
        }
        for ident, words in text.model.select(text.model.id, text).where(text.contains("/")).tuples()
        for kind, number in sorted({(PAGES[p], int(n)) for p, n in PATH.findall(words) if p in PAGES})
    ]
    for some in peewee.chunked(rows, 500):
        TextLink.insert_many(some).execute()
