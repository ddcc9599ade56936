"""Topics, class and day of a help page are those that were confirmed with it."""

from __future__ import annotations

from typing import Any

import peewee
from peewee import (
    BigAutoField,
    BooleanField,
    CharField,
    Check,
    DateField,
    ForeignKeyField,
    IntegerField,
    JSONField,
    TextField,
)

from portal.migrations.reshape import reshape
from portal.models.base.fields import UtcDateTimeField


class Table(peewee.Model):
    class Meta:
        legacy_table_names = False


class Person(Table):
    id = BigAutoField()


class Article(Table):
    id = BigAutoField()


class HelpPage(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    version = IntegerField()
    updated_at = UtcDateTimeField()
    article = ForeignKeyField(Article, unique=True, on_delete="CASCADE")
    state = CharField(20)
    slug = CharField(120, null=True, unique=True)
    number = IntegerField(null=True)
    sections = JSONField()
    title = CharField(200)
    summary = TextField()
    body = TextField()
    html = TextField()
    plain = TextField()
    files = JSONField()
    language = CharField(10)
    asked_number = IntegerField(null=True)
    asked_sections = JSONField()
    asked_by = ForeignKeyField(Person, null=True, on_delete="RESTRICT", backref="asked")
    proposed_by = ForeignKeyField(Person, null=True, on_delete="RESTRICT", backref="proposed")
    agreed_by = ForeignKeyField(Person, null=True, on_delete="RESTRICT", backref="agreed")
    public_at = UtcDateTimeField(null=True)
    changed_at = UtcDateTimeField(null=True)
    freshness = CharField(20, null=True)
    due_on = DateField(null=True)
    helped = IntegerField()
    did_not_help = IntegerField()

    class Meta:
        indexes = ((("state", "changed_at", "id"), False),)
        constraints = [
            Check("state IN ('asked', 'public', 'withdrawn')"),
            Check("state = 'asked' OR (number IS NOT NULL AND slug IS NOT NULL)"),
            Check("(asked_number IS NULL) = (asked_by_id IS NULL)"),
            Check("state = 'asked' OR agreed_by_id <> proposed_by_id"),
            Check("helped >= 0 AND did_not_help >= 0"),
        ]


class Topic(Table):
    id = BigAutoField()


class HelpPageTopic(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    page = ForeignKeyField(HelpPage, on_delete="CASCADE", index=False)
    topic = ForeignKeyField(Topic, on_delete="RESTRICT", index=False)
    is_public = BooleanField()

    class Meta:
        indexes = (
            (("page", "is_public", "topic"), True),
            (("topic", "is_public", "page"), False),
        )


KEPT = """
INSERT INTO "help_page_topic" ("created_at", "page_id", "topic_id", "is_public")
SELECT "t"."created_at", "p"."id", "t"."topic_id", {public}
FROM "help_page" AS "p" JOIN "article_topic" AS "t" ON "t"."article_id" = "p"."article_id"
WHERE {which}
"""
AS_NOW = """
CASE WHEN "number" IS NOT NULL THEN
(SELECT "a"."{name}" FROM "article" AS "a" WHERE "a"."id" = "help_page"."article_id") END
"""


def up(migrator: Any, db: Any) -> None:
    held = {"freshness": AS_NOW.format(name="freshness"), "due_on": AS_NOW.format(name="review_by")}
    with db.bind_ctx((Person, Article, HelpPage, Topic, HelpPageTopic)):
        reshape(db, HelpPage, held)
        db.create_tables([HelpPageTopic])
    since = '"p"."changed_at" IS NOT NULL AND "t"."created_at" <= "p"."changed_at"'
    yes, no = ("1", "0") if isinstance(db, peewee.SqliteDatabase) else ("TRUE", "FALSE")
    db.execute_sql(KEPT.format(public=yes, which=since))
    db.execute_sql(KEPT.format(public=no, which='"p"."asked_number" IS NOT NULL'))
    # who a visitor is stood there in clear: an e-mail address, words that were looked for
    db.execute_sql('DELETE FROM "knock"')
