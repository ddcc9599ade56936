"""The rules of review may change; what is being judged keeps those of the day it was handed in (RULES 4.2)."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import date, timedelta
from fractions import Fraction

from portal import clock
from portal.models.company.settings import DEFAULTS, Setting
from portal.models.company.topics import Topic
from portal.models.experiences import process, rubric
from portal.models.experiences.experiences import Experience
from portal.models.experiences.panels import NO_REVIEWER, fill_panel
from portal.models.experiences.reviews import Review
from portal.models.people.notices import Notice
from portal.models.people.people import Person, Role
from portal.models.people.rule_changes import RuleChange
from tests.commission import approved
from tests.conftest import SignIn, person


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


# ------------------------------------------------------------------ several rounds, each by its own rules

MIXED = dict(zip(rubric.NAMES, (5, 4, 3, 2, 1), strict=True))
"""By 30, 25, 20, 15, 10: 150 + 100 + 60 + 30 + 10 = 350 of 500, 70 of 100. All on the first: 100."""
FIRST_ALONE = [100, 0, 0, 0, 0]


MONDAY = clock.start_of(date(2026, 5, 11)) + timedelta(hours=10)


def minutes(count: int) -> AbstractContextManager[None]:
    return clock.moved(MONDAY + timedelta(minutes=count))


def give(item: Experience, verdict: str, round: int) -> None:
    for review in Review.select().where((Review.experience == item) & (Review.round == round)):
        process.complete(review, by=review.reviewer, scores=MIXED, verdict=verdict, comment="More.")


def totals(item: Experience) -> dict[int, set[Fraction | None]]:
    found: dict[int, set[Fraction | None]] = {}
    for review in Review.select().where(Review.experience == item):
        found.setdefault(review.round, set()).add(review.total())
    return found


def test_an_earlier_round_is_shown_by_its_own_weights(
    adam: Person,
    ada: Person,
    rita: Person,
    rob: Person,
    rosa: Person,
    audrey: Person,
    schools: Topic,
    sign_in: SignIn,
) -> None:
    with minutes(0):
        item = handed_in(ada, schools, "Ask the office about places")
        give(item, "revise", 1)
        assert totals(item) == {1: {Fraction(70)}}
    with minutes(1):
        Setting.choose("review.weights", FIRST_ALONE, by=adam)
    with minutes(2):
        item = item.fresh()
        item.save_draft(by=ada, title=item.title, situation="Five.", doubt="?", action="Ask.", lesson="-")
        process.submit(item, by=ada, topics=[schools], duplicate_checked=True)
        give(item.fresh(), "accept", 2)
        assert totals(item) == {1: {Fraction(70)}, 2: {Fraction(100)}}
        (later, *_) = Review.select().where(Review.round == 2)
        assert later.before is not None
        assert later.before.total() == 70
        log = sign_in(audrey).get("/admin/reviews").text
        assert log.count("70.0") == 2
        assert log.count("100.0") == 2


def test_an_appeal_meets_the_rules_of_the_round_it_is_about(
    adam: Person, ada: Person, rita: Person, rob: Person, rosa: Person, schools: Topic
) -> None:
    """Rejected by one rule, it is not judged again by a harder one, nor by an easier one."""
    for name in ("Sam", "Tom"):
        person(name).grant(Role.REVIEWER, by=None)
    with minutes(0):
        item = handed_in(ada, schools, "Ask the office about places")
        give(item, "reject", 1)
    with minutes(1):
        Setting.choose("review.weights", FIRST_ALONE, by=adam)
        Setting.choose("review.pass_mark", 95, by=adam)
        Setting.choose("review.panel", 3, by=adam)
    with minutes(2):
        process.appeal(item.fresh(), by=ada, reason="They overlooked the list.")
        item = item.fresh()
        assert item.state == "submitted"
        assert [item.rule(f"review.{name}") for name in ("pass_mark", "panel")] == [70, 2]
        give(item, "accept", 2)
        assert totals(item) == {1: {Fraction(70)}, 2: {Fraction(70)}}
        assert item.fresh().state == "accepted"  # 70 of 70, by two
        assert item.fresh().score == 7000


def test_an_author_reads_the_days_that_hold_for_theirs(
    adam: Person,
    ada: Person,
    rita: Person,
    rob: Person,
    fin: Person,
    fiona: Person,
    schools: Topic,
    sign_in: SignIn,
) -> None:
    """Asked for on a Monday: within 3 working days until Thursday, and 10 to revise, whatever holds after."""
    approved(fin, fiona)
    with minutes(0):
        item = handed_in(ada, schools, "Ask the office about places")
    with minutes(1):
        Setting.choose("review.answer_days", 20, by=adam)
        page = sign_in(ada).get(item.url).text
        assert "They have until 2026-05-14" in " ".join(page.split())
        give(item, "revise", 1)
    with minutes(2):
        Setting.choose("review.revision_days", 40, by=adam)
        page = sign_in(ada).get(item.url).text
        assert "within 10 working days" in " ".join(page.split())
        assert item.fresh().revision_until == date(2026, 5, 25)


def test_a_panel_of_three_where_two_review_is_warned_of_and_called_for(
    adam: Person, mona: Person, ada: Person, rita: Person, rob: Person, schools: Topic, sign_in: SignIn
) -> None:
    """Schools is reviewed by Rita and Rob."""
    warned = "Fewer than 3 reviewers: "
    browser = sign_in(adam)
    assert "Fewer than" not in browser.get("/admin/rules/reviews").text
    change = RuleChange.propose("reviews", {"review.panel": 3}, by=adam, reason="More eyes.")
    assert change is not None
    assert warned in sign_in(mona).get(change.url).text
    assert schools.name_en in sign_in(mona).get(change.url).text
    change.approve(by=mona)
    assert warned in browser.get("/admin/rules/reviews").text
    assert "Fewer than" not in browser.get("/admin/rules/points").text
    with clock.moved(clock.now() + timedelta(minutes=1)):
        item = handed_in(ada, schools, "Ask the office about places")
        assert Review.select().where(Review.experience == item).count() == 2
        called = Notice.unread_by(adam).where(Notice.subject_kind == Experience.kind())
        assert [each.phrase for each in called] == [NO_REVIEWER]
        fill_panel(item.fresh())  # an hour later
        assert called.count() == 1
    rosa = person("Rosanne")
    rosa.grant(Role.REVIEWER, by=None, topic=schools)
    with clock.moved(clock.now() + timedelta(hours=3)):
        assert fill_panel(item.fresh()) == 0
    assert "Fewer than" not in browser.get("/admin/rules/reviews").text


def test_the_company_begins_with_the_numbers_of_the_rules() -> None:
    """RULES 4.2: weights 30, 25, 20, 15, 10; 70 accepts, 3 of 5 for correctness; reminder after 2 working days,
    the first review in 3, another reviewer at 5, the panel lead at 8, a revision in 10.
    """
    begins = {name.partition(".")[2]: value for name, value in DEFAULTS.items() if name.startswith("review.")}
    assert dict(zip(rubric.NAMES, begins["weights"], strict=True)) == {
        "correct": 30, "reusable": 25, "new": 20, "clear": 15, "linked": 10,
    }  # fmt: skip
    assert (begins["pass_mark"], begins["gap"], begins["least_correct"]) == (70, 15, 3)
    assert (begins["panel"], begins["panel_unpaid"]) == (2, 1)
    assert (begins["pair_limit"], begins["pair_days"]) == (3, 30)
    days = [begins[f"{name}_days"] for name in ("remind", "answer", "reassign", "lead", "revision")]
    assert days == [2, 3, 5, 8, 10]
    assert (begins["overlap"], begins["merged"]) == (60, 50)
