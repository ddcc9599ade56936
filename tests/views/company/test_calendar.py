"""Admin, Working days."""

from __future__ import annotations

from datetime import date

from portal import clock
from portal.clock import Month
from portal.models.company.calendar import Calendar, CalendarDay
from portal.models.people.people import Person
from tests.conftest import SignIn

PAGE = "/admin/company/working-days"


def test_own_days_are_added_shown_and_removed(sign_in: SignIn, adam: Person) -> None:
    browser, day = sign_in(adam), Month.of(clock.today()).next.first_day
    for _ in range(2):
        answer = browser.post(f"{PAGE}/days", data={"day": str(day), "note": "Stocktaking"})
        assert answer.headers["location"] == PAGE
    chosen = CalendarDay.get()
    assert (chosen.day, chosen.is_worked, chosen.note) == (day, False, "Stocktaking")
    assert "Stocktaking" in browser.get(PAGE).text
    assert browser.post(f"{PAGE}/days/{chosen.id}/removal").status_code == 303
    assert CalendarDay.select().count() == 0
    assert browser.post(f"{PAGE}/days/{chosen.id}/removal").status_code == 404


def test_a_day_that_is_none_is_refused_with_its_text_kept(sign_in: SignIn, adam: Person) -> None:
    answer = sign_in(adam).post(f"{PAGE}/days", data={"day": "2026-02-30", "note": "Nowhere"})
    assert answer.status_code == 422
    assert "Nowhere" in answer.text
    assert CalendarDay.select().count() == 0


def test_country_and_weekend_are_chosen(sign_in: SignIn, adam: Person) -> None:
    browser = sign_in(adam)
    assert browser.post(PAGE, data={"country": "FR", "weekend": "6"}).status_code == 303
    calendar = Calendar.read()
    assert (calendar.country, set(calendar.weekend)) == ("FR", {6})
    assert not calendar.is_worked(date(2026, 7, 14))
    for wrong in ({"country": "XX", "weekend": "6"}, {"country": "FR", "weekend": "0,1,2,3,4,5,6"}):
        assert browser.post(PAGE, data=wrong).status_code == 422
    assert Calendar.read() == calendar


def test_others_may_not(sign_in: SignIn, ada: Person, fin: Person) -> None:
    for person in (ada, fin):
        assert sign_in(person).get(PAGE).status_code == 403
        assert sign_in(person).post(f"{PAGE}/days", data={"day": "2026-12-31"}).status_code == 403
