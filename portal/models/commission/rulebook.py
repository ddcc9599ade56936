"""Which policy version holds for whom in which month, and what it asks of the month as a whole."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from functools import cached_property

from portal.clock import Month
from portal.models.commission.policies import Policy, PolicyApproval
from portal.models.commission.terms import Terms
from portal.models.company.calendar import Calendar
from portal.models.company.departments import Department, DepartmentMove
from portal.models.people.people import Person, Transfer

EVER = Month(1900, 1)
"""Before every month that anyone asks about."""


class Rulebook:
    """Which version holds for whom in which month: read once, asked often."""

    def __init__(self, policies: Iterable[Policy], *, trying: Policy | None = None) -> None:
        self.policies: dict[int, Policy] = {}
        """Every version by its id."""
        self._versions: dict[int | None, list[tuple[Month, Policy]]] = {}
        for policy in policies:
            self.policies[policy.id] = policy
            self._versions.setdefault(policy.department_id, []).append((policy.effective_from, policy))
        self.is_trial = trying is not None
        """Whether it asks what would have been: nobody was asked yet about what such terms would pay on."""
        if trying is not None:
            self.policies[trying.id] = trying
            self._versions.setdefault(trying.department_id, []).insert(0, (EVER, trying))
        self.has_groups = any(self._versions.keys() - {None})
        """Whether departments have versions of their own: else nobody's department matters."""
        self._above: dict[int, int | None] = {}
        self._was_above: dict[int, list[tuple[date, int | None]]] = {}
        if self.has_groups:
            self._above = Department.parents()
            for move in DepartmentMove.select().order_by(DepartmentMove.on):
                self._was_above.setdefault(move.department_id, []).append((move.on, move.parent_id))
        self._known: dict[tuple[int | None, date], Policy | None] = {}

    @classmethod
    def read(cls, *, trying: Policy | None = None, reader: Person | None = None) -> Rulebook:
        """All approved versions; `trying`: as if this one had held for ever for those whom it covers;
        `reader`: with whether this person has read them.
        """
        return cls(Policy.approved(reader=reader), trying=trying)

    def policy(self, department: int | None, day: date) -> Policy | None:
        """The version for someone of a department on a day, as the departments lay then (RULES 4.1)."""
        if not self._was_above:
            day = day.replace(day=1)
        key = (department, day)
        if key not in self._known:
            self._known[key] = self._find(department, day)
        return self._known[key]

    def _find(self, department: int | None, day: date) -> Policy | None:
        month, seen = Month.of(day), set[int | None]()
        while department not in seen:
            seen.add(department)
            for start, policy in self._versions.get(department, ()):
                if start <= month:
                    return policy
            department = self._above_on(department, day) if department is not None else None
        return next((p for start, p in self._versions.get(None, ()) if start <= month), None)

    def _above_on(self, department: int, day: date) -> int | None:
        """What a department lay below on a day."""
        for until, parent in self._was_above.get(department, ()):
            if day < until:
                return parent
        return self._above.get(department)

    @property
    def regrouped(self) -> set[date]:
        """The days on which departments were put elsewhere."""
        return {on for moves in self._was_above.values() for on, _ in moves}

    def terms(self, department: int | None, day: date) -> Terms | None:
        policy = self.policy(department, day)
        return policy.terms if policy else None

    def in_force(self, month: Month) -> list[Policy]:
        """The version of each group that holds in a month."""
        newest = (next((p for start, p in of if start <= month), None) for of in self._versions.values())
        return [policy for policy in newest if policy]

    def preview_due(self, month: Month) -> datetime:
        """The end of the working day by which everyone is promised a preview of a month."""
        return self._after(month, min(policy.preview_working_day for policy in self._binding(month)))

    def preview_begins(self, month: Month) -> datetime:
        """The end of the working day before it: from then on the portal previews a month by itself."""
        day = min(policy.preview_working_day for policy in self._binding(month))
        return self._after(month, day - 1) if day > 1 else month.end

    def close_due(self, month: Month) -> datetime:
        """The end of the working day by which a month is to be closed."""
        return self._after(month, min(policy.close_working_day for policy in self._binding(month)))

    def _after(self, month: Month, working_days: int) -> datetime:
        return self._calendar.add(month.end - timedelta(seconds=1), working_days)

    @cached_property
    def _calendar(self) -> Calendar:
        return Calendar.read()

    def _binding(self, month: Month) -> list[Policy]:
        """The versions whose working days count; the earliest day does, as the month is closed as one."""
        return self.in_force(month) or [Policy()]

    def approvers(self, month: Month) -> set[int]:
        """Who approved the versions that hold in a month."""
        rows = PolicyApproval.select().where(PolicyApproval.policy.in_(self.in_force(month)))
        return {row.by_id for row in rows}

    def terms_of(self, policy: int) -> Terms | None:
        """A version's terms, by its id."""
        known = self.policies.get(policy)
        return known.terms if known else None

    @property
    def has_caps(self) -> bool:
        """Whether any version bounds what a month pays."""
        return any(policy.cap for policy in self.policies.values())

    @property
    def asks_for_uses(self) -> bool:
        """Whether an experience counts for anyone only once it worked for colleagues."""
        return any(policy.uses_needed for policy in self.policies.values())

    @property
    def knows_leave(self) -> bool:
        """Whether days of leave lower anyone's threshold."""
        return any(policy.leave_prorates for policy in self.policies.values())

    def triggers(self, month: Month) -> list[str]:
        """Which deal lines anyone is paid for in a month."""
        found = {
            p.earn_trigger for versions in self._versions.values() for start, p in versions if start <= month
        }
        return sorted(found)


class Groups:
    """Which department each of some people belonged to on a day (RULES 4.1: the group of the earn day)."""

    def __init__(self, now: Mapping[int, int | None], book: Rulebook, *, alone: bool) -> None:
        """`now`: where they are today. `alone`: read the transfers of these people and no others'."""
        self._now, self._until = now, dict[int, list[tuple[date, int | None]]]()
        self._regrouped = book.regrouped
        if book.has_groups:
            query = Transfer.select().order_by(Transfer.on)
            for move in query.where(Transfer.person.in_(list(now))) if alone else query:
                self._until.setdefault(move.person_id, []).append((move.on, move.department_id))

    def on(self, person: int, day: date) -> int | None:
        """The department in which someone was on a day."""
        for until, department in self._until.get(person, ()):
            if day < until:
                return department
        return self._now.get(person)

    def moved_in(self, person: int, month: Month) -> bool:
        """Whether they, or any department, changed their place within a month."""
        days = {on for on, _ in self._until.get(person, ())} | self._regrouped
        return any(month.first_day < on < month.next.first_day for on in days)
