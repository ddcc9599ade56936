"""Who is away: noted by whom it may be, seen by all, and in nobody's way."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest

from portal import clock
from portal.models.base.record import Event, Invalid
from portal.models.base.undoing import undo
from portal.models.company.topics import Topic
from portal.models.people.absences import Absence
from portal.models.people.notices import Notice
from portal.models.people.people import Person
from tests.conftest import SignIn

MONDAY = date(2026, 5, 11)


@pytest.fixture(autouse=True)
def _a_monday() -> Any:
    with clock.moved(clock.start_of(MONDAY) + timedelta(hours=10)):
        yield


def days(first: int, last: int) -> dict[str, Any]:
    """From one day of May to another, the last included."""
    return {"first_day": date(2026, 5, first), "last_day": date(2026, 5, last)}


def test_oneself_ones_manager_and_administrators_note_it_and_nobody_else(
    ada: Person, ben: Person, mona: Person, adam: Person, rita: Person, audrey: Person
) -> None:
    assert [Absence.may_note(by, ada) for by in (ada, mona, adam)] == [True] * 3
    assert [Absence.may_note(by, ada) for by in (ben, rita, audrey)] == [False] * 3
    assert Absence.may_note(audrey, audrey)


def test_both_ends_are_away_and_the_days_beside_them_are_not(ada: Person, ben: Person) -> None:
    Absence.note(by=ada, person=ada, substitute=ben, **days(12, 14))
    found = {day: Absence.away(date(2026, 5, day)) for day in range(11, 16)}
    assert found == {11: {}, 12: {ada.id: ben.id}, 13: {ada.id: ben.id}, 14: {ada.id: ben.id}, 15: {}}


def test_a_substitute_who_is_away_or_left_stands_in_for_nobody(
    ada: Person, ben: Person, stan: Person, adam: Person
) -> None:
    Absence.note(by=ada, person=ada, substitute=ben, **days(11, 14))
    Absence.note(by=stan, person=stan, substitute=ben, **days(13, 20))
    Absence.note(by=ben, person=ben, **days(12, 12))
    assert Absence.away(date(2026, 5, 11)) == {ada.id: ben.id}
    assert Absence.away(date(2026, 5, 12)) == {ada.id: None, ben.id: None}
    ben.deactivate(by=adam)
    assert Absence.away(date(2026, 5, 13)) == {ada.id: None, stan.id: None}


@pytest.mark.parametrize("other", [(12, 14), (10, 12), (14, 20), (13, 13), (10, 20)])
def test_days_that_are_noted_already_are_refused(ada: Person, other: tuple[int, int]) -> None:
    Absence.note(by=ada, person=ada, **days(12, 14))
    with pytest.raises(Invalid, match="noted already"):
        Absence.note(by=ada, person=ada, **days(*other))
    Absence.note(by=ada, person=ada, **days(15, 16))
    assert Absence.select().count() == 2


def test_days_that_lie_wrong_are_refused(ada: Person, ben: Person, adam: Person) -> None:
    for wrong in (days(14, 12), days(9, 10), {"first_day": MONDAY, "last_day": MONDAY + timedelta(days=367)}):
        with pytest.raises(Invalid):
            Absence.note(by=ada, person=ada, **wrong)
    ben.deactivate(by=adam)
    for nobody in (ada, ben):
        with pytest.raises(Invalid, match="someone else who works here"):
            Absence.note(by=ada, person=ada, substitute=nobody, **days(11, 12))
    assert not Absence.select().exists()


def test_who_is_noted_by_another_is_told_by_whom_and_who_stands_in_too(
    ada: Person, ben: Person, mona: Person
) -> None:
    noted = Absence.note(by=mona, person=ada, substitute=ben, **days(11, 12))
    (told,) = Notice.unread_by(ada)
    assert told.phrase.values["who"] == "Mona"
    assert [notice.phrase.values["person"] for notice in Notice.unread_by(ben)] == ["Ada"]
    assert Event.about(ada).where(Event.verb == "absence noted").get().actor == mona.id
    noted.take_back(by=ada)
    noted.take_back(by=ada)
    assert Absence.away() == {}
    assert [len(list(Notice.unread_by(who))) for who in (ada, ben, mona)] == [1, 2, 0]


def test_nothing_is_said_of_what_one_notes_oneself(ada: Person) -> None:
    Absence.note(by=ada, person=ada, **days(11, 12))
    assert not Notice.select().exists()


def test_it_is_noted_on_the_page_seen_by_all_and_taken_back(
    ada: Person, ben: Person, rita: Person, sign_in: SignIn
) -> None:
    browser = sign_in(ada)
    sent = {"first_day": "2026-05-11", "last_day": "2026-05-13", "substitute": f"Ben #{ben.id}"}
    assert browser.post(f"/people/{ada.id}/absences/new", data=sent).status_code == 303
    assert "Ben stands in" in sign_in(rita).get(f"/people/{ada.id}").text
    assert "Take back" not in sign_in(rita).get(f"/people/{ada.id}").text
    ident = Absence.get().id
    assert sign_in(rita).post(f"/absences/{ident}/withdrawal").status_code == 403
    assert browser.post(f"/absences/{ident}/withdrawal").status_code == 303
    assert "stands in" not in browser.get(f"/people/{ada.id}").text


def test_where_a_person_is_chosen_it_says_until_when_they_are_away(
    ada: Person, ben: Person, sign_in: SignIn
) -> None:
    Absence.note(by=ben, person=ben, **days(11, 13))
    assert "Ben (away until 2026-05-13) #" in sign_in(ada).get(f"/people/{ada.id}/absences/new").text
    sent = {"first_day": "2026-05-18", "last_day": "2026-05-18"}
    sent["substitute"] = f"Ben (away until 2026-05-13) #{ben.id}"
    assert sign_in(ada).post(f"/people/{ada.id}/absences/new", data=sent).status_code == 303
    assert Absence.get(Absence.person == ada).substitute == ben


def test_days_within_a_span_are_counted_once(ada: Person, ben: Person, schools: Topic) -> None:
    Absence.note(by=ada, person=ada, **days(11, 14))
    Absence.note(by=ben, person=ben, **days(20, 24))
    found = Absence.within(date(2026, 5, 13), date(2026, 5, 20))
    assert found == {
        ada.id: {date(2026, 5, 13), date(2026, 5, 14)},
        ben.id: {date(2026, 5, 20)},
    }


def test_the_last_day_is_said_to_be_one_away(sign_in: SignIn, ada: Person, ben: Person) -> None:
    """“Before the 13th” would have her back on the 13th."""
    Absence.note(by=ada, person=ada, **days(11, 13), substitute=ben)
    Person.update(locale="zh").where(Person.id == ben.id).execute()
    page = sign_in(Person.get_by_id(ben.id)).get(ada.url).text
    assert re.search(r"至 [^<，]*13[^<，]*（含）不在岗，由 Ben 代理", page)


def test_who_comes_back_earlier_was_away_until_then_and_it_stays_what_their_manager_noted(
    ada: Person, mona: Person
) -> None:
    """Pay hangs on days of leave that somebody else noted: they neither vanish nor become another's word."""
    Absence.note(by=mona, person=ada, **days(12, 20))
    with clock.moved(clock.start_of(date(2026, 5, 15)) + timedelta(hours=10)):
        for _ in range(2):
            Absence.get().take_back(by=ada)
        (kept,) = Absence.select()
        assert (kept.first_day.day, kept.last_day.day, kept.by_id) == (12, 14, mona.id)
        assert Absence.away() == {}
        undo(Event.about(ada).where(Event.verb == "absence taken back").get(), by=ada)
        (again,) = Absence.select()
        assert (again.first_day.day, again.last_day.day, again.by_id) == (12, 20, mona.id)


def test_whose_own_word_it_was_stays_so_when_a_manager_undoes(ada: Person, mona: Person) -> None:
    Absence.note(by=ada, person=ada, **days(12, 20)).take_back(by=mona)
    undo(Event.about(ada).where(Event.verb == "absence taken back").get(), by=mona)
    assert Absence.get().by_id == ada.id
