"""What people say of topics of their own, the languages they speak, and what their evidence comes to."""

from __future__ import annotations

from typing import Any

import peewee
from peewee import (
    BigAutoField,
    CharField,
    Check,
    DateField,
    DoubleField,
    ForeignKeyField,
    IntegerField,
)

from portal.migrations.reshape import reshape
from portal.models.base.fields import UtcDateTimeField


class Table(peewee.Model):
    class Meta:
        legacy_table_names = False


class Department(Table):
    id = BigAutoField()


class Topic(Table):
    id = BigAutoField()


class Person(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    version = IntegerField()
    updated_at = UtcDateTimeField()
    email = CharField(254, unique=True)
    name = CharField(120)
    name_en = CharField(120)
    sort_name = CharField(240, index=True)
    password_hash = CharField(255)
    title = CharField(120)
    title_en = CharField(120)
    phone = CharField(40)
    employee_no = CharField(40, null=True, unique=True)
    department = ForeignKeyField(Department, null=True, on_delete="RESTRICT")
    manager = ForeignKeyField("self", null=True, on_delete="RESTRICT")
    hired_on = DateField(null=True)
    left_on = DateField(null=True)
    deactivated_at = UtcDateTimeField(null=True)
    languages = CharField(200)
    locale = CharField(10)
    theme = CharField(10)

    class Meta:
        constraints = [Check("locale IN ('zh', 'en')"), Check("theme IN ('auto', 'light', 'dark')")]


class OwnTopic(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    person = ForeignKeyField(Person, on_delete="CASCADE", index=False)
    topic = ForeignKeyField(Topic, on_delete="CASCADE")
    sort = CharField(20)

    class Meta:
        indexes = ((("person", "sort", "topic"), True),)
        constraints = [Check("sort IN ('hidden', 'declared', 'wanted')")]


class EvidenceSum(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    person = ForeignKeyField(Person, on_delete="CASCADE", index=False)
    topic = ForeignKeyField(Topic, on_delete="CASCADE", index=False)
    kind_of = CharField(40, column_name="kind")
    total = DoubleField()
    pieces = IntegerField()
    first_at = UtcDateTimeField()
    at = UtcDateTimeField()
    half_life = IntegerField()

    class Meta:
        indexes = ((("person", "topic", "kind_of", "at"), True), (("topic", "person"), False))


YET_TO_ADD_UP = """
INSERT INTO "evidence_sum"
("created_at", "person_id", "topic_id", "kind", "total", "pieces", "first_at", "at", "half_life")
SELECT MAX("at"), "person_id", "topic_id", "kind", 0, COUNT(*), MIN("at"), MAX("at"), -1
FROM "evidence" WHERE "withdrawn_at" IS NULL GROUP BY "person_id", "topic_id", "kind"
"""


def up(migrator: Any, db: Any) -> None:
    """The evidence there is is added up by a job; until then it is read piece by piece."""
    with db.bind_ctx((Department, Topic, Person, OwnTopic, EvidenceSum)):
        reshape(db, Person, {"languages": "''"})
        db.create_tables([OwnTopic, EvidenceSum])
    db.execute_sql(YET_TO_ADD_UP)
