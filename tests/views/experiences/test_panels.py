"""The auditor reads who judged what, and never who judged, or judges beside, themselves."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from portal import clock
from portal.models.company.settings import Setting
from portal.models.experiences.reviews import Review
from portal.models.people.people import Person
from tests.commission import lesson
from tests.conftest import SignIn
from tests.counting import MOST, queries

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


def test_a_seat_of_what_was_withdrawn_waits_for_nobody(
    sign_in: SignIn, ada: Person, audrey: Person, rita: Person
) -> None:
    stays, goes = judged(ada, rita, "Still read"), judged(ada, rita, "Taken back")
    assert goes.id != stays.id
    goes.experience.withdraw(by=ada)
    browser = sign_in(audrey)
    waiting, everything = browser.get("/admin/reviews?show=open").text, browser.get("/admin/reviews").text
    assert "Still read" in waiting
    assert "Taken back" not in waiting
    assert "Not needed any more" in everything


def test_nobody_else_reads_them(
    log: None, sign_in: SignIn, ada: Person, adam: Person, fin: Person, rita: Person, mona: Person
) -> None:
    for person in (ada, adam, fin, rita, mona):
        assert sign_in(person).get("/admin/reviews").status_code == 403


def test_weights_chosen_since_cost_the_log_no_query_a_row(
    sign_in: SignIn, ada: Person, adam: Person, audrey: Person, rita: Person
) -> None:
    """Each is scored by the weights of when it was handed in, read once for all rows."""
    done: dict[str, Any] = {"verdict": "accept", "completed_at": clock.now(), **SCORES, "correct": 5}
    browser, asked = sign_in(audrey), {}

    def add(*titles: str) -> None:
        for title in titles:
            judged(ada, rita, title, **done)

    def choose(*weights: int) -> None:
        Setting.choose("review.weights", list(weights), by=adam)

    add("First")  # by the usual 30, 25, 20, 15, 10: 100 x (0.3 x 5 + 0.7 x 4) / 5 = 86
    with clock.moved(clock.now() + timedelta(hours=1)):
        choose(100, 0, 0, 0, 0)
    with clock.moved(clock.now() + timedelta(hours=2)):
        add("Second")  # 100 x 5 / 5 = 100
    with clock.moved(clock.now() + timedelta(hours=3)):
        choose(0, 100, 0, 0, 0)
    with clock.moved(clock.now() + timedelta(hours=4)):
        add("Third")  # 100 x 4 / 5 = 80
        with queries() as asked[3]:
            page = browser.get("/admin/reviews").text
        file = browser.post("/admin/reviews/export").text
        for title, score in (("First", "86.0"), ("Second", "100.0"), ("Third", "80.0")):
            assert re.search(rf"{title},1,Rita,Accepted,{score},", file)
            assert title in page
        add(*(f"More {number}" for number in range(9)))
        with queries() as asked[12]:
            assert "More 8" in browser.get("/admin/reviews").text
        with queries() as asked[0]:
            browser.post("/admin/reviews/export")
    assert len(asked[12]) <= len(asked[3]) <= MOST
    assert len(asked[0]) <= MOST + 8, "whoever takes a file is asked who they are, and leaves an event"
