"""What needs a person: everything that waits for an act of theirs, most urgent first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from portal.i18n import Phrase
from portal.models.people.people import Person


@dataclass(frozen=True)
class Need:
    """One thing that waits for a person."""

    kind: str
    """`review`, `revision`, `approval`, `adjustment`, ...: decides the icon."""
    text: Phrase
    url: str
    due_at: datetime | None = None
    since: datetime | None = None


Source = Callable[[Person], list[Need]]
SOURCES: list[Source] = []
"""Each noun that asks something of people adds one: `SOURCES.append(reviews_waiting)`."""


def needs(person: Person) -> list[Need]:
    """All that waits for this person: what is due first, then what has waited longest."""
    found = [need for source in SOURCES for need in source(person)]
    return sorted(found, key=lambda n: (n.due_at is None, (n.due_at or n.since or person.created_at)))
