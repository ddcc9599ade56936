"""The company's calendar: which days are worked, and which day lies so many working days away."""

from __future__ import annotations

import json
import logging
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from time import monotonic
from typing import Any, NamedTuple

from peewee import BooleanField, DateField

from portal import clock
from portal.clock import Month
from portal.i18n import Phrase
from portal.models.base.database import db, transact
from portal.models.base.fields import NameField
from portal.models.base.prepared import Prepared
from portal.models.base.record import Invalid, Record
from portal.models.company.settings import Setting
from portal.models.company.words import CALENDAR_DAY
from portal.tables import confined

log = logging.getLogger("portal.calendar")

READER = Path(__file__).with_name("holiday_reader.py")
SECONDS = 60
AGAIN_SECONDS = 600
"""So long after public holidays could not be read a deadline does without them."""
WEEKENDS = {
    "5,6": Phrase("Saturday and Sunday"),
    "6": Phrase("Sunday"),
    "4,5": Phrase("Friday and Saturday"),
    "4": Phrase("Friday"),
    "none": Phrase("No day of the week"),
}
"""What may be free each week: the days' numbers, Monday is 0."""
KNOWN_SINCE = 2020
"""A country that had make-up days in a year since then will have some in every year."""


class CalendarDay(Record):
    """A day on which the company closes, or works, whatever its country does."""

    called = CALENDAR_DAY

    day = DateField(unique=True, verbose_name=Phrase("Day"))
    is_worked = BooleanField(verbose_name=Phrase("The company works on this day"))
    note = NameField(120, default="", verbose_name=Phrase("Note"))

    @classmethod
    def choose(cls, day: date, *, is_worked: bool, note: str = "", by: Any) -> CalendarDay:
        """Close on a day, or work on it; the last choice for a day counts. Raises Invalid."""
        if not 1900 <= day.year < 3000:
            raise Invalid({"day": Phrase("Choose a day of this century.")})
        facts = {"is_worked": is_worked, "note": note}
        with db.atomic():
            cls.insert(day=day, created_at=clock.now(), **facts).on_conflict(
                conflict_target=[cls.day], update=facts
            ).execute()
            chosen = cls.get(cls.day == day)
            chosen.track("chosen", by=by, changes={"day": [None, str(day)], "is_worked": [None, is_worked]})
        return chosen

    def remove(self, *, by: Any) -> None:
        """Do on this day again as the country does."""
        with db.atomic():
            if CalendarDay.delete().where(CalendarDay.id == self.id).execute():
                self.track("removed", by=by, changes={"day": [str(self.day), None]})


@dataclass(frozen=True)
class CalendarMonth:
    """One month as the calendar has it: what differs from the plain week, day by day, with the reason."""

    month: Month
    worked: int
    """How many days are worked."""
    off: list[tuple[date, str]]
    extra: list[tuple[date, str]]


@dataclass(frozen=True)
class Calendar:
    """Which days are worked: the company's own choices first, then its country's, then the plain week."""

    country: str
    weekend: frozenset[int]
    own: Mapping[date, CalendarDay]

    @classmethod
    def read(cls) -> Calendar:
        """The calendar in force."""
        country, weekend = Setting.read("calendar.country"), Setting.read("calendar.weekend")
        free = frozenset(int(day) for day in weekend.split(",") if day.isdecimal())
        return cls(country, free, {chosen.day: chosen for chosen in _OWN()})

    @staticmethod
    def follow(*, country: str, weekend: str, by: Any) -> bool:
        """Choose the country (none: '') and the weekend, one of WEEKENDS."""
        Setting.choose("calendar.country", country, by=by)
        Setting.choose("calendar.weekend", weekend, by=by)
        return True

    def is_worked(self, day: date) -> bool:
        """Whether the company works on a day. Where the country's holidays cannot be read, as the company's
        own days and the plain week have it: the log says so.
        """
        if day in self.own:
            return self.own[day].is_worked
        public = _public(self.country, day.year, strict=False)
        return day in public.worked if day.weekday() in self.weekend else day not in public.off

    def add(self, moment: datetime, days: int) -> datetime:
        """The same time of day, so many working days later, in the company's time zone."""
        at = clock.local(moment)
        while days:
            at += timedelta(days=1)
            days -= self.is_worked(at.date())
        return at.astimezone(UTC)

    def add_minutes(self, moment: datetime, minutes: int) -> datetime:
        """When so many minutes were worked since a moment: of worked days, between the hours at which the
        company opens and closes.
        """
        opens, closes = Setting.read("ask.opens"), Setting.read("ask.closes")
        day, left = clock.local(moment).date(), timedelta(minutes=minutes)
        while True:
            if self.is_worked(day):
                since, until = max(moment.astimezone(UTC), _at(day, opens)), _at(day, closes)
                if since + left <= until:
                    return since + left
                left -= max(until - since, timedelta(0))
            day += timedelta(days=1)

    def months(self, first: Month, count: int, language: str) -> list[CalendarMonth]:
        """Some months, with what is off and what is worked beyond the plain week. Raises HolidaysUnknown."""
        for number in range(count):
            _public(self.country, first.plus(number).year)
        return [self._month(first.plus(number), language) for number in range(count)]

    def _month(self, month: Month, language: str) -> CalendarMonth:
        length = (month.next.first_day - month.first_day).days
        days = [month.first_day + timedelta(days=number) for number in range(length)]
        worked = {day for day in days if self.is_worked(day)}
        plain = {day for day in days if day.weekday() not in self.weekend}
        return CalendarMonth(
            month,
            len(worked),
            [(day, self._why(day, language)) for day in sorted(plain - worked)],
            [(day, self._why(day, language)) for day in sorted(worked - plain)],
        )

    def _why(self, day: date, language: str) -> str:
        return (
            self.own[day].note
            if day in self.own
            else _public(self.country, day.year, language).off.get(day, "")
        )

    def unannounced(self, first: Month, count: int) -> list[int]:
        """The years among some months for which the country has not said yet which weekends are worked."""
        years = sorted({first.plus(number).year for number in range(count)})
        return [year for year in years if not is_announced(self.country, year)]


def _at(day: date, hour: int) -> datetime:
    """An hour of a day in the company's time zone, 24 is its end."""
    at = datetime.combine(day + timedelta(days=hour // 24), time(hour % 24), clock.zone())
    return at.astimezone(UTC)


def is_announced(country: str, year: int) -> bool:
    """Whether the make-up days of a year are known; where there are never any, they are.

    Until they are, the holidays that the law fixes are off and no weekend is worked.
    """
    before = (_public(country, one).worked for one in range(KNOWN_SINCE, year))
    return bool(_public(country, year).worked) or not any(before)


def _public(country: str, year: int, language: str = "zh", *, strict: bool = True) -> _PublicDays:
    if not country:
        return _NONE
    known = _decade(country, year // 10 * 10, language, strict=strict)
    return known[year] if known is not None else _NONE


class _PublicDays(NamedTuple):
    """A country's public holidays of a year with their names, and the weekend days worked for them."""

    off: Mapping[date, str]
    worked: frozenset[date]


class HolidaysUnknown(RuntimeError):
    """The public holidays could not be read."""


_NONE = _PublicDays({}, frozenset())
_Decade = tuple[str, int, str]
_known: dict[_Decade, dict[int, _PublicDays]] = {}
_unknown_since: dict[_Decade, float] = {}
_asking = threading.Lock()
"""One process at a time reads them, however many threads wait for what it says."""


def warm_up() -> None:
    """Read the holidays of these years before somebody waits for a deadline."""
    country = transact(lambda: Setting.read("calendar.country"), write=False)
    for year in (clock.today().year, clock.today().year + 1):
        _public(country, year, strict=False)


def _decade(country: str, first: int, language: str, *, strict: bool) -> dict[int, _PublicDays] | None:
    """Ten years of a country. None where they cannot be read; `strict`: raises HolidaysUnknown then."""
    asked = (country, first, language)
    if asked not in _known:
        with _asking:
            if asked not in _known and (strict or _is_asked_again(asked)):
                _ask(asked, strict=strict)
    return _known.get(asked)


def _is_asked_again(asked: _Decade) -> bool:
    since = _unknown_since.get(asked)
    return since is None or monotonic() - since > AGAIN_SECONDS


def _ask(asked: _Decade, *, strict: bool) -> None:
    try:
        _known[asked] = _read_decade(*asked)
    except HolidaysUnknown as unknown:
        _unknown_since[asked] = monotonic()
        if strict:
            raise
        log.warning("deadlines do without public holidays: %s", unknown, extra={"facts": {"asked": asked}})


def _read_decade(country: str, first: int, language: str) -> dict[int, _PublicDays]:
    years = range(first, first + 10)
    spoken = {"zh": "zh_CN", "en": "en_US"}[language]
    told = _told({"country": country, "first": years[0], "last": years[-1], "language": spoken})
    off = {date.fromisoformat(day): name for day, name in told["off"].items()}
    worked = [date.fromisoformat(day) for day in told["worked"]]
    return {
        year: _PublicDays(
            {day: name for day, name in off.items() if day.year == year},
            frozenset(day for day in worked if day.year == year),
        )
        for year in years
    }


@cache
def countries() -> tuple[str, ...]:
    """ISO codes of the countries whose public holidays are known."""
    return tuple(_told({}))


def _told(asked: dict[str, Any]) -> Any:
    with tempfile.TemporaryFile() as complaints:
        answer = confined.read(READER, asked, b"", seconds=SECONDS, complaints=complaints)
        if answer is None:
            complaints.seek(0)
            said = complaints.read().decode("utf-8", "replace").strip()[-500:]
            raise HolidaysUnknown(
                f"The public holidays cannot be read: is the package holidays installed? {said}"
            )
    return json.loads(answer)


_OWN = Prepared[CalendarDay](lambda: CalendarDay.select().order_by(CalendarDay.day))
