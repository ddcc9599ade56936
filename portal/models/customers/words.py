"""What customers, the people there, and what is said with them are called."""

from __future__ import annotations

from portal.i18n import Phrase
from portal.models.base.nouns import Noun, Said, State

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
        "promise passed on": Said(
            Phrase("passed a promise on to %(to)s"), "arrow-right", brief=Phrase("passed on")
        ),
        "let down": Said(Phrase("did not keep a promise"), "x", "warning", brief=Phrase("did not keep")),
        "archived": Said(Phrase("took back a note"), "arrow-back-up", brief=Phrase("took back")),
        "restored": Said(Phrase("brought a note back"), "refresh", brief=Phrase("brought back")),
    },
)


class RequestState(State):
    """How far a request is. Done and withdrawn end it."""

    OPEN = "open", Phrase("Not taken"), "warning", "hourglass"
    TAKEN = "taken", Phrase("Taken"), "info", "user-check"
    CLOSED = "closed", Phrase("Done"), "success", "check"
    WITHDRAWN = "withdrawn", Phrase("Withdrawn"), "neutral", "arrow-back-up"


CUSTOMER_REQUEST = Noun(
    "customer_request",
    Phrase("Request"),
    Phrase("Requests"),
    icon="clipboard-check",
    path="/requests/{id}",
    states=RequestState,
    events={
        "article used": Said(Phrase("used “%(article)s” for it"), "book-2", brief=Phrase("used an article")),
        "added": Said(
            Phrase("wrote down a request"), "clipboard-check", "info", brief=Phrase("added"), quotes="text"
        ),
        "taken": Said(Phrase("took the request “%(text)s”"), "user-check", "info", brief=Phrase("took")),
        "released": Said(
            Phrase("handed back the request “%(text)s”"),
            "arrow-back-up",
            "warning",
            brief=Phrase("handed back"),
        ),
        "handed over": Said(
            Phrase("gave the request “%(text)s” to %(to)s"), "arrow-right", brief=Phrase("handed over")
        ),
        "freed": Said(
            Phrase("“%(text)s” waits again: whoever had taken it left"),
            "hourglass",
            "warning",
            brief=Phrase("waits again"),
        ),
        "closed": Said(
            Phrase("did what was asked: “%(text)s”"),
            "check",
            "success",
            brief=Phrase("did what was asked"),
            quotes="result",
        ),
        "withdrawn": Said(
            Phrase("withdrew the request “%(text)s”"), "arrow-back-up", brief=Phrase("withdrew")
        ),
    },
)


class AccessState(State):
    """How far someone's wish to open a customer is."""

    ASKED = "asked", Phrase("Asked"), "warning", "hourglass"
    GRANTED = "granted", Phrase.among("access", "Open"), "success", "key"
    REFUSED = "refused", Phrase("Refused"), "neutral", "x"
    ENDED = "ended", Phrase("Over"), "neutral", "lock"


ACCESS = Noun(
    "access",
    Phrase("Access"),
    icon="key",
    states=AccessState,
    events={
        "asked": Said(
            Phrase("asked to open this"), "lock", brief=Phrase("asked for access"), quotes="purpose"
        ),
        "entered": Said(
            Phrase("opened this in an emergency"),
            "key",
            "warning",
            brief=Phrase("opened in an emergency"),
            quotes="purpose",
        ),
        "granted": Said(
            Phrase("opened this to %(to)s for a week"), "key", "info", brief=Phrase("gave access")
        ),
        "refused": Said(Phrase("did not open this to %(to)s"), "x", brief=Phrase("refused access")),
        "ended": Said(Phrase("closed this to %(to)s again"), "lock", brief=Phrase("ended access")),
    },
)

FORMS = {"organisation": Phrase("Organisation"), "person": Phrase("Person or family")}
"""What sort of customer it is."""

TRAIT_KIND = Noun("trait_kind", Phrase("Trait"), Phrase("Traits"))


class SourceState(State):
    """What was decided on a place where a trait shows."""

    OPEN = "open", Phrase("Not decided"), "warning", "hourglass"
    KEPT = "kept", Phrase("Noted"), "success", "check"
    DISMISSED = "dismissed", Phrase("Dismissed"), "neutral", "x"
    WITHDRAWN = "withdrawn", Phrase("Withdrawn"), "neutral", "arrow-back-up"


TRAIT = Noun("trait", Phrase("Trait"), Phrase("Traits"), icon="user-check")

TRAIT_SOURCE = Noun(
    "trait_source",
    Phrase("Source of a trait"),
    icon="user-check",
    states=SourceState,
    events={
        "kept": Said(Phrase("noted a trait"), "user-check", "info", brief=Phrase("noted")),
        "dismissed": Said(Phrase("dismissed a suggested trait"), "x", brief=Phrase("dismissed")),
        "withdrawn": Said(Phrase("took back a trait"), "arrow-back-up", brief=Phrase("took back")),
    },
)
"""Its events name no trait: whoever reads the timeline may not read each trait."""
