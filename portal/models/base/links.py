"""What texts link: each link from one record's text to another record's page, kept as the text is stored."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from peewee import BigAutoField, BigIntegerField, CharField, Model, ModelDelete

from portal import settings
from portal.models.base import bulk
from portal.models.base.database import db
from portal.models.base.nouns import NOUNS
from portal.models.base.prepared import Prepared

_PATH = re.compile(r"(?<![\w./-])(?:https?://([\w.:-]+))?(/[a-z][a-z/-]*/)(\d{1,18})(?![\w/-])")
"""An address of a record's page, alone or with that of the portal as people copy it from their browser."""


def links_in(text: str) -> set[tuple[str, int]]:
    """The records whose pages a text links, by kind and id."""
    if "/" not in text:
        return set()
    nouns, found = _nouns(len(NOUNS)), _PATH.findall(text)
    here = urlsplit(settings.read().address).netloc if any(host for host, *_ in found) else ""
    return {
        (nouns[path], int(number)) for host, path, number in found if path in nouns and host in ("", here)
    }


@lru_cache(maxsize=1)
def _nouns(known: int) -> dict[str, str]:
    """Kinds by how the addresses of their pages begin; `known`: of so many nouns."""
    return {
        noun.path.removesuffix("{id}"): kind for kind, noun in NOUNS.items() if noun.path.endswith("/{id}")
    }


class TextLink(Model):
    """That a text of one record links the page of another."""

    if TYPE_CHECKING:

        @classmethod
        def delete(cls) -> ModelDelete: ...  # the stub's descriptor does not know subclasses

    id = BigAutoField()
    subject_kind = CharField(40)
    subject = BigIntegerField()
    field = CharField(40)
    """Which of its texts."""
    target_kind = CharField(40)
    target = BigIntegerField()

    class Meta:
        database = db
        legacy_table_names = False
        indexes = (
            (("subject_kind", "subject", "field", "target_kind", "target"), True),
            (("target_kind", "target"), False),
        )

    @classmethod
    def note(cls, kind: str, texts: Iterable[tuple[int, str, str]], *, new: bool = False) -> None:
        """These texts of records of a kind (id, field, text) link what they link now; `new`: none of them was
        stored before.
        """
        rows = list[dict[str, Any]]()
        for subject, field, text in texts:
            named, mine = links_in(text), {"subject_kind": kind, "subject": subject, "field": field}
            held = set[tuple[str, int]]() if new else cls._held(mine)
            for target_kind, target in held - named:
                cls.delete().where(*_same(mine | {"target_kind": target_kind, "target": target})).execute()
            rows += [mine | {"target_kind": each, "target": ident} for each, ident in sorted(named - held)]
        if rows:
            bulk.insert(cls, rows, ignore=True)

    @classmethod
    def _held(cls, mine: Mapping[str, Any]) -> set[tuple[str, int]]:
        rows: Any = cls.select(cls.target_kind, cls.target).where(*_same(mine)).tuples()
        return set(rows)

    @classmethod
    def subjects(cls, of: str, kind: str, records: Collection[int]) -> Any:
        """The ids of records of a kind (`of`) whose texts link any of these, for a condition."""
        linking = (cls.target_kind == kind) & cls.target.in_(sorted(records))
        return cls.select(cls.subject).where(linking & (cls.subject_kind == of))

    @classmethod
    def to(cls, kind: str, records: Collection[int], *, but: str = "") -> dict[str, set[int]]:
        """Whose texts link any of these records: ids by kind; `but`: a kind that is not asked for."""
        found = dict[str, set[int]]()
        asked = {"kind": kind, "records": sorted(records), "but": but}
        for subject_kind, subject in _TO.rows(**asked) if records else ():
            found.setdefault(subject_kind, set()).add(subject)
        return found


def _to(kind: Any, records: Any, but: Any) -> Any:
    linking = (TextLink.target_kind == kind) & TextLink.target.in_(records)
    rows = TextLink.select(TextLink.subject_kind, TextLink.subject).distinct()
    return rows.where(linking & (TextLink.subject_kind != but))


_TO = Prepared[TextLink](_to)


def _same(facts: Mapping[str, Any]) -> list[Any]:
    fields = TextLink._meta.fields
    return [fields[name] == value for name, value in facts.items()]
