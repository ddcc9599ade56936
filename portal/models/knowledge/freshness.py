"""How long knowledge is taken to be true: its classes, and when a check is near (RULES 4.4)."""

from __future__ import annotations

from datetime import date, timedelta

from portal import clock
from portal.i18n import Phrase
from portal.models.base.record import Invalid
from portal.models.company.settings import Setting

FRESH = ("price", "product", "process", "evergreen")
"""The classes of knowledge with days until a check is due (RULES 4.4); `dated` names its own day."""
AHEAD = 7
"""At most so many days before its day a check is asked for, and counts."""
CHECKS = ("check", "renewal")
"""The clocks of a check: whether it is still true, and until which day it is true now."""
UNUSED = "unused"
"""The clock of what nobody used for long: whether it is kept or put away."""
FURTHEST = timedelta(days=3 * 366)
"""What names its own day names one that is no further away."""


def ahead(freshness: str) -> timedelta:
    """How long before its day a check counts: of a short term a quarter, else it would be due for ever."""
    term = Setting.read(f"fresh.{freshness}") // 4 if freshness in FRESH else AHEAD
    return timedelta(days=min(AHEAD, term))


def check_named_day(freshness: str, named: date | None) -> None:
    """Raises Invalid where what names its own day names one that is further away than three years."""
    if freshness not in FRESH and named is not None and named > clock.today() + FURTHEST:
        raise Invalid({"review_by": Phrase("Name a day within three years.")})
