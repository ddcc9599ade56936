"""What stands below each page of settings: why it is there, what is usual, and who changed it."""

from __future__ import annotations

from typing import Any

from portal.models.company.settings import Setting
from portal.models.company.words import ABOUT
from portal.models.people.people import Person
from portal.models.people.rule_changes import RuleChange
from portal.views.base import audit


def about(page: str) -> dict[str, Any]:
    """What a page of settings says beside its form."""
    events = Setting.history(ABOUT[page].settings)
    people = {each.id: each for each in Person.select().where(Person.id.in_(sorted(audit.named(events))))}
    return {
        "about": ABOUT[page],
        "history": audit.entries(events, people),
        "changers": people,
    }


def asking(page: str, person: Person) -> dict[str, Any]:
    """What a page of rules says of the second person: what waits, and whether there is one at all."""
    waiting = RuleChange.waiting(page)
    is_alone, lacks = RuleChange.asks(person) if ABOUT[page].second else (False, False)
    return {"waiting": waiting, "is_alone": is_alone, "lacks_second": lacks}
