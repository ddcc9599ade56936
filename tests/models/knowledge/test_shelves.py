"""Long lists of knowledge and questions are read by an index, not sorted each time."""

from __future__ import annotations

from typing import Any

import pytest
from peewee import ModelSelect
from starlette.applications import Starlette

from portal.models.base.database import db, is_sqlite
from portal.models.knowledge.answers import in_use, whole
from portal.models.knowledge.articles import Article
from portal.models.knowledge.questions import Question
from portal.models.knowledge.shelves import published


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
