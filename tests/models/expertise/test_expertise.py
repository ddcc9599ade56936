"""Who knows what: each number is calculated by hand from RULES 4.5."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from portal import clock
from portal.models.base.database import db, is_sqlite
from portal.models.base.record import Invalid
from portal.models.company.topics import Topic
from portal.models.expertise.endorsements import Endorsement
from portal.models.expertise.expertise import Evidence, Expertise, expertise
from portal.models.people.people import Person
from tests.conftest import person
from tests.counting import queries

NOW = datetime.fromisoformat("2026-06-01T02:00:00+00:00")


def note(who: Person, topic: Topic, kind: str, number: int, *, days: int = 0, quality: int = 10_000) -> None:
    """Evidence of so many days ago; the topic itself stands in for the subject."""
    with clock.moved(NOW - timedelta(days=days)):
        Evidence.record(who, topic, kind, topic, quality=quality, key=f"{kind}-{number}")


def known(who: Person, topic: Topic) -> Expertise:
    found = expertise(people=[who.id], topics=[topic.id], at=NOW)
    return found[0] if found else Expertise(who.id, topic.id)


@pytest.mark.parametrize(
    ("kind", "days", "quality", "expected"),
    [
        ("accepted experience", 0, 10_000, 10.0),
        ("accepted experience", 365, 8_200, 4.1),  # 10 x 0.82 x 1/2
        ("best answer", 730, 10_000, 2.0),  # 8 x 1/4
        ("verified article", 1_000, 10_000, 6.0),  # while verified
        ("certificate", 400, 10_000, 5.0),  # until it expires
        ("helpful use", 180, 10_000, 0.5),
        ("endorsement", 730, 10_000, 0.5),
        ("review done", 365, 10_000, 1.0),
        ("wrong answer", 365, 10_000, -2.5),
    ],
)
def test_one_piece_of_evidence_weighs_by_kind_quality_and_age(
    ada: Person, schools: Topic, kind: str, days: int, quality: int, expected: float
) -> None:
    note(ada, schools, kind, 1, days=days, quality=quality)
    assert known(ada, schools).score == pytest.approx(expected)


def test_helpful_uses_add_up_to_ten_at_most(ada: Person, schools: Topic) -> None:
    for number in range(9):
        note(ada, schools, "helpful use", number)
    assert known(ada, schools).score == pytest.approx(9)
    for number in range(9, 14):
        note(ada, schools, "helpful use", number)
    assert known(ada, schools).score == pytest.approx(10)


def test_endorsements_add_up_to_five_at_most(ada: Person, schools: Topic) -> None:
    with clock.moved(NOW):
        for number in range(7):
            Endorsement.give(by=person(f"Colleague{number}"), person=ada, topic=schools)
    assert known(ada, schools).score == pytest.approx(5)


def test_expert_needs_fifteen_and_two_kinds(ada: Person, ben: Person, rita: Person, schools: Topic) -> None:
    note(ada, schools, "accepted experience", 1)
    note(ada, schools, "accepted experience", 2)
    assert (known(ada, schools).score, known(ada, schools).is_expert) == (20.0, False)
    note(ben, schools, "accepted experience", 3)
    note(ben, schools, "certificate", 4)
    assert (known(ben, schools).score, known(ben, schools).is_expert) == (15.0, True)
    note(rita, schools, "accepted experience", 5, quality=9_999)
    note(rita, schools, "certificate", 6)
    assert not known(rita, schools).is_expert


def test_topics_below_pass_half_to_their_parent(ada: Person) -> None:
    homes = Topic.create(name="房源")
    schools = Topic.create(name="学区", parent=homes)
    places = Topic.create(name="学位", parent=schools)
    note(ada, places, "best answer", 1)
    note(ada, schools, "review done", 2)
    assert known(ada, places).score == pytest.approx(8)
    assert known(ada, schools).score == pytest.approx(2 + 4)
    assert known(ada, homes).score == pytest.approx(1 + 2)
    assert known(ada, homes).kinds == {"best answer", "review done"}
    assert known(ada, homes).inherited == pytest.approx(3)


def test_the_cap_is_applied_before_half_is_passed_up(ada: Person) -> None:
    homes = Topic.create(name="房源")
    schools = Topic.create(name="学区", parent=homes)
    for number in range(12):
        note(ada, schools, "helpful use", number)
    assert known(ada, homes).score == pytest.approx(5)


def test_withdrawn_evidence_no_longer_counts_and_may_come_back(ada: Person, schools: Topic) -> None:
    note(ada, schools, "accepted experience", 1)
    Evidence.withdraw(schools)
    Evidence.withdraw(schools)
    assert known(ada, schools).score == 0
    note(ada, schools, "accepted experience", 1)
    assert known(ada, schools).score == pytest.approx(10)
    assert Evidence.select().count() == 1


def test_the_same_deed_counts_once(ada: Person, schools: Topic) -> None:
    assert Evidence.record(ada, schools, "best answer", schools)
    assert not Evidence.record(ada, schools, "best answer", schools)
    assert Evidence.select().count() == 1


def test_unknown_kinds_of_evidence_are_refused(ada: Person, schools: Topic) -> None:
    with pytest.raises(KeyError):
        Evidence.record(ada, schools, "age", schools)


def test_the_best_stand_first(ada: Person, ben: Person, schools: Topic) -> None:
    note(ada, schools, "review done", 1)
    note(ben, schools, "accepted experience", 2)
    assert [one.person_id for one in expertise(topics=[schools.id], at=NOW)] == [ben.id, ada.id]


def test_a_word_for_a_colleague_counts_once_and_can_be_taken_back(
    ada: Person, ben: Person, schools: Topic
) -> None:
    with clock.moved(NOW):
        Endorsement.give(by=ben, person=ada, topic=schools)
        Endorsement.give(by=ben, person=ada, topic=schools)
        assert known(ada, schools).score == pytest.approx(1)
        Endorsement.take_back(by=ben, person=ada, topic=schools)
        Endorsement.take_back(by=ben, person=ada, topic=schools)
        assert known(ada, schools).score == 0
        Endorsement.give(by=ben, person=ada, topic=schools)
        assert known(ada, schools).score == pytest.approx(1)


def test_nobody_speaks_for_themselves(ada: Person, schools: Topic) -> None:
    with pytest.raises(Invalid):
        Endorsement.give(by=ada, person=ada, topic=schools)
    assert not Endorsement.select().exists()


def test_quick_words_of_two_friends_for_each_other_count_for_little(
    ada: Person, ben: Person, schools: Topic
) -> None:
    """RULES 4.3: what is given in a burst or in return is held."""
    topics = [schools, *(Topic.create(name=f"第 {number} 题") for number in range(4))]
    for topic in topics:
        Endorsement.give(by=ben, person=ada, topic=topic)
        Endorsement.give(by=ada, person=ben, topic=topic)
    assert Evidence.select().where(Evidence.person == ada).count() == 1
    assert Evidence.select().where(Evidence.person == ben).count() == 0
    assert Endorsement.select().count() == 10  # what they said stands


def test_the_fourth_word_in_a_week_does_not_count(ada: Person, ben: Person, schools: Topic) -> None:
    topics = [schools, *(Topic.create(name=f"第 {number} 题") for number in range(4))]
    for number, topic in enumerate(topics[:4]):
        with clock.moved(NOW + timedelta(minutes=number - 4)):
            Endorsement.give(by=ben, person=ada, topic=topic)
    assert Evidence.select().count() == 3
    with clock.moved(NOW + timedelta(days=7, seconds=1)):
        Endorsement.give(by=ben, person=ada, topic=topics[4])
    assert Evidence.select().count() == 4


def test_a_deed_taken_back_takes_all_its_topics_and_no_other_deed(ada: Person, schools: Topic) -> None:
    """By the beginning of the key, whatever the database's order of letters; and case counts."""
    taxes = Topic.create(name="税费", name_en="Taxes")
    deed = "helpful use:article-1:person-2"
    others = (
        f"{deed}0",
        "helpful use:article-1:person-1",
        "Helpful use:article-1:person-2",
        f"{deed}:topics",
    )
    for key in (deed, *others):
        assert Evidence.record(ada, [schools.id, taxes.id], "helpful use", schools, key=key)
    with queries() as asked:
        Evidence.take_back(deed)
    left = {row.key.rpartition(":")[0] for row in Evidence.standing()}
    assert left == set(others)
    assert Evidence.standing().count() == 2 * len(others)
    if is_sqlite():
        (update,) = [each for each in asked if each.startswith("UPDATE") and '"withdrawn_at"' in each]
        plan = db.execute_sql(f"EXPLAIN QUERY PLAN {update}", [None] * update.count("?")).fetchall()
        steps = [step[-1] for step in plan]
        assert any("evidence_key (key>? AND key<?)" in step for step in steps), steps
        assert not any(step.startswith("SCAN") for step in steps), steps
