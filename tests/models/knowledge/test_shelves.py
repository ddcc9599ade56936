"""Long lists of knowledge and questions are read by an index, not sorted each time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from peewee import ModelSelect
from starlette.applications import Starlette

from portal import clock
from portal.models.base.database import db, is_sqlite
from portal.models.company.topics import Topic
from portal.models.knowledge.answers import in_use, whole
from portal.models.knowledge.articles import Article, ArticleTopic
from portal.models.knowledge.questions import Question
from portal.models.knowledge.shelves import SECONDS, published, topic_counts
from portal.models.people.people import Person
from tests.counting import queries


def plan(query: ModelSelect[Any]) -> str:
    """How the database goes about a query, if it may not read or sort the whole table."""
    statement, values = query.sql()
    if is_sqlite():
        return str(list(db.execute_sql(f"EXPLAIN QUERY PLAN {statement}", values)))
    with db.atomic():
        db.execute_sql("SET LOCAL enable_seqscan = off")
        return str(list(db.execute_sql(f"EXPLAIN {statement}", values)))


@pytest.mark.parametrize("column", [Article.published_at, Article.uses, Article.title])
def test_knowledge_is_read_in_order(app: Starlette, column: Any) -> None:
    for order in ((column.asc(), Article.id.asc()), (column.desc(), Article.id.desc())):
        told = plan(published().order_by(*order).limit(21))
        assert "TEMP B-TREE" not in told
        assert "Sort Key" not in told


@pytest.mark.parametrize(
    ("narrowed", "column"),
    [
        (True, Question.created_at),
        (True, Question.text),
        (Question.state == "open", Question.created_at),
        (Question.product == 1, Question.created_at),
    ],
)
def test_questions_are_read_in_order(app: Starlette, narrowed: Any, column: Any) -> None:
    told = plan(whole(in_use().where(narrowed)).order_by(column.desc(), Question.id.desc()).limit(31))
    assert "TEMP B-TREE" not in told
    assert "Sort Key" not in told


def test_what_counts_rest_on_is_asked_for_anew_after_an_act_alone(
    app: Starlette, ada: Person, schools: Topic
) -> None:
    """It grows with the company: a list that is opened again and again does not look through all links."""
    Article.add(by=ada, title="Near a school", body="Ask first.", topics=[schools])

    def asked() -> list[str]:
        with queries() as seen:
            assert topic_counts()[schools.id] == Article.select().count()
        return [each for each in seen if "article_topic" in each]

    assert asked()
    assert not asked(), "nobody did anything"
    Article.add(by=ada, title="Far from a school", body="Ask first.", topics=[schools])
    assert asked()


def test_of_what_another_did_unseen_counts_tell_within_a_minute(
    app: Starlette, ada: Person, schools: Topic, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An act may be written after a later one: then it is seen once the minute is over."""
    article = Article.add(by=ada, title="Near a school", body="Ask first.", topics=[schools])
    assert topic_counts()[schools.id] == 1
    ArticleTopic.delete().where(ArticleTopic.article == article).execute()
    later = clock.now() + timedelta(seconds=SECONDS)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert topic_counts()[schools.id] == 0
