"""What deals are called, and their stages."""

from __future__ import annotations

from portal.i18n import Phrase
from portal.models.base.nouns import Noun, Said, State


class Stage(State):
    """How far a deal is. Won and lost end it."""

    LEAD = "lead", Phrase("Lead"), "neutral", "user-plus"
    ENGAGED = "engaged", Phrase("Engaged")
    VIEWING = "viewing", Phrase("Viewing")
    NEGOTIATION = "negotiation", Phrase("Negotiation")
    WON = "won", Phrase("Won"), "success", "trophy"
    LOST = "lost", Phrase("Lost"), "neutral", "x"


DEAL = Noun(
    "deal",
    Phrase("Deal"),
    Phrase("Deals"),
    icon="briefcase",
    path="/deals/{id}",
    states=Stage,
    events={
        "opened": Said(Phrase("opened the deal"), "briefcase", "info", brief=Phrase("opened")),
        "edited": Said(Phrase("changed the deal: %(fields)s"), "pencil", "neutral", brief=Phrase("edited")),
        "customer made": Said(
            Phrase("made the lead a customer"), "user-plus", brief=Phrase("made a customer")
        ),
        "moved": Said(
            Phrase("moved the deal from %(before)s to %(after)s"),
            "arrow-right",
            "info",
            brief=Phrase("moved to another stage"),
        ),
        "won": Said(Phrase("won the deal"), "trophy", "success", brief=Phrase("closed as won")),
        "lost": Said(Phrase("lost the deal"), "x", "neutral", brief=Phrase("closed as lost")),
        "reopened": Said(Phrase("reopened the deal"), "arrow-back-up", "warning", brief=Phrase("reopened")),
        "paid": Said(
            Phrase("recorded a payment of %(amount)s"), "coin", "success", brief=Phrase("recorded as paid")
        ),
        "recorded": Said(Phrase("recorded money")),
        "confirmed": Said(
            Phrase("confirmed a payment of %(amount)s"),
            "circle-check",
            "success",
            Phrase("confirmed as paid"),
        ),
        "reversed": Said(
            Phrase("took back %(taken)s of the deal's money"),
            "arrow-back-up",
            "warning",
            brief=Phrase("reversed money"),
        ),
        "shared": Said(Phrase("set who shares in the deal"), "users"),
        "part agreed": Said(Phrase("said that they worked on it too"), "check"),
        "part denied": Said(Phrase("said that they had no part in it"), "x"),
        "article used": Said(Phrase("used “%(article)s” for it"), "book-2", brief=Phrase("used an article")),
        "answer used": Said(
            Phrase("used an answer of the question bank"), "message", brief=Phrase("used an answer")
        ),
        "handed over": Said(
            Phrase("handed the deal over to %(to)s"), "arrow-right", "info", brief=Phrase("handed over")
        ),
        "said why": Said(
            Phrase("said why the deal ended so"), "message", brief=Phrase("said why it was closed")
        ),
        "archived": Said(Phrase("archived the deal"), "archive", "neutral", brief=Phrase("archived")),
        "restored": Said(Phrase("brought the deal back"), "refresh", "neutral", brief=Phrase("brought back")),
    },
)

CLOSE_REASON = Noun("close_reason", Phrase("Reason of closing"))
"""Why a deal was won or lost, as the company's list has it."""
