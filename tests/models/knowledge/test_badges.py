"""Badges need distinct people and days, and are lost late; levels and streaks (RULES 4.3)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from portal import clock, i18n
from portal.models.company.calendar import CalendarDay
from portal.models.company.topics import Topic
from portal.models.expertise.points import PointEntry
from portal.models.knowledge import badges, proposals
from portal.models.knowledge.articles import Article
from portal.models.knowledge.badges import Badge, Breadth, Level, breadths, level_of, renew, streak_of
from portal.models.knowledge.questions import Question
from portal.models.knowledge.uses import Use
from portal.models.people.absences import Absence
from portal.models.people.notices import Notice
from portal.models.people.people import Person
from tests.conftest import SignIn, person

NOON = datetime(2026, 6, 10, 4, tzinfo=UTC)
"""A Wednesday, noon in Shanghai."""


@pytest.fixture(autouse=True)
def noon(app: object) -> Iterator[None]:
    with clock.moved(NOON):
        yield


@pytest.mark.parametrize(
    ("has", "bar", "percent", "reaches"),
    [
        ((4, 2, 2), 4, 100, True),  # 4 / 4 = 1 person, and two at least; 4 / 3 = 1.33 days: 2
        ((4, 1, 2), 4, 100, False),
        ((40, 1, 20), 4, 90, False),
        ((4, 2, 1), 4, 100, False),
        ((12, 3, 4), 12, 100, True),
        ((12, 2, 4), 12, 100, False),
        ((12, 3, 3), 12, 100, False),
        ((11, 3, 4), 12, 100, False),
        ((36, 9, 12), 36, 100, True),
        ((36, 8, 12), 36, 100, False),
        ((11, 3, 4), 12, 90, True),  # 10.8 deeds, 2.7 people, 3.6 days
        ((10, 3, 4), 12, 90, False),
        ((11, 2, 4), 12, 90, False),
    ],
)
def test_a_badge_needs_a_quarter_as_many_people_and_a_third_as_many_days(
    has: tuple[int, int, int], bar: int, percent: int, reaches: bool
) -> None:
    assert Breadth(*has).reaches(bar, percent) is reaches


def held(who: Person) -> list[tuple[str, int]]:
    return [(badge.sort, badge.grade) for badge in Badge.of(who)]


def test_it_is_given_once_and_lost_after_fourteen_days_under_nine_tenths(ada: Person) -> None:
    """By hand for a bar of 12: given at 12, kept at 11, under it at 10; back at 11 within the 14 days, it
    stays; lost on the 14th day under it, to what lies below.
    """
    story = (
        (0, 11, [("helper", 1)]),
        (1, 12, [("helper", 2)]),
        (2, 11, [("helper", 2)]),
        (3, 10, [("helper", 2)]),
        (16, 10, [("helper", 2)]),
        (16, 11, [("helper", 2)]),
        (17, 10, [("helper", 2)]),
        (30, 10, [("helper", 2)]),
        (31, 10, [("helper", 1)]),
    )
    for day, deeds, expected in story:
        with clock.moved(NOON + timedelta(days=day)):
            for _ in range(2):
                renew({(ada.id, "helper"): Breadth(deeds, 3, 4)})
            assert held(ada) == expected, day
    told = list(Notice.unread_by(ada))
    with i18n.speaking("en"):
        assert sorted(i18n.gettext(notice.phrase) for notice in told) == [
            "You have a new badge: Helper, bronze.",
            "You have a new badge: Helper, silver.",
        ]
    with i18n.speaking("zh"):  # the words within it too
        assert "你得了一枚新徽章：热心人，铜。" in [i18n.gettext(notice.phrase) for notice in told]


def test_what_counts_is_what_others_said_and_is_not_held(ada: Person, ben: Person, schools: Topic) -> None:
    """Three uses of which one is held, one best answer for everyone chosen by another, one edit accepted."""
    for number, (by, seconds) in enumerate(((ben, 0), (ben, 5), (person("Carl"), 90_000))):
        article = Article.add(by=ada, title=f"A {number}", body="x", topics=[schools], published=True)
        with clock.moved(NOON + timedelta(seconds=seconds)):
            Use.say(article, by=by)
    with clock.moved(NOON + timedelta(days=2)):
        asked = Question.ask(by=ben, text="Why?", topic=schools)
        asked.choose_best(asked.answer(by=ada, text="So."), by=ben)
        own = Question.ask(by=ada, text="Why not?", topic=schools)
        own.choose_best(own.answer(by=ada, text="So."), by=ada)
        for title, numbers in (("B", (1, 2)), ("C", (1,))):
            theirs = Article.add(by=ben, title=title, body="x", topics=[schools], published=True)
            proposals.suggest(theirs.fresh(), by=ada, title=title, body="y").approve(by=ben)
            for number in numbers:  # B is as it was suggested again, C is not
                proposals.restore_version(theirs.fresh(), number, by=ben)
        assert breadths() == {
            (ada.id, "helper"): Breadth(2, 2, 2),
            (ada.id, "answerer"): Breadth(1, 1, 1),
            (ada.id, "mender"): Breadth(1, 1, 1),
        }
        assert breadths(person=ben) == {}
    with clock.moved(NOON + timedelta(days=366)):
        assert breadths()[ada.id, "helper"] == Breadth(1, 1, 1)


def test_the_fourth_word_of_one_colleague_in_a_week_is_no_deed(
    ada: Person, ben: Person, schools: Topic
) -> None:
    """Four within six days and a fifth on the eighth day: by then three are left of the week before."""
    for number, day in enumerate((0, 1, 2, 5, 8)):
        article = Article.add(by=ada, title=f"A {number}", body="x", topics=[schools], published=True)
        with clock.moved(NOON + timedelta(days=day)):
            Use.say(article, by=ben)
    with clock.moved(NOON + timedelta(days=9)):
        assert breadths()[ada.id, "helper"] == Breadth(4, 1, 4)
        renew(breadths())
    assert held(ada) == []  # one friend makes no badge, however often


def test_no_number_tells_who_an_unnamed_asker_is(ada: Person, ben: Person, schools: Topic) -> None:
    """Whether Ben, who thanked before, or Carl asks without a name: two answers, one colleague."""
    asked = Question.ask(by=ben, text="Why?", topic=schools)
    asked.choose_best(asked.answer(by=ada, text="So."), by=ben)
    for number, asker in enumerate((ben, person("Carl")), start=2):
        with clock.moved(NOON + timedelta(days=number)):
            hidden = Question.ask(by=asker, text=f"Why not {number}?", topic=schools, is_anonymous=True)
            hidden.choose_best(hidden.answer(by=ada, text="So."), by=asker)
        assert breadths()[ada.id, "answerer"] == Breadth(number, 1, number)


def test_of_several_grades_at_once_the_highest_is_told(ada: Person) -> None:
    renew({(ada.id, "helper"): Breadth(40, 10, 14)})
    assert Badge.select().count() == 3
    with i18n.speaking("en"):
        (told,) = Notice.unread_by(ada)
        assert i18n.gettext(told.phrase) == "You have a new badge: Helper, gold."


def test_some_people_s_badges_are_renewed_at_a_time(ada: Person, ben: Person) -> None:
    """Nobody waits for all of them; whoever has a badge and is thanked no longer is among them."""
    renew({(ben.id, "helper"): Breadth(4, 2, 2)})
    known = {(each.id, "mender"): Breadth(4, 2, 2) for each in (ada, person("Carl"))}
    everyone = badges.concerned(known)
    assert everyone == sorted({ben.id, *(who for who, _ in known)})
    renew(known, [ada.id])
    assert (held(ada), Badge.select().count()) == ([("mender", 1)], 2)
    assert Badge.get(Badge.person == ben).below_since is None
    renew(known, everyone)
    assert Badge.select().count() == 3
    assert Badge.get(Badge.person == ben).below_since == clock.today()


def test_levels_come_with_points() -> None:
    expected = {0: (1, 20), 19: (1, 1), 20: (2, 40), 399: (4, 1), 400: (5, 600), 2500: (7, 0), 9999: (7, 0)}
    assert {points: level_of(points) for points in expected} == {
        points: Level(*level) for points, level in expected.items()
    }


def test_a_streak_counts_weeks_and_forgives_leave_and_holidays(
    ada: Person, adam: Person, schools: Topic
) -> None:
    """The weeks before 8 June: 1st deed, 25th leave, 18th deed, 11th holidays, 4th deed, 27th April none,
    20th deed. By hand: 3, and 4 with one in the present week.
    """
    for day in (date(2026, 4, 20), date(2026, 5, 4), date(2026, 5, 24), date(2026, 6, 1)):
        with clock.moved(clock.start_of(day)):
            PointEntry.award(ada, 2, "worked", subject=schools, key=str(day))
    with clock.moved(clock.start_of(date(2026, 4, 28))):
        PointEntry.award(ada, 5, "review done", subject=schools, key="review")
        PointEntry.award(ada, 2, "worked", subject=schools, key="undone")
    PointEntry.reverse("undone")
    assert streak_of(ada) == 1
    with clock.moved(clock.start_of(date(2026, 5, 25))):
        Absence.note(by=ada, person=ada, first_day=date(2026, 5, 25), last_day=date(2026, 5, 27))
    assert streak_of(ada) == 2
    for number in range(11, 14):
        CalendarDay.choose(date(2026, 5, number), is_worked=False, by=adam)
    assert streak_of(ada) == 3
    PointEntry.award(ada, 2, "worked", subject=schools, key="now")
    assert streak_of(ada) == 4
    assert streak_of(adam) == 0


@pytest.mark.parametrize(
    ("zone", "monday"),
    [
        ("Asia/Kathmandu", "2026-05-31T18:15"),  # 1 June
        ("America/New_York", "2026-03-09T04:00"),  # summer time began on the Sunday before
        ("America/New_York", "2026-11-02T05:00"),  # and ended on the Sunday before
    ],
)
def test_a_week_of_a_streak_is_the_companys_to_the_microsecond(
    zone: str, monday: str, ada: Person, schools: Topic
) -> None:
    """The last microsecond of a Sunday is of the week before: one week; with the first of the Monday two."""
    known, begins = str(clock.zone()), datetime.fromisoformat(f"{monday}+00:00")
    try:
        clock.use_zone(zone)
        with clock.moved(begins + timedelta(days=2)):
            for number, at in enumerate((timedelta(microseconds=-2), timedelta(microseconds=-1))):
                PointEntry.award(ada, 2, "worked", subject=schools, key=f"{number}", at=begins + at)
            assert streak_of(ada) == 1
            PointEntry.award(ada, 2, "worked", subject=schools, key="monday", at=begins)
            assert streak_of(ada) == 2
    finally:
        clock.use_zone(known)


def test_a_correction_later_keeps_the_week_of_the_deed(ada: Person, schools: Topic) -> None:
    """By hand: thanked in three weeks in a row, what was for the middle one said again in the last: 3."""
    for number, day in enumerate((date(2026, 5, 27), date(2026, 6, 3), date(2026, 6, 10))):
        with clock.moved(clock.start_of(day)):
            PointEntry.thank(ada, 2, "worked", subject=schools, deed=f"worked-{number}")
    PointEntry.take_back(ada, "worked-1")
    assert streak_of(ada) == 1
    PointEntry.thank(ada, 2, "worked", subject=schools, deed="worked-1")
    assert streak_of(ada) == 3


def test_colleagues_see_badges_and_the_person_alone_what_is_next(
    sign_in: SignIn, ada: Person, ben: Person
) -> None:
    renew({(ada.id, "mender"): Breadth(40, 9, 14)})
    assert held(ada) == [("mender", 3)]
    text = sign_in(ben).get(f"/people/{ada.id}").text
    assert "Mender, gold" in text
    assert "Level" not in text
    assert sign_in(ben).get(f"/people/{ada.id}/badges").status_code == 403
    own = sign_in(ada).get(f"/people/{ada.id}/badges").text
    for words in (
        "Mender, gold",
        "There is no higher one.",
        "times: 4, colleagues: 2, days: 2",
        "Weeks in a row",
    ):
        assert words in own
    assert badges.next_of(ada, Badge.of(ada))[2].bar == 0
