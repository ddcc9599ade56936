"""What background work is called."""

from __future__ import annotations

from portal.i18n import Phrase
from portal.models.base.nouns import Noun, Said

JOB = Noun(
    "job",
    Phrase("Background job"),
    events={
        "retried": Said(Phrase("had this tried again")),
    },
)
