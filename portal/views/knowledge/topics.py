"""Topics: who knows, what is best to read, what is asked."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from portal import i18n
from portal.i18n import Phrase
from portal.models.company.topics import Topic
from portal.models.insights.topic_shelves import topic_shelves
from portal.models.knowledge.answers import counts_and_topics, in_use, whole
from portal.models.knowledge.audience import groups_of
from portal.models.knowledge.follows import follow, noted, unfollow
from portal.models.knowledge.questions import Question
from portal.models.knowledge.shelves import best_of, excerpts, topic_counts
from portal.models.knowledge.topic_rules import TopicRule
from portal.models.knowledge.yellow_pages import entries, who_knows
from portal.views.knowledge.bubbles import TopicMap
from portal.web import Request, find, go, render, view

EXPERTS, QUESTIONS = 10, 10
TOLD = Phrase("You are told of what is new here.")


@view
def index(request: Request) -> Response:
    tree = list(Topic.visible_to(request.user))
    return render(request, "knowledge/topics/index.html", tree=tree, articles=topic_counts())


@view
def shelf_map(request: Request) -> Response:
    shelves = topic_shelves()
    picture = TopicMap.of(shelves)
    return render(request, "knowledge/topics/map.html", shelves=shelves, picture=picture)


@view
def show(request: Request, id: int) -> Response:
    topic: Any = find(noted(Topic.visible_to(request.user), request.user), id)
    rule, followed = TopicRule.of(topic.id), topic.is_followed
    groups = groups_of(request.user) if topic.is_narrowed else []
    narrowed = {"narrowed": bool(topic.is_narrowed), "mine": groups}
    facts = {"rule": rule, "followed": followed, **narrowed, **_known(topic)}
    return render(request, "knowledge/topics/show.html", record=topic, topic=topic, **facts)


@view
def start_following(request: Request, id: int) -> Response:
    topic = find(Topic.visible_to(request.user), id)
    narrowed = request.form.get("narrowed") == "yes"
    follow(topic, by=request.user, narrowed=narrowed)
    said = Phrase("You are told of what is new here and for you, or for everybody.") if narrowed else TOLD
    return go(request, topic.url, note=said)


@view
def stop_following(request: Request, id: int) -> Response:
    topic = find(Topic.visible_to(request.user), id)
    unfollow(topic, by=request.user)
    return go(request, topic.url, note=Phrase("You are no longer told of what is new here."))


def _known(topic: Topic) -> dict[str, Any]:
    """What lies below a topic, who knows it, what is best to read and newly asked."""
    topics, newest = Topic.every(), (Question.created_at.desc(), Question.id.desc())
    asked = whole(in_use().where(Question.on_topic(topic.id))).order_by(*newest)
    questions, articles = list(asked.limit(QUESTIONS)), best_of(Topic.with_descendants([topic.id]))
    return {
        "below": [one for one in topics.values() if one.parent_id == topic.id and one.archived_at is None],
        "knowers": who_knows(topic, entries(), topics, EXPERTS),
        "articles": articles,
        "excerpts": excerpts(articles, i18n.current()),
        "questions": questions,
        "counts": counts_and_topics(questions, topics),
    }
