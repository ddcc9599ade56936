"""The rules of review may change; what is being judged keeps those of the day it was handed in (RULES 4.2)."""

from __future__ import annotations

from datetime import timedelta

from portal import clock
from portal.models.company.settings import Setting
from portal.models.company.topics import Topic
from portal.models.experiences import process, rubric
from portal.models.experiences.experiences import Experience
from portal.models.experiences.reviews import Review
from portal.models.people.people import Person


def handed_in(by: Person, topic: Topic, title: str) -> Experience:
    item = Experience.begin(by=by, kind="question")
    item.save_draft(by=by, title=title, situation="Four.", doubt=f"{title}?", action="Ask.", lesson=title)
    process.submit(item, by=by, topics=[topic], duplicate_checked=True)
    return item


def judged(item: Experience) -> str:
    """Two reviewers give 3 to everything: 100 x 3/5 = 60 whatever the weights."""
    for review in Review.select().where(Review.experience == item):
        process.complete(
            review, by=review.reviewer, scores=dict.fromkeys(rubric.NAMES, 3), verdict="accept", comment="-"
        )
    return str(item.fresh().state)


def test_a_lower_mark_helps_nothing_that_is_being_judged(
    adam: Person, ada: Person, rita: Person, rob: Person, schools: Topic
) -> None:
    before = handed_in(ada, schools, "Ask the office about places")
    with clock.moved(clock.now() + timedelta(minutes=1)):
        Setting.choose("review.pass_mark", 60, by=adam)
    with clock.moved(clock.now() + timedelta(minutes=2)):
        after = handed_in(ada, schools, "Measure the balcony twice")
        assert judged(before) != "accepted"  # 60 of 70
        assert judged(after) == "accepted"  # 60 of 60
