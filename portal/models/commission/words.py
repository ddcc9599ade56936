"""What the commission's records are called."""

from __future__ import annotations

from portal.i18n import Phrase
from portal.models.base.nouns import Noun, Said, State


class PolicyState(State):
    """Approved, a version never changes."""

    DRAFT = "draft", Phrase("Draft"), "neutral", "pencil"
    PROPOSED = "proposed", Phrase("Proposed"), "info", "file-text"
    APPROVED = "approved", Phrase("Approved"), "success", "shield-check"


class PeriodState(State):
    """How far a month is."""

    OPEN = "open", Phrase.among("months", "Open"), "info", "clock"
    PREVIEW = "preview", Phrase("Preview"), "info", "eye"
    CLOSED = "closed", Phrase.among("months", "Closed"), "neutral", "lock"
    PAID = "paid", Phrase("Paid"), "success", "coin"


class StatementState(State):
    """How final a statement is: as its month, but that a closed month's statement is final."""

    OPEN = "open", Phrase.among("months", "Open"), "info", "clock"
    PREVIEW = "preview", Phrase("Preview"), "info", "eye"
    FINAL = "final", Phrase("Final"), "success", "lock"
    PAID = "paid", Phrase("Paid"), "success", "coin"


class DisputeState(State):
    """What became of an objection."""

    OPEN = "open", Phrase.among("disputes", "Open"), "info"
    INFO_NEEDED = "info needed", Phrase("More is asked"), "warning"
    UPHELD = "upheld", Phrase("Upheld"), "success"
    REJECTED = "rejected", Phrase("The statement stands")
    WITHDRAWN = "withdrawn", Phrase("Withdrawn")


POLICY = Noun(
    "policy",
    Phrase("Commission policy"),
    icon="shield-check",
    path="/commission/policies/{id}",
    events={
        "drafted": Said(Phrase("drafted")),
        "proposed": Said(Phrase("proposed")),
        "sent_back": Said(Phrase("sent back")),
        "approved": Said(Phrase("approved")),
        "acknowledged": Said(Phrase("confirmed as read")),
    },
)

PERIOD = Noun(
    "period",
    Phrase("Commission month"),
    icon="calendar",
    events={
        "preview_asked": Said(Phrase("asked for a preview")),
        "close_asked": Said(Phrase("asked for the close")),
        "previewed": Said(Phrase("previewed")),
        "closed": Said(Phrase("closed")),
        "exported": Said(Phrase("exported for payroll")),
        "paid": Said(Phrase("confirmed the payment")),
    },
)

STATEMENT = Noun(
    "statement",
    Phrase("Statement"),
    events={
        "acknowledged": Said(Phrase("confirmed as read")),
        "handed_out": Said(Phrase("noted that it was handed over")),
    },
)

ADJUSTMENT = Noun(
    "adjustment",
    Phrase("Adjustment"),
    icon="coin",
    path="/commission/adjustments",
    open_to_auditors=False,
    events={
        "proposed": Said(Phrase("proposed")),
        "approved": Said(Phrase("approved")),
        "refused": Said(Phrase("refused")),
    },
)

DISPUTE = Noun(
    "dispute",
    Phrase("Dispute"),
    icon="flag",
    path="/commission/disputes/{id}",
    events={
        "opened": Said(Phrase.among("disputes", "opened")),
        "reopened": Said(Phrase("opened again: the adjustment was refused")),
        "answered": Said(Phrase("answered")),
        "info_asked": Said(Phrase("asked for more")),
        "withdrawn": Said(Phrase("withdrew")),
        "upheld": Said(Phrase("upheld")),
        "rejected": Said(Phrase("let the statement stand")),
    },
)
