"""The topics that a help page stands under for the world are those that were confirmed with it."""

from __future__ import annotations

from typing import Any

import peewee
from peewee import BigAutoField, BooleanField, ForeignKeyField

from portal.models.base.fields import UtcDateTimeField


class Table(peewee.Model):
    class Meta:
        legacy_table_names = False


class HelpPage(Table):
    id = BigAutoField()


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


def up(migrator: Any, db: Any) -> None:
    with db.bind_ctx((HelpPage, Topic, HelpPageTopic)):
        db.create_tables([HelpPageTopic])
    since = '"p"."changed_at" IS NOT NULL AND "t"."created_at" <= "p"."changed_at"'
    yes, no = ("1", "0") if isinstance(db, peewee.SqliteDatabase) else ("TRUE", "FALSE")
    db.execute_sql(KEPT.format(public=yes, which=since))
    db.execute_sql(KEPT.format(public=no, which='"p"."asked_number" IS NOT NULL'))
    # who a visitor is stood there in clear: an e-mail address, words that were looked for
    db.execute_sql('DELETE FROM "knock"')
