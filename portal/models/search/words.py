"""What search keeps is called."""

from __future__ import annotations

from portal.i18n import Phrase
from portal.models.base.nouns import Noun, Said, State


class GapState(State):
    """Whether what was looked for in vain can be found."""

    OPEN = "open", Phrase.among("questions", "Open"), "info", "clock"
    ANSWERED = "answered", Phrase("Answered"), "success", "circle-check"
    DISMISSED = "dismissed", Phrase("Set aside")


class WordProposalState(State):
    """What became of a proposal of words that mean the same."""

    OPEN = "open", Phrase.among("questions", "Open"), "info", "clock"
    ACCEPTED = "accepted", Phrase("Accepted"), "success", "circle-check"
    DROPPED = "dropped", Phrase("Dropped"), "neutral", "circle-x"


WORD_PROPOSAL = Noun(
    "word_proposal",
    Phrase("Proposed company word"),
    states=WordProposalState,
    events={
        "accepted": Said(Phrase("accepted the words"), "circle-check", "success"),
        "dropped": Said(Phrase("dropped the words"), "circle-x"),
    },
)

SYNONYM = Noun(
    "synonym",
    Phrase("Company word"),
    events={
        "added": Said(Phrase("added")),
        "removed": Said(Phrase("removed")),
    },
)

GAP = Noun(
    "gap",
    Phrase("Knowledge gap"),
    events={
        "taken up": Said(Phrase("took up")),
    },
)

SEARCH_CURSOR = Noun(
    "search_cursor",
    Phrase("Search index"),
    events={
        "rebuild asked": Said(Phrase("asked to rebuild")),
    },
)

SEARCH_FAILURE = Noun(
    "search_failure",
    Phrase("Record missing from the search index"),
    events={
        "retried": Said(Phrase("had this tried again")),
    },
)
