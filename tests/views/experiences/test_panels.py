"""The auditor reads who judged what, and never who judged, or judges beside, themselves."""

from __future__ import annotations

from typing import Any

import pytest

from portal import clock
from portal.models.experiences.reviews import Review
from portal.models.people.people import Person
from tests.commission import lesson
from tests.conftest import SignIn

SCORES = {"correct": 4, "reusable": 4, "new": 4, "clear": 4, "linked": 4}


def judged(author: Person, reviewer: Person, title: str, **facts: Any) -> Review:
    made = lesson(author, clock.now())
    made.write(title=title)
    return Review.create(experience=made, round=1, reviewer=reviewer, due_at=clock.now(), **facts)


@pytest.fixture
def log(ada: Person, audrey: Person, rita: Person, rob: Person) -> None:
    done = {"verdict": "accept", "completed_at": clock.now(), "comment": "Well told", **SCORES}
    judged(ada, rita, "贷款退回", **done)
    judged(audrey, rita, "My own")
    beside = judged(ada, audrey, "Which I review")
    Review.create(experience=beside.experience, round=1, reviewer=rob, due_at=clock.now())


def test_reviews_and_panels_are_readable(log: None, sign_in: SignIn, audrey: Person, rita: Person) -> None:
    page = sign_in(audrey).get("/admin/reviews").text
    for words in ("贷款退回", "Rita", "Accepted", "80", "Well told"):
        assert words in page
    assert "My own" not in page, "blind stays blind to an auditor who writes"
    assert "Which I review" not in page, "and to one who reviews"
    assert "No review fits" in sign_in(audrey).get("/admin/reviews?show=open").text
    file = sign_in(audrey).post("/admin/reviews/export").text
    assert "贷款退回,1,Rita,Accepted,80.0," in file
    assert "My own" not in file


def test_nobody_else_reads_them(
    log: None, sign_in: SignIn, ada: Person, adam: Person, fin: Person, rita: Person, mona: Person
) -> None:
    for person in (ada, adam, fin, rita, mona):
        assert sign_in(person).get("/admin/reviews").status_code == 403
