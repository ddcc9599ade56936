"""The company's tree of subjects, shared by knowledge, expertise and questions."""

from __future__ import annotations

from typing import Any, Self

from peewee import JOIN, ForeignKeyField, IntegerField, ModelSelect

from portal.i18n import Phrase
from portal.models.base.database import remembered
from portal.models.base.fields import NameField, UtcDateTimeField
from portal.models.base.prepared import Prepared
from portal.models.base.record import Editable, Indexed, Tree, names_of
from portal.models.company.words import TOPIC


class Topic(Editable, Tree, Indexed):
    """A subject that knowledge, experts and questions share."""

    called = TOPIC

    name = NameField(120, unique=True, verbose_name=Phrase("Name"))
    name_en = NameField(120, default="", verbose_name=Phrase("English name"))
    parent: ForeignKeyField[Any] = ForeignKeyField(
        "self", null=True, on_delete="RESTRICT", verbose_name=Phrase("Belongs to")
    )
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
        return remembered(_PARENTS, lambda: dict(_PARENTS.rows()))

    @classmethod
    def every(cls) -> dict[int, Self]:
        """All topics by id, in the company's order, for a page that needs them in several places."""
        found = {topic.id: topic for topic in cls.select().order_by(cls.position, cls.id)}
        remembered(_PARENTS, lambda: {topic.id: topic.parent_id for topic in found.values()})
        return found

    @classmethod
    def filed(cls, link: Any, here: Any) -> list[Self]:
        """The topics that rows of a table name, in the order of the rows, by name and order alone, read
        along with every topic's parent: a page that needs both asks once. `link`: the column of theirs;
        `here`: which rows.
        """
        table = link.model
        rows: Any = cls.select(*names_of(cls), cls.parent, cls.position, table.id.alias("row"))
        found = list(rows.join(table, JOIN.LEFT_OUTER, on=(link == cls.id) & here).objects())
        remembered(_PARENTS, lambda: {topic.id: topic.parent_id for topic in found})
        return sorted((topic for topic in found if topic.row is not None), key=lambda topic: topic.row)


_PARENTS = Prepared[Topic](lambda: Topic.select(Topic.id, Topic.parent))
