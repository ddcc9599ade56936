"""What is kept of the evidence is what all of it comes to: at any moment, whatever was done."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from functools import partial
from importlib import import_module
from typing import Any

import pytest
from peewee import fn

from portal import clock
from portal.models.base.database import db, transact
from portal.models.company.settings import Setting
from portal.models.company.topics import Topic
from portal.models.expertise.expertise import (
    KINDS,
    Evidence,
    EvidenceSum,
    Expertise,
    expertise,
    is_any_sum_stale,
    renew_sums,
)
from portal.models.expertise.own_topics import OwnTopic
from portal.models.people.people import Person
from tests.attacks.parts import at_once
from tests.counting import queries

NOW = datetime.fromisoformat("2026-06-01T02:00:00+00:00")


def same(at: datetime | None = None) -> int:
    """The sums tell what the pieces tell; of how many persons and topics."""

    def told(found: list[Expertise]) -> dict[tuple[int, int], tuple[float, float, set[str], dict[str, int]]]:
        return {
            (each.person_id, each.topic_id): (each.score, each.inherited, each.kinds, dict(each.pieces))
            for each in found
        }

    kept, read = told(expertise(at=at)), told(expertise(at=at, pieces=True))
    assert kept.keys() == read.keys()
    for place, (score, inherited, *rest) in read.items():
        assert kept[place][:2] == pytest.approx((score, inherited), abs=1e-9)
        assert list(kept[place][2:]) == rest
    return len(read)


@pytest.mark.parametrize("seed", range(6))
def test_the_sums_are_what_the_pieces_come_to_whatever_was_done(
    ada: Person, ben: Person, schools: Topic, seed: int
) -> None:
    chance, below = random.Random(seed), Topic.create(name="Places", parent=schools)
    subjects, at, seen = [Topic.create(name=f"Subject {n}") for n in range(6)], NOW, 0
    for _ in range(40):
        at += timedelta(days=chance.choice((0, 0.01, 3, 40, 400)))
        with clock.moved(at):
            subject = chance.choice(subjects)
            done = chance.choice(
                ("record", "record", "record", "withdraw", "take back", "hide", "show", "renew")
            )
            who, topic = chance.choice((ada, ben)), chance.choice((schools, below))
            if done == "record":
                since = chance.choice((None, None, at + timedelta(days=chance.choice((0.01, 20)))))
                facts: dict[str, Any] = {"quality": chance.randrange(10_001), "since": since}
                kind = chance.choice(list(KINDS))
                Evidence.record(who, chance.choice((topic, [schools.id, below.id])), kind, subject, **facts)
            elif done == "withdraw":
                Evidence.withdraw(subject, but=chance.choice((None, topic.id)))
            elif done == "take back":
                key = f"{chance.choice(list(KINDS))}:{subject.kind()}-{subject.id}:person-{who.id}"
                Evidence.take_back(key, chance.choice((None, topic.id)))
            elif done == "renew":
                renew_sums()
            else:
                (OwnTopic.hide if done == "hide" else OwnTopic.show)(topic, by=who)
            seen += same()
            same(at + timedelta(days=chance.choice((1, 30, 3000))))
            same(at - timedelta(days=chance.choice((1, 30, 500))))
    assert seen > 20


def test_no_piece_is_read_for_a_list(ada: Person, ben: Person, schools: Topic) -> None:
    for number in range(9):
        Evidence.record(ada, schools, "helpful use", schools, key=f"a{number}")
    with queries() as asked:
        (found,) = expertise(topics=[schools.id])
    assert found.score == pytest.approx(9)
    assert not [sql for sql in asked if '"evidence"' in sql]
    with queries() as asked:
        assert len(found.evidence) == 9
    assert len(asked) == 1


def test_a_review_counts_once_its_month_is_over_and_nobody_adds_up_anew(ada: Person, schools: Topic) -> None:
    with clock.moved(NOW):
        Evidence.record(ada, schools, "review done", schools, since=NOW + timedelta(days=30))
        Evidence.record(ada, schools, "best answer", schools)
        assert expertise()[0].score == pytest.approx(8)
    with clock.moved(NOW + timedelta(days=30)), queries() as asked:
        assert expertise()[0].score == pytest.approx(2 + 8 * 2 ** (-30 / 365))
    assert not [sql for sql in asked if '"evidence"' in sql]


def test_another_half_life_holds_at_once_and_for_the_sums_once_they_are_renewed(
    ada: Person, adam: Person, schools: Topic
) -> None:
    with clock.moved(NOW - timedelta(days=100)):
        Evidence.record(ada, schools, "best answer", schools)
    with clock.moved(NOW):
        Setting.choose("expert.answer_days", 100, by=adam)
        Setting.choose("expert.answer", 6, by=adam)
        assert expertise()[0].score == pytest.approx(3)
        renew_sums()
        assert expertise()[0].score == pytest.approx(3)
        assert EvidenceSum.get().half_life == 100


def test_evidence_from_before_is_read_until_it_is_added_up(ada: Person, ben: Person, schools: Topic) -> None:
    """An old database: people without languages, evidence without sums."""
    Evidence.record(ada, schools, "best answer", schools, key="a")
    Evidence.record(ben, schools, "endorsement", schools, key="b")
    Evidence.take_back("b")
    email = ada.email
    for table in ("own_topic", "evidence_sum"):
        db.execute_sql(f'DROP TABLE "{table}"')
    db.execute_sql('ALTER TABLE "person" DROP COLUMN "languages"')
    db.execute_sql("PRAGMA foreign_keys = OFF") if "sqlite" in type(db.obj).__name__.lower() else None
    import_module("portal.migrations.0052_own_topics").up(None, db.obj)
    import_module("portal.migrations.0067_changed_posts").up(None, db.obj)
    assert (ada.fresh().email, ada.fresh().languages) == (email, "")
    assert ada.fresh().speaks("yue")
    assert [(one.person_id, one.score > 7) for one in expertise()] == [(ada.id, True)]
    assert is_any_sum_stale()
    renew_sums()
    assert EvidenceSum.get().total == pytest.approx(1, abs=1e-6)


def test_two_who_add_up_at_one_moment_count_each_piece_once(ada: Person, schools: Topic) -> None:
    subjects = [Topic.create(name=f"Subject {number}") for number in range(9)]
    Evidence.record(ada, schools, "endorsement", subjects[0])
    with clock.moved(NOW):  # what is added up and what is read is of one moment
        for first in range(1, 9, 2):
            acts = [
                partial(Evidence.record, ada, schools, "endorsement", subjects[first + n]) for n in (0, 1)
            ]
            made = at_once(*[partial(transact, act) for act in acts])
            assert made == [True, True]
            same()
    assert EvidenceSum.select(fn.SUM(EvidenceSum.pieces)).scalar() == Evidence.standing().count() == 9
