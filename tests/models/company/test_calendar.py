"""Working days: the country's holidays and make-up days, the weekend, the company's own days."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from starlette.applications import Starlette

from portal import clock
from portal.clock import Month
from portal.models.base.record import Event
from portal.models.company import calendar
from portal.models.company.calendar import Calendar, CalendarDay, is_announced
from portal.models.people.people import Person


def noon(year: int, month: int, day: int) -> datetime:
    """Noon in Shanghai."""
    return datetime(year, month, day, 4, tzinfo=UTC)


def after(moment: datetime, days: int) -> date:
    found = Calendar.read().add(moment, days)
    assert clock.local(found).hour == 12
    return clock.local(found).date()


# National Day and Mid-Autumn 2025: 1 to 8 October free, Sunday 28 September and Saturday 11 October worked.
@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        (noon(2025, 9, 30), 0, date(2025, 9, 30)),
        (noon(2025, 9, 30), 1, date(2025, 10, 9)),
        (noon(2025, 9, 30), 2, date(2025, 10, 10)),
        (noon(2025, 9, 30), 3, date(2025, 10, 11)),  # a Saturday, worked
        (noon(2025, 9, 30), 4, date(2025, 10, 13)),
        (noon(2025, 9, 26), 1, date(2025, 9, 28)),  # a Sunday, worked
        (noon(2025, 10, 4), 1, date(2025, 10, 9)),  # begun on a free day
        (noon(2026, 2, 13), 2, date(2026, 2, 24)),  # 14 February worked, Spring Festival 15 to 23 February
        (noon(2026, 11, 27), 3, date(2026, 12, 2)),  # a plain weekend
    ],
)
def test_chinese_holidays_are_free_and_their_make_up_days_worked(
    app: Starlette, start: datetime, days: int, end: date
) -> None:
    assert after(start, days) == end


def test_the_company_s_own_days_come_first(adam: Person) -> None:
    CalendarDay.choose(date(2025, 10, 9), is_worked=False, note="Anniversary", by=adam)
    CalendarDay.choose(date(2025, 10, 2), is_worked=True, note="Fair", by=adam)
    assert after(noon(2025, 9, 30), 1) == date(2025, 10, 2)
    assert after(noon(2025, 9, 30), 2) == date(2025, 10, 10)


def test_the_last_choice_for_a_day_counts_until_it_is_removed(adam: Person) -> None:
    day = date(2025, 10, 10)
    for is_worked in (True, False):
        chosen = CalendarDay.choose(day, is_worked=is_worked, by=adam)
    assert CalendarDay.select().count() == 1
    assert after(noon(2025, 10, 9), 1) == date(2025, 10, 11)
    for _ in range(2):
        chosen.remove(by=adam)
    assert after(noon(2025, 10, 9), 1) == day
    assert [e.verb for e in Event.about(chosen)] == ["removed", "chosen", "chosen"]


@pytest.mark.parametrize(
    ("country", "weekend", "start", "end"),
    [
        ("", "5,6", noon(2025, 9, 30), date(2025, 10, 1)),  # no country: the plain week
        ("DE", "5,6", noon(2025, 10, 2), date(2025, 10, 6)),  # German Unity Day is a Friday
        ("AE", "4,5", noon(2026, 1, 7), date(2026, 1, 8)),
        ("AE", "4,5", noon(2026, 1, 8), date(2026, 1, 11)),  # Friday and Saturday free, Sunday worked
        ("", "6", noon(2026, 1, 9), date(2026, 1, 10)),  # only Sunday free
        ("", "none", noon(2026, 1, 10), date(2026, 1, 11)),
    ],
)
def test_other_countries_and_weeks_by_choice(
    adam: Person, country: str, weekend: str, start: datetime, end: date
) -> None:
    Calendar.follow(country=country, weekend=weekend, by=adam)
    assert after(start, 1) == end


def test_a_month_is_told_with_its_reasons(app: Starlette) -> None:
    october = Calendar.read().months(Month(2025, 10), 1, "en")[0]
    assert october.worked == 18  # 23 weekdays, six of them free, one Saturday worked
    assert [day.day for day, _ in october.off] == [1, 2, 3, 6, 7, 8]
    assert [day.day for day, _ in october.extra] == [11]
    assert all(why for _, why in october.off)


def test_years_that_nobody_announced_are_named(app: Starlette) -> None:
    assert is_announced("CN", 2025)
    assert not is_announced("CN", 2040)
    assert is_announced("DE", 2040)
    assert is_announced("", 2040)
    assert Calendar.read().unannounced(Month(2040, 6), 12) == [2040, 2041]
    assert after(noon(2040, 9, 28), 1) == date(2040, 10, 4)  # no weekend is worked for 1 to 3 October


@pytest.fixture
def nothing_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a process that has just begun."""
    monkeypatch.setattr(calendar, "_known", {})
    monkeypatch.setattr(calendar, "_unknown_since", {})


@pytest.mark.usefixtures("nothing_read")
def test_while_holidays_cannot_be_read_deadlines_keep_to_the_plain_week_and_the_company_s_days(
    adam: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The Swedish national day, 6 June 2061, is a Monday."""
    times = tmp_path / "times"
    broken = tmp_path / "reader.py"
    broken.write_text(f"open({str(times)!r}, 'a').write('1')\nraise SystemExit('no such library')\n")
    Calendar.follow(country="SE", weekend="5,6", by=adam)
    CalendarDay.choose(date(2061, 6, 7), is_worked=False, by=adam)
    with monkeypatch.context() as here:
        here.setattr(calendar, "READER", broken)
        for _ in range(3):
            assert after(noon(2061, 6, 3), 2) == date(2061, 6, 8)
        assert times.read_text() == "1", (
            "a deadline that waits holds up everybody: it is not asked again at once"
        )
        assert ["no such library" in each.getMessage() for each in caplog.records] == [True]
        with pytest.raises(calendar.HolidaysUnknown, match="no such library"):
            Calendar.read().months(Month(2061, 6), 1, "en")
    assert Calendar.read().months(Month(2061, 6), 1, "en")[0].off[0][0] == date(2061, 6, 6)
    assert after(noon(2061, 6, 3), 2) == date(2061, 6, 9)


@pytest.mark.usefixtures("nothing_read")
def test_many_who_wait_for_the_same_years_start_one_process(
    app: Starlette, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    times = tmp_path / "times"
    counted = tmp_path / "reader.py"
    text = calendar.READER.read_text()
    assert text.count("import sys\n") == 1
    counted.write_text(text.replace("import sys\n", f"import sys\nopen({str(times)!r}, 'a').write('1')\n"))
    monkeypatch.setattr(calendar, "READER", counted)
    plan = Calendar("NO", frozenset({5, 6}), {})
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(plan.is_worked, [date(2061, 5, 17)] * 4))  # Constitution Day, a Tuesday
    assert (found, times.read_text()) == ([False] * 4, "1")


@pytest.mark.usefixtures("nothing_read")
def test_after_the_start_no_deadline_waits_for_the_holidays(
    adam: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Calendar.follow(country="IS", weekend="5,6", by=adam)
    with clock.moved(datetime(2063, 6, 1, 4, tzinfo=UTC)):
        calendar.warm_up()
    monkeypatch.setattr(calendar, "READER", tmp_path / "none.py")
    assert not Calendar.read().is_worked(date(2064, 6, 17))  # the national day, a Tuesday
