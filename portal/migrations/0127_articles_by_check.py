"""How much of what is published is in date is read from an index, of each topic at once; what is said against an
article and waits for an answer is told of once its working days are over.
"""

from __future__ import annotations

from typing import Any


def up(migrator: Any, db: Any) -> None:
    db.execute_sql('CREATE INDEX "article_state_review_by_id" ON "article" ("state", "review_by", "id")')
    db.execute_sql(
        "INSERT INTO clock_step (clock_id, name, due_at, created_at) "
        "SELECT id, 'late', due_at, created_at FROM clock "
        "WHERE what = 'objection' AND stopped_at IS NULL AND due_at IS NOT NULL"
    )
