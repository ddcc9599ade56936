"""The only place that reads the time. Times are UTC; days and months are the company's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

_zone = ZoneInfo("Asia/Shanghai")
_shift = timedelta(0)
_frozen: datetime | None = None


def use_zone(name: str) -> None:
    """Set the company's time zone, an IANA name. Raises ZoneInfoNotFoundError for an unknown one."""
    global _zone
    _zone = ZoneInfo(name)


def zone() -> ZoneInfo:
    """The company's time zone."""
    return _zone


def now() -> datetime:
    """This moment, aware, in UTC."""
    return _frozen if _frozen is not None else datetime.now(UTC) + _shift


def today() -> date:
    """This day in the company's time zone."""
    return local(now()).date()


def local(moment: datetime) -> datetime:
    """An aware moment in the company's time zone."""
    return moment.astimezone(_zone)


def start_of(day: date) -> datetime:
    """The UTC moment at which a day begins in the company's time zone."""
    return datetime(day.year, day.month, day.day, tzinfo=_zone).astimezone(UTC)


@contextmanager
def moved(to: datetime) -> Iterator[None]:
    """Stand still at a moment, for tests and for telling the demo company's past."""
    global _frozen
    if to.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    before, _frozen = _frozen, to.astimezone(UTC)
    try:
        yield
    finally:
        _frozen = before


@dataclass(frozen=True, order=True)
class Month:
    """A calendar month of the company, as a half-open interval of UTC moments."""

    year: int
    number: int

    def __post_init__(self) -> None:
        date(self.year, self.number, 1)  # ValueError when there is no such month

    @classmethod
    def of(cls, when: date | datetime) -> Month:
        """The month a day or an aware moment falls in."""
        day = local(when).date() if isinstance(when, datetime) else when
        return cls(day.year, day.month)

    @classmethod
    def parse(cls, text: str) -> Month:
        """Read `2026-05`. Raises ValueError, also for years in which no company of today has a month."""
        year, _, number = text.partition("-")
        if len(year) != 4 or len(number) != 2 or not 1900 <= int(year) < 3000:
            raise ValueError(f"not a month: {text!r}")
        return cls(int(year), int(number))

    @property
    def first_day(self) -> date:
        return date(self.year, self.number, 1)

    @property
    def last_day(self) -> date:
        return self.next.first_day - timedelta(days=1)

    @property
    def start(self) -> datetime:
        """The first moment of the month, UTC."""
        return start_of(self.first_day)

    @property
    def end(self) -> datetime:
        """The first moment after the month, UTC."""
        return self.next.start

    @property
    def next(self) -> Month:
        return self.plus(1)

    @property
    def previous(self) -> Month:
        return self.plus(-1)

    def plus(self, months: int) -> Month:
        """So many months later (or earlier, when negative)."""
        years, index = divmod(self.year * 12 + self.number - 1 + months, 12)
        return Month(years, index + 1)

    def __contains__(self, when: date | datetime) -> bool:
        return Month.of(when) == self

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.number:02d}"
