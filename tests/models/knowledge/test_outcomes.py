"""What becomes of an accepted suggestion: its owner answers within 10 working days, its author's name stays."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from portal import clock
from portal.models.base.record import Event, Invalid
from portal.models.company.calendar import Calendar
from portal.models.company.topics import Topic
from portal.models.experiences import process
from portal.models.experiences.experiences import Experience
from portal.models.experiences.reviews import Review
from portal.models.knowledge.articles import Article
from portal.models.knowledge.outcomes import SuggestionOutcome
from portal.models.knowledge.topic_rules import TopicRule
from portal.models.people.needs import needs
from portal.models.people.notices import Notice
from portal.models.people.people import Person
from tests.clocks import advance
from tests.conftest import SignIn

ASKED = "What becomes of “Two keys”?"
GOOD = {"correct": 4, "reusable": 4, "new": 3, "clear": 3, "linked": 3}


def proposed(by: Person, topic: Topic) -> Article:
    """An accepted suggestion."""
    made = Experience.begin(by=by, kind="suggestion")
    parts: dict[str, Any] = {
        "situation": "There is one key for all flats. " * 4,
        "action": "Have two keys made. " * 8,
    }
    made.save_draft(by=by, title="Two keys", topics=[topic], **parts)
    process.submit(made, by=by, duplicate_checked=True)
    for review in Review.select().where(Review.experience == made):
        process.complete(review, by=review.reviewer, scores=GOOD, verdict="accept", comment="")
    article: Article = Article.get(Article.was_born_of("experience", made.id))
    return article


@pytest.fixture
def owned(schools: Topic, stan: Person, adam: Person) -> TopicRule:
    """Schools belong to Stan."""
    return TopicRule.choose(schools, by=adam, way="none", owner=stan)


@pytest.fixture
def article(ada: Person, rita: Person, rob: Person, schools: Topic, owned: TopicRule) -> Article:
    return proposed(ada, schools)


@pytest.fixture
def outcome(article: Article) -> SuggestionOutcome:
    found = SuggestionOutcome.of(article)
    assert found is not None
    return found


def asked(person: Person) -> list[str]:
    return [str(need.text) for need in needs(person) if need.kind in ("outcome", "late outcome")]


def told(person: Person) -> list[str]:
    return [str(one.phrase) for one in Notice.unread_by(person) if "proposed" in str(one.phrase)]


def test_its_topic_s_owner_is_asked_and_has_ten_working_days(
    article: Article, outcome: SuggestionOutcome, stan: Person, ada: Person, rita: Person, adam: Person
) -> None:
    assert (asked(stan), asked(ada), asked(rita), asked(adam)) == ([ASKED], [], [], [])
    (need,) = (need for need in needs(stan) if need.kind == "outcome")
    assert need.url == outcome.url
    assert need.due_at == Calendar.read().add(need.since or clock.now(), 10)
    late = need.due_at or clock.now()
    with clock.moved(late - timedelta(seconds=1)):
        advance()
        assert asked(adam) == []
    with clock.moved(late):
        advance()
        advance()
        assert asked(adam) == ["Nobody has said what becomes of “Two keys”."]
        assert asked(stan) == [ASKED]


def test_without_an_owner_who_reviews_its_topic_is_asked(
    ada: Person, ben: Person, rita: Person, rob: Person, schools: Topic, adam: Person
) -> None:
    TopicRule.choose(schools, by=adam, way="none", owner=ada)
    proposed(ada, schools)
    assert (asked(ada), asked(rita), asked(rob), asked(ben)) == ([], [ASKED], [ASKED], [])


def test_what_is_answered_is_told_to_who_proposed_it_and_read_by_everyone(
    sign_in: SignIn, article: Article, outcome: SuggestionOutcome, stan: Person, ada: Person, ben: Person
) -> None:
    page = sign_in(ben).get(article.url).text
    assert "Waits for an answer" in page
    assert outcome.url not in page
    assert sign_in(ben).get(outcome.url).headers["location"] == f"{article.url}#outcome"
    assert sign_in(ada).post(outcome.url, data={"state": "done"}).status_code == 303
    assert outcome.fresh().state == "waiting", "who proposed it does not answer it"
    browser = sign_in(stan)
    assert outcome.url in browser.get("/needs-me").text
    answer = browser.post(outcome.url, data={"state": "declined", "text": " "})
    assert answer.status_code == 422
    assert "Say why it is not carried out" in answer.text
    answer = browser.post(outcome.url, data={"state": "declined", "text": "The landlord forbids it."})
    assert (answer.status_code, answer.headers["location"]) == (303, article.url)
    page = sign_in(ben).get(article.url).text
    for words in ("Not carried out", "The landlord forbids it.", "Proposed by: <a", "Ada"):
        assert words in page
    assert told(ada) == ["What you proposed is not carried out; Stan says why: Two keys"]
    assert asked(stan) == []
    assert Event.about(article).first().verb == "outcome declined"


def test_what_is_planned_is_asked_again_on_its_day(
    outcome: SuggestionOutcome, stan: Person, ada: Person, adam: Person
) -> None:
    day = clock.today() + timedelta(days=30)
    for wrong in (None, clock.today() - timedelta(days=1)):
        with pytest.raises(Invalid, match="by which day"):
            outcome.say(by=stan, state="planned", planned_on=wrong)
    outcome.say(by=stan, state="planned", planned_on=day)
    assert told(ada) == ["What you proposed will be carried out, Stan says: Two keys"]
    assert asked(stan) == []
    with clock.moved(clock.start_of(day)):
        assert asked(stan) == [ASKED]
        outcome.fresh().say(by=stan, state="done", text="Made in May.")
        assert asked(stan) == []
    with clock.moved(clock.start_of(day + timedelta(days=60))):
        advance()
        assert asked(adam) == asked(stan) == []
    with pytest.raises(Invalid):
        outcome.fresh().say(by=stan, state="declined", text="After all not.")
    assert outcome.fresh().state == "done"


def test_it_is_passed_on_with_its_day_and_never_to_who_proposed_it(
    outcome: SuggestionOutcome, stan: Person, ada: Person, ben: Person, audrey: Person
) -> None:
    (need,) = (need for need in needs(stan) if need.kind == "outcome")
    for wrong in (ada, audrey):
        with pytest.raises(Invalid):
            outcome.pass_on(wrong, by=stan)
    outcome.pass_on(ben, by=stan)
    outcome.pass_on(ben, by=stan)
    assert (asked(stan), asked(ben)) == ([], [ASKED])
    assert next(each.due_at for each in needs(ben) if each.kind == "outcome") == need.due_at
    assert outcome.fresh().answerable_by(ben)
    assert not outcome.fresh().answerable_by(stan)


def test_of_who_leaves_the_next_is_asked(
    outcome: SuggestionOutcome, stan: Person, rita: Person, adam: Person, ada: Person
) -> None:
    stan.deactivate(by=adam)
    advance()
    assert (asked(rita), asked(ada)) == ([ASKED], [])


def test_two_who_answer_at_once_leave_one_answer(
    outcome: SuggestionOutcome, stan: Person, rita: Person
) -> None:
    other = outcome.fresh()
    outcome.say(by=stan, state="done")
    with pytest.raises(Invalid):
        other.say(by=rita, state="declined", text="No.")
    assert (outcome.fresh().state, outcome.fresh().answered_by) == ("done", stan)


def test_nothing_in_an_answer_tells_who_a_customer_is(outcome: SuggestionOutcome, stan: Person) -> None:
    with pytest.raises(Invalid, match="Take out what tells who it is"):
        outcome.say(by=stan, state="done", text="Call 13812345678.")
    assert outcome.fresh().state == "waiting"


def test_a_rename_or_leaving_does_not_take_the_name_away(
    sign_in: SignIn, article: Article, ada: Person, ben: Person, adam: Person
) -> None:
    """S52: the name is on it for ever."""
    day = article.proposed_on
    ada.deactivate(by=adam)
    page = sign_in(ben).get(article.url).text
    assert "Ada" in page
    assert "(left)" in page
    assert day.isoformat() in page
