"""The forms of the company's calendar."""

from __future__ import annotations

from typing import Any

from portal import i18n
from portal.forms.base import Choice, Day, Flag, Form, FormKey, TextLine, Version
from portal.i18n import Phrase
from portal.models.company.calendar import WEEKENDS, countries
from portal.models.company.settings import Setting


class CalendarForm(Form):
    """Whose public holidays the company keeps, and its weekend."""

    is_of_settings = True
    country = Choice(Phrase("Public holidays of"))
    weekend = Choice(Phrase("Free each week"), choices=WEEKENDS.items(), required=True)
    version = Version()

    @classmethod
    def of(cls, formdata: Any = None) -> CalendarForm:
        """The form of what is chosen, with the countries in the language in use."""
        form = cls(formdata, data={part: Setting.read(f"calendar.{part}") for part in ("country", "weekend")})
        named = sorted((i18n.country(code), code) for code in countries())
        form.country.given = [("", Phrase("No country")), *((code, name) for name, code in named)]
        form.country.translate()
        return form


class CalendarDayForm(Form):
    """A day on which the company does otherwise than its country."""

    day = Day(Phrase("Day"), required=True)
    is_worked = Flag(Phrase("The company works on this day"))
    note = TextLine(Phrase("Reason"), longest=120)
    key = FormKey()
