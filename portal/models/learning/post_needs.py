"""What somebody in a post needs at a stage of a deal: each piece with where it stands, or as a gap (S05)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, Self
from urllib.parse import quote

from peewee import JOIN, CharField, Check, ForeignKeyField, IntegerField, ModelSelect, fn

from portal.i18n import Phrase
from portal.models.base.database import db
from portal.models.base.fields import NameField, UtcDateTimeField
from portal.models.base.record import Archivable, Invalid
from portal.models.company.topics import Topic
from portal.models.knowledge.articles import Article
from portal.models.knowledge.merging import goes_on
from portal.models.knowledge.questions import Question
from portal.models.knowledge.routing import Routing
from portal.models.knowledge.topic_rules import TopicRule
from portal.models.learning.courses import Course
from portal.models.learning.words import POST_NEED, CourseState
from portal.models.people.people import Person
from portal.models.sales.deals import OPEN_STAGES
from portal.models.sales.words import Stage

MOST = 20
"""So many pieces one post needs at one stage: more is a course."""


class JobTitle(NamedTuple):
    """A job that people have, by its title."""

    name: str
    name_en: str


class PostNeed(Archivable):
    """One piece of knowledge that a post needs at a stage of the process."""

    called = POST_NEED

    post = NameField(120, verbose_name=Phrase("Job title"))
    """The job title whose holders need it, as their accounts say it."""
    stage = CharField(20, verbose_name=Phrase("Stage"))
    title = NameField(200, verbose_name=Phrase("What is needed"))
    title_en = NameField(200, default="", verbose_name=Phrase("In English"))
    position = IntegerField(default=0)
    topic = ForeignKeyField(Topic, on_delete="RESTRICT", verbose_name=Phrase("Topic"))
    """Whose owner keeps it, and whose experts are asked."""
    topic_id: int
    article = ForeignKeyField(Article, null=True, on_delete="SET NULL", verbose_name=Phrase("Article"))
    article_id: int | None
    question = ForeignKeyField(Question, null=True, on_delete="SET NULL", verbose_name=Phrase("Question"))
    question_id: int | None
    course = ForeignKeyField(Course, null=True, on_delete="SET NULL", verbose_name=Phrase("Course"))
    course_id: int | None
    archived_at = UtcDateTimeField(null=True)

    class Meta:
        indexes = ((("post", "stage", "position", "id"), False),)
        constraints = [Check("stage IN ('lead', 'engaged', 'viewing', 'negotiation')")]

    @property
    def name(self) -> str:
        """What it is called where it is only named."""
        return str(self.title)

    @property
    def name_en(self) -> str:
        return str(self.title_en)

    @property
    def url(self) -> str:
        """It stands in the list of its post."""
        return f"/post-needs?post={quote(self.post)}"

    # -------------------------------------------------------------- who may

    @classmethod
    def visible_to(cls, person: Person) -> ModelSelect[Self]:
        """What a post needs is no secret."""
        return cls.select()

    @staticmethod
    def topics_kept_by(person: Person) -> list[Topic]:
        """The topics whose needs a person keeps: those that are theirs or whose deputy they are; an
        administrator's are all.
        """
        if not person.is_active or person.is_auditor:
            return []
        rules = [(topic, TopicRule.of(topic.id)) for topic in Topic.visible_to(person)]
        return [
            topic
            for topic, rule in rules
            if person.is_administrator or (rule is not None and person.id in (rule.owner_id, rule.deputy_id))
        ]

    def editable_by(self, person: Person) -> bool:
        """Whoever owns its topic, their deputy, and administrators."""
        return self.topic in self.topics_kept_by(person)

    @classmethod
    def whole(cls, query: ModelSelect[Self]) -> ModelSelect[Self]:
        """The same, with its topic and where it stands."""
        return (
            query.select(cls, Article, Question, Course, Topic)
            .join(Topic, on=cls.topic)
            .join_from(cls, Article, JOIN.LEFT_OUTER, on=cls.article)
            .join_from(cls, Question, JOIN.LEFT_OUTER, on=cls.question)
            .join_from(cls, Course, JOIN.LEFT_OUTER, on=cls.course)
        )

    @staticmethod
    def askable_by(person: Person) -> bool:
        """Whoever may ask a question."""
        return person.is_active and not person.is_auditor

    # -------------------------------------------------------------- what is needed

    @classmethod
    def posts(cls, *, listed: bool = False) -> list[JobTitle]:
        """The jobs that people have and those that needs are written down for; `listed`: these alone."""
        here = Person.deactivated_at.is_null() & (Person.title != "")
        rows: Any = Person.select(Person.title, Person.title_en).where(here).order_by(Person.id).tuples()
        english: dict[str, str] = {}
        for title, title_en in rows:
            english[title] = english.get(title) or title_en
        written: Any = cls.select(cls.post).distinct().tuples()
        found = {post for (post,) in written}
        return [
            JobTitle(post, english.get(post, ""))
            for post in sorted(found if listed else found | set(english))
        ]

    @classmethod
    def of(cls, post: str, stage: str | None = None, *, archived: bool = False) -> list[PostNeed]:
        """What a post needs, at one stage or at all, in its order, with where each piece stands."""
        away = cls.archived_at.is_null(False) if archived else cls.archived_at.is_null()
        found = cls.whole(cls.select()).where((cls.post == post) & away)
        if stage is not None:
            found = found.where(cls.stage == stage)
        order = {name: place for place, name in enumerate(OPEN_STAGES)}
        return sorted(found.order_by(cls.position, cls.id), key=lambda each: order[each.at_stage])

    @property
    def at_stage(self) -> Stage:
        return Stage.of(self.stage)

    @property
    def found(self) -> Article | Question | Course | None:
        """Where everyone may read it: a published article, a question that has an answer, a published
        course. None is a gap.
        """
        if self.article is not None and self.article.state == "published":
            return self.article
        if self.question is not None and self.question.state != "open" and not self.question.is_archived:
            return self.question
        if (
            self.course is not None
            and self.course.state == CourseState.PUBLISHED
            and not self.course.is_archived
        ):
            return self.course
        return None

    @property
    def asked(self) -> Question | None:
        """The question that was put to experts and has no answer yet."""
        asked: Question | None = self.question
        waits = asked is not None and asked.state == "open" and not asked.is_archived
        return asked if waits else None

    # -------------------------------------------------------------- its life

    @classmethod
    def add(cls, *, by: Person, **facts: Any) -> PostNeed:
        """Write down that a post needs something at a stage; last in the list. Raises Invalid."""
        cls._check(facts)
        with db.atomic():
            made = cls.create(**facts, position=cls._room(facts["post"], facts["stage"]))
            made.track("added", by=by, changes={"title": [None, made.title]})
        return made

    @classmethod
    def _room(cls, post: str, stage: str) -> int:
        """The place behind the last piece of a post at a stage. Raises Invalid where the list is full."""
        there = (cls.post == post) & (cls.stage == stage)
        if cls.select().where(there & cls.archived_at.is_null()).count() >= MOST:
            raise Invalid(
                Phrase("%(count)s pieces are listed already: what is more is a course.", count=MOST)
            )
        last: int | None = cls.select(fn.MAX(cls.position)).where(there).scalar()
        return 0 if last is None else last + 1

    def change(self, *, by: Person, version: int | None = None, **facts: Any) -> dict[str, list[Any]]:
        """Say it better, link where it stands, or move it behind the last of another list. Raises Invalid and
        Stale.
        """
        self._check(facts)
        post, stage = facts.get("post", self.post), facts.get("stage", self.stage)
        if (post, stage) != (self.post, self.stage):
            facts["position"] = self._room(post, stage)
        return self.edit(by=by, version=version, **facts)

    def bring_back(self, *, by: Any) -> None:
        """Into its list again, where there is room. Raises Invalid."""
        self._room(self.post, self.stage)
        super().bring_back(by=by)

    @classmethod
    def faults(cls, values: Mapping[str, Any]) -> dict[str, Phrase]:
        faults = super().faults(values)
        if "title" in values and not str(values["title"] or "").strip():
            faults["title"] = Phrase("Say what is needed.")
        if "stage" in values and values["stage"] not in OPEN_STAGES:
            faults["stage"] = Phrase("Choose a stage.")
        return faults

    @classmethod
    def _check(cls, facts: Mapping[str, Any]) -> None:
        faults = cls.faults(facts)
        linked = [name for name in ("article", "question", "course") if facts.get(name) is not None]
        if len(linked) > 1:
            faults[linked[1]] = Phrase("Link one thing: the article, the question or the course.")
        if faults:
            raise Invalid(faults)

    def ask(self, *, by: Person) -> Question:
        """Put the gap to experts: it becomes a question under its topic. Asked already, it is that question.
        Raises Invalid where it is no gap, or archived.
        """
        with db.atomic():
            here = PostNeed.get_by_id(self.id)
            if here.is_archived:
                raise Invalid(Phrase("It is archived: restore it first."))
            if here.asked is not None:
                return here.asked
            if here.found is not None:
                raise Invalid(Phrase("It stands somewhere already: read it there."))
            question = Question.ask(by=by, text=here.title, topic=here.topic)
            here.write(article=None, question=question, course=None)
            here.track("asked for", by=by, changes={"question": [None, question.id]})
            Routing.put(question, by=by)
        return question


goes_on(PostNeed.article)
