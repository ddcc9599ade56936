"""What a person hides shows nowhere; what they say of themselves is no evidence."""

from __future__ import annotations

import re

import pytest

from portal.models.base.record import Event, SearchOutbox
from portal.models.base.undoing import UNDID, undo
from portal.models.company.topics import Topic
from portal.models.expertise.expertise import Evidence, expertise
from portal.models.expertise.own_topics import OwnTopic, Sort
from portal.models.expertise.points import PointEntry
from portal.models.expertise.soft_traits import HiddenTrait, SoftTrait
from portal.models.knowledge.articles import Article
from portal.models.knowledge.experts import whom_to_ask
from portal.models.knowledge.fitting import helpers
from portal.models.knowledge.shelves import knowers
from portal.models.knowledge.yellow_pages import entries, known_for, who_knows
from portal.models.people.people import Person
from portal.search.records.people import people
from tests.conftest import SignIn


@pytest.fixture
def loans(schools: Topic) -> Topic:
    return Topic.create(name="Loans", parent=schools)


@pytest.fixture
def proved(ada: Person, loans: Topic) -> Person:
    """Ada: E = 18 in loans, so 9 in the topic above."""
    Evidence.record(ada, loans, "accepted experience", loans, key="a")
    Evidence.record(ada, loans, "best answer", loans, key="b")
    return ada


def test_what_is_hidden_is_told_by_nothing_and_counts_nowhere_above(
    proved: Person, ben: Person, schools: Topic, loans: Topic
) -> None:
    article = Article.add(by=ben, title="A", body="B", topics=[loans], published=True)
    topics = Topic.every()

    def told() -> list[bool]:
        return [
            bool(expertise(topics=[loans.id])),
            bool(expertise(people=[proved.id], pieces=True)),
            bool(expertise(topics=[schools.id])),
            bool(known_for([proved], topics)),
            bool(who_knows(loans, entries(), topics)),
            bool(who_knows(schools, entries(), topics)),
            bool(knowers([loans.id])),
            proved.id in [each.person.id for each in whom_to_ask([loans.id]) if each.is_known],
            bool(helpers([article], but=ben)),
            "Loans" in people([proved.id])[0].body,
            any("topic" in tag for tag in people([proved.id])[0].tags),
        ]

    assert all(told())
    OwnTopic.hide(loans, by=proved)
    OwnTopic.hide(loans, by=proved)
    assert not any(told())
    OwnTopic.show(loans, by=proved)
    assert all(told())
    assert [e.verb for e in Event.about(proved) if "topic" in e.verb] == ["topic shown", "topic hidden"]


def test_hiding_the_topic_above_leaves_the_one_below(proved: Person, schools: Topic, loans: Topic) -> None:
    OwnTopic.hide(schools, by=proved)
    assert [(one.topic_id, one.score > 17) for one in expertise()] == [(loans.id, True)]


def test_evidence_and_points_stay_and_search_finds_them_anew(proved: Person, loans: Topic) -> None:
    before = [Evidence.standing().count(), PointEntry.total(proved)]
    SearchOutbox.delete().execute()
    OwnTopic.hide(loans, by=proved)
    assert SearchOutbox.select().count() == 1
    assert [Evidence.standing().count(), PointEntry.total(proved)] == before
    assert expertise(people=[proved.id], topics=[loans.id], hidden=True)[0].score == pytest.approx(
        18, abs=1e-3
    )


def test_nobody_else_is_ranked_otherwise(proved: Person, ben: Person, loans: Topic) -> None:
    Evidence.record(ben, loans, "best answer", loans, key="c")
    before = [one.score for one in expertise() if one.person_id == ben.id]
    OwnTopic.hide(loans, by=proved)
    assert [one.score for one in expertise()] == pytest.approx(before)


def test_one_hides_and_shows_it_on_ones_own_page_and_auditors_see_that(
    proved: Person, ben: Person, adam: Person, mona: Person, audrey: Person, loans: Topic, sign_in: SignIn
) -> None:
    page, hides = proved.url, f"{proved.url}/hidden-topics"
    browser = sign_in(proved)
    assert browser.post(hides, data={"topic": str(loans.id)}).status_code == 303
    assert sign_in(ben).post(hides, data={"topic": str(loans.id)}).status_code == 403
    assert f'value="{loans.id}"' in browser.get(page).text.partition("Hidden")[2]
    assert "Loans" in sign_in(audrey).get(page).text.partition("Hidden")[2].partition("</ul>")[0]
    for other in (ben, adam, mona):
        text = sign_in(other).get(page).text
        assert "Hidden" not in text
        assert f'id="topic-{loans.id}"' not in text
        assert f'id="topic-{loans.id}"' not in sign_in(other).get(f"/people?topic={loans.id}").text
    browser.post(f"{hides}/withdrawal", data={"topic": str(loans.id)})
    assert f'id="topic-{loans.id}"' in sign_in(ben).get(page).text


def test_what_one_says_of_oneself_is_listed_apart_and_is_no_evidence(
    ada: Person, ben: Person, loans: Topic, sign_in: SignIn
) -> None:
    sent = {"languages": ["yue", "en", "xx"], "declared": [str(loans.id)], "wanted": [str(loans.id)]}
    assert sign_in(ada).post(f"{ada.url}/edit", data=sent).status_code == 303
    assert sign_in(ben).post(f"{ada.url}/edit", data=sent).status_code == 403
    assert (ada.fresh().spoken, ada.fresh().speaks("yue"), ada.fresh().speaks("zh")) == (
        ["yue", "en"],
        True,
        False,
    )
    assert OwnTopic.of(ada) == {Sort.HIDDEN: [], Sort.DECLARED: [loans.id], Sort.WANTED: [loans.id]}
    text = sign_in(ben).get(ada.url).text
    assert "Cantonese" in text
    assert "Loans" in text.partition("not proved")[2].partition("</ul>")[0]
    assert expertise() == []
    assert not any(each.is_known for each in whom_to_ask([loans.id]))
    assert "Loans" not in people([ada.id])[0].body
    sign_in(ada).post(f"{ada.url}/edit", data={"languages": ["en"]})
    assert OwnTopic.of(ada)[Sort.DECLARED] == []


def test_what_is_hidden_is_not_shown_as_declared_or_wanted_either(
    sign_in: SignIn, ada: Person, ben: Person, loans: Topic
) -> None:
    for sort in (Sort.DECLARED, Sort.WANTED):
        OwnTopic.say(sort, [loans], by=ben)
    assert "Loans" in said_of(sign_in, ada, ben)
    OwnTopic.hide(loans, by=ben)
    assert "Loans" not in said_of(sign_in, ada, ben)
    assert "Loans" in said_of(sign_in, ben, ben)


def said_of(sign_in: SignIn, viewer: Person, person: Person) -> str:
    """What a page says of somebody, without the form that offers all topics."""
    page = sign_in(viewer).get(person.url).text.partition("<main")[2]
    return re.sub(r"<select.*?</select>", "", page, flags=re.S)


def test_the_log_tells_nobody_but_auditors_who_hides_what(
    sign_in: SignIn, ben: Person, adam: Person, audrey: Person, loans: Topic
) -> None:
    trait = SoftTrait.create(name="谨慎", name_en="cautious")
    OwnTopic.hide(loans, by=ben)
    HiddenTrait.hide(trait, by=ben)
    for event in list(Event.about(ben).where(Event.verb.in_(["topic hidden"]))):
        undo(event, by=ben)
    OwnTopic.hide(loans, by=ben)
    OwnTopic.show(loans, by=ben)
    HiddenTrait.show(trait, by=ben)
    verbs = {event.verb for event in Event.about(ben)}
    assert {"topic hidden", "topic shown", "soft trait hidden", "soft trait shown", UNDID} <= verbs

    def rows(viewer: Person) -> int:
        page = sign_in(viewer).get("/admin/events?q=Ben").text
        return page.partition("<tbody")[2].partition("</tbody")[0].count("<tr")

    assert (rows(adam), rows(audrey)) == (0, 6)
