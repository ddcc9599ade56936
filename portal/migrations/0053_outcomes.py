"""What becomes of accepted suggestions; those accepted before can be answered, and nobody is hurried for them."""

from __future__ import annotations

from typing import Any

import peewee
from peewee import SQL, BigAutoField, CharField, DateField, ForeignKeyField, TextField

from portal import clock
from portal.models.base.fields import UtcDateTimeField


class Table(peewee.Model):
    class Meta:
        legacy_table_names = False


class Person(Table):
    id = BigAutoField()


class Article(Table):
    id = BigAutoField()
    kind_of = CharField(20, column_name="kind")
    origin_kind = CharField(40)


class SuggestionOutcome(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    article = ForeignKeyField(Article, on_delete="CASCADE", unique=True)
    owner = ForeignKeyField(Person, null=True, on_delete="RESTRICT", backref="outcomes_owed")
    state = CharField(20)
    answer = TextField()
    planned_on = DateField(null=True)
    answered_by = ForeignKeyField(Person, null=True, on_delete="RESTRICT", backref="outcomes_answered")
    answered_at = UtcDateTimeField(null=True)

    class Meta:
        constraints = [
            SQL("CHECK (state IN ('waiting', 'planned', 'done', 'declined'))"),
            SQL("CHECK ((state = 'waiting') = (answered_at IS NULL))"),
            SQL("CHECK ((answered_at IS NULL) = (answered_by_id IS NULL))"),
            SQL("CHECK (state <> 'declined' OR answer <> '')"),
            SQL("CHECK (state <> 'planned' OR planned_on IS NOT NULL)"),
        ]


def up(migrator: Any, db: Any) -> None:
    with db.bind_ctx((Person, Article, SuggestionOutcome)):
        db.create_tables([SuggestionOutcome])
        accepted = Article.select(Article.id).where(
            (Article.kind_of == "suggestion") & (Article.origin_kind == "experience")
        )
        now = clock.now()
        for article in list(accepted):
            SuggestionOutcome.create(created_at=now, article=article.id, state="waiting", answer="")
