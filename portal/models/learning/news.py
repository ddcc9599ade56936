"""New knowledge by job and by department: what was published about the topics that their people work with."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from peewee import ModelSelect

from portal import clock
from portal.models.base.record import along
from portal.models.company.topics import Topic
from portal.models.expertise.expertise import Evidence
from portal.models.expertise.own_topics import OwnTopic
from portal.models.knowledge.articles import Article, ArticleTopic
from portal.models.knowledge.follows import TopicFollow
from portal.models.learning.paths import PathStep
from portal.models.learning.post_needs import PostNeed
from portal.models.people.people import Person

FOR = timedelta(days=90)
"""So long something is new."""
A_PAGE = 30


def topics_of_job(job: str) -> set[int]:
    """What a job is said to need, what its newcomers read, and what those who have it proved to know."""
    if not job:
        return set()
    needed = PostNeed.select(PostNeed.topic).where((PostNeed.post == job) & PostNeed.archived_at.is_null())
    steps = PathStep.select(PathStep.article).where((PathStep.post == job) & PathStep.archived_at.is_null())
    read = ArticleTopic.select(ArticleTopic.topic).where(ArticleTopic.article.in_(steps))
    return _ids(needed.union(read).union(_proved(Person.title == job)))


def topics_of_department(department: int) -> set[int]:
    """What those in a department proved to know, and what their jobs need."""
    jobs: Any = Person.select(Person.title).where(_here() & (Person.department == department)).distinct()
    found = _ids(_proved(Person.department == department))
    return found.union(*(topics_of_job(title) for (title,) in jobs.tuples()))


def topics_of(person: Person) -> set[int]:
    """Of their job, and what they asked to hear of."""
    mine = TopicFollow.select(TopicFollow.topic).where(TopicFollow.person == person)
    return topics_of_job(person.title) | _ids(mine)


def new_about(topics: Collection[int], person: Person) -> ModelSelect[Article]:
    """What a person may read that was published lately about these topics and those below them, the newest
    first; of one's own nobody needs to be told.
    """
    below = sorted(Topic.with_descendants(topics)) if topics else []
    about = ArticleTopic.select(ArticleTopic.article).where(ArticleTopic.topic.in_(below))
    lately = (Article.state == "published") & (Article.published_at > clock.now() - FOR)
    found = Article.visible_to(person).where(lately & (Article.author != person) & Article.id.in_(about))
    return along(found.order_by(Article.published_at.desc(), Article.id.desc()), Article.author)


def _proved(who: Any) -> ModelSelect[Evidence]:
    """Topics of which people show evidence, as far as it is told by now."""
    counts = Evidence.withdrawn_at.is_null() & (Evidence.at <= clock.now())
    shown = OwnTopic.is_shown(Evidence.person, Evidence.topic)
    people = Person.select(Person.id).where(_here() & who)
    found: ModelSelect[Evidence] = Evidence.select(Evidence.topic).where(
        counts & shown & Evidence.person.in_(people)
    )
    return found


def _here() -> Any:
    return Person.deactivated_at.is_null()


def _ids(rows: Any) -> set[int]:
    return {topic for (topic,) in rows.tuples()}
