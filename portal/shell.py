"""The frame around every page: the company, where a person may go, and how much needs them."""

from __future__ import annotations

import mmap
import os
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from portal import clock, i18n
from portal.i18n import Phrase
from portal.models.company.settings import Setting
from portal.models.home import setting_up
from portal.models.people.needs import needs
from portal.models.people.people import Person
from portal.request import list_as_left, way_back
from portal.security import SAFE

if TYPE_CHECKING:
    from portal.web import Request

RAIL = (
    ("home", Phrase("Home"), "/", "home", None),
    ("knowledge", Phrase("Knowledge"), "/articles", "book-2", None),
    ("questions", Phrase("Questions"), "/questions", "help-circle", None),
    ("experiences", Phrase("Experiences"), "/experiences", "bulb", None),
    ("people", Phrase("People"), "/people", "users", None),
    ("customers", Phrase("Customers"), "/customers", "address-book", None),
    ("deals", Phrase("Deals"), "/deals", "briefcase", None),
    ("products", Phrase("Products"), "/products", "package", None),
    ("insights", Phrase("Effect"), "/effect", "chart-line", None),
    ("learning", Phrase("Learning"), "/learning", "school", None),
    ("commission", Phrase("Commission"), "/commission", "coin", None),
    ("audit", Phrase("Audit"), "/admin/events", "history", "is_auditor"),
    ("admin", Phrase("Admin"), "/admin", "settings", "is_administrator"),
)

OWN_FIRST = ("/customers", "/deals")
"""The lists that open on one's own at first."""
COME_BACK_TO = (*OWN_FIRST, "/articles", "/questions", "/people", "/products", "/experiences", "/requests")
"""The lists to which the menu, and what was opened from them, lead back as they were left; how, stands in
their address.
"""
LASTS = timedelta(seconds=20)
_MARK, _PLACES = 8, 20_011
_marks = mmap.mmap(-1, _MARK * _PLACES)
"""Another mark for each act of a person, in memory that all who answer people share: a count grows
old in each of them. Of two people in one place, one is counted too often.
"""
_counted: dict[int, tuple[datetime, bytes, int]] = {}


def shell(request: Request) -> dict[str, Any]:
    """What base.html needs beside the page's own context."""
    person = request.person
    name = Setting.read("company.name_en" if request.locale == "en" else "company.name")
    return {
        "company": name,
        "logo": f"/logo/{chosen}" if (chosen := Setting.read("company.logo")) else "",
        "setting_up": lambda: person is not None and setting_up.is_due(person),
        "rail": rail(person) if person else [],
        "as_left": {path: _as_left(request, path) for path in COME_BACK_TO} if person else {},
        "back_to": partial(_back_to, request),
        "needs_me": how_many_need(person, anew=request.http.method not in SAFE) if person else 0,
        "rail_narrow": request.kept("rail") == "narrow",
        "section": "",
        "wide": False,
    }


def _back_to(request: Request, path: str) -> str:
    """The address of a list for who opened something from it."""
    if request.person is None:
        return path
    return way_back(request, path) or (_as_left(request, path) if path in COME_BACK_TO else path)


def _as_left(request: Request, path: str) -> str:
    return list_as_left(request, path, opens_on_own=path in OWN_FIRST)


def how_many_need(person: Person, *, anew: bool = False) -> int:
    """How many things wait for this person: counted every 20 seconds at most, and after each act."""
    counted = _counted.get(person.id)
    if anew or counted is None or clock.now() - counted[0] > LASTS or counted[1] != _marks[_place(person)]:
        return count_anew(person, len(needs(person)))
    return counted[2]


def count_anew(person: Person, count: int) -> int:
    """So many it is that wait, as was just found: whoever lists them says how many."""
    if len(_counted) > 20_000:
        _counted.clear()
    _counted[person.id] = (clock.now(), _marks[_place(person)], count)
    return count


def forget_count(person: Person) -> None:
    """Count again on this person's next page: they have just done something."""
    _marks[_place(person)] = os.urandom(_MARK)


def _place(person: Person) -> slice:
    first = person.id % _PLACES * _MARK
    return slice(first, first + _MARK)


def rail(person: Person) -> list[tuple[str, str, str, str]]:
    """The entries this person may use: key, words, address, icon."""
    return [
        (key, i18n.gettext(words), href, glyph)
        for key, words, href, glyph, right in RAIL
        if right is None or getattr(person, right)
    ]
