"""What files are called."""

from __future__ import annotations

from portal.i18n import Phrase
from portal.models.base.nouns import Noun

ATTACHMENT = Noun(
    "attachment",
    Phrase("File"),
    Phrase("Files"),
    icon="file-text",
    path="/files/{id}",
    open_to_auditors=False,
)
