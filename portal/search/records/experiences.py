"""Experiences on their way, as search finds them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from peewee import ModelSelect

from portal.models.experiences.experiences import PARTS, Credit, Experience, ExperienceTopic
from portal.models.experiences.reviews import AT_FAULT, Acceptance, Revocation
from portal.models.knowledge.articles import Article
from portal.search.documents import SearchDoc
from portal.search.records.common import SHELF, grouped, only, plain, seconds, tag, topic_tags
from portal.search.text import alternates
from portal.text.writing import written_in


def experiences(ids: Sequence[int]) -> list[SearchDoc]:
    """One's own on their way: for the author, and once handed in for those who share the credit.

    Accepted ones are found by everyone, their author too, as the article that they became; its changed text
    as the article. Where the article was put away, the experience stays its authors', and is found by those
    who read what was put away; where a fault was found in it, a name or an illness told of a customer among
    them, its author alone finds it.
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
    at_fault = _at_fault(ids)
    put_away = {each.origin for each in _articles_of(ids).where(Article.state == "archived")}
    alone = (Experience.state != "accepted") | Experience.id.in_(put_away)
    found = Experience.select().where(Experience.id.in_(ids) & Experience.is_new() & alone)
    return [
        _experience(
            each,
            topics[each.id],
            readers={only(each.author_id)}
            | (set() if each.id in at_fault else {only(person) for person in credited[each.id]})
            | ({SHELF} if each.id in put_away - at_fault else set()),
            put_away=each.id in put_away,
        )
        for each in found
    ]


def _at_fault(ids: Sequence[int]) -> set[int]:
    """Those of which the acceptance was taken back for a fault (RULES 4.1)."""
    revoked = Revocation.select(Acceptance.experience).join(Acceptance)
    faults: Any = revoked.where(Acceptance.experience.in_(ids) & Revocation.reason.in_(AT_FAULT)).tuples()
    return {experience for (experience,) in faults}


def _articles_of(ids: Sequence[int]) -> ModelSelect[Article]:
    born = (Article.origin_kind == Experience.kind()) & Article.origin.in_(ids)
    return Article.select(Article.origin).where(born)


def born_as(articles: Sequence[int]) -> dict[str, list[int]]:
    """The experiences that these articles were born of: found instead of what is put away."""
    born = (Article.origin_kind == Experience.kind()) & Article.id.in_(articles)
    return {"experience": [row.origin for row in Article.select(Article.origin).where(born) if row.origin]}


def document_of(experience: Experience) -> SearchDoc:
    """As it is written now, found by nobody: what is compared with others before it is handed in."""
    return _experience(experience, [], readers=set(), put_away=False)


def _experience(experience: Experience, topics: list[int], *, readers: set[str], put_away: bool) -> SearchDoc:
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
        groups=frozenset(readers),
        lang=written_in(experience.title + body),
        status="archived" if put_away else experience.state,
        owner=str(experience.author_id),
        updated=seconds(experience.updated_at),
    )
