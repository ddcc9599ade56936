"""What imports are called."""

from __future__ import annotations

from portal.i18n import Phrase
from portal.models.base.nouns import Noun, Said, State


class ImportState(State):
    """How far a file is on its way in."""

    UPLOADED = "uploaded", Phrase("Not mapped yet"), "neutral", "pencil"
    CHECKING = "checking", Phrase("Being tried out"), "info", "player-play"
    CHECKED = "checked", Phrase("Tried out"), "info", "eye"
    RUNNING = "running", Phrase("Running"), "info", "player-play"
    FINISHED = "finished", Phrase("Done"), "success", "check"
    FAILED = "failed", Phrase("Failed"), "danger", "alert-triangle"
    UNDOING = "undoing", Phrase("Being taken back"), "info", "player-play"
    UNDONE = "undone", Phrase("Taken back"), "neutral", "arrow-back-up"


IMPORT = Noun(
    "import",
    Phrase("Import"),
    Phrase("Imports"),
    icon="file-import",
    path="/imports/{id}",
    events={
        "uploaded": Said(Phrase("uploaded")),
        "discarded": Said(Phrase("discarded")),
        "started": Said(Phrase("started")),
        "finished": Said(Phrase("finished")),
        "undo asked": Said(Phrase("asked to take it back")),
        "undone": Said(Phrase("took back")),
    },
)

ALIAS = Noun(
    "alias",
    Phrase("Remembered name"),
    Phrase("Remembered names"),
    icon="tag",
    path="/imports/names",
    events={"withdrawn": Said(Phrase("forgot what a name was taken for"))},
)
