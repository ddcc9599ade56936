"""What customers, the people there, and what is said with them are called."""

from __future__ import annotations

from portal.i18n import Phrase
from portal.models.base.nouns import Noun, Said

CUSTOMER = Noun(
    "customer",
    Phrase("Customer"),
    Phrase("Customers"),
    icon="address-book",
    path="/customers/{id}",
)

CONTACT = Noun(
    "contact",
    Phrase("Contact"),
    events={
        "added": Said(
            Phrase("added the contact"), "user-plus", "neutral", brief=Phrase("added"), quotes="name"
        ),
        "archived": Said(Phrase("archived the contact"), "archive", "neutral", brief=Phrase("archived")),
        "restored": Said(
            Phrase("brought the contact back"), "refresh", "neutral", brief=Phrase("brought back")
        ),
        "edited": Said(
            Phrase("changed the contact: %(fields)s"), "pencil", "neutral", brief=Phrase("edited")
        ),
    },
)

INTERACTION = Noun(
    "interaction",
    Phrase("Interaction"),
    icon="phone",
    events={
        "logged": Said(Phrase("noted")),
        "followed up": Said(Phrase("kept a promise"), "check", "success", brief=Phrase("followed up")),
    },
)

FORMS = {"organisation": Phrase("Organisation"), "person": Phrase("Person or family")}
"""What sort of customer it is."""
