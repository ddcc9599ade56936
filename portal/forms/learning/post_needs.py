"""The form of what a post needs."""

from __future__ import annotations

from typing import Any, Self

from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]

from portal import i18n
from portal.forms.base import Choice, Form, FormKey, Pick, TextLine, Version
from portal.i18n import Phrase
from portal.models.knowledge.articles import Article, ArticleTopic
from portal.models.knowledge.questions import Question
from portal.models.learning.courses import Course
from portal.models.learning.post_needs import PostNeed
from portal.models.learning.words import CourseState
from portal.models.people.people import Person
from portal.models.sales.deals import OPEN_STAGES
from portal.models.sales.words import Stage

OFFERED = 200
"""So many of the newest are offered to link."""


class PostNeedForm(Form):
    """One piece that a post needs at a stage, and where it stands."""

    post = Choice(Phrase("Job title"), required=True)
    stage = Choice(
        Phrase("Stage"), choices=[(stage, Stage.of(stage).label) for stage in OPEN_STAGES], required=True
    )
    title = TextLine(Phrase("What is needed"), required=True, longest=200)
    title_en = TextLine(Phrase("In English"), longest=200)
    topic = Pick(Phrase("Topic"), required=True)
    article = Pick(Phrase("Article"))
    question = Pick(Phrase("Question"))
    course = Pick(Phrase("Course"))
    key = FormKey()
    version = Version()

    def offering(self, person: Person, need: PostNeed | None = None) -> Self:
        """With the topics that the person keeps, and what everyone may read about any of them."""
        topics = PostNeed.topics_kept_by(person)
        kept = [topic.id for topic in topics]
        self.post.choices = [SelectChoice(post.name, i18n.label(post)) for post in PostNeed.posts()]
        self.topic.offer(topics)
        about = ArticleTopic.select(ArticleTopic.article).where(ArticleTopic.topic.in_(kept))
        shown = (Article.state == "published") & Article.id.in_(about)
        asked = Question.topic.in_(kept) & Question.archived_at.is_null()
        taught = (Course.state == CourseState.PUBLISHED) & Course.archived_at.is_null()
        self._offer("article", Article.select(Article.id, Article.title).where(shown), need)
        self._offer("question", Question.visible_to(person).where(asked), need)
        self._offer("course", Course.visible_to(person).where(taught), need)
        return self

    def keeps(self, need: PostNeed) -> bool:
        """Whether who is offered these topics keeps this one's: they may change it."""
        return str(need.topic_id) in self.topic.records

    def _offer(self, name: str, query: Any, need: PostNeed | None) -> None:
        """The newest, and what is linked now."""
        newest = list(query.order_by(query.model.id.desc()).limit(OFFERED))
        linked = getattr(need, name, None)
        field: Any = self[name]
        field.offer(newest if linked is None or linked in newest else [linked, *newest])
