"""The company's own language for search: words that mean the same, and words that are one."""

from __future__ import annotations

import re
from typing import Any

from portal.i18n import Phrase
from portal.models.base.fields import NameField
from portal.models.base.prepared import Prepared
from portal.models.base.record import Editable, Invalid
from portal.models.search.words import SYNONYM


class Synonym(Editable):
    """Words that people use for one thing. One word alone is a word of the company's that is never cut."""

    called = SYNONYM

    words = NameField(500, verbose_name=Phrase("Words"))
    """As typed, separated by commas."""

    @property
    def group(self) -> list[str]:
        """The single words."""
        return split(self.words)

    @classmethod
    def add(cls, *, by: Any, words: str) -> Synonym:
        """Note words that mean the same, or one word of the company's. Raises Invalid."""
        made = cls.create(words=_checked(words))
        made.track("added", by=by, changes={"words": [None, made.words]})
        return made

    def edit(self, *, by: Any, version: int | None = None, **values: Any) -> dict[str, list[Any]]:
        """Change the words. Raises Invalid, and Stale."""
        if "words" in values:
            values["words"] = _checked(values["words"])
        return super().edit(by=by, version=version, **values)

    def remove(self, *, by: Any) -> None:
        """These words no longer mean the same."""
        self.track("removed", by=by, changes={"words": [self.words, None]})
        self.delete_instance()

    @classmethod
    def state(cls) -> tuple[Any, ...]:
        """Changes whenever any of the words does."""
        return tuple(_STATE.rows())


def split(words: str) -> list[str]:
    """The words of a list typed with commas of either language."""
    return list(dict.fromkeys(word.strip() for word in re.split(r"[,，、;；\n]", words) if word.strip()))


def _checked(words: str) -> str:
    found = split(words)
    if not found:
        raise Invalid({"words": Phrase("Write at least one word.")})
    if any(len(word) > 40 for word in found) or len(found) > 12:
        raise Invalid({"words": Phrase("At most 12 words of 40 characters each.")})
    return ", ".join(found)


_STATE = Prepared[Synonym](lambda: Synonym.select(Synonym.id, Synonym.version).order_by(Synonym.id))
