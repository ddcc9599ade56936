"""What experiences and their reviews are called."""

from __future__ import annotations

from portal.i18n import Phrase
from portal.models.base.nouns import Noun, Said, State


class ExperienceState(State):
    """How far an experience is on its way to becoming knowledge."""

    DRAFT = "draft", Phrase("Draft"), "neutral", "pencil"
    SUBMITTED = "submitted", Phrase("Submitted"), "info", "send"
    REVISION = "revision", Phrase("Revision asked"), "warning", "arrow-back-up"
    ACCEPTED = "accepted", Phrase("Accepted"), "success", "circle-check"
    REJECTED = "rejected", Phrase("Rejected"), "danger", "circle-x"
    MERGED = "merged", Phrase("Merged"), "neutral", "git-merge"
    WITHDRAWN = "withdrawn", Phrase("Withdrawn"), "neutral", "arrow-back-up"


EXPERIENCE = Noun(
    "experience",
    Phrase("Experience"),
    Phrase("My experiences"),
    icon="bulb",
    icon_waiting="arrow-back-up",
    path="/experiences/{id}",
    open_to_auditors=False,
    states=ExperienceState,
    events={
        "began": Said(Phrase("began to write"), "pencil", "neutral", brief=Phrase("began")),
        "topic added": Said(Phrase("filed it under a topic"), "bookmark", brief=Phrase("filed")),
        "submitted": Said(Phrase("submitted the experience"), "send", "info", brief=Phrase("submitted")),
        "withdrawn": Said(
            Phrase("withdrew the experience"), "arrow-back-up", "neutral", brief=Phrase("withdrew")
        ),
        "accepted": Said(
            Phrase("accepted the experience"), "circle-check", "success", brief=Phrase("accepted")
        ),
        "revision asked": Said(Phrase("asked for changes"), "arrow-back-up", "warning"),
        "rejected": Said(
            Phrase("rejected the experience"), "circle-x", "neutral", brief=Phrase("did not accept")
        ),
        "merged": Said(
            Phrase("merged the experience into another"), "git-merge", "neutral", brief=Phrase("merged")
        ),
        "taken in": Said(Phrase("took it in"), "git-merge", "success"),
        "revoked": Said(
            Phrase("took the acceptance back"), "ban", "warning", brief=Phrase("revoked the acceptance")
        ),
        "anchor written": Said(Phrase("wrote an anchor text"), "scale"),
        "interviewed": Said(Phrase("noted an interview for it"), "message"),
        "co-author agreed": Said(Phrase("agreed to be co-author"), "users"),
        "co-author declined": Said(Phrase("declined to be co-author"), "users"),
        "appealed": Said(Phrase("appealed"), "gavel", "warning"),
    },
)

REVIEW = Noun(
    "review",
    Phrase("Review"),
    Phrase("Reviews"),
    icon="scale",
    path="/reviews/{id}",
    open_to_auditors=False,
    events={
        "assigned": Said(Phrase("assigned")),
        "completed": Said(Phrase("completed")),
        "passed on": Said(Phrase("passed on")),
    },
)

INTERVIEW = Noun(
    "interview",
    Phrase("Interview"),
    Phrase("Interviews"),
    icon="message",
    path="/interviews/{id}",
    open_to_auditors=False,
    events={
        "asked": Said(Phrase("asked for an interview on a deal"), "message"),
        "noted": Said(Phrase("noted the interview"), "circle-check", "success"),
        "declined": Said(Phrase("declined the interview"), "x"),
        "called off": Said(Phrase("called the interview off"), "ban"),
    },
)

ANCHOR_TEXT = Noun(
    "anchor",
    Phrase("Anchor text"),
    icon="scale",
    path="/admin/anchors/{id}",
)

VOICE_NOTE = Noun(
    "voice_note",
    Phrase("Voice note"),
    icon="message",
    open_to_auditors=False,
    events={
        "spoken": Said(Phrase("kept a recording")),
        "file taken out": Said(Phrase("took out the file “%(file)s”"), "paperclip"),
    },
)
"""What an author spoke beside a draft."""
