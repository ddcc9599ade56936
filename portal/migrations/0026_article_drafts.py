"""An article that its author began and did not publish waits for them, as an experience does."""

from __future__ import annotations

from typing import Any

import peewee
from peewee import BigAutoField, BigIntegerField, CharField, JSONField, TextField, fn

from portal import clock
from portal.models.base.fields import UtcDateTimeField


class Table(peewee.Model):
    class Meta:
        legacy_table_names = False


class Article(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    author = BigIntegerField(column_name="author_id")
    title = CharField()
    state = CharField()


class Event(Table):
    id = BigAutoField()
    subject_kind = CharField(40)
    subject = BigIntegerField()
    verb = CharField(60)
    actor = BigIntegerField(null=True)


class Clock(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    subject_kind = CharField(40)
    subject = BigIntegerField()
    what = CharField(30)
    about_kind = CharField(40)
    about = BigIntegerField()
    who = CharField(60)
    but = TextField()
    text = TextField()
    values = JSONField()
    url = CharField(300)
    since = UtcDateTimeField()
    shown_at = UtcDateTimeField()
    running = CharField(90, null=True)


def up(migrator: Any, db: Any) -> None:
    """Of what an import brought in, only what its author went on with."""
    with db.bind_ctx((Article, Event, Clock)):
        own = (Event.subject_kind == "article") & (Event.subject == Article.id)
        own &= Event.verb.in_(["written", "edited"]) & (Event.actor == Article.author)
        begun = fn.EXISTS(Event.select(1).where(own))
        now = clock.now()
        for each in list(Article.select().where((Article.state == "draft") & begun)):
            Clock.create(
                created_at=now,
                subject_kind="article",
                subject=each.id,
                what="draft",
                about_kind="article",
                about=each.id,
                who=f"person-{each.author}",
                but="",
                text="Finish and publish: %(title)s",
                values={"title": each.title},
                url=f"/articles/{each.id}",
                since=each.created_at,
                shown_at=now,
                running=f"article-{each.id} draft",
            )
