"""The company's own language for search: words that mean the same, and words that are one."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from portal.i18n import Phrase
from portal.models.base.database import db, remembered
from portal.models.base.fields import NameField
from portal.models.base.prepared import Prepared
from portal.models.base.record import Editable, Invalid
from portal.models.company.trades import trades
from portal.models.search.words import SYNONYM

MOST_WORDS = 12
OFFICE = "office"
SETS: dict[str, Any] = {
    OFFICE: Phrase("Offices and sales of any trade"),
    "property": Phrase("Homes and property"),
    **trades(),
}
"""The words that come with the portal, by trade."""


class Synonym(Editable):
    """Words that people use for one thing. One word alone is a word of the company's that is never cut."""

    called = SYNONYM

    words = NameField(500, verbose_name=Phrase("Words"))
    """As typed, separated by commas."""

    @property
    def group(self) -> list[str]:
        """The single words."""
        return split(self.words)

    @property
    def folded(self) -> set[str]:
        """The single words, whatever their case."""
        return {word.casefold() for word in self.group}

    @classmethod
    def groups(cls) -> list[list[str]]:
        """All groups, in the order in which they came."""
        return [row.group for row in cls.select().order_by(cls.id)]

    @classmethod
    def holding(cls, words: Iterable[str]) -> Synonym | None:
        """The first group that has one of these words beside others."""
        wanted = {word.casefold() for word in words}
        rows = cls.select().order_by(cls.id)
        return next((row for row in rows if len(row.group) > 1 and wanted & row.folded), None)

    @classmethod
    def plant(cls, trade: str, *, by: Any) -> int:
        """Add the words of a trade (a key of SETS) that are not there yet, group by group; how many groups.
        One of whose words two stand together already stays as the company has it. Twice is harmless. Raises
        Invalid.
        """
        if trade not in SETS:
            raise Invalid({"trade": Phrase("Choose a trade.")})
        known, added = [{word.casefold() for word in group} for group in cls.groups()], 0
        with db.atomic():
            for group in shipped()[trade]:
                if not any(len(held & {word.casefold() for word in group}) > 1 for held in known):
                    cls.add(by=by, words=", ".join(group))
                    added += 1
        return added

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
        return remembered("state of synonyms", lambda: tuple(_STATE.rows()), table=cls.kind())


def split(words: str) -> list[str]:
    """The words of a list typed with commas of either language."""
    return list(dict.fromkeys(word.strip() for word in re.split(r"[,，、;；\n]", words) if word.strip()))


def _checked(words: str) -> str:
    found = split(words)
    if not found:
        raise Invalid({"words": Phrase("Write at least one word.")})
    if any(len(word) > 40 for word in found) or len(found) > MOST_WORDS:
        raise Invalid({"words": Phrase("At most 12 words of 40 characters each.")})
    return ", ".join(found)


@cache
def shipped() -> dict[str, list[list[str]]]:
    """The groups of words that come with the portal, by trade."""
    told: dict[str, list[list[str]]] = tomllib.loads(
        Path(__file__).with_name("synonyms.toml").read_text(encoding="utf-8")
    )
    return told


_STATE = Prepared[Synonym](lambda: Synonym.select(Synonym.id, Synonym.version).order_by(Synonym.id))
