"""What colleagues say of each other, and what a team is set as a goal, is called."""

from __future__ import annotations

from portal.i18n import Phrase
from portal.models.base.nouns import Noun, Said

SOFT_TRAIT = Noun("soft_trait", Phrase("Soft trait"), Phrase("Soft traits"))

CHALLENGE = Noun(
    "team_challenge",
    Phrase("Challenge"),
    Phrase("Challenges"),
    icon="target",
    path="/challenges/{id}",
    events={
        "posed": Said(Phrase("set the team a challenge"), "target", "info"),
        "called off": Said(Phrase("called the challenge off"), "x"),
        "ended": Said(Phrase("ended the challenge"), "check", "success"),
    },
)
