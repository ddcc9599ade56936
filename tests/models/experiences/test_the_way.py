"""What an acceptance costs: the modules it runs through and the questions it asks (HOUSE 3)."""

from __future__ import annotations

import sys
from types import FrameType
from typing import Any

from playhouse.test_utils import count_queries

from portal.models.base.database import transaction
from portal.models.company.topics import Topic
from portal.models.experiences import process
from portal.models.experiences.experiences import Experience
from portal.models.experiences.reviews import Review
from portal.models.knowledge.articles import Article
from portal.models.people.people import Person
from tests.models.experiences.test_reviews import GOOD, experience


def test_an_acceptance_asks_at_most_32_questions_in_14_modules(
    ada: Person, rita: Person, rob: Person, schools: Topic
) -> None:
    made: Experience = experience(ada, schools)
    first, last = Review.select().where(Review.experience == made).order_by(Review.id)
    process.complete(first, by=first.reviewer, scores=GOOD, verdict="accept")
    by, through = last.reviewer, set[str]()

    def note(frame: FrameType, event: str, arg: Any) -> None:
        name = frame.f_globals.get("__name__", "")
        if (
            event == "call"
            and name.startswith("portal.models.")
            and not name.startswith("portal.models.base.")
        ):
            through.add(name)

    sys.setprofile(note)
    try:
        with transaction(), count_queries() as counted:
            process.complete(last, by=by, scores=GOOD, verdict="accept")
    finally:
        sys.setprofile(None)
    assert Article.select().where(Article.was_born_of("experience", made.id)).count() == 1
    queries = map(str, counted.get_queries())
    asked = [query for query in queries if "SAVEPOINT" not in query and "FOR NO KEY UPDATE" not in query]
    assert len(asked) <= 32, "\n".join(asked)
    assert len(through) <= 14, sorted(through)
