"""New knowledge by job and by department: what was published about the topics that their people work with, or
is said to be for them; nothing that is said to be for others.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from peewee import ModelSelect

from portal import clock
from portal.models.base.record import along
from portal.models.company.departments import Department
from portal.models.company.topics import Topic
from portal.models.expertise.expertise import Evidence
from portal.models.expertise.own_topics import OwnTopic
from portal.models.knowledge.articles import Article, ArticleTopic
from portal.models.knowledge.audience import (
    DEPARTMENT,
    JOB,
    ReaderGroup,
    groups_of,
    is_meant_for,
    names_one_of,
)
from portal.models.knowledge.follows import TopicFollow
from portal.models.learning.paths import PathStep
from portal.models.learning.post_needs import PostNeed
from portal.models.people.people import Person

FOR = timedelta(days=90)
"""So long something is new."""
A_PAGE = 30


def topics_of_job(job: str) -> set[int]:
    """What a job is said to need, what its newcomers read, and what those who have it proved to know."""
    return _ids(_worked_with([job], Person.title == job)) if job else set()


def topics_of_department(department: int) -> set[int]:
    """What those in a department proved to know, and what their jobs need."""
    theirs = Person.department == department
    return _ids(_worked_with(Person.select(Person.title).where(_here() & theirs), theirs))


def topics_of(person: Person) -> set[int]:
    """Of their job, and what they asked to hear of."""
    mine = TopicFollow.select(TopicFollow.topic).where(TopicFollow.person == person)
    return _ids(
        mine.union(_worked_with([person.title], Person.title == person.title)) if person.title else mine
    )


def groups_of_department(department: int) -> list[ReaderGroup]:
    """Itself and those above it, with the jobs of those in it."""
    theirs = Person.select(Person.title).where(_here() & (Person.department == department))
    jobs: Any = theirs.where(Person.title != "").distinct().order_by(Person.title).tuples()
    above = sorted(Department.with_ancestors([department]))
    return [ReaderGroup(f"{DEPARTMENT}{each}") for each in above] + [
        ReaderGroup(JOB + title) for (title,) in jobs
    ]


def new_about(
    topics: Collection[int], person: Person, groups: Collection[ReaderGroup] | None = None
) -> ModelSelect[Article]:
    """What a person may read that was published lately about these topics and those below them, or for one of
    these groups (theirs, where none are given), the newest first; of one's own nobody needs to be told.
    """
    theirs = groups_of(person) if groups is None else groups
    below = sorted(Topic.with_descendants(topics)) if topics else []
    about = ArticleTopic.select(ArticleTopic.article).where(ArticleTopic.topic.in_(below))
    lately = (Article.state == "published") & (Article.published_at > clock.now() - FOR)
    meant = is_meant_for(Article.audience, theirs) & Article.id.in_(about)
    meant |= names_one_of(Article.audience, theirs)
    found = Article.visible_to(person).where(lately & (Article.author != person) & meant)
    return along(found.order_by(Article.published_at.desc(), Article.id.desc()), Article.author)


def _worked_with(posts: Any, who: Any) -> Any:
    """Topics of what these jobs need and read, and of which people show evidence, as far as it is told."""
    kept = PostNeed.post.in_(posts) & PostNeed.archived_at.is_null()
    steps = PathStep.select(PathStep.article).where(PathStep.post.in_(posts) & PathStep.archived_at.is_null())
    counts = Evidence.withdrawn_at.is_null() & (Evidence.at <= clock.now())
    shown = OwnTopic.is_shown(Evidence.person, Evidence.topic)
    people = Person.select(Person.id).where(_here() & who)
    return (
        PostNeed.select(PostNeed.topic)
        .where(kept)
        .union(ArticleTopic.select(ArticleTopic.topic).where(ArticleTopic.article.in_(steps)))
        .union(Evidence.select(Evidence.topic).where(counts & shown & Evidence.person.in_(people)))
    )


def _here() -> Any:
    return Person.deactivated_at.is_null()


def _ids(rows: Any) -> set[int]:
    return {topic for (topic,) in rows.tuples()}
