"""What colleagues say of each other is called."""

from __future__ import annotations

from portal.i18n import Phrase
from portal.models.base.nouns import Noun

SOFT_TRAIT = Noun("soft_trait", Phrase("Soft trait"), Phrase("Soft traits"))
