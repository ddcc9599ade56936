"""A topic that customers suddenly raise is told of at once (RULES 4.9, S04); numbers by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from portal import clock, i18n
from portal.models.company.topics import Topic
from portal.models.customers.customers import Customer
from portal.models.customers.interactions import Interaction
from portal.models.insights.spikes import DAYS, TopicDay, _Names, spikes, tell_of_spikes
from portal.models.knowledge.questions import Question
from portal.models.knowledge.topic_rules import TopicRule
from portal.models.people.notices import Notice
from portal.models.people.people import Person
from tests.conftest import person

NOON = datetime(2026, 5, 12, 4, tzinfo=UTC)


@pytest.fixture
def fever(app: object) -> Topic:
    with clock.moved(NOON - timedelta(days=90)):
        return Topic.create(name="发热", name_en="Fever")


def contacts(seller: Person, count: int, naming: int, *, days_ago: int = 0) -> None:
    """So many contacts on a day, of which the first few name the topic, in either language and any case."""
    customer = Customer.get_or_none(Customer.name == "Wang") or Customer.create(name="Wang", owner=seller)
    at = NOON - timedelta(days=days_ago)
    rows = [
        {
            "customer": customer,
            "person": seller,
            "kind_of": "call",
            "at": at,
            "created_at": at,
            "text": ("孩子昨晚发热了" if number % 2 else "客户说FEVER again")
            if number < naming
            else "feverish 热",
        }
        for number in range(count)
    ]
    if rows:
        Interaction.insert_many(rows).execute()


def usual(seller: Person) -> None:
    """Twenty contacts on each of the days before, five of which name it."""
    for ago in range(1, DAYS + 2):
        contacts(seller, 20, 5, days_ago=ago)


def found() -> list[tuple[int, int, float]]:
    with clock.moved(NOON):
        return [(each.cases, each.contacts, each.mean) for each in spikes()]


@pytest.mark.parametrize(
    ("count", "naming", "is_spike"),
    [(20, 5, False), (20, 9, True), (20, 10, True), (10, 5, True), (10, 4, False), (12, 6, True)],
)
def test_more_than_usual(ada: Person, fever: Topic, count: int, naming: int, is_spike: bool) -> None:
    """Five a day, always: no deviation, so that nine are more than usual. Five are as usual, and are told of where
    they are half of ten contacts.
    """
    usual(ada)
    contacts(ada, count, naming)
    assert found() == ([(naming, count, 5.0)] if is_spike else [])


@pytest.mark.parametrize(("count", "naming", "is_spike"), [(10, 5, True), (9, 9, False), (11, 5, False)])
def test_half_of_ten_contacts_in_a_new_portal(
    ada: Person, fever: Topic, count: int, naming: int, is_spike: bool
) -> None:
    """Nothing is known of the days before: the share alone tells, of ten contacts at least."""
    contacts(ada, count, naming)
    assert found() == ([(naming, count, 0.0)] if is_spike else [])


@pytest.mark.parametrize(("naming", "is_spike"), [(4, False), (9, False), (10, True)])
def test_three_deviations_over_the_mean(ada: Person, fever: Topic, naming: int, is_spike: bool) -> None:
    """On every other day 1 and 5: mean 3, deviation 2, so that 9 is the bar, and more than it is a spike."""
    for ago in range(1, DAYS + 2):
        contacts(ada, 40, 1 if ago % 2 else 5, days_ago=ago)
    contacts(ada, 40, naming)
    assert bool(found()) is is_spike


def test_what_goes_on_is_no_news(ada: Person, fever: Topic) -> None:
    contacts(ada, 20, 12, days_ago=1)
    contacts(ada, 20, 12)
    assert found() == []


def test_questions_count_by_their_topics(ada: Person, ben: Person, fever: Topic) -> None:
    contacts(ada, 5, 0)
    with clock.moved(NOON):
        for number in range(5):
            Question.ask(by=ben, text=f"Number {number}?", topic=fever)
    assert found() == [(5, 10, 0.0)]


def test_its_owner_and_their_manager_are_told_once_a_day(
    ada: Person, ben: Person, mona: Person, fever: Topic
) -> None:
    TopicRule.create(topic=fever, way="none", owner=ben)
    person("Olga")
    contacts(ada, 20, 10)
    with clock.moved(NOON):
        for _ in range(2):
            tell_of_spikes()
    with clock.moved(NOON + timedelta(hours=2)):
        contacts(ada, 2, 2)
        tell_of_spikes()
    told = list(Notice.select().order_by(Notice.id))
    assert {notice.person_id for notice in told} == {ben.id, mona.id}
    assert len(told) == 2
    with i18n.speaking("en"):
        assert i18n.gettext(told[0].phrase) == (
            "Customers raise Fever: 10 of 20 contacts on 2026-05-12, on average 0.0 a day in the four weeks before."
        )
    assert told[0].url == f"/topics/{fever.id}"
    assert "Wang" not in str(told[0].values)


def test_what_was_raised_in_the_last_hour_is_told_on_the_day_after(
    ada: Person, ben: Person, fever: Topic
) -> None:
    TopicRule.create(topic=fever, way="none", owner=ben)
    contacts(ada, 20, 10)
    with clock.moved(clock.start_of(NOON.date() + timedelta(days=1)) + timedelta(minutes=5)):
        tell_of_spikes()
    told = [notice.values["day"] for notice in Notice.select().where(Notice.person == ben)]
    assert told == ["2026-05-12"]


def test_the_texts_of_four_weeks_are_read_once_until_a_topic_has_another_name(
    ada: Person, ben: Person, fever: Topic
) -> None:
    """Their sums are kept: what becomes of the texts changes nothing, a topic that they name otherwise does."""
    usual(ada)
    with clock.moved(NOON):
        tell_of_spikes()
        assert {(each.cases, each.topic) for each in TopicDay.select()} == {(0, 0), (20, 0), (5, fever.id)}
        kept = TopicDay.select().count()
    contacts(ada, 20, 9)
    Interaction.delete().where(Interaction.at < NOON - timedelta(days=3)).execute()
    with clock.moved(NOON + timedelta(hours=1)):
        assert [(each.cases, each.mean) for each in spikes()] == [(9, 5.0)]
        fever.edit(by=ada, name_en="Heat")
    with clock.moved(NOON + timedelta(hours=2)):
        tell_of_spikes()
        assert TopicDay.select().count() < kept
    with clock.moved(NOON + timedelta(days=1)):
        tell_of_spikes()
        assert TopicDay.select(TopicDay.day).distinct().count() == DAYS


@pytest.mark.parametrize(
    ("text", "is_raised"),
    [
        ("fevers", False),
        ("孩子fever了", True),
        ("发热", True),
        ("a-fever!", True),
        ("fiebrefever", False),
        ("", False),
    ],
)
def test_a_latin_name_is_a_word_beside_chinese_too(fever: Topic, text: str, is_raised: bool) -> None:
    assert bool(_Names([fever]).found_in(text)) is is_raised
