"""The ledger of thanks (RULES 4.3)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import peewee
import pytest

from portal import clock
from portal.clock import Month
from portal.models.base.database import db
from portal.models.company.departments import Department
from portal.models.company.topics import Topic
from portal.models.expertise.points import PointEntry, Unranked, standings
from portal.models.knowledge.articles import Article
from portal.models.knowledge.uses import Use
from portal.models.people.people import Person
from tests.commission import approved, lesson, noon, paid, reckoned
from tests.conftest import SignIn, person

MAY = Month(2026, 5)
TICK = timedelta(microseconds=1)
DAYS = {
    "Asia/Shanghai": ("2026-05-31", "2026-05-30T16:00", "2026-05-31T16:00"),
    "Asia/Kathmandu": ("2026-05-31", "2026-05-30T18:15", "2026-05-31T18:15"),
    "America/New_York": ("2026-03-08", "2026-03-08T05:00", "2026-03-09T04:00"),  # 23 hours: summer begins
    "America/Chicago": ("2026-11-01", "2026-11-01T05:00", "2026-11-02T06:00"),  # 25 hours: it ends
}
"""By zone a day of it, when it begins and when the next does."""
ENDS = {
    "Asia/Shanghai": (Month(2026, 5), "2026-05-31T16:00"),
    "Asia/Kathmandu": (Month(2026, 5), "2026-05-31T18:15"),
    "America/New_York": (Month(2026, 3), "2026-04-01T04:00"),
    "America/Chicago": (Month(2026, 11), "2026-12-01T06:00"),
}
"""By zone a month and when it ends; in those of America the clocks were changed in it."""
IN_MAY = datetime.fromisoformat("2026-05-12T02:00:00+00:00")


@pytest.fixture
def abroad(request: pytest.FixtureRequest, app: object) -> Iterator[str]:
    """The company lies in the zone that the test names."""
    known, zone = str(clock.zone()), str(request.param)
    clock.use_zone(zone)
    yield zone
    clock.use_zone(known)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+00:00")


def test_one_deed_is_thanked_once(ada: Person, schools: Topic) -> None:
    assert PointEntry.award(ada, 20, "experience accepted", subject=schools, key="deed")
    assert not PointEntry.award(ada, 20, "experience accepted", subject=schools, key="deed")
    assert PointEntry.total(ada) == 20


def test_a_reversal_is_the_negative_twin_once(ada: Person, schools: Topic) -> None:
    PointEntry.award(ada, 20, "experience accepted", subject=schools, key="deed")
    PointEntry.award(ada, 5, "review done", subject=schools, key="other")
    PointEntry.reverse("deed")
    PointEntry.reverse("deed")
    PointEntry.reverse("never done")
    assert sorted(entry.amount for entry in PointEntry.of(ada)) == [-20, 5, 20]
    assert PointEntry.total(ada) == 5


def test_a_total_cannot_fall_below_zero(ada: Person, schools: Topic) -> None:
    with pytest.raises(ValueError, match="positive"):
        PointEntry.award(ada, -1, "review done", subject=schools, key="deed")
    with pytest.raises(peewee.IntegrityError), db.atomic():
        PointEntry.create(
            person=ada, amount=-1, reason="review done", subject_kind="topic", subject=1, key="deed"
        )
    assert PointEntry.total(ada) == 0


def test_the_board_shows_oneself_and_two_neighbours_on_each_side(app: object, schools: Topic) -> None:
    people = [person(f"P{place}") for place in range(7)]
    with clock.moved(IN_MAY):
        for place, each in enumerate(people):
            PointEntry.award(each, 70 - 10 * place, "best answer", subject=schools, key=f"deed-{place}")
    board = standings(MAY, people[3])
    assert [(one.rank, one.person_id, one.points) for one in board] == [
        (2, people[1].id, 60),
        (3, people[2].id, 50),
        (4, people[3].id, 40),
        (5, people[4].id, 30),
        (6, people[5].id, 20),
    ]
    assert [one.rank for one in standings(MAY, people[0])] == [1, 2, 3]


def test_equal_points_share_a_rank(ada: Person, ben: Person, mona: Person, schools: Topic) -> None:
    with clock.moved(IN_MAY):
        for each, amount in ((ada, 20), (ben, 20), (mona, 5)):
            PointEntry.award(each, amount, "best answer", subject=schools, key=f"deed-{each.id}")
    assert [one.rank for one in standings(MAY, ada)] == [1, 1, 3]


def test_other_months_and_leavers_do_not_compete(
    ada: Person, ben: Person, adam: Person, schools: Topic
) -> None:
    with clock.moved(MAY.end):
        PointEntry.award(ben, 50, "best answer", subject=schools, key="june")
    with clock.moved(IN_MAY):
        PointEntry.award(ben, 30, "best answer", subject=schools, key="may")
        PointEntry.award(ada, 20, "best answer", subject=schools, key="mine")
    assert [(one.person_id, one.points) for one in standings(MAY, ada)] == [(ben.id, 30), (ada.id, 20)]
    ben.deactivate(by=adam)
    assert [one.person_id for one in standings(MAY, ada)] == [ada.id]
    assert standings(MAY, adam) == []


def test_the_ledger_never_changes(ada: Person, schools: Topic) -> None:
    """RULES 4.3: entries are immutable, by the database itself; a reversal is a twin."""
    PointEntry.award(ada, 20, "experience accepted", subject=schools, key="deed")
    for change in (PointEntry.update(amount=40), PointEntry.delete()):
        with pytest.raises(peewee.DatabaseError), db.atomic():
            change.execute()
    assert [entry.amount for entry in PointEntry.select()] == [20]


def test_the_board_of_a_department_knows_its_own_people_alone(
    ada: Person, ben: Person, mona: Person, schools: Topic
) -> None:
    sales = Department.create(name="Sales")
    for each in (ada, ben):
        each.department = sales
        each.save()
    with clock.moved(IN_MAY):
        for each, amount in ((mona, 50), (ben, 30), (ada, 20)):
            PointEntry.award(each, amount, "best answer", subject=schools, key=f"deed-{each.id}")
    assert [(one.rank, one.person_id) for one in standings(MAY, ada, team=True)] == [(1, ben.id), (2, ada.id)]
    assert [one.rank for one in standings(MAY, ada)] == [1, 2, 3]
    assert standings(MAY, person("Nowhere"), team=True) == []


def test_no_board_tells_who_reviewed(ada: Person, ben: Person, schools: Topic) -> None:
    """Reviews of May are credited at one moment, before anything else of June: fives would tell (RULES 4.2)."""
    sales = Department.create(name="Sales")
    for each in (ada, ben):
        each.department = sales
        each.save()
    PointEntry.award(ben, 5, "review done", subject=schools, key="review", at=MAY.start)
    PointEntry.award(ada, 2, "worked", subject=schools, key="worked", at=MAY.start)
    for team in (True, False):
        assert [(one.person_id, one.points) for one in standings(MAY, ada, team=team)] == [(ada.id, 2)]
    assert PointEntry.total(ben) == 5


def test_who_takes_no_part_stands_on_nobody_s_board(
    sign_in: SignIn, ada: Person, ben: Person, schools: Topic
) -> None:
    """RULES 4.3: opt-out. The points stay; colleagues take the places; nobody does it for another."""
    for each, amount in ((ben, 30), (ada, 20)):
        PointEntry.award(each, amount, "best answer", subject=schools, key=f"deed-{each.id}")
    month, client = Month.of(clock.now()), sign_in(ben)
    page = f"/people/{ben.id}/points"
    assert "no vote makes any" in client.get(page).text
    assert sign_in(ada).post(f"/people/{ben.id}/ranking/withdrawal").status_code == 403
    for _ in range(2):
        assert client.post(f"/people/{ben.id}/ranking/withdrawal").status_code == 303
    assert [(one.rank, one.person_id) for one in standings(month, ada)] == [(1, ada.id)]
    assert "Ben" not in sign_in(ada).get(f"/people/{ada.id}/points").text
    text = client.get(page).text
    assert "You take no part in the ranking" in text
    assert "Ada" not in text
    assert PointEntry.total(ben) == 30
    for _ in range(2):
        assert client.post(f"/people/{ben.id}/ranking").status_code == 303
    assert [one.person_id for one in standings(month, ada)] == [ben.id, ada.id]
    assert not Unranked.select().exists()


def test_an_earlier_month_is_read_and_none_that_is_no_month(
    sign_in: SignIn, ada: Person, schools: Topic
) -> None:
    month = Month.of(clock.now())
    with clock.moved(month.previous.start):
        PointEntry.award(ada, 20, "best answer", subject=schools, key="deed")
    client, page = sign_in(ada), f"/people/{ada.id}/points"
    assert "No points of yours in this month" in client.get(page).text
    assert "My place this month" in client.get(f"{page}?month={month.previous}").text
    for wrong in ("2026-13", "x", str(month.next)):
        assert client.get(f"{page}?month={wrong}").status_code == 404


def test_points_never_become_money_and_votes_never_create_it(
    ada: Person, ben: Person, fin: Person, fiona: Person, schools: Topic
) -> None:
    """RULES 4.3: a month with thousands of points and votes is reckoned as one without."""
    approved(fin, fiona)
    paid(ada, "1000000.00", date(2026, 5, 10))
    lesson(ada, noon(date(2026, 5, 4)), noon(date(2026, 5, 7)))
    before = reckoned(ada, MAY)
    with clock.moved(IN_MAY):
        PointEntry.award(ada, 100_000, "experience accepted", subject=schools, key="deed")
        for number in range(3):
            Use.say(
                Article.add(by=ada, title=f"A {number}", body="x", topics=[schools], published=True), by=ben
            )
    assert PointEntry.total(ada) > 100_000
    assert reckoned(ada, MAY) == before


@pytest.mark.parametrize("abroad", DAYS, indirect=True)
def test_a_day_of_thanks_is_the_companys_to_the_microsecond(abroad: str, ada: Person, schools: Topic) -> None:
    """RULES 4.3, 40 a day: the day before gives 40 and no more at its last microsecond; the day itself gives 40
    from its first on, and nothing at its last; the next begins anew.
    """
    day, begins, ends = (DAYS[abroad][0], *map(utc, DAYS[abroad][1:]))
    given = 0

    def thanked(at: datetime, times: int) -> int:
        nonlocal given
        before = given
        with clock.moved(at):
            for number in range(times):
                deed = f"{at}-{number}"
                given += 2 * PointEntry.thank(ada, 2, "worked", subject=schools, deed=deed, most=40)
        return given - before

    assert thanked(begins - TICK, 21) == 40
    assert thanked(begins, 21) == 40
    with clock.moved(ends - TICK):
        assert clock.today() == date.fromisoformat(day)
    assert thanked(ends - TICK, 1) == 0
    assert thanked(ends, 1) == 2
    with clock.moved(ends):
        assert PointEntry.total(ada) == 82


@pytest.mark.parametrize("abroad", ENDS, indirect=True)
def test_the_last_microsecond_of_a_month_is_on_its_board(
    abroad: str, ada: Person, ben: Person, schools: Topic
) -> None:
    month, ends = ENDS[abroad][0], utc(ENDS[abroad][1])
    for who, at in ((ada, ends - TICK), (ben, ends)):
        PointEntry.award(who, 20, "best answer", subject=schools, key=f"{who}", at=at)
    with clock.moved(ends):
        assert [one.person_id for one in standings(month, ada)] == [ada.id]
        assert [one.person_id for one in standings(month.next, ben)] == [ben.id]
