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
