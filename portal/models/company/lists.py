"""The company's own lists of words: topics, departments, customer types, traits."""

from __future__ import annotations

from typing import Any

from portal.i18n import Phrase
from portal.models.base.record import Editable, Invalid, Tree
from portal.models.company.customer_types import CustomerType
from portal.models.company.departments import Department
from portal.models.company.topics import Topic

LISTS: dict[str, type[Editable]] = {
    "topics": Topic,
    "departments": Department,
    "customer-types": CustomerType,
}
"""By the last part of their address. Wings above put theirs in: what customers and colleagues are like."""


def add(noun: str, *, by: Any, **facts: Any) -> Editable:
    """Add a word to a list. Raises Invalid when it is there already."""
    model: Any = LISTS[noun]
    _refuse(model, None, facts)
    made: Editable = model.create(**facts)
    made.track("added", by=by)
    return made


def change(word: Any, *, by: Any, version: int | None = None, **facts: Any) -> bool:
    """Edit a word. Raises Invalid for a name that is taken or a parent below itself, and Stale."""
    _refuse(type(word), word.id, facts)
    if isinstance(word, Tree) and word.is_above(facts.get("parent")):
        raise Invalid({"parent": Phrase("It cannot lie below itself.")})
    word.edit(by=by, version=version, **facts)
    return True


def _refuse(model: Any, ident: int | None, facts: dict[str, Any]) -> None:
    if faults := model.faults(facts):
        raise Invalid(faults)
    twin = model.get_or_none(model.name == facts["name"])
    if twin is not None and twin.id != ident:
        raise Invalid({"name": Phrase("This name is there already.")})


def tree(noun: str) -> list[tuple[int, Any]]:
    """A list's words with their depth, children below their parents."""
    model: Any = LISTS[noun]
    words = list(model.select().order_by(model.name))
    if hasattr(model, "position"):
        words = list(model.select().order_by(model.position, model.id))
    below: dict[int | None, list[Any]] = {}
    for word in words:
        below.setdefault(getattr(word, "parent_id", None), []).append(word)

    def walk(parent: int | None, depth: int) -> list[tuple[int, Any]]:
        return [
            found for word in below.get(parent, []) for found in [(depth, word), *walk(word.id, depth + 1)]
        ]

    return walk(None, 0)
