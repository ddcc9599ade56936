"""Forms of the import wizard: the file, what it holds, which column is which."""

from __future__ import annotations

from typing import Any, Self

from portal import i18n
from portal.forms.base import Choice, Flag, Form, PickByName, Upload
from portal.i18n import Phrase
from portal.models.imports.imports import OWNER, Import
from portal.models.imports.names import REST
from portal.models.people.people import Person

MOST_PROPOSED = 100
DATE_ORDERS = (
    ("ymd", Phrase("Year, month, day: 2016-10-20")),
    ("mdy", Phrase("Month, day, year: 10/20/2016")),
    ("dmy", Phrase("Day, month, year: 20.10.2016")),
)
REVENUE_UNITS = (
    ("1", Phrase("As it stands")),
    ("1000", Phrase("Thousands")),
    ("10000", Phrase("Ten thousands (万)")),
    ("1000000", Phrase("Millions")),
)


class FileForm(Form):
    """A file, and what it holds."""

    file = Upload(Phrase("File"), render_kw={"accept": ".csv,.tsv,.txt,.xlsx,.xls,.ods,.zip"})
    kind = Choice(Phrase("What it holds"))
    sheet = Choice(Phrase("Sheet"))

    def offering(self, person: Person, imported: Import | None = None) -> Self:
        """With the kinds that this person may bring, and the sheets of a file that is here already."""
        kinds = [(kind.name, i18n.gettext(kind.label)) for kind in Import.schemas_for(person)]
        first = [("", "—")] if imported else [("", i18n.gettext("Find out from the headers"))]
        self.kind.choices = kinds if imported and imported.holds else [*first, *kinds]
        sheets = imported.table.sheets if imported else ()
        if imported is not None:
            del self.file
        if len(sheets) < 2:
            del self.sheet
        else:
            self.sheet.choices = [(sheet, sheet) for sheet in sheets]
        return self

    @property
    def upload(self) -> dict[str, Any]:
        """The file and its name, for `Import.begin`."""
        given = self.file.data
        name = getattr(given, "filename", "") or ""
        file = getattr(given, "file", None)
        return {"file": file, "name": name, "kind": self.kind.data or "", "ask": True}

    @property
    def described(self) -> dict[str, str]:
        """What it holds and where, for `Import.describe`."""
        return {"kind": self.kind.data, "sheet": self.sheet.data or "" if "sheet" in self else ""}


class ColumnsForm(Form):
    """For each column of a file the field that it fills; beside it the file's own ways."""

    date_order = Choice(Phrase("How dates are written"), choices=DATE_ORDERS)
    revenue_unit = Choice(Phrase("Revenue is given in"), choices=REVENUE_UNITS, default="1")
    paid_on_close = Flag(Phrase("The money of won deals came on the day they were closed"))

    owner = PickByName(Phrase("Rows that name no owner belong to"))

    @classmethod
    def of(cls, imported: Import, formdata: Any = None) -> ColumnsForm:
        """The form of one file, with what its headers suggest."""
        offered = [
            ("", Phrase("Leave out")),
            *((field.name, field.label) for field in imported.schema.fields),
        ]
        headers = imported.table.headers
        fields = {f"column{at}": Choice(header, choices=offered) for at, header in enumerate(headers)}
        by_header = {header: field for field, header in imported.columns.items()}
        order = imported.choices.get("date_order") or imported.date_order()
        guessed = {f"column{at}": by_header.get(header, "") for at, header in enumerate(headers)}
        guessed |= {
            "date_order": "" if order == "ambiguous" else order,
            "revenue_unit": imported.choices.get("revenue_unit", "1"),
            "paid_on_close": imported.choices.get("paid_on_close", False),
        }
        form: ColumnsForm = type("ColumnsFormOfFile", (cls,), fields)(formdata, data=guessed)
        form.headers = list(headers)
        for at, header in enumerate(headers):
            form[f"column{at}"].label.text = header
        form._offer_owners(imported)
        orders: Any = form.date_order.choices
        form.date_order.choices = [("", "—"), *orders]
        return form

    headers: list[str] = []

    def _offer_owners(self, imported: Import) -> None:
        """Whoever works here may own what names no owner."""
        if OWNER not in imported.schema.names:
            del self[OWNER]
            return
        here = Person.select().where(Person.deactivated_at.is_null())
        chosen = imported.choices.get(OWNER)
        self.owner.data = here.where(Person.email == chosen).first() if chosen else None
        self.owner.offer(here, here.order_by(Person.sort_name).limit(MOST_PROPOSED))

    def validate(self, extra_validators: Any = None) -> bool:
        """No field is filled by two columns."""
        sound = super().validate(extra_validators)
        taken: dict[str, str] = {}
        for at, header in enumerate(self.headers):
            field = self[f"column{at}"]
            if field.data and field.data in taken:
                told = Phrase("“%(header)s” fills this already.", header=taken[field.data])
                field.errors = [*field.errors, i18n.gettext(told)]
                sound = False
            taken.setdefault(field.data, header)
        return sound

    @property
    def mapping(self) -> dict[str, Any]:
        """What was chosen, for `Import.map`."""
        chosen = {
            field: header for at, header in enumerate(self.headers) if (field := self[f"column{at}"].data)
        }
        return {
            "columns": chosen,
            "date_order": self.date_order.data or "",
            "revenue_unit": self.revenue_unit.data or "1",
            "paid_on_close": self.paid_on_close.data,
            "owner": self.owner.data.email if OWNER in self and self.owner.data else "",
        }


def name_choices(formdata: Any) -> dict[str, dict[str, str]]:
    """What is said about names on the page of the dry run: {noun: {text: choice}}.

    Each name has `choice:NOUN:TEXT`, and `meant:NOUN:TEXT` where the right name can be typed; `everyone` is
    who is meant by all people of whom nothing else is said.
    """
    everyone = str(formdata.get("everyone", "")).strip()
    said: dict[str, dict[str, str]] = {}
    for name, value in formdata.items():
        what, _, rest = str(name).partition(":")
        noun, _, text = rest.partition(":")
        if what == "choice" and isinstance(value, str):
            meant = str(formdata.get(f"meant:{noun}:{text}", "")).strip()
            if not meant and value == "refuse" and text and noun in ("person", "leaver"):
                meant = everyone
            said.setdefault(noun, {})[text or REST] = f"same:{meant}" if meant else value
    return said
