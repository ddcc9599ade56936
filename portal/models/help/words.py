"""What the help site's nouns are called."""

from __future__ import annotations

from portal.i18n import Phrase
from portal.models.base.nouns import Noun, Said, State


class HelpState(State):
    """Whether the world reads it."""

    ASKED = "asked", Phrase("Not public yet"), "neutral", "hourglass"
    PUBLIC = "public", Phrase("Public"), "success", "world"
    WITHDRAWN = "withdrawn", Phrase("Taken down"), "neutral", "eye-off"


HELP_PAGE = Noun(
    "help_page",
    Phrase("Help page"),
    Phrase("Help pages"),
    icon="world",
    icon_waiting="world",
    path="/help-pages/{id}",
    states=HelpState,
    events={
        "proposed": Said(
            Phrase("asked to put it on the help site"),
            "send",
            "info",
            brief=Phrase("proposed for the help site"),
        ),
        "confirmed": Said(Phrase("put it on the help site"), "world", "success"),
        "refused": Said(Phrase("did not let it onto the help site"), "circle-x", "warning", quotes="reason"),
        "taken back": Said(Phrase("no longer asks to put it on the help site"), "arrow-back-up"),
        "withdrawn": Said(Phrase("took it off the help site"), "eye-off", "warning"),
    },
)


class MessageState(State):
    """Whether somebody answers it."""

    OPEN = "open", Phrase("Waiting"), "warning", "clock"
    TAKEN = "taken", Phrase("Somebody is on it"), "info", "user-check"
    CLOSED = "closed", Phrase("Done"), "success", "circle-check"


HELP_MESSAGE = Noun(
    "help_message",
    Phrase("Visitor’s message"),
    Phrase("Visitors’ messages"),
    icon="message",
    icon_waiting="message",
    path="/help-messages/{id}",
    open_to_auditors=False,
    states=MessageState,
    events={
        "came in": Said(Phrase("came in from the help site"), "message", "info"),
        "taken": Said(Phrase("took it"), "user-check"),
        "closed": Said(Phrase("closed it"), "circle-check", "success"),
    },
)
