"""Articles that are published on a day and end on one; who hears of what is new; what articles begin from."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from portal import clock
from portal.models.base.intake import Source
from portal.models.base.published import Telling
from portal.models.base.record import Event, Invalid
from portal.models.base.undoing import undo
from portal.models.company.topics import Topic
from portal.models.customers.customers import Customer
from portal.models.knowledge import proposals, templates
from portal.models.knowledge.articles import Article
from portal.models.knowledge.audience import ReaderGroup
from portal.models.knowledge.follows import (
    TopicFollow,
    follow,
    is_anything_new,
    tell_followers,
    unfollow,
)
from portal.models.knowledge.intake import ArticleIntake
from portal.models.knowledge.proposals import Proposal
from portal.models.knowledge.templates import ArticleTemplate
from portal.models.knowledge.topic_rules import TopicRule
from portal.models.people.needs import needs
from portal.models.people.notices import Notice
from portal.models.people.people import Person
from portal.models.work.clocks import Clock
from portal.text.markdown import render_markdown
from tests.conftest import SignIn

MONDAY, FRIDAY = date(2026, 5, 11), date(2026, 5, 15)


def at(day: date, hour: int = 12) -> Any:
    """An hour of a day in Shanghai, where the company is."""
    return clock.moved(datetime.fromisoformat(f"{day}T{hour:02d}:00:30+08:00"))


def advance() -> None:
    for ident in Clock.due():
        Clock.get_by_id(ident).advance()


def written(by: Person, topic: Topic, **facts: Any) -> Article:
    given: dict[str, Any] = {"title": "Ask first", "body": "One question first.", "topics": [topic]}
    return proposals.write(by=by, **(given | facts))


def told(person: Person) -> list[str]:
    return [str(one.phrase) for one in Notice.unread_by(person)]


# ------------------------------------------------------------------ a day to be published


def test_it_is_read_from_midnight_of_its_day_on_in_the_company_s_time_zone(
    ada: Person, ben: Person, schools: Topic
) -> None:
    with at(MONDAY):
        article = written(ada, schools, publish_on=FRIDAY)
        assert (article.state, article.published_at) == ("draft", None)
        assert needs(ada) == []
    with at(FRIDAY - timedelta(days=1), 23):
        advance()
        assert list(Article.visible_to(ben)) == []
    with at(FRIDAY, 0):
        advance()
        now = article.fresh()
        assert now.state == "published"
        assert now.published_at is not None
        assert clock.local(now.published_at).date() == FRIDAY
        assert [one.id for one in Article.visible_to(ben)] == [article.id]


def test_another_day_counts_instead_and_none_at_all_leaves_a_draft(ada: Person, schools: Topic) -> None:
    with at(MONDAY):
        article = written(ada, schools, publish_on=FRIDAY)
        article.edit(by=ada, publish_on=FRIDAY + timedelta(days=7))
    with at(FRIDAY):
        advance()
        assert article.fresh().state == "draft"
        article.fresh().edit(by=ada, publish_on=None)
        assert [str(need.text) for need in needs(ada)] == ["Finish and publish: Ask first"]
    with at(FRIDAY + timedelta(days=8)):
        advance()
        assert article.fresh().state == "draft"


def test_what_is_written_into_it_before_its_day_is_looked_through_too(
    ada: Person, ben: Person, schools: Topic
) -> None:
    """On its day nobody is asked whether a name is an ordinary word."""
    Customer.add(by=ada, name="Zanzibar Trading", owner=ada)
    row = {"title": "Ask first", "body": "Zanzibar Trading wants more."}
    with at(MONDAY):
        article = written(ada, schools, publish_on=FRIDAY)
        with pytest.raises(Telling):
            proposals.change(article.fresh(), by=ada, body=row["body"])
        (compared,) = ArticleIntake(Source(by=ada, number=1)).compare([(article.fresh(), row)])
        assert compared.problem is not None
        assert article.fresh().body == "One question first."
        proposals.change(article.fresh(), by=ada, body="Zanzibar, an island, is far.", ends_on=FRIDAY)
        article.fresh().edit(by=ada, names_checked=True, body=row["body"])
        article.fresh().edit(by=ada, ends_on=None)
    with at(FRIDAY):
        advance()
        assert (article.fresh().state, article.fresh().body) == ("published", row["body"]), "a word, Ada said"


def test_what_is_put_away_before_its_day_does_not_come(ada: Person, schools: Topic) -> None:
    with at(MONDAY):
        article = written(ada, schools, publish_on=FRIDAY)
        article.archive(by=ada)
        article.restore(by=ada)
    with at(FRIDAY):
        advance()
        assert article.fresh().state == "draft"


def test_approved_words_go_out_on_their_day_and_no_others(
    ada: Person, rita: Person, adam: Person, schools: Topic
) -> None:
    TopicRule.choose(schools, by=adam, way="expert")
    with at(MONDAY):
        article, other = (written(ada, schools, title=title, publish_on=FRIDAY) for title in ("One", "Two"))
        for waiting in Proposal.select():
            waiting.approve(by=rita)
        assert article.fresh().scheduled_number == 1
        proposals.change(other.fresh(), by=ada, body="Nobody read this.")
        assert other.fresh().scheduled_number is None
    with at(FRIDAY):
        advance()
        assert (article.fresh().state, other.fresh().state) == ("published", "draft")
        assert proposals.approved(article.fresh()) is not None


def test_a_rule_that_came_since_is_asked_for_on_the_day(
    ada: Person, rita: Person, adam: Person, schools: Topic
) -> None:
    with at(MONDAY):
        article = written(ada, schools, publish_on=FRIDAY)
        TopicRule.choose(schools, by=adam, way="expert")
    with at(FRIDAY):
        advance()
        assert article.fresh().state == "draft"
        assert [str(need.text) for need in needs(rita)] == ["Approve: Ask first"]
        Proposal.get().approve(by=rita)
        assert article.fresh().state == "published"


def test_what_stands_against_it_on_its_day_is_told_to_its_author(ada: Person, schools: Topic) -> None:
    with at(MONDAY):
        article = written(ada, schools, publish_on=FRIDAY)
        article._set_topics([])
    with at(FRIDAY):
        advance()
        assert article.fresh().state == "draft"
        assert told(ada) == ["It could not be published on its day. Look at it once more: Ask first"]


# ------------------------------------------------------------------ a last day


def test_after_its_last_day_it_is_found_no_longer_and_says_so(
    ada: Person, ben: Person, schools: Topic
) -> None:
    with at(MONDAY):
        article = written(ada, schools, ends_on=FRIDAY)
    with at(FRIDAY, 23):
        advance()
        assert article.fresh().state == "published"
    with at(FRIDAY + timedelta(days=1), 0):
        advance()
        now = article.fresh()
        assert (now.state, now.ended_at is not None) == ("archived", True)
        assert [one.id for one in Article.visible_to(ben)] == [
            article.id
        ]  # its address still says what it was
        now.restore(by=ada)
        now = article.fresh()
        assert (now.state, now.ends_on, now.ended_at) == ("published", None, None)
        advance()
        assert article.fresh().state == "published"


def test_a_later_last_day_counts_instead(ada: Person, schools: Topic) -> None:
    with at(MONDAY):
        article = written(ada, schools, ends_on=FRIDAY)
        article.edit(by=ada, ends_on=FRIDAY + timedelta(days=7))
        with pytest.raises(Invalid):
            article.edit(by=ada, ends_on=MONDAY - timedelta(days=1))
        with pytest.raises(Invalid):
            written(ada, schools, publish_on=FRIDAY, ends_on=MONDAY)
    with at(FRIDAY + timedelta(days=1)):
        advance()
        assert article.fresh().state == "published"
    with at(FRIDAY + timedelta(days=8)):
        advance()
        assert article.fresh().state == "archived"


def test_what_ended_before_anybody_read_it_is_not_published(
    ada: Person, rita: Person, adam: Person, schools: Topic
) -> None:
    over = "Its last day is over: name a later one, or none."
    with at(MONDAY):
        draft = written(ada, schools, ends_on=FRIDAY, published=False)
        TopicRule.choose(schools, by=adam, way="expert")
        asked = written(ada, schools, title="Asked", ends_on=FRIDAY)
        days = {"publish_on": MONDAY - timedelta(days=9), "ends_on": MONDAY - timedelta(days=3)}
        with pytest.raises(Invalid) as refused:
            written(ada, schools, title="Past", **days)
        assert str(refused.value.errors["ends_on"]) == over
    with at(FRIDAY + timedelta(days=3)):
        assert str(draft.fresh().missing()["ends_on"]) == over
        with pytest.raises(Invalid):
            proposals.publish(draft.fresh(), by=ada)
        with pytest.raises(Invalid):
            Proposal.get(Proposal.article == asked).approve(by=rita)
        assert told(ada) == [], "nobody is told that everyone reads what nobody does"
        proposals.change(asked.fresh(), by=ada, ends_on=FRIDAY + timedelta(days=9))
        Proposal.get(Proposal.article == asked).approve(by=rita)
        advance()
        assert (asked.fresh().state, draft.fresh().state) == ("published", "draft")


def test_what_waited_for_its_day_beyond_its_last_one_is_told_to_its_author(
    ada: Person, schools: Topic
) -> None:
    with at(MONDAY):
        article = written(ada, schools, publish_on=FRIDAY, ends_on=FRIDAY)
    with at(FRIDAY + timedelta(days=1)):
        advance()
        assert (article.fresh().state, article.fresh().ended_at) == ("draft", None)
        assert told(ada) == ["It could not be published on its day. Look at it once more: Ask first"]


def test_what_was_revoked_is_not_read_since_it_ended(ada: Person, ben: Person, schools: Topic) -> None:
    with at(MONDAY):
        article = written(ada, schools, ends_on=FRIDAY)
    with at(FRIDAY + timedelta(days=1)):
        advance()
        article.fresh().revoke(by=ada)
        assert list(Article.visible_to(ben)) == []


def test_what_ended_is_put_out_of_sight_without_coming_back_first(
    ada: Person, ben: Person, schools: Topic, sign_in: SignIn
) -> None:
    with at(MONDAY):
        article = written(ada, schools, ends_on=FRIDAY)
    with at(FRIDAY + timedelta(days=1)):
        advance()
        assert sign_in(ben).get(article.url).status_code == 200
        assert f"{article.url}/archiving" not in sign_in(ben).get(article.url).text
        assert f"{article.url}/archiving" in sign_in(ada).get(article.url).text
        for _ in range(2):
            assert sign_in(ada).post(f"{article.url}/archiving").status_code == 303
        assert list(Article.visible_to(ben)) == []
        told = Event.about(article).first()
        assert (told.verb, told.actor) == ("archived", ada.id)
        undo(told, by=ada)
        now = article.fresh()
        assert (now.state, now.ended_at is not None) == ("archived", True), (
            "as it was: ended, and listed nowhere"
        )
        assert list(Article.visible_to(ben)) == [article]


# ------------------------------------------------------------------ who hears of it


def test_who_follows_a_topic_or_one_above_hears_of_what_is_new_once(
    ada: Person, ben: Person, stan: Person, schools: Topic, rita: Person, adam: Person
) -> None:
    below = Topic.create(name="小学", parent=schools)
    for _ in range(2):
        follow(schools, by=ben)
    follow(below, by=stan)
    follow(schools, by=ada)
    TopicRule.choose(schools, by=adam, way="expert")
    article = written(ada, below)
    assert told(ben) == []  # nothing of what nobody approved
    assert not is_anything_new()
    Proposal.get().approve(by=rita)
    assert is_anything_new()
    for _ in range(2):
        tell_followers()
    assert told(ben) == told(stan) == ["New from Ada: Ask first"]
    assert all("New from" not in text for text in told(ada))
    article = article.fresh()
    article.archive(by=ada)
    article.restore(by=ada)
    follow(schools, by=rita)
    tell_followers()
    assert told(ben) == ["New from Ada: Ask first"]
    assert all(
        "New from" not in text for text in told(rita)
    )  # who follows since hears of what comes from now on
    unfollow(schools, by=ben)
    unfollow(schools, by=ben)
    TopicRule.choose(schools, by=adam, way="none")
    written(ada, below, title="Two")
    tell_followers()
    assert told(ben) == ["New from Ada: Ask first"]
    assert told(stan)[0] == "New from Ada: Two"
    assert TopicFollow.select().count() == 3


def test_who_narrowed_what_they_follow_hears_of_what_is_for_them_or_for_all(
    ada: Person, ben: Person, stan: Person, mona: Person, schools: Topic, adam: Person
) -> None:
    TopicRule.choose(schools, by=adam, way="none")
    below = Topic.create(name="小学", parent=schools)
    seller, service = ReaderGroup("job-置业顾问"), ReaderGroup("job-售后")
    Person.update(title="置业顾问").where(Person.id.in_([ben.id, mona.id])).execute()
    follow(schools, by=ben, narrowed=True)
    follow(schools, by=mona)
    follow(schools, by=stan, narrowed=True)
    written(ada, below, title="For service", audience=[service])
    written(ada, below, title="For sellers", audience=[seller])
    written(ada, below, title="For all")
    tell_followers()

    def heard(person: Person) -> set[str]:
        return {text.partition(": ")[2] for text in told(person) if text.startswith("New from")}

    assert heard(ben) == {"For sellers", "For all"}
    assert heard(mona) == {"For service", "For sellers", "For all"}, "all is what there is from the first"
    assert heard(stan) == {"For all"}, "no job and no department named"
    follow(below, by=ben)  # all of what is below, whatever was said of what is above
    follow(schools, by=stan)
    written(ada, below, title="More for service", audience=[service])
    tell_followers()
    assert "More for service" in heard(ben)
    assert "More for service" in heard(stan), "narrowed no more"
    assert TopicFollow.select().where(TopicFollow.person == stan).count() == 1


# ------------------------------------------------------------------ what articles begin from


@pytest.mark.parametrize("language", ["zh", "en"])
def test_each_kind_has_a_beginning_in_both_languages(ada: Person, language: str) -> None:
    offered = templates.offered_to(ada, language)
    assert [one.key for one in offered] == list(templates.PURPOSES)
    for one in offered:
        assert "<h2" in render_markdown(one.body), one.key
        assert any("一" <= sign <= "鿿" for sign in one.body) is (language == "zh"), one.key


def test_the_company_makes_more(ada: Person, adam: Person) -> None:
    made = ArticleTemplate.add(by=adam, name="Weekly", body="## This week", freshness="process")
    with pytest.raises(Invalid):
        ArticleTemplate.add(by=adam, name="Weekly ", body="Again")
    assert templates.offered_to(ada, "en")[0].key == str(made.id)
    made.archive(by=adam)
    assert templates.offered_to(ada, "en")[0].key == "guide"
    assert not made.editable_by(ada)
