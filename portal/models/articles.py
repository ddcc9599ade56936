"""Pieces of knowledge and their life."""

from __future__ import annotations

from peewee import CharField, Check, DateField, ForeignKeyField, IntegerField

from portal import clock
from portal.models.base import Editable, NameField, Record, Searchable, TextField, UtcDateTimeField
from portal.models.customers import CustomerType
from portal.models.experiences import Experience
from portal.models.people import Person
from portal.models.products import Product
from portal.models.topics import Topic


class Article(Editable, Searchable):
    """A piece of knowledge, under its author's name."""

    title = NameField(200)
    slug = NameField(120, unique=True)
    kind_of = CharField(20, column_name="kind", default="guide")
    state = CharField(20, default="published")
    author = ForeignKeyField(Person, on_delete="RESTRICT")
    author_id: int
    experience = ForeignKeyField(Experience, null=True, unique=True, on_delete="RESTRICT")
    experience_id: int | None
    """The experience it was born of."""
    product = ForeignKeyField(Product, null=True, on_delete="SET NULL")
    customer_type = ForeignKeyField(CustomerType, null=True, on_delete="SET NULL")
    summary = TextField(default="")
    body = TextField(default="")
    """Markdown."""
    html = TextField(default="")
    """The body rendered and made safe, once, at save."""
    language = CharField(10, default="zh")
    freshness = CharField(20, default="evergreen")
    review_by = DateField(null=True)
    published_at = UtcDateTimeField(null=True)
    archived_at = UtcDateTimeField(null=True)

    class Meta:
        indexes = ((("state", "published_at"), False),)
        constraints = [
            Check("kind IN ('guide', 'experience', 'answer', 'suggestion')"),
            Check("state IN ('draft', 'published', 'archived')"),
            Check("language IN ('zh', 'en')"),
            Check("freshness IN ('price', 'product', 'process', 'evergreen', 'dated')"),
        ]


class ArticleVersion(Record):
    """An article as it once stood."""

    article = ForeignKeyField(Article, on_delete="CASCADE")
    number = IntegerField()
    title = NameField(200)
    body = TextField()
    by = ForeignKeyField(Person, null=True, on_delete="RESTRICT")
    at = UtcDateTimeField(default=clock.now)

    class Meta:
        indexes = ((("article", "number"), True),)


class ArticleTopic(Record):
    """A topic that an article is about."""

    article = ForeignKeyField(Article, on_delete="CASCADE")
    article_id: int
    topic = ForeignKeyField(Topic, on_delete="RESTRICT")
    topic_id: int

    class Meta:
        indexes = ((("article", "topic"), True),)


class Use(Record):
    """'Worked for me': someone else used an article with success, once each."""

    article = ForeignKeyField(Article, on_delete="CASCADE")
    person = ForeignKeyField(Person, on_delete="RESTRICT")
    at = UtcDateTimeField(default=clock.now)

    class Meta:
        indexes = ((("article", "person"), True),)
