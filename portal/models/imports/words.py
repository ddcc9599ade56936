"""What imports are called."""

from __future__ import annotations

from portal.i18n import Phrase
from portal.models.base.nouns import Noun, Said

IMPORT = Noun(
    "import",
    Phrase("Import"),
    Phrase("Imports"),
    icon="file-import",
    path="/imports/{id}",
    events={
        "uploaded": Said(Phrase("uploaded")),
        "started": Said(Phrase("started")),
        "finished": Said(Phrase("finished")),
        "undo asked": Said(Phrase("asked to take it back")),
        "undone": Said(Phrase("took back")),
    },
)
