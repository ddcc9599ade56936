"""Texts whose right scores are known: not told apart before, no gain, and the distance afterwards (RULES 4.2)."""

from __future__ import annotations

import re
from typing import Any

import pytest

from portal.models.base.record import Event, Invalid
from portal.models.company.topics import Topic
from portal.models.experiences import process
from portal.models.experiences.anchors import Anchor
from portal.models.experiences.experiences import Credit, Experience
from portal.models.experiences.reviews import Acceptance, Review, told_of
from portal.models.expertise.expertise import Evidence
from portal.models.expertise.points import PointEntry
from portal.models.insights.calibration import Calibration, Severity, anchored
from portal.models.knowledge.articles import Article
from portal.models.people.notices import Notice
from portal.models.people.people import Person, Role
from portal.models.work.clocks import Clock, ClockStep
from tests.conftest import SignIn
from tests.models.experiences.test_reviews import experience

TEXTS = {
    "title": "What to ask first",
    "doubt": "Is the place free?",
    "action": "Ask the school for a letter.",
}
RIGHT = {"correct": 4, "reusable": 3, "new": 3, "clear": 4, "linked": 3}
"""(30x4 + 25x3 + 20x3 + 15x4 + 10x3) / 5 = 69."""


@pytest.fixture
def anchor(audrey: Person, schools: Topic) -> Anchor:
    return write(audrey, schools)


def write(by: Person, topic: Topic) -> Anchor:
    facts: dict[str, Any] = {
        "kind": "question",
        "topics": [topic],
        "why": "It names no law.",
        **TEXTS,
        **RIGHT,
    }
    return Anchor.write(by=by, **facts)


def give(review: Review, **scores: int) -> None:
    process.complete(
        review, by=review.reviewer, scores={**RIGHT, **scores}, verdict="revise", comment="Say which school."
    )


def test_its_reviewer_learns_the_distance_afterwards_and_nobody_gains(
    anchor: Anchor, audrey: Person, rita: Person, rob: Person, sign_in: SignIn
) -> None:
    """By hand: Rita scores 5 for what is rightly 4 (30 %): 75 - 69 = +6. Rob 1 for new (20 %): 61 - 69 = -8."""
    for who in (rita, rob):
        anchor.ask(by=audrey, reviewer=who)
        anchor.ask(by=audrey, reviewer=who)
    first, second = Review.select().order_by(Review.id)
    before = sign_in(rita).get(first.url).text
    assert "anchor" not in before.lower().replace("anchor-name", "")
    give(first, correct=5)
    give(second, new=1)
    after = sign_in(rita).get(first.url).text
    assert "<strong>+6.0</strong>" in after
    assert "It names no law." in after
    assert anchored(audrey) == {rita.id: Severity(6.0, 1), rob.id: Severity(-8.0, 1)}
    assert Calibration(Review.select()).given == [], "it is no round of a panel"
    page = sign_in(audrey).get("/admin/calibration").text
    assert anchor.url in page
    assert "+6.0 (1)" in page, "whoever wrote the text reads what became of it"
    assert "−8.0 (1)" in page
    outcome = sign_in(rita).get("/reviews").text
    assert "Anchor text" in outcome
    assert "In review" not in outcome, "nobody else judges it with her"
    assert re.findall(r"[+−]\d\.\d", sign_in(audrey).get(anchor.url).text) == ["−8.0", "+6.0"]
    for noun in (PointEntry, Evidence, Acceptance, Credit, Article):
        assert not noun.select().exists(), noun
    assert anchor.experience.fresh().state == "submitted"


def test_before_it_is_scored_nothing_tells_it_from_an_experience(
    anchor: Anchor, audrey: Person, ada: Person, rita: Person, schools: Topic, sign_in: SignIn
) -> None:
    """The same notice, clock, steps, days and page but for what is written in it."""
    experience(ada, schools)
    anchor.ask(by=audrey, reviewer=rita)
    earnest, measure = Review.select().where(Review.reviewer == rita).order_by(Review.id)
    assert (earnest.due_at, earnest.is_panel_lead, earnest.round) == (
        measure.due_at,
        measure.is_panel_lead,
        measure.round,
    )
    told = [(each.text, sorted(each.values)) for each in Notice.select().where(Notice.person == rita)]
    assert len(told) == 2
    assert told[0] == told[1]
    steps = [
        sorted(each.name for each in ClockStep.select().where(ClockStep.clock == waiting.id))
        for waiting in (Clock.of(review, "review") for review in (earnest, measure))
        if waiting is not None
    ]
    assert len(steps) == 2
    assert steps[0] == steps[1]
    assert sign_in(rita).get(anchor.experience.url).status_code == 404
    assert sign_in(rita).get(anchor.url).status_code == 403
    hidden = Event.select().where((Event.verb == "anchor written") & told_of(rita))
    assert not hidden.exists(), "who reads the log and judges it"


def test_whoever_is_late_or_declines_costs_nobody_anything(
    anchor: Anchor, audrey: Person, rita: Person, rob: Person, rosa: Person
) -> None:
    """It passes to nobody else: it is no seat of a panel."""
    anchor.ask(by=audrey, reviewer=rita)
    anchor.ask(by=audrey, reviewer=rob)
    first, second = Review.select().order_by(Review.id)
    process.decline(first, by=rita)
    waiting = Clock.of(second, "review")
    assert waiting is not None
    process.replace(waiting)
    assert [each.passed_on for each in Review.select().order_by(Review.id)] == ["conflict", "late"]


def test_only_who_reviews_its_topics_is_asked_and_never_an_auditor(
    anchor: Anchor, audrey: Person, adam: Person, ada: Person, rita: Person, rob: Person, schools: Topic
) -> None:
    rob.grant(Role.AUDITOR, by=adam)
    for who in (ada, audrey, rob):
        with pytest.raises(Invalid) as refused:
            anchor.ask(by=audrey, reviewer=who)
        assert "reviewer" in refused.value.errors
    assert [each.id for each in anchor.askable()] == [rita.id]


def test_it_is_in_nobodys_experiences_and_keeps_no_month_open(
    anchor: Anchor, audrey: Person, ada: Person, sign_in: SignIn
) -> None:
    assert not Experience.select().where(Experience.is_new()).exists()
    for who in (audrey, ada):
        assert sign_in(who).get(anchor.experience.url).status_code == 404
    assert TEXTS["title"] not in sign_in(audrey).get("/experiences").text


def test_it_is_written_whole_by_whoever_keeps_calibration(
    audrey: Person, ada: Person, rita: Person, schools: Topic, sign_in: SignIn
) -> None:
    sent = {**TEXTS, **{name: str(one) for name, one in RIGHT.items()}, "kind": "question"}
    sent |= {"topics": str(schools.id), "why": "It names no law.", "key": "once"}
    asked = sign_in(audrey).get("/admin/anchors/new?kind=question").text
    assert "The best answer" in asked, "the words of what is written"
    assert "What was the situation?" not in asked
    assert "What was the situation?" in sign_in(audrey).get("/admin/anchors/new").text
    assert sign_in(audrey).post("/admin/anchors/new", data={**sent, "kind": "rewrite"}).status_code == 422
    for who in (ada, rita):
        assert sign_in(who).post("/admin/anchors/new", data=sent).status_code == 403
    for lacking in ("title", "why", "correct", "topics", "action"):
        answer = sign_in(audrey).post("/admin/anchors/new", data={**sent, lacking: ""})
        assert answer.status_code == 422, lacking
    assert not Experience.select().exists()
    for _ in range(2):
        assert sign_in(audrey).post("/admin/anchors/new", data=sent).status_code == 303
    made = Anchor.get()
    assert sign_in(audrey).post(made.url, data={"reviewer": str(rita.id)}).status_code == 303
    assert Review.get().reviewer == rita
