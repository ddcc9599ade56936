"""Colleagues and what they are known for, as search finds them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from peewee import JOIN

from portal import clock
from portal.models.company.departments import Department
from portal.models.company.topics import Topic
from portal.models.expertise.expertise import Evidence, weights
from portal.models.expertise.own_topics import OwnTopic
from portal.models.expertise.soft_traits import known_as
from portal.models.people.people import Person
from portal.search.documents import SearchDoc
from portal.search.records.common import STAFF, grouped, joined, seconds, tag, topic_tags
from portal.search.text import alternates

KNOWN_FROM = 8
"""What all the evidence for a topic must once have weighed for a person to be found by the topic's name: one
accepted experience, or one best answer.
"""


def people(ids: Sequence[int]) -> list[SearchDoc]:
    """Colleagues, with what they are known for; phone and e-mail at work are no secret inside."""
    rows: Any = (
        Evidence.select(
            Evidence.person, Evidence.kind_of, Evidence.quality, Topic.id, Topic.name, Topic.name_en
        )
        .join(Topic)
        .where(Evidence.person.in_(ids) & Evidence.withdrawn_at.is_null() & (Evidence.at <= clock.now()))
        .where(OwnTopic.is_shown(Evidence.person, Evidence.topic))
        .order_by(Topic.position, Topic.id)
        .tuples()
    )
    weighed: dict[tuple[int, tuple[int, str, str]], float] = defaultdict(float)
    weight_of = weights()
    for person, kind, quality, *topic in rows:
        weighed[person, tuple(topic)] += weight_of[kind][0] * quality / 10_000
    known = grouped(pair for pair, weight in weighed.items() if weight >= KNOWN_FROM)
    found = (
        Person.select(Person, Department)
        .join(Department, JOIN.LEFT_OUTER, on=Person.department)
        .where(Person.id.in_(ids))
    )
    said = known_as(ids)
    words = {ident: [word for one in ones for word in one.trait.words] for ident, ones in said.items()}
    return [_person(each, known[each.id], words.get(each.id, [])) for each in found]


def _person(person: Person, known: list[tuple[int, str, str]], called: list[str]) -> SearchDoc:
    department = person.department if person.department_id else None
    own = [person.title, department.name if department else "", *(name for _, name, _ in known)]
    english = [person.title_en, department.name_en if department else "", *(name for _, _, name in known)]
    alt = (*alternates(person.name, "name"), *_english(person.name_en), *alternates(person.email, "email"))
    alt += (*alternates(person.phone, "phone"), *(alternates(person.employee_no or "", "code")))
    return SearchDoc(
        id=str(person),
        kind="person",
        title=person.name,
        alt=alt,
        tags=(*topic_tags(topic[0] for topic in known), *tag("department", person.department_id)),
        body=joined(" · ".join(filter(None, own)), " · ".join(filter(None, english)), " · ".join(called)),
        groups=frozenset({STAFF}),
        status="active" if person.is_active else "left",
        owner=str(person.id),
        # When they came: signing in and choosing a theme is no news of anybody.
        updated=seconds(person.created_at),
    )


def _english(name: str) -> tuple[str, ...]:
    return (name, *alternates(name, "name")) if name else ()


def people_who_know(topics: Sequence[int]) -> dict[str, list[int]]:
    """Who is found by the names of these topics."""
    known = Evidence.select(Evidence.person).where(Evidence.topic.in_(topics)).distinct()
    return {"person": [row.person_id for row in known]}


def members(departments: Sequence[int]) -> dict[str, list[int]]:
    """Who is found by the names of these departments."""
    return {"person": [p.id for p in Person.select(Person.id).where(Person.department.in_(departments))]}
