"""People: how their names sort."""

from __future__ import annotations

import pytest

from portal.models.people.people import Person
from portal.text.pinyin import name_sort_key


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("曾国强", "zeng guo qiang"),
        ("李曾", "li ceng"),
        ("单雄信", "shan xiong xin"),
        ("单于飞", "chan yu fei"),
        ("万俟卨", "mo qi xie"),
        ("区小明", "ou xiao ming"),
        ("Ada", "ada"),
        ("", ""),
    ],
)
def test_family_names_sort_as_they_are_spoken(name: str, key: str) -> None:
    assert name_sort_key(name) == key


def test_a_person_called_zeng_stands_behind_wang(adam: Person) -> None:
    for n, name in enumerate(("曾国强", "王海涛", "陈晨")):
        Person.add(by=None, email=f"p{n}@example.com", name=name)
    assert [p.name for p in Person.select().order_by(Person.sort_name)] == [
        "Adam",
        "陈晨",
        "王海涛",
        "曾国强",
    ]
