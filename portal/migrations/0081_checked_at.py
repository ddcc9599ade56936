"""When each article was looked at last, by how much its check is put off, and why each version was made."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import peewee
from peewee import (
    BigAutoField,
    BigIntegerField,
    CharField,
    Check,
    DateField,
    ForeignKeyField,
    IntegerField,
    JSONField,
    fn,
)

from portal import clock
from portal.migrations.reshape import reshape
from portal.models.base.fields import MarkdownField, NameField, TextField, UtcDateTimeField

TERMS = {"price": 30, "product": 90, "process": 180, "evergreen": 365}
"""Days until a check is due, where the company chose no others."""
HELD = ("burst vote", "vote in return")


class Table(peewee.Model):
    class Meta:
        legacy_table_names = False


class Person(Table):
    id = BigAutoField()


class Product(Table):
    id = BigAutoField()


class CustomerType(Table):
    id = BigAutoField()


class Article(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    version = IntegerField()
    updated_at = UtcDateTimeField()
    title = NameField(200)
    slug = NameField(120, unique=True)
    kind_of = CharField(20, column_name="kind")
    state = CharField(20)
    author = ForeignKeyField(Person, on_delete="RESTRICT")
    origin_kind = CharField(40)
    origin = BigIntegerField(null=True)
    score = IntegerField(null=True)
    text_number = IntegerField()
    scored_number = IntegerField(null=True)
    proposed_at = UtcDateTimeField(null=True)
    product = ForeignKeyField(Product, null=True, on_delete="SET NULL", index=False)
    customer_type = ForeignKeyField(CustomerType, null=True, on_delete="SET NULL", index=False)
    summary = TextField()
    body = MarkdownField()
    html = TextField()
    language = CharField(10)
    freshness = CharField(20)
    review_by = DateField(null=True)
    checked_at = UtcDateTimeField(null=True)
    postponed = IntegerField()
    uses = IntegerField()
    published_at = UtcDateTimeField(null=True)
    publish_on = DateField(null=True)
    scheduled_number = IntegerField(null=True)
    ends_on = DateField(null=True)
    ended_at = UtcDateTimeField(null=True)
    archived_at = UtcDateTimeField(null=True)
    revoked_at = UtcDateTimeField(null=True)
    key = NameField(60, null=True, unique=True)

    class Meta:
        indexes = (
            (("origin_kind", "origin"), True),
            (("state", "published_at", "id"), False),
            (("state", "uses", "id"), False),
            (("state", "title", "id"), False),
            (("product", "state", "uses", "published_at", "id"), False),
            (("customer_type", "state", "uses", "published_at", "id"), False),
            (("author", "state", "published_at", "id"), False),
        )
        constraints = [
            Check("kind IN ('guide', 'experience', 'answer', 'suggestion')"),
            Check("state IN ('draft', 'published', 'archived')"),
            Check("language IN ('zh', 'en')"),
            Check("freshness IN ('price', 'product', 'process', 'evergreen', 'dated')"),
            Check("uses >= 0"),
        ]


class ArticleVersion(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    article = ForeignKeyField(Article, on_delete="CASCADE")
    number = IntegerField()
    title = NameField(200)
    summary = TextField()
    body = TextField()
    by = ForeignKeyField(Person, null=True, on_delete="RESTRICT")
    at = UtcDateTimeField()
    note = NameField(500)

    class Meta:
        indexes = ((("article", "number"), True),)


class Setting(Table):
    name = CharField(80)
    value = JSONField()


class Use(Table):
    id = BigAutoField()
    article = ForeignKeyField(Article, on_delete="CASCADE")


class SearchOutbox(Table):
    seq = BigAutoField()
    kind = CharField(40)
    record = BigIntegerField()
    at = UtcDateTimeField()


class Approval(Table):
    id = BigAutoField()
    subject_kind = CharField(40)
    subject = BigIntegerField()
    purpose = CharField(40)
    state = CharField(20)


def up(migrator: Any, db: Any) -> None:
    tables = (Person, Product, CustomerType, Article, ArticleVersion, Setting, Use, Approval, SearchOutbox)
    with db.bind_ctx(tables):
        reshape(db, Article, {"checked_at": "published_at", "postponed": "0"})
        reshape(db, ArticleVersion, {"note": "''"})
        _begin_terms()
        _count_uses()
        _make_findable()


def _begin_terms() -> None:
    """The term of what is due on a day began so long before."""
    chosen = {row.name: row.value for row in Setting.select().where(Setting.name.startswith("fresh."))}
    for freshness, usual in TERMS.items():
        term = timedelta(days=int(chosen.get(f"fresh.{freshness}", usual)))
        mine = (Article.freshness == freshness) & Article.published_at.is_null(False)
        days: Any = (
            Article.select(Article.review_by).where(mine & Article.review_by.is_null(False)).distinct()
        )
        for (day,) in list(days.tuples()):
            began = min(clock.start_of(day - term), clock.now())
            here = mine & (Article.review_by == day)
            Article.update(checked_at=began).where(here).execute()


def _count_uses() -> None:
    """Votes that are held, or were dropped, lift nothing any more."""
    held = Approval.select(Approval.subject).where(
        (Approval.subject_kind == "use")
        & Approval.purpose.in_(HELD)
        & Approval.state.not_in(["approved", "withdrawn"])
    )
    mine: Any = Use.select(Use.article, fn.COUNT(Use.id)).where(Use.id.in_(held))
    for article, many in list(mine.group_by(Use.article).tuples()):
        Article.update(uses=Article.uses - many).where(Article.id == article).execute()


def _make_findable() -> None:
    """What worked for somebody says so in its search documents."""
    worked = Article.select(Article.id).where((Article.uses > 0) & (Article.state == "published"))
    rows = [{"kind": "article", "record": row.id, "at": clock.now()} for row in worked.order_by(Article.id)]
    for start in range(0, len(rows), 200):
        SearchOutbox.insert_many(rows[start : start + 200]).execute()
