"""For whom an article is written: some jobs and departments, or everybody. It hides nothing from anyone: it
says for whom something is news, and by whom a list is narrowed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import reduce
from operator import or_
from typing import Any

from portal import i18n
from portal.models.base.database import remembered
from portal.models.base.fields import TextField
from portal.models.company.departments import Department
from portal.models.people.people import Person

MOST = 6
"""Whoever names more means everybody: else a text would be news for all, whatever it is about."""
JOB, DEPARTMENT = "job-", "department-"


class Group(str):
    """A job (`job-店长`) or a department and those below it (`department-7`)."""

    __slots__ = ()

    @property
    def id(self) -> str:
        """As a form names it."""
        return str(self)

    @property
    def label(self) -> str:
        """What it is called in the language in use."""
        if self.startswith(DEPARTMENT):
            return i18n.label(_departments().get(self.removeprefix(DEPARTMENT)))
        title = self.removeprefix(JOB)
        return (i18n.current() == "en" and jobs().get(title)) or title


class AudienceField(TextField):
    """Groups, one a line, with a line's end before and after each."""

    def db_value(self, value: Any) -> Any:
        return value if value is None or isinstance(value, str) else lines_of(value)

    def python_value(self, value: Any) -> Any:
        return [Group(each) for each in value.split("\n") if each] if isinstance(value, str) else value


def lines_of(groups: Iterable[str]) -> str:
    """As it is stored."""
    named = list(dict.fromkeys(groups))
    return "\n".join(("", *named, "")) if named else ""


def jobs() -> dict[str, str]:
    """The jobs that people here have, each with what it is called in English."""

    def read() -> dict[str, str]:
        here = Person.deactivated_at.is_null() & (Person.title != "")
        rows: Any = Person.select(Person.title, Person.title_en).where(here).distinct()
        return dict(rows.order_by(Person.title, Person.title_en).tuples())

    return remembered("jobs of people", read)


def _departments() -> dict[str, Department]:
    return remembered(
        "departments by id", lambda: {str(one.id): one for one in Department.select().order_by(Department.id)}
    )


def groups(held: Collection[str] = ()) -> list[Group]:
    """All that an article may be for, jobs first; with what it is said to be for already."""
    found = [Group(JOB + title) for title in jobs()] + [Group(DEPARTMENT + ident) for ident in _departments()]
    return found + [Group(each) for each in held if each not in found]


def groups_of(person: Person) -> list[Group]:
    """Their job, their department and those above it."""
    above = Department.with_ancestors([person.department_id]) if person.department_id else ()
    theirs = [Group(JOB + person.title)] if person.title else []
    return theirs + [Group(f"{DEPARTMENT}{each}") for each in sorted(above)]


def names_one_of(field: Any, wanted: Iterable[str]) -> Any:
    """The condition that one of these is named."""
    return reduce(or_, (field.contains(lines_of([each])) for each in wanted), field.is_null())


def is_meant_for(field: Any, wanted: Iterable[str]) -> Any:
    """The condition that one of these is named, or nobody is."""
    return (field == "") | names_one_of(field, wanted)
