"""The company's own numbers of review (RULES 4.2)."""

from __future__ import annotations

from typing import Any

from portal.i18n import Phrase
from portal.models.base.database import db
from portal.models.base.record import Invalid
from portal.models.company.settings import Setting
from portal.models.experiences import rubric
from portal.models.people.people import Person


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


def choose(*, by: Person, pass_mark: int, gap: int, panel_lead: Person | None, **weights: int) -> bool:
    """Set them for what is handed in from now on. Raises Invalid."""
    chosen = [weights[name] for name in rubric.NAMES]
    if sum(chosen) == 0:
        raise Invalid(
            {rubric.NAMES[0]: Phrase("One of the five has to count: give it a weight from 1 to 100.")}
        )
    with db.atomic():
        Setting.choose("review.weights", chosen, by=by)
        Setting.choose("review.pass_mark", pass_mark, by=by)
        Setting.choose("review.gap", gap, by=by)
        Setting.choose("review.panel_lead", panel_lead.id if panel_lead else None, by=by)
    return True
