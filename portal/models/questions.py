"""Customers' typical doubts, and the answers to them: one best for each customer type."""

from __future__ import annotations

from peewee import CharField, Check, ForeignKeyField

from portal import clock
from portal.models.articles import Article
from portal.models.base import Editable, NameField, Record, Searchable, TextField, UtcDateTimeField
from portal.models.customers import CustomerType
from portal.models.people import Person
from portal.models.products import Product
from portal.models.topics import Topic


class Question(Editable, Searchable):
    """A customer's typical doubt."""

    text = NameField(300)
    detail = TextField(default="")
    asker = ForeignKeyField(Person, on_delete="RESTRICT")
    asker_id: int
    topic = ForeignKeyField(Topic, null=True, on_delete="RESTRICT")
    product = ForeignKeyField(Product, null=True, on_delete="SET NULL")
    state = CharField(20, default="open")
    archived_at = UtcDateTimeField(null=True)

    class Meta:
        constraints = [Check("state IN ('open', 'answered')")]


class Answer(Editable):
    """One possible answer."""

    question = ForeignKeyField(Question, on_delete="CASCADE")
    question_id: int
    author = ForeignKeyField(Person, on_delete="RESTRICT")
    author_id: int
    text = TextField()
    """Markdown."""
    html = TextField(default="")
    article = ForeignKeyField(Article, null=True, on_delete="SET NULL")


class BestAnswer(Record):
    """The best answer to a question for one customer type, or for everyone."""

    question = ForeignKeyField(Question, on_delete="CASCADE")
    question_id: int
    customer_type = ForeignKeyField(CustomerType, null=True, on_delete="CASCADE")
    customer_type_id: int | None
    scope = CharField(40, default="")
    """`type-3`, or empty for everyone: makes the unique key."""
    answer = ForeignKeyField(Answer, on_delete="CASCADE")
    answer_id: int
    chosen_by = ForeignKeyField(Person, on_delete="RESTRICT")
    at = UtcDateTimeField(default=clock.now)

    class Meta:
        indexes = ((("question", "scope"), True),)
