"""What an article begins from, and so its kind: the portal's beginnings, and those that the company makes."""

from __future__ import annotations

import tomllib
from collections.abc import Collection
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, Self

from peewee import CharField, Check, ModelSelect

from portal.i18n import Phrase
from portal.models.base.database import remembered
from portal.models.base.fields import MarkdownField, NameField, UtcDateTimeField
from portal.models.base.record import Archivable, Invalid
from portal.models.knowledge.words import ARTICLE_TEMPLATE, BORN, KINDS
from portal.models.people.people import Person

OWN = Path(__file__).with_suffix(".toml")


class Beginning(NamedTuple):
    """A text to write on: its name in the address, what it is called and for, and what an article gets."""

    key: str
    name: str | Phrase
    purpose: str | Phrase
    body: str
    freshness: str


class ArticleTemplate(Archivable):
    """A beginning that the company made for its own kind of article: the kind is called as it is."""

    called = ARTICLE_TEMPLATE

    name = NameField(80, unique=True, verbose_name=Phrase("Name"))
    purpose = NameField(200, default="", verbose_name=Phrase("What it is for"))
    body = MarkdownField(verbose_name=Phrase("Text"))
    freshness = CharField(20, default="evergreen", verbose_name=Phrase("How long it stays true"))
    archived_at = UtcDateTimeField(null=True)

    class Meta:
        constraints = [Check("freshness IN ('price', 'product', 'process', 'evergreen', 'dated')")]

    @classmethod
    def visible_to(cls, person: Person) -> ModelSelect[Self]:
        """Everyone writes from those in use; administrators see those put away too."""
        query = cls.select().order_by(cls.name)
        return query if person.is_administrator else query.where(cls.archived_at.is_null())

    def editable_by(self, person: Person) -> bool:
        """Administrators keep the company's beginnings."""
        return person.is_active and person.is_administrator

    @classmethod
    def named(cls, *, in_use: bool = False) -> dict[str, str]:
        """What each is called, by the key that articles have it by; those put away too, or `in_use` alone."""
        read = cls.select(cls.id, cls.name, cls.archived_at).order_by(cls.name)
        kept = remembered("kinds of articles", lambda: list(read), table=cls._meta.table_name)
        return {str(each.id): each.name for each in kept if not (in_use and each.archived_at)}

    @classmethod
    def add(cls, *, by: Person, name: str, body: str, **fields: Any) -> Self:
        """Make one. Raises Invalid for a name that is taken."""
        cls._check(name, body, None)
        made = cls.create(name=name.strip(), body=body, **fields)
        made.track("added", by=by)
        return made

    def change(self, *, by: Person, version: int | None = None, **fields: Any) -> Self:
        """Another name or text: articles begun from it stay as they are. Raises Invalid and Stale."""
        self._check(fields.get("name", self.name), fields.get("body", self.body), self.id)
        self.edit(by=by, version=version, **fields)
        return self

    @classmethod
    def _check(cls, name: str, body: str, ident: int | None) -> None:
        if not name.strip():
            raise Invalid({"name": Phrase("A name is needed.")})
        if not body.strip():
            raise Invalid({"body": Phrase("There is no text yet.")})
        twin = cls.get_or_none(cls.name == name.strip())
        if twin is not None and twin.id != ident:
            raise Invalid({"name": Phrase("This name is there already.")})


PURPOSES = {
    "guide": Phrase("Steps that lead to a result"),
    "questions": Phrase("What customers ask, and what to say"),
    "product": Phrase("What it is, for whom, and what it costs"),
    "policy": Phrase("What holds, for whom, since when"),
    "prices": Phrase("Prices or rates, each with the day from which it holds"),
    "success": Phrase("How a customer was won, and what made the difference"),
    "onboarding": Phrase("What a newcomer can do afterwards"),
}
"""The portal's own, in the order in which they are offered."""


@cache
def _texts() -> dict[str, Any]:
    return tomllib.loads(OWN.read_text("utf-8"))


def own(language: str) -> list[Beginning]:
    """The portal's own beginnings, in a language."""
    texts = _texts()
    return [
        Beginning(key, KINDS[key], purpose, texts[key][language], texts[key]["freshness"])
        for key, purpose in PURPOSES.items()
    ]


def offered_to(person: Person, language: str) -> list[Beginning]:
    """All that a person may begin from: the company's first."""
    made = ArticleTemplate.visible_to(person).where(ArticleTemplate.archived_at.is_null())
    return [
        *(Beginning(str(one.id), one.name, one.purpose, one.body, one.freshness) for one in made),
        *own(language),
    ]


def kinds() -> dict[str, str | Phrase]:
    """Every kind that an article may have, by its key."""
    return {**KINDS, **ArticleTemplate.named()}


def kinds_called(held: Collection[str]) -> dict[str, str | Phrase]:
    """What these kinds are called: the company's own are asked for where one is among them."""
    return {
        key: words for key, words in (KINDS if KINDS.keys() >= {*held} else kinds()).items() if key in held
    }


def is_known(kind: str) -> bool:
    """Whether there is a kind of this key."""
    return kind in KINDS or kind in ArticleTemplate.named()


def kinds_to_choose(held: str = "") -> dict[str, str | Phrase]:
    """Those that somebody who writes may choose, and the one that it has."""
    offered = (KINDS.keys() - {*BORN}) | ArticleTemplate.named(in_use=True).keys() | {held}
    return {key: words for key, words in kinds().items() if key in offered}
