"""What the documents of all nouns share: in whose name they are read, and their tags."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from portal.models.company.topics import Topic
from portal.models.people.people import Person
from portal.text.markdown import plain_text

STAFF = "staff"
"""The principal of everyone who works here."""


def principals(person: Person) -> frozenset[str]:
    """In whose name a person reads: as one of the staff and as oneself; nobody for who has left."""
    return frozenset({STAFF, only(person.id)}) if person.is_active else frozenset()


def only(person: int) -> str:
    """The principal of one person."""
    return f"user:{person}"


def seconds(moment: Any) -> int:
    """A moment as the index keeps it."""
    return int(moment.timestamp())


def joined(*parts: str) -> str:
    """Parts of a text, a line each; empty ones are left out."""
    return "\n".join(part.strip() for part in parts if part and part.strip())


def plain(markdown: str) -> str:
    """Markdown as text that is searched."""
    return plain_text(markdown).replace("\n", "\n\n") if markdown else ""


def topic_tags(topics: Iterable[int]) -> tuple[str, ...]:
    """A subject and all above it: who picks a subject finds what lies below."""
    return tuple(f"topic:{topic}" for topic in sorted(Topic.with_ancestors(topics)))


def tag(name: str, ident: int | None) -> tuple[str, ...]:
    """A record that this one belongs to, if any."""
    return (f"{name}:{ident}",) if ident else ()


def grouped(rows: Any) -> dict[int, list[Any]]:
    """Pairs gathered by their first."""
    grouped: dict[int, list[Any]] = defaultdict(list)
    for ident, value in rows:
        grouped[ident].append(value)
    return grouped
