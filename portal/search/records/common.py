"""What the documents of all nouns share: in whose name they are read, and their tags."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from portal.models.company.topics import Topic
from portal.models.customers.customers import Customer
from portal.models.customers.rights import FULL, by_need, colleagues, keepers, opens_all
from portal.models.people.people import Person
from portal.models.sales.deals import Deal
from portal.text.markdown import plain_text

STAFF = "staff"
"""The principal of everyone who works here."""
SHELF = "put away"
"""The principal of those who read what was put away of knowledge, as `Article.visible_to` says."""


def principals(person: Person) -> frozenset[str]:
    """In whose name a person reads: as one of the staff, as oneself, and as who opens customers and deals;
    nobody for who has left.
    """
    return frozenset({STAFF, only(person.id), *_opening(person)}) if person.is_active else frozenset()


def _opening(person: Person) -> Iterator[str]:
    """The principals under which a person finds customers, deals and what was put away: asked anew each time,
    so that no rights are left in an index when they are gone.
    """
    if person.is_reviewer or person.is_manager:
        yield SHELF
    for noun in FULL:
        if opens_all(person, noun):
            yield every(noun)
    if by_need():
        yield from (serving(keeper) for keeper in keepers(person))
        if person.is_manager:
            yield serving(None)
        for noun in FULL:
            near = colleagues(person, noun)
            yield from (beside(noun, who.id) for who in near) if near is not None else ()
        yield from (at_customer(customer) for customer in Customer.needed_beside(person))
        yield from (f"deal-{deal}" for deal in Deal.shared_by(person))


def every(noun: str) -> str:
    """The principal of those who open all of a noun."""
    return f"every:{noun}"


def serving(owner: int | None) -> str:
    """The principal of those who serve whatever this person looks after, or what nobody does."""
    return f"serving:{owner or 'nobody'}"


def beside(noun: str, owner: int | None) -> str:
    """The principal of the owner's colleagues, where they open a noun."""
    return f"beside-{noun}:{owner or 'nobody'}"


def at_customer(customer: int | None) -> str:
    """The principal of those who need one customer."""
    return f"customer:{customer or 'none'}"


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
