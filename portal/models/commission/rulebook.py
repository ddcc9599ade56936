"""Which policy version holds for whom in which month, and what it asks of the month as a whole."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cached_property

from portal.clock import Month
from portal.models.commission.policies import Policy, PolicyApproval
from portal.models.commission.terms import Terms
from portal.models.company.calendar import Calendar
from portal.models.company.departments import Department


class Rulebook:
    """Which version holds for whom in which month: read once, asked often."""

    def __init__(self, policies: Iterable[Policy], *, instead: Terms | None = None) -> None:
        self._instead = instead
        self.policies: dict[int, Policy] = {}
        """Every version by its id."""
        self._versions: dict[int | None, list[tuple[Month, Policy]]] = {}
        for policy in policies:
            self.policies[policy.id] = policy
            self._versions.setdefault(policy.department_id, []).append((policy.effective_from, policy))
        scoped = any(self._versions.keys() - {None})
        self._above: dict[int, int | None] = {}
        if scoped and not instead:
            self._above = {d.id: d.parent_id for d in Department.select(Department.id, Department.parent)}
        self._known: dict[tuple[int | None, Month], Policy | None] = {}

    @classmethod
    def read(cls, *, instead: Terms | None = None) -> Rulebook:
        """All approved versions; `instead` tries other terms on everyone."""
        return cls(() if instead else Policy.approved(), instead=instead)

    def policy(self, department: int | None, month: Month) -> Policy | None:
        """The version for someone of a department."""
        key = (department, month)
        if key not in self._known:
            self._known[key] = self._find(department, month)
        return self._known[key]

    def _find(self, department: int | None, month: Month) -> Policy | None:
        seen: set[int | None] = set()
        while department not in seen:
            seen.add(department)
            for start, policy in self._versions.get(department, ()):
                if start <= month:
                    return policy
            department = self._above.get(department) if department is not None else None
        return next((p for start, p in self._versions.get(None, ()) if start <= month), None)

    def terms(self, department: int | None, month: Month) -> Terms | None:
        if self._instead:
            return self._instead
        policy = self.policy(department, month)
        return policy.terms if policy else None

    def needed(self, department: int | None, month: Month) -> int:
        """How many accepted experiences raise the commission of someone of a department; 0: none do."""
        terms = self.terms(department, month)
        return terms.needed(terms.tiers[0]) if terms and terms.tiers else 0

    def in_force(self, month: Month) -> list[Policy]:
        """The version of each group that holds in a month."""
        newest = (next((p for start, p in of if start <= month), None) for of in self._versions.values())
        return [policy for policy in newest if policy]

    def preview_due(self, month: Month) -> datetime:
        """The end of the working day by which everyone is promised a preview of a month."""
        return self._after(month, min(policy.preview_working_day for policy in self._binding(month)))

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

    def by_policy(self) -> dict[int, Terms]:
        """Every version's terms, by its id."""
        return {ident: policy.terms for ident, policy in self.policies.items()}

    def triggers(self, month: Month) -> list[str]:
        """Which deal lines anyone is paid for in a month."""
        if self._instead:
            return [self._instead.earn_trigger]
        found = {
            p.earn_trigger for versions in self._versions.values() for start, p in versions if start <= month
        }
        return sorted(found)
