"""Forms for what customers are like."""

from __future__ import annotations

from typing import Any, Self

from portal import i18n
from portal.forms.base import Choice, Form, FormKey, Pick
from portal.i18n import Phrase
from portal.models.customers.customers import Customer
from portal.models.customers.traits import noted_by, read
from portal.models.people.people import Person

HOLDS = (("y", Phrase("It holds")), ("n", Phrase("It does not hold")))
LONGEST = 60


class TraitForm(Form):
    """A trait that a conversation or a debrief shows, or that the customer told of themselves."""

    kind = Pick(Phrase("Trait"), required=True)
    holds = Choice(Phrase("Does it hold?"), choices=HOLDS, required=True)
    source = Pick(Phrase("From where do we know?"))
    key = FormKey()
    by_itself = False
    """Whether it may rest on the customer's own word."""

    def offering(self, customer: Customer, person: Person, sources: list[Any]) -> Self:
        """With the words that the person may read of this customer, and what they may decide on."""
        self.kind.offer(read(customer, to=person).kinds)
        self.sources = {str(each): each for each in sources if noted_by(customer, person, each)}
        self.by_itself = noted_by(customer, person, None)
        self.source.blank = i18n.gettext("The customer said so") if self.by_itself else "—"
        self.source.offer([SourceChoice(each) for each in self.sources.values()])
        return self

    def validate(self, extra_validators: Any = None) -> bool:
        """The customer's own word is believed at once: whoever looks after them notes it."""
        fine = bool(super().validate(extra_validators))
        if self.source.data is None and not self.by_itself and not self.source.errors:
            self.source.errors = [i18n.gettext("Choose a conversation that you wrote down.")]
        return fine and not self.source.errors

    @property
    def facts(self) -> dict[str, Any]:
        """What `Trait.note` is told."""
        chosen: Any = self.source.data
        return {
            "kind": self.kind.data,
            "holds": self.holds.data == "y",
            "source": chosen.record if chosen is not None else None,
        }


class SourceChoice:
    """A conversation or a debrief as a choice."""

    def __init__(self, record: Any) -> None:
        self.record, self.id = record, str(record)

    @property
    def name(self) -> str:
        day = i18n.day(getattr(self.record, "at", None) or self.record.created_at)
        text = str(getattr(self.record, "text", "") or getattr(self.record, "title", ""))
        return f"{day} · {text[:LONGEST]}"
