"""Forms of who opens which customer and deal."""

from __future__ import annotations

from typing import Any

from portal.forms.base import Flag, Form, FormKey, TextArea, Version
from portal.i18n import Phrase
from portal.models.customers.access import LONGEST
from portal.models.customers.rights import ALWAYS, FULL, WHO, by_need, choose, lets_open
from portal.models.people.people import Person

CELLS = {f"{noun}_{who}": (noun, who) for who in WHO for noun in FULL}
"""The fields of the matrix, by name."""


class AccessForm(Form):
    """What someone needs a customer for."""

    purpose = TextArea(Phrase("What do you need it for?"), required=True, longest=LONGEST, rows=3)
    emergency = Flag(Phrase("It is an emergency"))
    key = FormKey()


class RightsForm(Form):
    """Who opens what: by need or all, and the rows that open all by themselves."""

    is_of_settings = True
    need = Flag(Phrase("Customers and deals open by need alone"))
    customer_department = Flag(WHO["department"])
    customer_reviewer = Flag(WHO["reviewer"])
    customer_finance = Flag(WHO["finance"])
    customer_auditor = Flag(WHO["auditor"])
    deal_department = Flag(WHO["department"])
    deal_reviewer = Flag(WHO["reviewer"])
    deal_auditor = Flag(WHO["auditor"])
    version = Version()

    @staticmethod
    def held() -> dict[str, bool]:
        """What holds now, by field."""
        return {"need": by_need(), **{name: lets_open(*cell) for name, cell in CELLS.items()}}

    @staticmethod
    def choose(*, by: Person, need: bool, **cells: bool) -> bool:
        """Set what was ticked."""
        full: dict[str, list[str]] = {noun: [] for noun in FULL}
        for name, chosen in cells.items():
            noun, who = CELLS[name]
            full[noun] += [who] if chosen else []
        return choose(by=by, need=need, full=full)

    def cell(self, noun: str, who: str) -> Any:
        """The field of a cell; None where there is nothing to choose."""
        return None if (noun, who) in ALWAYS else self[f"{noun}_{who}"]
