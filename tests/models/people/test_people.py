"""People: how their names sort, and of what their roles are."""

from __future__ import annotations

import pytest

from portal.i18n import Phrase
from portal.models.company.topics import Topic
from portal.models.knowledge.articles import Article
from portal.models.knowledge.questions import Question
from portal.models.people.needs import needs
from portal.models.people.people import Person, Role
from portal.models.work.clocks import Clock
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


def test_who_reviews_all_topics_is_asked_and_may_answer_whatever_the_topic(
    stan: Person, adam: Person, ada: Person, schools: Topic
) -> None:
    """The role names no topic: all of them, as it says where it is given, with those that come later."""
    stan.grant(Role.REVIEWER, by=adam)
    late = Topic.create(name="新主题")
    assert stan.fresh().review_topics == {schools.id, late.id}
    question = Question.ask(by=ada, text="Who pays for the lift?", topic=late)
    article = Article.add(by=ada, title="Ask first", body="One.", topics=[schools])
    assert (question.tended_by(stan.fresh()), article.judged_by(stan.fresh())) == (True, True)
    Clock.start(article, "suggestion", who=f"topic-{schools.id}", text=Phrase("Read this"), url=article.url)
    Clock.start(article, "expert approval", who=f"topic-{late.id}", text=Phrase("And this"), url=article.url)
    assert {"Read this", "And this"} <= {str(one.text) for one in needs(stan.fresh())}


def test_who_reviews_one_topic_is_not_asked_of_others(
    stan: Person, adam: Person, ada: Person, schools: Topic
) -> None:
    stan.grant(Role.REVIEWER, by=adam, topic=schools)
    late = Topic.create(name="新主题")
    article = Article.add(by=ada, title="Ask first", body="One.", topics=[schools])
    Clock.start(article, "expert approval", who=f"topic-{late.id}", text=Phrase("And this"), url=article.url)
    assert stan.fresh().review_topics == {schools.id}
    assert "And this" not in {str(one.text) for one in needs(stan.fresh())}
