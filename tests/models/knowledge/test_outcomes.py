"""What becomes of an accepted suggestion: its owner answers within 10 working days, its author's name stays."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from portal import clock, i18n
from portal.models.base.record import Event, Invalid
from portal.models.base.undoing import undo
from portal.models.company.calendar import Calendar
from portal.models.company.topics import Topic
from portal.models.experiences import process
from portal.models.experiences.experiences import Experience
from portal.models.experiences.reviews import Review
from portal.models.home.leaving import holdings, leave
from portal.models.knowledge.articles import Article
from portal.models.knowledge.outcomes import TOLD, SuggestionOutcome
from portal.models.knowledge.topic_rules import TopicRule
from portal.models.people.needs import needs
from portal.models.people.notices import Notice
from portal.models.people.people import Person, Role
from portal.models.products.products import Product
from tests.clocks import advance
from tests.conftest import SignIn

ASKED = "What becomes of “Two keys”?"
GOOD = {"correct": 4, "reusable": 4, "new": 3, "clear": 3, "linked": 3}


def proposed(by: Person, topic: Topic, product: Product | None = None) -> Article:
    """An accepted suggestion."""
    made = Experience.begin(by=by, kind="suggestion")
    parts: dict[str, Any] = {
        "situation": "There is one key for all flats. " * 4,
        "action": "Have two keys made. " * 8,
    }
    made.save_draft(by=by, title="Two keys", topics=[topic], product=product, **parts)
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


def test_one_about_a_product_and_one_about_how_people_work_are_told_apart(
    article: Article, sign_in: SignIn, ben: Person
) -> None:
    """On its page and in the list."""
    lamp = Product.create(code="L-1", name="Lamp")
    for product, words in ((None, "Process suggestion"), (lamp, "Product suggestion")):
        Article.update(product=product).where(Article.id == article.id).execute()
        browser = sign_in(ben)
        assert words in browser.get(article.url).text
        assert words in browser.get("/articles?kind=suggestion").text


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


def lamp_of(owner: Person | None, *, by: Person) -> Product:
    return Product.add(by=by, code="L-1", name="Lamp", owner=owner)


def test_about_a_product_its_owner_is_asked_and_has_ten_working_days(
    ada: Person,
    ben: Person,
    mona: Person,
    stan: Person,
    rita: Person,
    rob: Person,
    schools: Topic,
    owned: TopicRule,
) -> None:
    """Scenario S52: the product belongs to Ben, its topic to Stan."""
    proposed(ada, schools, product=lamp_of(ben, by=mona))
    assert (asked(ben), asked(stan), asked(ada), asked(rita)) == ([ASKED], [], [], [])
    (need,) = (need for need in needs(ben) if need.kind == "outcome")
    assert need.due_at == Calendar.read().add(need.since or clock.now(), 10)


@pytest.mark.parametrize("who", ["the proposer", "nobody", "left", "audits"])
def test_where_its_product_has_no_owner_to_answer_its_topic_has(
    who: str, ada: Person, ben: Person, mona: Person, stan: Person, rita: Person, rob: Person,
    schools: Topic, owned: TopicRule,
) -> None:  # fmt: skip
    lamp = lamp_of({"the proposer": ada, "nobody": None}.get(who, ben), by=mona)
    if who == "left":
        ben.deactivate(by=mona)
    if who == "audits":
        ben.grant(Role.AUDITOR, by=None)
    proposed(ada, schools, product=lamp)
    assert (asked(stan), asked(ada), asked(ben)) == ([ASKED], [], [])


def test_it_follows_its_product_to_another_owner_and_keeps_its_day(
    ada: Person,
    ben: Person,
    mona: Person,
    stan: Person,
    rita: Person,
    rob: Person,
    schools: Topic,
    owned: TopicRule,
) -> None:
    """Named later, handed over, taken from everybody; what somebody passed on by hand stays with that one."""
    lamp = lamp_of(None, by=mona)
    article = proposed(ada, schools, product=lamp)
    assert asked(stan) == [ASKED]
    due = next(need.due_at for need in needs(stan) if need.kind == "outcome")
    lamp.edit(by=mona, owner=ben)
    assert (asked(stan), asked(ben)) == ([], [ASKED])
    assert next(need.due_at for need in needs(ben) if need.kind == "outcome") == due
    TopicRule.choose(schools, by=mona, way="none", owner=mona)
    assert (asked(mona), asked(ben)) == ([], [ASKED]), "its topic's next owner has no say in it"
    lamp.hand_over(stan, by=mona)
    assert (asked(stan), asked(ben)) == ([ASKED], [])
    lamp.edit(by=mona, owner=None)
    assert (asked(mona), asked(stan)) == ([ASKED], [])
    outcome = SuggestionOutcome.of(article)
    assert outcome is not None
    outcome.pass_on(ben, by=mona)
    lamp.edit(by=mona, owner=stan)
    assert (asked(ben), asked(stan), asked(mona)) == ([ASKED], [], [])


def test_whose_product_it_is_left_the_topic_answers_and_who_takes_it_over_does(
    ada: Person, ben: Person, mona: Person, stan: Person, rita: Person, rob: Person, adam: Person,
    schools: Topic, owned: TopicRule,
) -> None:  # fmt: skip
    """Handed over with the account, or left lying: nothing waits for who is gone."""
    lamp = lamp_of(ben, by=mona)
    proposed(ada, schools, product=lamp)
    assert {each.key: each.count for each in holdings(ben, adam)}["products"] == 1
    leave(ben, by=adam, to=mona, groups=["products"])
    advance()
    assert lamp.fresh().owner == mona
    assert (asked(mona), asked(stan)) == ([ASKED], [])
    leave(mona, by=adam, to=None, groups=[])
    advance()
    assert (asked(mona), asked(stan)) == ([], [ASKED])
    assert lamp.fresh().owner == mona, "until somebody follows it says whose it was"


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


def sent(page: str) -> str:
    """What a page says its fields held."""
    found = re.search(r'name="begun" value="([^"]+)"', page)
    assert found is not None
    return found[1]


def test_who_answers_from_an_older_page_chooses_between_both_answers(
    sign_in: SignIn, outcome: SuggestionOutcome, stan: Person, rita: Person
) -> None:
    begun = sent(sign_in(rita).get(outcome.url).text)
    day = str(clock.today() + timedelta(days=30))
    outcome.say(by=stan, state="planned", text="See minutes.", planned_on=clock.today() + timedelta(days=30))
    mine = {"state": "planned", "planned_on": day, "text": "We will.", "begun": begun}
    answer = sign_in(rita).post(outcome.url, data=mine)
    assert answer.status_code == 409
    assert "See minutes." in answer.text
    assert (outcome.fresh().answer, outcome.fresh().answered_by) == ("See minutes.", stan)
    chosen = {**mine, "begun": sent(answer.text)}
    assert sign_in(rita).post(outcome.url, data=chosen).status_code == 303
    assert (outcome.fresh().answer, outcome.fresh().answered_by) == ("We will.", rita)


def test_of_two_who_plan_at_once_one_answer_is_kept(
    outcome: SuggestionOutcome, stan: Person, rita: Person
) -> None:
    day, other = clock.today() + timedelta(days=30), outcome.fresh()
    assert outcome.say(by=stan, state="planned", text="See minutes.", planned_on=day)
    with pytest.raises(Invalid):
        other.say(by=rita, state="planned", text="We will.", planned_on=day)
    assert outcome.fresh().answer == "See minutes."


def test_the_same_answer_again_tells_nobody_and_says_so(
    sign_in: SignIn, article: Article, outcome: SuggestionOutcome, stan: Person, ada: Person
) -> None:
    browser = sign_in(stan)
    plan = {"state": "planned", "planned_on": str(clock.today() + timedelta(days=9)), "text": "Soon."}
    for said in ("Answered. Who proposed it is told.", "Nothing has changed."):
        browser.post(outcome.url, data=plan)
        assert said in browser.get(article.url).text
    assert len(told(ada)) == 1


def test_nobody_is_asked_of_what_is_put_away_and_the_same_as_before_once_it_is_back(
    outcome: SuggestionOutcome, article: Article, stan: Person, rita: Person, adam: Person
) -> None:
    (need,) = (need for need in needs(stan) if need.kind == "outcome")
    article.fresh().archive(by=rita)
    assert asked(stan) == []
    assert not outcome.fresh().answerable_by(stan)
    with clock.moved(clock.now() + timedelta(days=2)):
        article.fresh().restore(by=rita)
        (again,) = (need for need in needs(stan) if need.kind == "outcome")
        assert (again.since, again.due_at) == (need.since, need.due_at)
        undo(Event.about(article).where(Event.verb == "restored").get(), by=rita)
        assert asked(stan) == []
    with clock.moved(clock.now() + timedelta(days=40)):
        advance()
        assert asked(adam) == []


def test_what_is_planned_is_asked_on_its_day_after_it_was_put_away(
    outcome: SuggestionOutcome, article: Article, stan: Person, rita: Person
) -> None:
    day = clock.today() + timedelta(days=30)
    outcome.say(by=stan, state="planned", planned_on=day)
    article.fresh().archive(by=rita)
    article.fresh().restore(by=rita)
    assert asked(stan) == []
    with clock.moved(clock.start_of(day)):
        assert asked(stan) == [ASKED]


def test_what_is_answered_is_not_asked_again_when_it_is_back(
    outcome: SuggestionOutcome, article: Article, stan: Person, rita: Person
) -> None:
    outcome.say(by=stan, state="done")
    article.fresh().archive(by=rita)
    article.fresh().restore(by=rita)
    assert asked(stan) == []


def test_nobody_is_asked_of_what_was_revoked(
    outcome: SuggestionOutcome, article: Article, stan: Person, rita: Person
) -> None:
    article.fresh().revoke(by=rita)
    assert asked(stan) == []


def test_it_goes_with_its_topic_to_a_new_owner_unless_it_was_passed_on_by_hand(
    outcome: SuggestionOutcome, schools: Topic, stan: Person, ben: Person, rita: Person, adam: Person
) -> None:
    TopicRule.choose(schools, by=adam, way="none", owner=ben)
    advance()
    assert (asked(stan), asked(ben)) == ([], [ASKED])
    outcome.fresh().pass_on(rita, by=ben)
    TopicRule.choose(schools, by=adam, way="none", owner=rita)
    TopicRule.choose(schools, by=adam, way="none", owner=stan)
    advance()
    assert (asked(stan), asked(rita)) == ([], [ASKED])


def test_who_is_named_for_a_topic_is_asked_instead_of_its_reviewers(
    ada: Person, rita: Person, rob: Person, stan: Person, schools: Topic, adam: Person
) -> None:
    proposed(ada, schools)
    assert asked(rita) == [ASKED]
    TopicRule.choose(schools, by=adam, way="none", owner=stan)
    advance()
    assert (asked(rita), asked(stan)) == ([], [ASKED])


def test_one_lateness_alarms_once_however_often_it_is_passed_on(
    outcome: SuggestionOutcome, stan: Person, ben: Person, adam: Person
) -> None:
    (need,) = (need for need in needs(stan) if need.kind == "outcome")
    assert need.due_at is not None
    with clock.moved(need.due_at):
        advance()
        (late,) = (each for each in needs(adam) if each.kind == "late outcome")
        outcome.pass_on(ben, by=stan)
        assert [each.id for each in needs(adam) if each.kind == "late outcome"] == [late.id]
        advance()
        assert [each.id for each in needs(adam) if each.kind == "late outcome"] == [late.id]
        outcome.fresh().say(by=ben, state="done")
        assert asked(adam) == asked(ben) == []


def test_those_it_may_be_passed_on_to_are_named_and_who_had_it_is_kept(
    sign_in: SignIn, article: Article, outcome: SuggestionOutcome, stan: Person, ben: Person, audrey: Person
) -> None:
    browser = sign_in(stan)
    assert 'list="owner-proposals"' in browser.get(outcome.url).text
    refused = browser.post(f"{outcome.url}/passing", data={"owner": "Audrey"})
    assert refused.status_code == 422
    assert browser.post(f"{outcome.url}/passing", data={"owner": "Ben"}).status_code == 303
    passed = Event.about(article).where(Event.verb == "outcome passed on").get()
    assert passed.changes["owner"] == [stan.id, ben.id]


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


def test_in_chinese_the_last_day_away_is_a_day_away_and_an_answer_has_one_colon() -> None:
    with i18n.speaking("zh"):
        assert i18n.gettext("away until %(day)s", day="12-01") == "至 12-01（含）不在岗"
        for phrase in TOLD.values():
            assert i18n.gettext(phrase.msgid, who="Stan", article="x").count("：") == 1
