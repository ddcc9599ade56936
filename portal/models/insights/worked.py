"""How long something took in the hours that the company works: for many at once."""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, date, datetime, timedelta

from portal import clock
from portal.models.company.calendar import Calendar
from portal.models.company.settings import Setting

_BEGIN, _MINUTE = datetime(1970, 1, 1), timedelta(minutes=1)


def minute_of(moment: str | datetime) -> int:
    """The minute of a moment, counted from 1970: of an aware one, or of one as the database has it."""
    at = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    if at.tzinfo is not None:
        at = at.astimezone(UTC).replace(tzinfo=None)
    return (at - _BEGIN) // _MINUTE


class WorkedTime:
    """The minutes worked from a day on, added up once: what lies between two moments is a difference.

    Moments are minutes as `minute_of` gives them. One before the first day counts as its start, one after the
    last as its end.
    """

    def __init__(self, first: date, last: date) -> None:
        calendar = Calendar.read()
        opens: int = Setting.read("ask.opens")
        self._length: int = 60 * (Setting.read("ask.closes") - opens)
        days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        worked = filter(calendar.is_worked, days)
        self._opens = [minute_of(clock.start_of(day)) + 60 * opens for day in worked]

    def between(self, since: int, until: int) -> int:
        """Minutes; 0 where the later comes first."""
        return max(0, self._by(until) - self._by(since))

    def _by(self, minute: int) -> int:
        """How many were worked until then."""
        days = bisect_right(self._opens, minute)
        if not days:
            return 0
        return (days - 1) * self._length + min(minute - self._opens[days - 1], self._length)
