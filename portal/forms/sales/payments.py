"""The forms by which payments are confirmed."""

from __future__ import annotations

from datetime import date
from typing import Any

from portal.forms.base import Form, Upload
from portal.i18n import Phrase
from portal.models.base.listing import day_of, number_of


class BankForm(Form):
    """A bank's file."""

    file = Upload(Phrase("File"), render_kw={"accept": ".csv,.tsv,.txt,.xlsx,.xls,.ods"})

    @property
    def upload(self) -> dict[str, Any]:
        """The file and its name."""
        given = self.file.data
        return {"file": getattr(given, "file", None), "name": getattr(given, "filename", "") or ""}


def chosen(form: Any) -> dict[int, date | None]:
    """The payments that were ticked, by id, each with the bank's day where that is another."""
    found: dict[int, date | None] = {}
    for text in form.getlist("line"):
        ident, _, day = str(text).partition(" ")
        if number_of(ident):
            found[number_of(ident)] = day_of(day)
    return found
