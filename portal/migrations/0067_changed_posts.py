"""When somebody went over from one post to another, and the path of the new one begins."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import peewee
from peewee import BigAutoField, CharField, Check, DateField, ForeignKeyField, TextField

from portal import clock
from portal.migrations.reshape import reshape
from portal.models.base.fields import UtcDateTimeField

MISTAKE = timedelta(days=7)
KNOWN_AFTER, SETTLED = 30, 180


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
    posts_told = TextField()
    left_on = DateField(null=True)
    deactivated_at = UtcDateTimeField(null=True)
    languages = CharField(200)
    locale = CharField(10)
    theme = CharField(10)

    class Meta:
        constraints = [Check("locale IN ('zh', 'en')"), Check("theme IN ('auto', 'light', 'dark')")]


class Mentorship(Table):
    id = BigAutoField()
    updated_at = UtcDateTimeField()
    newcomer = ForeignKeyField(Person, on_delete="CASCADE")


def up(migrator: Any, db: Any) -> None:
    with db.bind_ctx((Department, Event, Person, Mentorship)):
        reshape(db, Person, {"in_post_since": "NULL", "posts_told": "''"})
        changed = posts_held()
        columns = Person.select(
            Person.id, Person.title, Person.hired_on, Person.created_at, Person.deactivated_at
        )
        people = {each.id: each for each in columns}
        here = defaultdict[str, list[int]](list)
        for person in people.values():
            if person.deactivated_at is None:
                here[person.title].append(person.id)
        for renamed in [those for those in here.values() if is_new_name(those, changed, here)]:
            for id in renamed:
                *earlier, before, last = changed[id]
                changed[id] = [*earlier, [*last[:2], before[2]]]
        for id, posts in changed.items():
            began = since(posts, people[id])
            Person.update(posts_told=json.dumps(posts), in_post_since=began).where(Person.id == id).execute()
            if began is not None:  # whose mentor stands keeps them
                Mentorship.update(updated_at=clock.now()).where(Mentorship.newcomer == id).execute()


def posts_held() -> dict[int, list[list[Any]]]:
    """The posts of those who went over to another: each with its title, the English one and since when. Back
    within some days was a mistake; a title that is taken away or written down is no other post.
    """
    words: Any = Event.changes.cast("TEXT")
    told = (Event.subject_kind == "person") & Event.verb.in_(("edited", "import undone"))
    rows: Any = Event.select(Event.subject, words, Event.at).where(told & words.contains('"title"'))
    found = defaultdict[int, list[list[Any]]](list)
    for person, changes, at in rows.order_by(Event.id).tuples():
        change = json.loads(changes)
        before, after = change.get("title") or (None, None)
        english = change.get("title_en") or ("", "")
        held = found[person]
        if not held and before:
            held.append([before, english[0] or "", None])
        if not held or not after or after == held[-1][0]:
            continue
        late = (at - MISTAKE).isoformat()
        back = [n for n, (title, _, _) in enumerate(held[:-1]) if title == after and held[n + 1][2] > late]
        found[person] = held[: back[-1] + 1] if back else [*held, [after, english[1] or "", at.isoformat()]]
    return {person: held for person, held in found.items() if held}


def is_new_name(those: list[int], changed: dict[int, list[list[Any]]], here: Mapping[str, list[int]]) -> bool:
    """Whether all who have a post came to it within some days from one that nobody has any more."""
    came = [changed[id][-2:] for id in those if len(changed.get(id, ())) > 1]
    if len(came) != len(those) or len(came) < 2 or len({before[0] for before, _ in came}) > 1:
        return False
    moments = [datetime.fromisoformat(last[2]) for _, last in came]
    return not here.get(came[0][0][0]) and max(moments) - min(moments) < MISTAKE


def since(posts: list[list[Any]], person: Any) -> datetime | None:
    """When somebody began in the post that they have: never, if they came long ago and know it from before."""
    joined = person.hired_on or clock.local(person.created_at).date()
    began = [datetime.fromisoformat(at) if at else clock.start_of(joined) for _, _, at in posts]
    if posts[-1][2] is None:
        return None
    periods = zip(posts, pairwise(began), strict=False)
    known = {title for (title, _, _), (start, end) in periods if (end - start).days >= KNOWN_AFTER}
    is_settled = (clock.local(began[-1]).date() - joined).days >= SETTLED
    return None if is_settled and posts[-1][0] in known else began[-1]
