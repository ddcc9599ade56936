"""The company's tree of subjects, shared by knowledge, expertise and questions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self

from peewee import ForeignKeyField, IntegerField, ModelSelect

from portal.models.base.fields import NameField, UtcDateTimeField
from portal.models.base.prepared import Prepared
from portal.models.base.record import Editable, Indexed


class Topic(Editable, Indexed):
    """A subject that knowledge, experts and questions share."""

    name = NameField(120, unique=True)
    name_en = NameField(120, default="")
    parent: ForeignKeyField[Any] = ForeignKeyField("self", null=True, on_delete="RESTRICT")
    parent_id: int | None
    position = IntegerField(default=0)
    archived_at = UtcDateTimeField(null=True)

    @classmethod
    def visible_to(cls, person: Any) -> ModelSelect[Self]:
        """Everyone sees the topics in use, in the company's order."""
        return cls.select().where(cls.archived_at.is_null()).order_by(cls.position, cls.id)

    @classmethod
    def _parents(cls) -> dict[int, int | None]:
        return dict(_PARENTS.rows())

    @classmethod
    def with_descendants(cls, topics: Iterable[int]) -> frozenset[int]:
        """These topics and all below them."""
        found = set(topics)
        if not found:
            return frozenset()
        parents = cls._parents()
        grown = True
        while grown:
            below = {topic for topic, parent in parents.items() if parent in found} - found
            found |= below
            grown = bool(below)
        return frozenset(found)

    @classmethod
    def with_ancestors(cls, topics: Iterable[int]) -> frozenset[int]:
        """These topics and all above them."""
        parents, found = cls._parents(), set[int]()
        for topic in topics:
            step: int | None = topic
            while step is not None and step not in found:
                found.add(step)
                step = parents.get(step)
        return frozenset(found)


_PARENTS = Prepared[Topic](lambda: Topic.select(Topic.id, Topic.parent))
