"""Forms for what customers ask for."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from wtforms import fields, validators, widgets

from portal import clock, i18n
from portal.forms.base import Form, FormKey, TextLine, Version
from portal.i18n import Phrase
from portal.models.customers.requests import LONGEST

WRITTEN = Phrase("Write a day and a time such as 2026-05-12 10:00.")


class MomentField(fields.StringField):
    """A day and time in the company's zone; its data is an aware moment or None."""

    widget = widgets.DateTimeLocalInput()
    data: Any

    def __init__(self, label: str, **kwargs: Any) -> None:
        super().__init__(label, [validators.Optional()], **kwargs)

    def process_formdata(self, valuelist: Any) -> None:
        text = (valuelist[0] if valuelist else "").strip()
        try:
            self.data = (
                datetime.fromisoformat(text).replace(tzinfo=clock.zone()).astimezone(UTC) if text else None
            )
        except (ValueError, OverflowError) as bad:
            self.data = None
            raise ValueError(i18n.gettext(WRITTEN)) from bad

    def _value(self) -> str:
        return str(self.raw_data[0]) if self.raw_data else ""


class RequestForm(Form):
    """What a customer asks for. Its fields stand on a page beside other forms: their ids are their own."""

    text = TextLine(Phrase("What does the customer ask for?"), required=True, longest=LONGEST, id="request")
    due_at = MomentField(Phrase("By when"), id="request-due")
    key = FormKey(is_handed_on=True)


class ResultForm(Form):
    """What was done."""

    is_act = True
    result = TextLine(Phrase("What was done"), required=True, longest=LONGEST)
    version = Version()
