"""Who wants to hear of new knowledge about a topic: whoever follows it, or one above it, is told once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial

from peewee import BooleanField, ForeignKeyField, ModelSelect, chunked, fn

from portal import clock
from portal.i18n import Phrase, names
from portal.models.base.database import db, transact
from portal.models.base.record import Event, Record, along
from portal.models.company.topics import Topic
from portal.models.knowledge.articles import Article
from portal.models.knowledge.audience import groups_of
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
    is_narrowed = BooleanField(default=False)
    """Whether they hear only of what is for everybody, or for their job or department."""

    class Meta:
        indexes = ((("topic", "person"), True),)


def follow(topic: Topic, *, by: Person, narrowed: bool = False) -> None:
    """They are told from now on, of everything or only of what is for them; twice is harmless."""
    row = {"topic": topic.id, "person": by.id, "is_narrowed": narrowed, "created_at": clock.now()}
    with db.atomic():
        TopicFollow.insert(row).on_conflict_ignore().execute()
        mine = (TopicFollow.topic == topic) & (TopicFollow.person == by)
        TopicFollow.update(is_narrowed=narrowed).where(mine & (TopicFollow.is_narrowed != narrowed)).execute()


def unfollow(topic: Topic, *, by: Person) -> None:
    """They are told no longer; twice is harmless."""
    TopicFollow.delete().where((TopicFollow.topic == topic) & (TopicFollow.person == by)).execute()


def noted(topics: ModelSelect[Topic], person: Person) -> ModelSelect[Topic]:
    """The same topics, each with whether a person is told of what is new about it (`is_followed`), and only
    of what is for them (`is_narrowed`).
    """
    mine = TopicFollow.select(1).where((TopicFollow.topic == Topic.id) & (TopicFollow.person == person))
    narrowed = fn.EXISTS(mine.where(TopicFollow.is_narrowed))
    return topics.select_extend(fn.EXISTS(mine).alias("is_followed"), narrowed.alias("is_narrowed"))


def followers_of(
    topics: Iterable[int], *, since: datetime | None, narrowed: bool | None = None
) -> ModelSelect[Person]:
    """Those who work here and follow one of these topics, or one above it, at least since a moment.
    `narrowed`: only where they hear of what is for them, or only where of everything.
    """
    above = TopicFollow.topic.in_(sorted(Topic.with_ancestors(topics)))
    if narrowed is not None:
        above &= TopicFollow.is_narrowed == narrowed
    followed = TopicFollow.select(TopicFollow.person).where(above & (TopicFollow.created_at <= since))
    return Person.select().where(Person.id.in_(followed) & Person.deactivated_at.is_null())


def whom_it_is_for(article: Article) -> list[int]:
    """The ids of those who follow one of its topics, or one above it, since before it was published, in
    order: who narrowed all that they follow of these hears only of what is for them, or for everybody.
    """
    followers = followers_of(article.topic_ids, since=article.published_at)
    if not article.audience:
        return sorted(person.id for person in followers.select(Person.id))
    wide = followers_of(article.topic_ids, since=article.published_at, narrowed=False)
    heard = {person.id for person in wide.select(Person.id)}
    named = set(article.audience)
    others = followers.where(Person.id.not_in(sorted(heard)))
    return sorted(heard | {person.id for person in others if named & set(groups_of(person))})


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
    left_out = set(article.credited_ids)
    people = [ident for ident in whom_it_is_for(article) if ident not in left_out]
    if people and Notice.select().where(Notice.key == _key(article, people[-1])).exists():
        return []
    return people


def _tell(article: Article, people: Iterable[int]) -> None:
    said = Phrase("New from %(who)s: %(title)s", who=names(article.author), title=article.title)
    for person in people:
        Notice.tell(person, said, about=article, key=_key(article, person))


def _key(article: Article, person: int) -> str:
    return f"new {article} {Person.kind()}-{person}"
