"""The company's own numbers of review (RULES 4.2)."""

from __future__ import annotations

from typing import Any

from portal.i18n import Phrase
from portal.models.base.record import Invalid
from portal.models.company.settings import Setting
from portal.models.experiences import rubric
from portal.models.people.people import Person
from portal.models.people.rule_changes import RuleChange


def in_force() -> dict[str, Any]:
    """The rules for what is handed in now, by the names of the form."""
    lead = Setting.read("review.panel_lead")
    weights = dict(zip(rubric.NAMES, Setting.read("review.weights"), strict=True))
    return {
        **weights,
        "pass_mark": Setting.read("review.pass_mark"),
        "gap": Setting.read("review.gap"),
        "panel_lead": Person.get_or_none(Person.id == lead) if lead else None,
    }


def propose(
    *, by: Person, reason: str, pass_mark: int, gap: int, panel_lead: Person | None, **weights: int
) -> RuleChange | None:
    """Ask for others, for what is handed in once a second person agreed. Raises Invalid."""
    lead = Setting.read("review.panel_lead")
    chosen = [weights[name] for name in rubric.NAMES]
    if sum(chosen) == 0:
        raise Invalid(
            {rubric.NAMES[0]: Phrase("One of the five has to count: give it a weight from 1 to 100.")}
        )
    values = {
        "review.weights": chosen,
        "review.pass_mark": pass_mark,
        "review.gap": gap,
        "review.panel_lead": panel_lead.id if panel_lead else lead and 0,  # nobody, once there was somebody
    }
    return RuleChange.propose("review", values, by=by, reason=reason)
