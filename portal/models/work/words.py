"""What background work is called."""

from __future__ import annotations

from portal.i18n import Phrase
from portal.models.base.nouns import Noun, Said, State


class JobState(State):
    """What became of a piece of background work."""

    WAITING = "waiting", Phrase("Queued"), "neutral", "hourglass"
    RUNNING = "running", Phrase("Running"), "info", "player-play"
    FINISHED = "finished", Phrase("Done"), "success", "check"
    DEAD = "dead", Phrase("Failed"), "danger", "alert-triangle"


DECIDED = {
    "retried": Said(Phrase("had this tried again")),
    "dropped": Said(Phrase("dropped this")),
}
"""What an administrator does with what failed."""
JOB = Noun(
    "job",
    Phrase("Background job"),
    events=DECIDED | {"stopped": Said(Phrase("ended this"))},
)
ENDS = {
    "overran": Phrase("It took longer than it may, and was ended."),
    "stopped": Phrase("An administrator ended it."),
}
"""Why a job failed that did not fail by itself."""
SETBACK = Noun(
    "setback",
    Phrase("Put aside"),
    events=DECIDED,
)
PUT_ASIDE = {"clock": Phrase("Reminder"), "saved_search": Phrase("Saved search")}
"""What the records are called with which background work may fail."""
