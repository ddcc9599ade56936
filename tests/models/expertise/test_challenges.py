"""Challenges of a team: what counts, who sees them, how they begin and end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from portal import clock
from portal.models.base.record import Invalid
from portal.models.company.topics import Topic
from portal.models.expertise.challenges import TeamChallenge
from portal.models.expertise.points import PointEntry
from portal.models.people.notices import Notice
from portal.models.people.people import Person
from portal.models.work.clocks import Clock
from tests.conftest import SignIn, person

NOON = datetime(2026, 6, 10, 4, tzinfo=UTC)
"""In Shanghai."""
FACTS: dict[str, Any] = {
    "title": "Ten lessons",
    "measure": "experiences",
    "first_day": date(2026, 6, 12),
    "last_day": date(2026, 6, 20),
    "goal": 2,
}


@pytest.fixture(autouse=True)
def noon(app: object) -> Iterator[None]:
    with clock.moved(NOON):
        yield


@pytest.fixture
def team(mona: Person, ada: Person, ben: Person) -> list[Person]:
    """Ada, Ben and Carl, whom Mona leads."""
    everyone = [ada, ben, person("Carl")]
    for each in everyone:
        each.manager = mona
        each.save()
    return everyone


def told(who: Person) -> list[str]:
    return [str(notice.phrase) for notice in Notice.unread_by(who) if "hallenge" in str(notice.phrase)]


def run_clocks() -> None:
    for ident in Clock.due():
        Clock.get_by_id(ident).advance()


def test_the_team_is_told_when_it_begins_and_ends_by_itself(
    mona: Person, ada: Person, stan: Person, team: list[Person], schools: Topic
) -> None:
    """From the first moment of the 12th to the last of the 20th, in the company's time zone; what was taken back
    before it ended does not count, one experience of two authors is one, a stranger's is none.
    """
    made = TeamChallenge.pose(by=mona, **FACTS)
    assert told(ada) == []
    start, end = clock.start_of(date(2026, 6, 12)), clock.start_of(date(2026, 6, 21))
    deeds = (
        (ada, 1, start - timedelta(seconds=1)),
        (ada, 2, start),
        (team[1], 2, start),
        (ada, 3, end - timedelta(microseconds=1)),
        (ada, 4, start),
        (stan, 5, start),
        (ada, 6, end),
    )
    with clock.moved(start):
        run_clocks()
        assert told(ada) == told(mona) == ["A challenge for your team has begun: Ten lessons"]
        assert told(stan) == []
    for who, subject, at in deeds:
        with clock.moved(at):
            key = f"{who}-{subject}"
            PointEntry.award(who, 20, "experience accepted", subject=Topic(id=subject), key=key)
            PointEntry.award(who, 5, "review done", subject=Topic(id=subject), key=f"review-{key}")
    with clock.moved(start + timedelta(days=1)):
        PointEntry.reverse(f"{ada}-4")
        assert made.fresh().so_far == 1
    before = PointEntry.select().count()
    for _ in range(2):
        with clock.moved(end + timedelta(hours=1)):
            run_clocks()
            assert (made.fresh().reached, made.fresh().is_over) == (2, True)
            assert "The challenge is over: Ten lessons. Reached: 2 of 2." in told(ada)
            assert len(told(ada)) == 2
    assert PointEntry.select().count() == before


def test_an_old_deed_done_again_is_no_new_one(
    mona: Person, ada: Person, team: list[Person], schools: Topic
) -> None:
    """Of two that were taken back and done again meanwhile the one is of before, the other of now."""
    old: dict[str, Any] = {"subject": schools, "deed": "worked-1"}
    new: dict[str, Any] = {"subject": schools, "deed": "worked-2"}
    with clock.moved(NOON - timedelta(days=40)):
        PointEntry.thank(ada, 2, "worked", **old)
    made = TeamChallenge.pose(by=mona, **FACTS | {"measure": "uses", "first_day": date(2026, 6, 10)})
    PointEntry.thank(ada, 2, "worked", **new)
    for _ in range(2):
        for facts in (old, new):
            PointEntry.take_back(ada, facts["deed"])
            PointEntry.thank(ada, 3, "worked", **facts)
    assert made.so_far == 1
    PointEntry.take_back(ada, "worked-2")
    assert made.so_far == 0


def test_who_leads_nobody_sets_none_and_nothing_is_counted_afterwards(
    mona: Person, ada: Person, team: list[Person]
) -> None:
    for facts in (
        {"first_day": date(2026, 6, 9)},
        {"last_day": date(2026, 6, 11)},
        {"last_day": date(2027, 7, 1)},
        {"first_day": date.max, "last_day": date.max},
        {"measure": "reviews"},
        {"title": " "},
    ):
        with pytest.raises(Invalid):
            TeamChallenge.pose(by=mona, **(FACTS | facts))
    with pytest.raises(Invalid):
        TeamChallenge.pose(by=ada, **FACTS)
    assert not TeamChallenge.select().exists()


def test_no_challenge_tells_how_one_of_them_did(
    sign_in: SignIn, mona: Person, ada: Person, adam: Person, team: list[Person], schools: Topic
) -> None:
    """Not set for two, not for three of whom one left; not twice at a time, nor read on once it was called off."""
    made = TeamChallenge.pose(by=mona, **FACTS | {"first_day": date(2026, 6, 10)})
    assert made.people == 3
    with pytest.raises(Invalid):
        TeamChallenge.pose(by=mona, **FACTS)
    TeamChallenge.pose(by=mona, **FACTS | {"measure": "uses"})
    PointEntry.award(ada, 20, "experience accepted", subject=schools, key="a")
    made.call_off(by=mona)
    assert made.fresh().so_far == 0
    team[2].deactivate(by=adam)
    with pytest.raises(Invalid):
        TeamChallenge.pose(by=mona, **FACTS)
    page = sign_in(mona).get("/challenges").text
    assert "A challenge needs a team of 3" in page
    assert "Set a challenge" not in page
    assert "A challenge needs" not in sign_in(ada).get("/challenges").text


def test_it_is_set_read_and_called_off_on_its_pages(
    sign_in: SignIn, mona: Person, ada: Person, stan: Person, team: list[Person]
) -> None:
    client = sign_in(mona)
    sent = {"title": "Ten lessons", "measure": "uses", "first_day": "2026-06-10", "last_day": "2026-06-20"}
    assert "Set a challenge" in client.get("/challenges").text
    wrong = client.post("/challenges/new", data=sent | {"goal": "0"})
    assert wrong.status_code == 422
    assert "Ten lessons" in wrong.text
    assert client.post("/challenges/new", data=sent | {"goal": "4"}).status_code == 303
    made = TeamChallenge.get()
    assert told(ada) == ["A challenge for your team has begun: Ten lessons"]
    for who, page, withdrawal in ((ada, 200, 403), (stan, 404, 404)):
        other = sign_in(who)
        assert other.get(made.url).status_code == page
        assert other.post(f"{made.url}/withdrawal").status_code == withdrawal
        assert other.get("/challenges/new").status_code == 403
    assert "0 of 4" in sign_in(ada).get(made.url).text
    for _ in range(2):
        assert client.post(f"{made.url}/withdrawal").status_code == 303
    assert "called off" in sign_in(ada).get("/challenges").text
    assert len(told(ada)) == 2
    with clock.moved(clock.start_of(date(2026, 6, 22))):
        run_clocks()
    assert made.fresh().ended_at is None
