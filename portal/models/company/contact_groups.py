"""Which departments belong to which of the groups that meet customers."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from portal import i18n
from portal.i18n import Phrase
from portal.models.base.database import db
from portal.models.base.record import Invalid
from portal.models.company.departments import Department
from portal.models.company.settings import Setting
from portal.models.company.words import CONTACT_GROUPS


def held() -> dict[str, list[int]]:
    """The departments of each group, by its name."""
    return {name: Setting.read(f"contact.{name}") for name in CONTACT_GROUPS}


def groups_of_departments() -> dict[int, str]:
    """By department the group that it belongs to, or that what lies above it does; empty while no department
    was put into any.
    """
    chosen = {department: name for name, ids in held().items() for department in ids}
    parents = Department.parents() if chosen else {}
    found = dict[int, str]()
    for department in parents:
        step, seen = department, set[int]()
        while step not in chosen and step not in seen and (above := parents.get(step)) is not None:
            seen.add(step)
            step = above
        if step in chosen:
            found[department] = chosen[step]
    return found


def choose(*, by: Any, **groups: Collection[Department]) -> bool:
    """Say which departments each group has. Raises Invalid for one that stands in two of them."""
    placed = dict[int, str]()
    for name, departments in groups.items():
        for each in departments:
            if each.id in placed:
                twice = Phrase("%(department)s stands in another group already.", department=i18n.label(each))
                raise Invalid({name: twice})
            placed[each.id] = name
    named = {each.id: each.name for each in Department.select()}
    with db.atomic():
        for name, departments in groups.items():
            key, ids = f"contact.{name}", sorted(each.id for each in departments)
            before = [named[ident] for ident in Setting.read(key) if ident in named]
            # the log says them by name: a number tells nobody which department it was
            Setting.choose(key, ids, by=by, told={key: [before, [named[ident] for ident in ids]]})
    return True
