"""The forms of the rules that a company chooses, made from what is said of each."""

from __future__ import annotations

from functools import cache
from typing import Any

from portal.forms.base import Form, TextLine, Version, Whole
from portal.i18n import Phrase
from portal.models.company.rooms import ROOMS
from portal.models.company.rules import Rule
from portal.models.company.settings import Setting


class RulesForm(Form):
    """The numbers of one page, and why they change."""

    is_of_settings = True
    reason = TextLine(Phrase("Reason"), longest=500)
    version = Version()

    @classmethod
    def of(cls, page: str, formdata: Any = None) -> RulesForm:
        """The form of a page, with what holds now. Raises KeyError for a page that there is not."""
        held = {rule.field: Setting.read(rule.name) for rule in ROOMS[page].rules}
        return _form_of(page)(formdata, data=held)


class RefusalForm(Form):
    """Why rules stay as they are."""

    is_act = True
    reason = TextLine(Phrase("Reason"), longest=500)


@cache
def _form_of(page: str) -> type[RulesForm]:
    return type("RulesForm", (RulesForm,), {rule.field: _field(rule) for rule in ROOMS[page].rules})


def _field(rule: Rule) -> Whole:
    return Whole(rule.label, required=True, least=rule.least, most=rule.most)
