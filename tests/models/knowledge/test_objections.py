"""'Did not work, because': one word of each colleague, signed, answered by the author or who looks after it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from portal import clock
from portal.models.base import undoing
from portal.models.base.record import Event, Invalid
from portal.models.company.calendar import Calendar
from portal.models.company.topics import Topic
from portal.models.expertise.expertise import Evidence
from portal.models.expertise.points import PointEntry
from portal.models.knowledge.articles import Article
from portal.models.knowledge.objections import Objection, found_working
from portal.models.knowledge.topic_rules import TopicRule
from portal.models.knowledge.uses import Use
from portal.models.people.needs import needs
from portal.models.people.notices import Notice
from portal.models.people.people import Person
from portal.models.work.clocks import Clock
from tests.conftest import SignIn

WHY = "The customer had a loan already."


@pytest.fixture
def article(ada: Person, schools: Topic) -> Article:
    facts: dict[str, Any] = {"title": "Ask first", "body": "One question first.", "topics": [schools]}
    return Article.add(by=ada, published=True, **facts)


def asked(person: Person) -> list[str]:
    return [str(need.text) for need in needs(person)]


def test_its_author_and_who_reviews_its_topic_are_asked_within_three_working_days(
    article: Article, ada: Person, ben: Person, rita: Person, stan: Person
) -> None:
    """RULES 4.4: a flag is answered in 3 working days."""
    made = Objection.say(article, by=ben, reason=f" {WHY} ")
    assert (made.reason, made.person) == (WHY, ben)
    told = ["“Ask first” did not work for Ben."]
    assert (asked(ada), asked(rita), asked(ben), asked(stan)) == (told, told, [], [])
    assert {one.due_at for one in Clock.select()} == {Calendar.read().add(made.at, 3)}
    assert needs(ada)[0].url == f"/articles/{article.id}#objection-{made.id}"


def test_what_is_not_answered_in_three_working_days_is_told_once_to_those_who_can(
    article: Article,
    ada: Person,
    ben: Person,
    rita: Person,
    mona: Person,
    stan: Person,
    adam: Person,
    schools: Topic,
    sign_in: SignIn,
) -> None:
    """Its author, who reviews its topic, and whom the topic belongs to; each reader sees that it is late."""
    TopicRule.choose(schools, by=adam, way="none", owner=stan)
    made = Objection.say(article, by=ben, reason=WHY)
    other = Objection.say(article, by=mona, reason="It did not work for me either.")
    other.reply(by=ada, text="Ask again.")
    told = "What Ben said against “Ask first” has had no answer for 3 working days."

    def heard(person: Person) -> list[str]:
        return [text for one in Notice.of(person) if "no answer for" in (text := str(one.phrase))]

    def passes() -> None:
        for ident in Clock.due():
            Clock.get_by_id(ident).advance()

    late = "No answer yet"
    with clock.moved(made.due_at - timedelta(minutes=1)):
        passes()
        assert heard(ada) == []
        assert late not in sign_in(stan).get(article.url).text
    with clock.moved(made.due_at + timedelta(minutes=1)):
        passes()
        passes()
        assert [heard(one) for one in (ada, rita, stan)] == [[told]] * 3
        assert (heard(ben), heard(mona)) == ([], [])
        assert sign_in(mona).get(article.url).text.count(late) == 1, "the one that was answered is not"
        made.fresh().reply(by=ada, text="Mended.")
        assert late not in sign_in(mona).get(article.url).text


def test_where_nobody_is_left_who_could_answer_the_managers_hear_of_it(
    ada: Person, ben: Person, mona: Person, adam: Person
) -> None:
    bare = Article.add(by=ada, title="Without a reviewer", body="One.", topics=[Topic.create(name="Else")])
    made, hers = (Objection.say(bare, by=one, reason=WHY) for one in (ben, mona))
    ada.deactivate(by=adam)
    with clock.moved(made.due_at):
        for each in (made, hers):
            each.fresh().tell_late()
    told = [text for one in Notice.of(mona) if "has had no answer" in (text := str(one.phrase))]
    assert len(told) == 1, "of what she said herself nobody tells her"
    assert told[0].startswith("What Ben said")


def test_of_what_is_put_away_nobody_is_asked_until_it_is_back(
    article: Article, ada: Person, ben: Person, rita: Person
) -> None:
    Objection.say(article, by=ben, reason="The form is another one.")
    article.fresh().archive(by=ada)
    assert needs(ada) == needs(rita) == []
    told = [str(one.phrase) for one in Notice.unread_by(ben)]
    assert told == [f"“{article.title}”, which did not work for you, was put away."]
    article.fresh().restore(by=ada)
    for person in (ada, rita):
        assert [need.url for need in needs(person)] == [Objection.get().url]
    article.fresh().end()
    assert needs(ada) == needs(rita) == []


def test_who_said_it_is_told_of_the_answer_and_nobody_is_asked_any_more(
    article: Article, ada: Person, ben: Person, rita: Person
) -> None:
    made = Objection.say(article, by=ben, reason=WHY)
    with pytest.raises(Invalid):
        made.reply(by=ada, text=" ")
    made.reply(by=ada, text="Added: ask about loans.")
    made.fresh().reply(by=rita, text="Too late")
    assert (made.fresh().answer, made.fresh().answered_by) == ("Added: ask about loans.", ada)
    assert asked(ada) == asked(rita) == []
    assert [str(n.phrase) for n in Notice.unread_by(ben)] == [
        "Ada answered what you said against “Ask first”."
    ]


def test_it_is_said_with_a_reason_by_others_and_of_what_is_published(
    article: Article, ada: Person, ben: Person
) -> None:
    for reason in ("", "  ", "x" * 1001):
        with pytest.raises(Invalid):
            Objection.say(article, by=ben, reason=reason)
    with pytest.raises(Invalid, match="your own"):
        Objection.say(article, by=ada, reason=WHY)
    article.archive(by=ada)
    with pytest.raises(Invalid, match="not published"):
        Objection.say(article, by=ben, reason=WHY)
    assert Objection.select().count() == 0


def test_nothing_in_it_tells_who_a_customer_is(article: Article, ada: Person, ben: Person) -> None:
    """RULES 4.10: everyone reads it, and its answer."""
    with pytest.raises(Invalid, match="Take out"):
        Objection.say(article, by=ben, reason="Ask Mr Wang, 13800001111")
    made = Objection.say(article, by=ben, reason=WHY)
    with pytest.raises(Invalid, match="Take out"):
        made.reply(by=ada, text="Call 13800001111")
    assert made.fresh().answer == ""


def test_each_has_one_word_and_may_change_it(article: Article, ada: Person, ben: Person) -> None:
    """Worked, did not work, worked: what the first gave goes and comes, and nothing more."""
    Use.say(article, by=ben)
    at = Evidence.standing().get().at
    Objection.say(article.fresh(), by=ben, reason=WHY)
    assert (article.fresh().uses, Use.select().count(), Evidence.standing().count()) == (0, 0, 0)
    Objection.say(article.fresh(), by=ben, reason=WHY)
    Objection.say(article.fresh(), by=ben, reason="It takes too long.")
    assert [one.reason for one in Objection.select()] == ["It takes too long."]
    assert len(asked(ada)) == 1
    found_working(article.fresh(), by=ben)
    assert (article.fresh().uses, Objection.select().count(), asked(ada)) == (1, 0, [])
    assert Evidence.standing().get().at - at < timedelta(seconds=1)
    assert PointEntry.total(ada) == 2


def test_it_weighs_nothing_that_the_rules_do_not_say(article: Article, ben: Person) -> None:
    """RULES 4.4 and 4.5 give no weight to it: neither due date nor expertise change."""
    before = article.fresh()
    Objection.say(article, by=ben, reason=WHY)
    after = article.fresh()
    assert (after.review_by, after.uses, after.version) == (before.review_by, before.uses, before.version)
    assert Evidence.select().count() == 0


def test_its_writer_takes_it_back(article: Article, ada: Person, ben: Person, rita: Person) -> None:
    made = Objection.say(article, by=ben, reason=WHY)
    assert [made.withdrawable_by(one) for one in (ben, ada, rita)] == [True, False, False]
    assert [made.answerable_by(one) for one in (ben, ada, rita)] == [False, True, True]
    made.withdraw(by=ben)
    assert (Objection.select().count(), asked(ada), asked(rita)) == (0, [], [])


def test_it_is_undone_by_a_click_and_what_was_said_before_is_said_again(
    article: Article, ada: Person, ben: Person
) -> None:
    Use.say(article, by=ben)
    for _ in range(3):
        made = Objection.say(article.fresh(), by=ben, reason=WHY)
        undoing.undo(Event.about(article).first(), by=ben)
        assert (article.fresh().uses, Evidence.standing().count(), asked(ada)) == (1, 1, [])
    made = Objection.say(article.fresh(), by=ben, reason=WHY)
    event = Event.about(article).first()
    made.reply(by=ada, text="Mended.")
    with pytest.raises(Invalid, match="answered already"):
        undoing.undo(event, by=ben)
    assert Objection.select().count() == 1


def test_what_is_taken_out_of_an_article_is_taken_out_of_what_was_said_against_it(
    article: Article, ada: Person, ben: Person
) -> None:
    made = Objection.say(article, by=ben, reason="Not at Lakeside, as Mr Quentin said.")
    made.reply(by=ada, text="Quentin is right.")
    article.fresh().erase(by=ada, words="Quentin")
    assert "Quentin" not in made.fresh().reason + made.fresh().answer
    assert "Quentin" not in "".join(str(event.changes) for event in Event.about(article))


def test_votes_that_were_dropped_do_not_come_back_by_way_of_an_objection(
    article: Article, ada: Person, ben: Person, adam: Person, schools: Topic
) -> None:
    other = Article.add(by=ada, title="Listen", body="Then listen.", topics=[schools], published=True)
    Use.say(article, by=ben)
    Use.say(other, by=ben)
    Use.get(Use.article == other).drop(by=adam)
    Objection.say(other.fresh(), by=ben, reason=WHY)
    with clock.moved(clock.now() + timedelta(hours=2)):
        found_working(other.fresh(), by=ben)
    assert Evidence.standing().count() == 1
