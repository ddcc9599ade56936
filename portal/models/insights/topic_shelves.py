"""Topics by how much knowledge stands under each, and how much of it is in date (RULES 4.4)."""

from __future__ import annotations

from dataclasses import dataclass

from portal.models.company.topics import Topic
from portal.models.insights.usage import published_by_topic

GOAL, LITTLE = 80, 50
"""Of 100 pieces so many are to be in date; of fewer than so many most are not to be relied on."""


@dataclass(frozen=True)
class TopicShelf:
    """What is published under a topic itself."""

    topic: Topic
    pieces: int
    in_date: int

    @property
    def trust(self) -> int:
        """Of 100 pieces so many are in date, rounded down: what is short of the goal never reads as reaching
        it.
        """
        return 100 * self.in_date // self.pieces if self.pieces else 0

    @property
    def tone(self) -> str:
        """How its colour says it, beside the words."""
        return "success" if self.trust >= GOAL else "warning" if self.trust >= LITTLE else "danger"


def topic_shelves() -> list[TopicShelf]:
    """Every topic in use under which something stands, the largest first; and those that have nothing, but
    for what only holds other topics together.
    """
    held = {topic: (pieces, in_date) for topic, pieces, in_date in published_by_topic()}
    in_use = [topic for topic in Topic.every().values() if topic.archived_at is None]
    parents = {topic.parent_id for topic in in_use}
    shown = [topic for topic in in_use if topic.id in held or topic.id not in parents]
    shelves = [TopicShelf(topic, *held.get(topic.id, (0, 0))) for topic in shown]
    return sorted(shelves, key=lambda each: (-each.pieces, each.topic.id))
