"""What the company's lists and settings are called."""

from __future__ import annotations

from portal.i18n import Phrase
from portal.models.base.nouns import Noun, Said

DEPARTMENT = Noun(
    "department",
    Phrase("Department"),
)

TOPIC = Noun(
    "topic",
    Phrase("Topic"),
    Phrase("Topics"),
    path="/topics/{id}",
    open_to_auditors=False,
)

CUSTOMER_TYPE = Noun(
    "customer_type",
    Phrase("Customer type"),
)

CALENDAR_DAY = Noun(
    "calendar_day",
    Phrase("Working day"),
    events={
        "chosen": Said(Phrase("changed")),
        "removed": Said(Phrase("removed")),
    },
)

SETTING = Noun(
    "setting",
    Phrase("Setting"),
    events={
        "chosen": Said(Phrase("changed")),
    },
)

CALENDAR_DAY = Noun("calendar_day", Phrase("Working day"))

DEMANDS: dict[str, Phrase] = {
    "never": Phrase("Nobody needs one"),
    "acts": Phrase("Before paying, exporting and giving roles"),
    "roles": Phrase("At the door, for administrators, finance and auditors"),
    "door": Phrase("At the door, for everyone"),
}
"""When the company asks for a second factor."""
