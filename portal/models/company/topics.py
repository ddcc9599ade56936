"""The company's tree of subjects, shared by knowledge, expertise and questions."""

from __future__ import annotations

from typing import Any, Self

from peewee import ForeignKeyField, IntegerField, ModelSelect

from portal.models.base.fields import NameField, UtcDateTimeField
from portal.models.base.prepared import Prepared
from portal.models.base.record import Editable, Indexed, Tree


class Topic(Editable, Tree, Indexed):
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
    def parents(cls) -> dict[int, int | None]:
        """Every topic's parent, by id: asked on most pages."""
        return dict(_PARENTS.rows())


_PARENTS = Prepared[Topic](lambda: Topic.select(Topic.id, Topic.parent))
