"""The frame around every page: the company, where a person may go, and how much needs them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from portal import clock, i18n
from portal.i18n import Phrase
from portal.models.company.settings import Setting
from portal.models.home import setting_up
from portal.models.people.needs import needs
from portal.models.people.people import Person
from portal.request import list_as_left
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
    ("commission", Phrase("Commission"), "/commission", "coin", None),
    ("audit", Phrase("Audit"), "/admin/events", "history", "is_auditor"),
    ("admin", Phrase("Admin"), "/admin", "settings", "is_administrator"),
)

REMEMBERED = ("/customers", "/deals")
"""The lists that one comes back to as one left them; how, stands in their address."""
LASTS = timedelta(seconds=20)
_counted: dict[int, tuple[datetime, int]] = {}


def shell(request: Request) -> dict[str, Any]:
    """What base.html needs beside the page's own context."""
    person = request.person
    name = Setting.read("company.name_en" if request.locale == "en" else "company.name")
    return {
        "company": name,
        "logo": f"/logo/{chosen}" if (chosen := Setting.read("company.logo")) else "",
        "setting_up": lambda: person is not None and setting_up.is_due(person),
        "rail": rail(person) if person else [],
        "as_left": {path: list_as_left(request, path) for path in REMEMBERED} if person else {},
        "needs_me": how_many_need(person, anew=request.http.method not in SAFE) if person else 0,
        "rail_narrow": request.kept("rail") == "narrow",
        "section": "",
        "wide": False,
    }


def how_many_need(person: Person, *, anew: bool = False) -> int:
    """How many things wait for this person: counted every 20 seconds at most, and after each act."""
    counted = _counted.get(person.id)
    if anew or counted is None or clock.now() - counted[0] > LASTS:
        return count_anew(person, len(needs(person)))
    return counted[1]


def count_anew(person: Person, count: int) -> int:
    """So many it is that wait, as was just found: whoever lists them says how many."""
    if len(_counted) > 20_000:
        _counted.clear()
    _counted[person.id] = (clock.now(), count)
    return count


def forget_count(person: Person) -> None:
    """Count again on this person's next page: they have just done something."""
    _counted.pop(person.id, None)


def rail(person: Person) -> list[tuple[str, str, str, str]]:
    """The entries this person may use: key, words, address, icon."""
    return [
        (key, i18n.gettext(words), href, glyph)
        for key, words, href, glyph, right in RAIL
        if right is None or getattr(person, right)
    ]
