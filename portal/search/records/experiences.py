"""Experiences on their way, as search finds them."""

from __future__ import annotations

from collections.abc import Sequence

from portal.models.experiences.experiences import PARTS, Credit, Experience, ExperienceTopic
from portal.search.documents import SearchDoc
from portal.search.records.common import grouped, only, plain, seconds, tag, topic_tags
from portal.search.text import alternates
from portal.text.writing import written_in


def experiences(ids: Sequence[int]) -> list[SearchDoc]:
    """One's own on their way: for the author, and once handed in for those who share the credit.

    Accepted ones are found by everyone, their author too, as the article that they became; its changed text
    as the article.
    """
    topics = grouped(
        ExperienceTopic.select(ExperienceTopic.experience, ExperienceTopic.topic)
        .where(ExperienceTopic.experience.in_(ids))
        .tuples()
    )
    credited = grouped(
        Credit.select(Credit.experience, Credit.person)
        .where(Credit.experience.in_(ids) & Credit.is_agreed())
        .tuples()
    )
    on_their_way = Experience.is_new() & (Experience.state != "accepted")
    found = Experience.select().where(Experience.id.in_(ids) & on_their_way)
    return [_experience(each, topics[each.id], credited[each.id]) for each in found]


def _experience(experience: Experience, topics: list[int], credited: list[int]) -> SearchDoc:
    body = "\n\n".join(plain(getattr(experience, part)) for part in PARTS if getattr(experience, part))
    return SearchDoc(
        id=str(experience),
        kind="experience",
        title=experience.title,
        alt=alternates(experience.title, "title"),
        tags=(
            *topic_tags(topics),
            *tag("product", experience.product_id),
            *tag("type", experience.customer_type_id),
        ),
        body=body,
        groups=frozenset(only(person) for person in (experience.author_id, *credited)),
        lang=written_in(experience.title + body),
        status=experience.state,
        owner=str(experience.author_id),
        updated=seconds(experience.updated_at),
    )
