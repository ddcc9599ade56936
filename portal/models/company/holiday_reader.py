"""Tells public holidays in a process of its own, started by `calendar`: the library that knows them takes
15 MB for good, and is asked a few times in the life of a process. Imports nothing of the portal.

Takes `{}` as argument and writes the codes of all countries; or `{"country", "first", "last", "language"}`,
and writes `{"off": {day: name}, "worked": [day]}` of these years, days as ISO dates.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import holidays


def told(asked: dict[str, Any]) -> Any:
    """The answer to what is asked."""
    if not asked:
        return sorted(holidays.list_supported_countries(include_aliases=False))
    spoken = holidays.country_holidays(asked["country"]).supported_languages
    known = holidays.country_holidays(
        asked["country"],
        # A holiday in January may be worked for in December.
        years=range(asked["first"], asked["last"] + 2),
        language=asked["language"] if asked["language"] in spoken else None,
    )
    days = [day for day in sorted(known) if day.year <= asked["last"]]
    worked = [day for day in sorted(known.weekend_workdays) if day.year <= asked["last"]]
    return {"off": {str(day): known[day] for day in days}, "worked": [str(day) for day in worked]}


if __name__ == "__main__":
    print(json.dumps(told(json.loads(sys.argv[1]))))
