"""Who wants to hear of new knowledge about a topic: whoever follows it, or one above it, is told once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial

from peewee import ForeignKeyField, ModelSelect, chunked, fn

from portal import clock
from portal.i18n import Phrase, names
from portal.models.base.database import transact
from portal.models.base.record import Event, Record, along
from portal.models.company.topics import Topic
from portal.models.knowledge.articles import Article
from portal.models.people.notices import Notice
from portal.models.people.people import Person

AT_ONCE = 100
"""So many are told in one transaction: others write in between."""
JUST_NOW, LATELY = timedelta(minutes=10), timedelta(days=1)
"""So long ago something is looked for at once, and when it is looked for, how far back."""


class TopicFollow(Record):
    """Someone who is told of what is new about a topic and those below it."""

    topic = ForeignKeyField(Topic, on_delete="CASCADE")
    topic_id: int
    person = ForeignKeyField(Person, on_delete="CASCADE", backref="topics_followed")
    person_id: int

    class Meta:
        indexes = ((("topic", "person"), True),)


def follow(topic: Topic, *, by: Person) -> None:
    """They are told from now on; twice is harmless."""
    row = {"topic": topic.id, "person": by.id, "created_at": clock.now()}
    TopicFollow.insert(row).on_conflict_ignore().execute()


def unfollow(topic: Topic, *, by: Person) -> None:
    """They are told no longer; twice is harmless."""
    TopicFollow.delete().where((TopicFollow.topic == topic) & (TopicFollow.person == by)).execute()


def noted(topics: ModelSelect[Topic], person: Person) -> ModelSelect[Topic]:
    """The same topics, each with whether a person is told of what is new about it."""
    mine = (TopicFollow.topic == Topic.id) & (TopicFollow.person == person)
    return topics.select_extend(fn.EXISTS(TopicFollow.select(1).where(mine)).alias("is_followed"))


def followers_of(topics: Iterable[int], *, since: datetime | None) -> ModelSelect[Person]:
    """Those who work here and follow one of these topics, or one above it, at least since a moment."""
    above = TopicFollow.topic.in_(sorted(Topic.with_ancestors(topics)))
    followed = TopicFollow.select(TopicFollow.person).where(above & (TopicFollow.created_at <= since))
    return Person.select().where(Person.id.in_(followed) & Person.deactivated_at.is_null())


def is_anything_new() -> bool:
    """Whether somebody follows anything, and something was published just now."""
    fresh = (Article.state == "published") & (Article.published_at > clock.now() - JUST_NOW)
    return TopicFollow.select().exists() and Article.select().where(fresh).exists()


def tell_followers() -> None:
    """Who follows a topic hears of what was published under it since they do, once for ever; nobody does of
    what an import brought in.
    """
    for article in transact(_published_lately, write=False):
        for people in chunked(transact(partial(_untold, article), write=False), AT_ONCE):
            transact(partial(_tell, article, people))


def _published_lately() -> list[Article]:
    fresh = (Article.state == "published") & (Article.published_at > clock.now() - LATELY)
    found = along(Article.select().where(fresh).order_by(Article.published_at), Article.author)
    return [one for one in found if Event.about(one).where(Event.verb == "published").exists()]


def _untold(article: Article) -> list[int]:
    """Who is to hear of it; nobody where the last of them heard of it, as they are told in order."""
    followers = followers_of(article.topic_ids, since=article.published_at).order_by(Person.id)
    left_out = set(article.credited_ids)
    people = [person.id for person in followers.select(Person.id) if person.id not in left_out]
    if people and Notice.select().where(Notice.key == _key(article, people[-1])).exists():
        return []
    return people


def _tell(article: Article, people: Iterable[int]) -> None:
    said = Phrase("New from %(who)s: %(title)s", who=names(article.author), title=article.title)
    for person in people:
        Notice.tell(person, said, about=article, key=_key(article, person))


def _key(article: Article, person: int) -> str:
    return f"new {article} {Person.kind()}-{person}"
