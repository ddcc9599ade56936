"""For whom an article is written: some jobs and departments, or everybody. It hides nothing from anyone: it
says for whom something is news, and by whom a list is narrowed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import reduce
from operator import or_
from typing import Any

from peewee import Value, fn

from portal import i18n
from portal.models.base.database import remembered
from portal.models.base.fields import lines_of
from portal.models.company.departments import Department
from portal.models.people.people import Person

MOST = 6
"""Whoever names more means everybody: else a text would be news for all, whatever it is about."""
JOB, DEPARTMENT = "job-", "department-"


class ReaderGroup(str):
    """A job (`job-店长`) or a department and those below it (`department-7`)."""

    __slots__ = ()

    @property
    def id(self) -> str:
        """As a form names it."""
        return str(self)

    @property
    def label(self) -> str:
        """What it is called in the language in use."""
        name, english = _known().get(self) or (self.removeprefix(JOB), "")
        return english if english and i18n.current() == "en" else name


def _known() -> dict[ReaderGroup, tuple[str, str]]:
    """The jobs that people here have, then the departments, each with what it is called in both languages."""

    def read() -> dict[ReaderGroup, tuple[str, str]]:
        here = Person.deactivated_at.is_null() & (Person.title != "")
        people = Person.select(Value(0).alias("ident"), Person.title, Person.title_en).where(here).distinct()
        rows: Any = people.union(Department.select(Department.id, Department.name, Department.name_en))
        found = {(ident, name): english for ident, name, english in sorted(rows.tuples())}
        return {
            ReaderGroup(f"{DEPARTMENT}{ident}" if ident else JOB + name): (name, english)
            for (ident, name), english in found.items()
        }

    return remembered("groups of readers", read)


def jobs() -> dict[str, str]:
    """The jobs that people here have, each with what it is called in English."""
    return {name: english for group, (name, english) in _known().items() if group.startswith(JOB)}


EVERYBODY = ("Everybody", "everyone", "all", "all staff", "所有人", "全员", "全体员工")
"""By which words a list of elsewhere says that something is for no group alone."""


def called() -> dict[str, list[ReaderGroup]]:
    """The groups by each of their names, in both languages: a job and a department may have one name."""
    found = dict[str, list[ReaderGroup]]()
    for group, names in _known().items():
        for name in filter(None, dict.fromkeys(names)):
            found.setdefault(name, []).append(group)
    return found


def groups(held: Collection[str] = ()) -> list[ReaderGroup]:
    """All that an article may be for, jobs first; with what it is said to be for already."""
    return list(dict.fromkeys((*_known(), *map(ReaderGroup, held))))


def groups_of(person: Person) -> list[ReaderGroup]:
    """Their job, their department and those above it."""
    above = Department.with_ancestors([person.department_id]) if person.department_id else ()
    theirs = [ReaderGroup(JOB + person.title)] if person.title else []
    return theirs + [ReaderGroup(f"{DEPARTMENT}{each}") for each in sorted(above)]


def is_one(text: str) -> bool:
    """Whether this is how a group is named."""
    return text.startswith((JOB, DEPARTMENT))


def names_one_of(field: Any, wanted: Iterable[str]) -> Any:
    """The condition that one of these is named."""
    return reduce(or_, (field.contains(lines_of([each])) for each in wanted), field.is_null())


def names_me(field: Any, person: Person) -> Any:
    """The condition that their job is named, or their department or one above: the query looks for those."""
    mine = names_one_of(field, [JOB + person.title] if person.title else [])
    if person.department_id is None:
        return mine
    own = Department.select(Department.id, Department.parent).where(Department.id == person.department_id)
    below, above = own.cte("above", recursive=True), Department.alias()
    tree = below.union(above.select(above.id, above.parent).join(below, on=(above.id == below.c.parent_id)))
    line = Value(f"%\n{DEPARTMENT}").concat(tree.c.id.cast("TEXT")).concat("\n%")
    return mine | fn.EXISTS(tree.select_from(Value(1)).where(field**line))


def is_meant_for(field: Any, wanted: Iterable[str]) -> Any:
    """The condition that one of these is named, or nobody is."""
    return (field == "") | names_one_of(field, wanted)
