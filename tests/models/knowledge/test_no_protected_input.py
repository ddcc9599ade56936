"""Age, gender and what else the law protects is no input of who is asked, known or found: there is no such column."""

from __future__ import annotations

import re

import pytest
from starlette.applications import Starlette

from portal.migrations import models
from portal.models.base.database import transaction
from portal.models.company.topics import Topic
from portal.models.expertise.expertise import WEIGHTS, Evidence, expertise
from portal.models.knowledge.experts import whom_to_ask
from portal.models.knowledge.precedence import INSTEAD, PARTS
from portal.models.knowledge.questions import Question
from portal.models.knowledge.yellow_pages import known_for, who_knows
from portal.models.people.people import Person
from portal.search.records.people import people as found_as
from portal.views.knowledge.people import PeopleList
from tests.counting import queries

PROTECTED = re.compile(
    r"(?:^|_)(?:age|ages|gender|sex|birth|birthday|birthdate|born|marital|married|spouse|children|pregnan\w*|religion"
    r"|faith|race|ethnic\w*|nationality|origin_country|native_place|hukou|disab\w*|health|party|zodiac|photo"
    r"|年龄|性别|生日|婚\w*|宗教|民族|籍贯|户口|健康|政治面貌)(?:_|$)",
    re.IGNORECASE,
)
COLUMN = re.compile(r'"\w+"\."(\w+)"')


@pytest.fixture
def read(app: Starlette, ada: Person, ben: Person, stan: Person, schools: Topic) -> set[str]:
    """The columns that are read to say who is asked and who knows."""
    Evidence.record(ben, schools, "accepted experience", schools, key="a")
    question = Question.ask(by=ada, text="Is the place free?", topic=schools)
    question.answer(by=stan, text="Yes.")
    with transaction(write=False), queries() as sent:
        assert len(whom_to_ask([schools.id], like=[question.id], but=ada, size=9)) >= 3
        topics = Topic.every()
        assert expertise(topics=[schools.id])
        assert who_knows(schools, Person.select(), topics)
        assert known_for([ben], topics)
    return {column for sql in sent for column in COLUMN.findall(sql)}


def test_nothing_protected_is_read_to_say_who_is_asked_or_knows(read: set[str]) -> None:
    assert {"person_id", "kind", "total", "created_at", "ignored_at", "deactivated_at"} <= read, "it looks"
    assert not [column for column in read if PROTECTED.search(column)]


def test_of_people_nothing_protected_is_kept_at_all(app: Starlette) -> None:
    """What is not kept can be no input tomorrow either: neither of people, nor of what is known of them."""
    about = [
        model
        for model in models()
        if model is Person or any(field.rel_model is Person for field in model._meta.refs)
    ]
    assert len(about) > 20
    kept = {f"{model.__name__}.{field.column_name}" for model in about for field in model._meta.sorted_fields}
    assert not [column for column in kept if PROTECTED.search(column.partition(".")[2])]


def test_nothing_protected_narrows_orders_or_finds_people(app: Starlette, ada: Person) -> None:
    offered = [*(each.name for each in PeopleList.filters), *PeopleList.sorts]
    assert "department" in offered
    inputs = [*offered, *WEIGHTS, *PARTS, *INSTEAD, *PeopleList.exports]
    assert not [each for each in inputs if PROTECTED.search(str(each).replace(" ", "_"))]
    tags = [tag.partition(":")[0] for doc in found_as([ada.id]) for tag in doc.tags]
    assert not [tag for tag in tags if PROTECTED.search(tag)]


@pytest.mark.parametrize(
    "name", ["age", "gender", "birth_date", "marital_status", "is_married", "religion", "sex"]
)
def test_the_guard_would_see_it(name: str) -> None:
    assert PROTECTED.search(name)
    assert not PROTECTED.search("language_pages")
