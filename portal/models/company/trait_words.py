"""The company's own words for what people are like: other words for the same, and what they never name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from peewee import IntegerField

from portal.i18n import Phrase
from portal.models.base.fields import NameField
from portal.models.base.record import Editable, Indexed
from portal.models.company.protected import refusal
from portal.text.naming import occurrences, plain, standing

SHORTEST = 2
"""A word of one letter stands in every text."""
_BETWEEN = re.compile(r"[,，、;；\n]+")


def split(words: str) -> list[str]:
    """The words of a line, between commas of any width."""
    return list(dict.fromkeys(word for part in _BETWEEN.split(words) if (word := part.strip())))


def pieces_of(text: str) -> list[str]:
    """All that stands side by side in a text, two and two in small letters: a name in it begins so."""
    low = {form.lower() for form in (text, plain(text))}
    return sorted({form[at : at + 2] for form in low for at in range(len(form) - 1)})


class TraitWord(Editable, Indexed):
    """A word for what somebody is like, with other words for the same."""

    name = NameField(120, unique=True, verbose_name=Phrase("Name"))
    name_en = NameField(120, default="", verbose_name=Phrase("English name"))
    synonyms = NameField(400, default="", verbose_name=Phrase("Other words"))
    """Between commas: they find it in notes and in search."""
    position = IntegerField(default=0)

    @property
    def words(self) -> list[str]:
        """All the words for it, its own names first."""
        return list(
            dict.fromkeys([self.name, *([self.name_en] if self.name_en else []), *split(self.synonyms)])
        )

    @classmethod
    def faults(cls, values: Mapping[str, Any]) -> dict[str, Phrase]:
        """A word that names a protected attribute, or a person, is refused in every field that has words."""
        faults = super().faults(values)
        texts = {field: str(values.get(field) or "") for field in ("name", "name_en", "synonyms")}
        whole = "\n".join(filter(None, texts.values()))
        people = standing(whole, cls.names_known(whole)) if whole else []
        for field, text in texts.items():
            if not text:
                continue
            if told := refusal(text):
                faults[field] = told
            elif next(occurrences(text, people), None):
                faults[field] = Phrase("This names a person. A trait is a word that many can have.")
            elif any(len(word) < SHORTEST for word in split(text)):
                faults[field] = Phrase("Write words of two letters or more: one letter stands in every text.")
        return faults

    @classmethod
    def names_known(cls, text: str) -> Iterator[str]:
        """Whom no trait is named after, of many those that may stand in a text: the wing that knows people
        says it.
        """
        raise NotImplementedError
