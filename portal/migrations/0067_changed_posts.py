"""When somebody went over from one post to another, and the path of the new one begins."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

import peewee
from peewee import BigAutoField, CharField, Check, DateField, ForeignKeyField, TextField

from portal.migrations.reshape import reshape
from portal.models.base.fields import UtcDateTimeField

RENAMED_WITHIN = timedelta(days=7)


class Table(peewee.Model):
    class Meta:
        legacy_table_names = False


class Department(Table):
    id = BigAutoField()


class Event(Table):
    id = BigAutoField()
    at = UtcDateTimeField()
    subject_kind = CharField(40)
    subject = peewee.BigIntegerField()
    verb = CharField(60)
    changes = TextField()


class Person(Table):
    id = BigAutoField()
    created_at = UtcDateTimeField()
    version = peewee.IntegerField()
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
    manager: Any = ForeignKeyField("self", null=True, on_delete="RESTRICT")
    hired_on = DateField(null=True)
    in_post_since = UtcDateTimeField(null=True)
    post_before_since = UtcDateTimeField(null=True)
    left_on = DateField(null=True)
    deactivated_at = UtcDateTimeField(null=True)
    languages = CharField(200)
    locale = CharField(10)
    theme = CharField(10)

    class Meta:
        constraints = [Check("locale IN ('zh', 'en')"), Check("theme IN ('auto', 'light', 'dark')")]


def up(migrator: Any, db: Any) -> None:
    with db.bind_ctx((Department, Event, Person)):
        reshape(db, Person, {"in_post_since": "NULL", "post_before_since": "NULL"})
        rows: Any = Person.select(Person.id, Person.title).where(Person.deactivated_at.is_null())
        held, changes = dict(rows.tuples()), went_over()
        for person, told in changes.items():
            (before, at), earlier = told[-1], told[-2][1] if told[1:] else None
            there = [each for each, title in held.items() if title == held.get(person)]
            came = [changes[each][-1] for each in there if each in changes]
            is_renamed = (
                len(there) == len(came) > 1
                and before not in held.values()
                and all(post == before and abs(on - at) < RENAMED_WITHIN for post, on in came)
            )
            facts = {"in_post_since": earlier if is_renamed else at, "post_before_since": earlier}
            Person.update(facts).where(Person.id == person).execute()


def went_over() -> dict[int, list[tuple[str, datetime]]]:
    """From which post each person went to another, and when: a title only written down is none."""
    words: Any = Event.changes.cast("TEXT")
    told = (Event.subject_kind == "person") & (Event.verb == "edited") & words.contains('"title"')
    rows: Any = Event.select(Event.subject, words, Event.at).where(told).order_by(Event.id)
    found = defaultdict[int, list[tuple[str, datetime]]](list)
    for person, changes, at in rows.tuples():
        before, after = json.loads(changes).get("title") or (None, None)
        if before and after:
            found[person].append((before, at))
    return found
