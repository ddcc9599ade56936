"""What files are called."""

from __future__ import annotations

from portal.i18n import Phrase
from portal.models.base.nouns import Noun, State


class FileReading(State):
    """What came of reading a file for search."""

    READ = "read", Phrase("Found by what it says")
    PICTURES = "pictures", Phrase("Scanned pages: found by its name alone")
    BROKEN = "broken", Phrase("Cannot be read: found by its name alone")
    PERSONAL = "personal", Phrase("Found by what it says, except for personal data")


ATTACHMENT = Noun(
    "attachment",
    Phrase("File"),
    Phrase("Files"),
    icon="file-text",
    path="/files/{id}",
    open_to_auditors=False,
)
