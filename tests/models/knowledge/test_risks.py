"""Where knowledge hangs on one head: each count by hand."""

from __future__ import annotations

from datetime import timedelta

import pytest

from portal import clock
from portal.models.base.record import Invalid
from portal.models.company.topics import Topic
from portal.models.expertise.expertise import Evidence, expertise, standings
from portal.models.expertise.own_topics import OwnTopic
from portal.models.knowledge.asks import Ask
from portal.models.knowledge.questions import Question
from portal.models.knowledge.risks import (
    Risk,
    TopicRisk,
    ask_to_write,
    at_risk,
    busy_experts,
    may_see_people,
    topic_risks,
)
from portal.models.knowledge.topic_rules import TopicRule
from portal.models.people.notices import Notice
from portal.models.people.people import Person
from tests.conftest import SignIn


def make_expert(person: Person, topic: Topic) -> None:
    """E = 18 of two kinds."""
    for kind in ("accepted experience", "best answer"):
        Evidence.record(person, topic, kind, topic)


def of(topic: Topic) -> TopicRisk:
    return next(each for each in topic_risks() if each.topic == topic)


def test_a_topic_needs_two_experts_who_stay(ada: Person, ben: Person, schools: Topic, adam: Person) -> None:
    assert of(schools).risk is Risk.NOBODY
    make_expert(ada, schools)
    assert (of(schools).risk, of(schools).experts) == (Risk.ONE, [ada])
    make_expert(ben, schools)
    assert (of(schools).risk, of(schools).pieces, at_risk()) == (Risk.WELL, 4, 0)
    ben.write(left_on=clock.today() + timedelta(days=30))
    assert (of(schools).risk, of(schools).leaving, at_risk()) == (Risk.LEAVING, [ben], 1)
    assert of(schools).coming == [ada]
    ben.deactivate(by=adam)
    assert (of(schools).risk, of(schools).experts) == (Risk.LEAVING, [ada])
    with clock.moved(clock.now() + timedelta(days=91)):
        assert of(schools).risk is Risk.ONE


def test_one_kind_of_evidence_or_a_hidden_topic_makes_no_expert(
    ada: Person, ben: Person, schools: Topic
) -> None:
    make_expert(ada, schools)
    for number in range(3):
        Evidence.record(ben, schools, "accepted experience", schools, key=f"{number}")
    assert (of(schools).risk, of(schools).coming) == (Risk.ONE, [ben, ada])
    OwnTopic.hide(schools, by=ada)
    assert (of(schools).risk, of(schools).coming, of(schools).pieces) == (Risk.NOBODY, [ben], 3)


def test_what_stands_is_what_expertise_tells(ada: Person, ben: Person, schools: Topic) -> None:
    below = Topic.create(name="Places", parent=schools)
    make_expert(ada, below)
    make_expert(ben, schools)
    Evidence.record(ben, below, "certificate", below)
    OwnTopic.hide(schools, by=ada)
    told = {
        (topic, who): (score, who in each.experts)
        for topic, each in standings().items()
        for who, score in each.scores.items()
    }
    read = {(one.topic_id, one.person_id): (one.score, one.is_expert) for one in expertise()}
    assert told.keys() == read.keys()
    for place, (score, is_expert) in read.items():
        assert told[place][0] == pytest.approx(score)
        assert told[place][1] is is_expert


def test_archived_topics_are_left_out(ada: Person, schools: Topic, adam: Person) -> None:
    make_expert(ada, schools)
    schools.write(archived_at=clock.now())
    assert topic_risks() == []


def test_experts_with_many_open_questions_are_named(ada: Person, ben: Person, schools: Topic) -> None:
    make_expert(ada, schools)
    for number in range(5):
        question = Question.ask(by=ben, text=f"Why {number}?", topic=schools)
        Ask.create(question=question, person=ada, round=1, due_at=clock.now())
        assert busy_experts(topic_risks()) == ([(ada, 5)] if number == 4 else [])


def test_who_leads_reviews_administers_or_owns_a_topic_sees_on_whom_it_hangs(
    ada: Person, ben: Person, mona: Person, rita: Person, adam: Person, audrey: Person, schools: Topic
) -> None:
    assert [may_see_people(each) for each in (mona, rita, adam)] == [True] * 3
    assert [may_see_people(each) for each in (ada, ben, audrey)] == [False] * 3
    TopicRule.choose(schools, by=adam, way="two", owner=ben)
    assert may_see_people(ben)


def test_somebody_is_asked_to_write_once(
    ada: Person, ben: Person, mona: Person, rita: Person, schools: Topic
) -> None:
    ask_to_write(schools, ada, by=mona)
    assert [told.url for told in Notice.unread_by(ada)] == [f"/articles/new?topic={schools.id}"]
    for by, whom in ((mona, ada), (rita, ada), (mona, mona)):
        with pytest.raises(Invalid):
            ask_to_write(schools, whom, by=by)


def test_the_pages_tell_everyone_the_topics_and_only_some_the_people(
    ada: Person, ben: Person, mona: Person, schools: Topic, sign_in: SignIn
) -> None:
    make_expert(ada, schools)
    seen, led = (sign_in(who).get("/people/risk").text for who in (ben, mona))
    assert "One expert" in seen
    assert f'href="/people/{ada.id}"' not in seen
    assert f'href="/people/{ada.id}"' in led
    assert f"/courses/new?topic={schools.id}" in led
    sent = {"topic": str(schools.id), "person": str(ada.id)}
    assert sign_in(ben).post("/people/risk/requests", data=sent).status_code == 403
    answer = sign_in(mona).post("/people/risk/requests", data=sent, follow_redirects=True)
    assert "Ada is asked to write." in answer.text
    assert "Undo" in answer.text
    assert (
        "asked already" in sign_in(mona).post("/people/risk/requests", data=sent, follow_redirects=True).text
    )
    offered = sign_in(ada).get(f"/articles/new?topic={schools.id}").text
    assert (
        "checked"
        in offered.partition(f'value="{schools.id}"')[0][-200:]
        + offered.partition(f'value="{schools.id}"')[2][:60]
    )


def test_the_map_says_the_same_in_a_picture_and_a_table(ada: Person, schools: Topic, sign_in: SignIn) -> None:
    make_expert(ada, schools)
    name = schools.name_en or schools.name
    page = sign_in(ada).get("/people/map").text
    assert page.count(f'href="/topics/{schools.id}"') == 2
    assert f'aria-label="{name}: One expert, 2 pieces of evidence"' in page
    assert 'class="bubble bubble-warning"' in page
    OwnTopic.hide(schools, by=ada)
    assert f'aria-label="{name}: No expert, 0 pieces of evidence"' in sign_in(ada).get("/people/map").text
