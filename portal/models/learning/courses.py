"""Courses: what someone new has to know, in an order, made of knowledge that is there already."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Self

from peewee import JOIN, CharField, Check, ForeignKeyField, IntegerField, ModelSelect, Value, fn

from portal import clock, i18n
from portal.i18n import Phrase, names
from portal.models.base import bulk
from portal.models.base.database import db
from portal.models.base.fields import MarkdownField, NameField, StateField, TextField, UtcDateTimeField
from portal.models.base.prepared import Prepared
from portal.models.base.published import copies, what_tells
from portal.models.base.record import (
    Archivable,
    Editable,
    Event,
    Indexed,
    Invalid,
    Searchable,
    SearchOutbox,
    along,
)
from portal.models.base.undoing import MEANWHILE, undoes
from portal.models.company.customer_types import CustomerType
from portal.models.company.topics import Topic
from portal.models.files.attachments import Attachment, Enclosure
from portal.models.knowledge.articles import Article, ArticleVersion
from portal.models.knowledge.checks import serves_elsewhere
from portal.models.knowledge.merging import goes_on
from portal.models.knowledge.questions import Answer, BestAnswer, Question
from portal.models.learning import quizzes
from portal.models.learning.quizzes import AskedQuestion
from portal.models.learning.words import COURSE, LESSON, CourseState
from portal.models.people.ownership import Owned
from portal.models.people.people import Person, Role
from portal.models.products.products import Product
from portal.models.work.clocks import Clock, step
from portal.text.addresses import is_link

MOST_AT_ONCE = 20
"""So many lessons are offered at once."""
SIGNS_A_MINUTE = 400
"""How much Chinese is read in a minute; Latin letters count a third."""
KINDS = {
    "reading": Phrase.among("lessons", "Reading"),
    "link": Phrase("Video, recording or link"),
    "quiz": Phrase("Quiz"),
    "task": Phrase("Task in the portal"),
    "role_play": Phrase("Role play"),
    "debate": Phrase("Debate"),
}
OF_KIND = {"link": "link", "task": "task", "role_play": "sheet", "quiz": "questions"}
"""What one kind of lesson alone has: nothing else of a form is kept, so that no task ticks a role play."""
MOST_BEFORE = 20
"""So many courses may stand before one another."""
OBSERVED = ("role_play", "debate")
"""Kinds that others tick: who watched, who voted."""
SHEET = (
    Phrase("Listens before answering"),
    Phrase("Asks what the customer needs"),
    Phrase("Says only what can be checked"),
    Phrase("Agrees on the next step"),
)
"""What an observer looks at, while the lesson says nothing else. Sheets keep the place of a line here: a new
one stands last.
"""
PUT_AWAY = Phrase("Put away meanwhile")
"""What a lesson is called once what it is made of was put away."""
MOST_CRITERIA = 8
NEWEST = 12
"""So many courses are named where what is new of them is."""
MOST_SCORE = 5
TASKS = {
    "interaction.logged": Phrase("Log a call, visit or message with a customer"),
    "customer.added": Phrase("Write down a customer"),
    "question.asked": Phrase("Write down what a customer asks"),
    "question.answered": Phrase("Answer a question"),
    "experience.submitted": Phrase("Submit an experience for review"),
    "article.used": Phrase("Say of a piece of knowledge that it worked"),
}
"""What a learner does in the portal, by the noun and verb of the event that ticks it."""
BLIND = "experience.submitted"
"""Its reviewers read it without its author's name: it ticks before others once that name is told."""

NAMED = ("accepted", "merged")
"""What tells whose text it was (RULES 4.2); whose a refused one was is never told."""


def is_told() -> Any:
    """The condition on an event that it tells nobody whose text lies before its reviewers."""
    decided: Any = Event.alias()
    same = (decided.subject_kind == Event.subject_kind) & (decided.subject == Event.subject)
    named = decided.select(Value(1)).where(same & decided.verb.in_(NAMED))
    kind, verb = BLIND.split(".")
    return (Event.subject_kind != kind) | (Event.verb != verb) | fn.EXISTS(named)


def last_done(task: str, *, since: datetime | None = None, until: datetime | None = None, to: Any = 0) -> Any:
    """When a person did such a thing last: a subquery of one on `Person`, which an index answers however much
    they did. What is read without its author's name counts once that is told, and for `to`, an id, before.
    """
    kind, verb = task.split(".")
    mine = (Event.actor == Person.id) & (Event.subject_kind == kind) & (Event.verb == verb)
    if since is not None:
        mine &= Event.at >= since
    if until is not None:
        mine &= Event.at <= until
    if task == BLIND:
        mine &= (Event.actor == to) | is_told()
    return Event.select(fn.MAX(Event.at)).where(mine)


CourseReturning = Callable[["Course"], None]
_RETURNS: list[CourseReturning] = []
_FOLLOWS: list[CourseReturning] = []


def returns_with_it(return_: CourseReturning) -> CourseReturning:
    """Begin anew what ended with a course that was put away, and is back."""
    _RETURNS.append(return_)
    return return_


def follows_its_lessons(follow: CourseReturning) -> CourseReturning:
    """See what a lesson that was taken out of a course, or put back, means for its learners."""
    _FOLLOWS.append(follow)
    return follow


class Course(Archivable, Owned, Searchable):
    """What someone has to know, lesson by lesson."""

    called = COURSE

    title = NameField(200, verbose_name=Phrase("Title"))
    purpose = TextField(default="", verbose_name=Phrase("What one can do afterwards"))
    owner = ForeignKeyField(Person, on_delete="RESTRICT", verbose_name=Phrase("Owner"))
    owner_id: int
    topic = ForeignKeyField(Topic, null=True, on_delete="SET NULL", verbose_name=Phrase("Topic"))
    topic_id: int | None
    product = ForeignKeyField(
        Product, null=True, on_delete="SET NULL", index=False, verbose_name=Phrase("Product")
    )
    product_id: int | None
    after = ForeignKeyField(
        "self", null=True, on_delete="SET NULL", index=False, verbose_name=Phrase("Finish first")
    )
    after_id: int | None
    state = StateField(CourseState, max_length=20, default=CourseState.DRAFT, verbose_name=Phrase("State"))
    published_at = UtcDateTimeField(null=True)
    archived_at = UtcDateTimeField(null=True)

    class Meta:
        indexes = ((("title", "id"), False), (("state", "title", "id"), False), (("created_at", "id"), False))
        constraints = [
            Check("state IN ('draft', 'published')"),
            Check("(state = 'published') = (published_at IS NOT NULL)"),
        ]

    @property
    def name(self) -> str:
        """What it is called where it is only named."""
        return str(self.title)

    # -------------------------------------------------------------- who may

    @classmethod
    def visible_to(cls, person: Person) -> ModelSelect[Self]:
        """What is published, for everyone; drafts for those who make them and for who leads them."""
        return cls.select().where(cls.is_visible_to(person))

    @classmethod
    def is_visible_to(cls, person: Person) -> Any:
        """The condition that a person may see it."""
        return (cls.state == CourseState.PUBLISHED) | cls.is_made_by(person)

    @classmethod
    def is_made_by(cls, person: Person) -> Any:
        """The condition that a person makes it, or leads who does."""
        return bulk.among(cls.owner, [person.id, *person.team])

    @classmethod
    def newest_of(cls, person: Person) -> list[Course]:
        """The last of those that a person made."""
        return _MADE(person=person.id)

    @classmethod
    def matching(cls, text: str) -> Any:
        """The condition that its title or purpose holds this text."""
        return cls.title.contains(text) | cls.purpose.contains(text)

    @classmethod
    def addable_by(cls, person: Person) -> bool:
        """Everyone who knows something may teach it; the auditor changes nothing."""
        return person.is_active and not person.is_auditor

    def editable_by(self, person: Person) -> bool:
        """Its owner, and who leads them."""
        return person.is_active and (self.owner_id == person.id or person.leads(self.owner_id))

    def takeable_by(self, person: Person) -> bool:
        """Everyone but the auditor, once it is published and while it is not put away."""
        return self.addable_by(person) and self.state == CourseState.PUBLISHED and not self.is_archived

    def staffed_by(self, person: Person) -> bool:
        """Who may enrol others: its makers, and managers for the people they lead."""
        return self.editable_by(person) or bool(person.team)

    def handed_over(self, by: Person) -> Phrase:
        """What a new owner is told."""
        return Phrase("%(who)s handed the course “%(course)s” over to you.", who=names(by), course=self.title)

    @classmethod
    def many_handed_over(cls, count: int, by: Person) -> Phrase:
        """What the new owner of many is told."""
        return Phrase("%(who)s handed courses over to you: %(count)s.", who=names(by), count=count)

    # -------------------------------------------------------------- its life

    @classmethod
    def faults(cls, values: Mapping[str, Any]) -> dict[str, Phrase]:
        """What is wrong with these facts, by field."""
        if "title" in values and not values["title"].strip():
            return {"title": Phrase("A title is needed.")}
        return {**what_tells(values, "title", "purpose")}

    @classmethod
    def add(cls, *, by: Person, title: str, is_filled: bool = False, **facts: Any) -> Course:
        """Begin a course; `is_filled`: with the most used knowledge of its topic. Raises Invalid."""
        if faults := cls.faults({"title": title, **facts}):
            raise Invalid(faults)
        with db.atomic():
            course = cls.create(title=title.strip(), owner=by, **facts)
            course.track("added", by=by, changes={"title": [None, course.title]})
            if is_filled:
                course.add_known(course.fitting(), by=by)
        return course

    def edit(self, *, by: Any, version: int | None = None, **values: Any) -> dict[str, list[Any]]:
        """Change what it is called and for. Raises Invalid and Stale."""
        if faults := self.faults(values):
            raise Invalid(faults)
        before = values.get("after")
        for _ in range(MOST_BEFORE):
            if before is not None and before.id == self.id:
                raise Invalid({"after": Phrase("This comes after it already: nobody could begin either.")})
            before = before.after if before is not None else None
        return super().edit(by=by, version=version, **values)

    def set_topic(self, topic: Topic, *, by: Person) -> bool:
        """File it under this topic instead of the one it has; false when it is there already."""
        before = self.topic_id
        if before == topic.id:
            return False
        with db.atomic():
            self.write(topic=topic)
            self.track("topic set", by=by, changes={"topic": [before, topic.id]})
        return True

    def publish(self, *, by: Person) -> None:
        """Open it to learners; twice is harmless. Raises Invalid while it has no lesson."""
        if self.state == CourseState.PUBLISHED:
            return
        if not self.lessons.exists():
            raise Invalid(Phrase("Add a lesson first: a course without one teaches nothing."))
        self.write(state=CourseState.PUBLISHED, published_at=clock.now())
        self.track("published", by=by)

    def archive(self, *, by: Person) -> bool:
        """Out of the lists: nobody is asked to learn it any more. Twice is harmless."""
        with db.atomic():
            gone = super().archive(by=by)
            if gone:
                Clock.stop_about(self)
        return gone

    def bring_back(self, *, by: Any) -> None:
        """What waited for learners and for those who keep its exam waits again."""
        with db.atomic():
            super().bring_back(by=by)
            for return_ in _RETURNS:
                return_(self)

    # -------------------------------------------------------------- its lessons

    def await_renewal(self) -> None:
        """While lessons teach what is said otherwise by now, its owner is asked to renew them; once they
        left, any manager.
        """
        stale = Lesson.stale().where(Lesson.course == self)
        if self.is_archived or self.state != CourseState.PUBLISHED or not stale.exists():
            return Clock.stop(self, "renewal")
        Clock.start(
            self,
            "renewal",
            who=self.owner if self.owner.is_active else Role.MANAGER,
            text=Phrase("Lessons teach what was changed since: %(course)s", course=self.title),
            url=f"{self.url}/lessons",
        )

    @property
    def lessons(self) -> ModelSelect[Lesson]:
        """In their order, with what they are made of."""
        mine = Lesson.select().where((Lesson.course == self) & Lesson.removed_at.is_null())
        return mine.order_by(Lesson.position, Lesson.id)

    @property
    def lessons_shown(self) -> list[Lesson]:
        """The same, with as much of what they are made of as a list of them says."""
        return _LESSONS(course=self.id)

    @property
    def lesson_ids(self) -> list[int]:
        """Ids of its lessons, in their order."""
        return [ident for (ident,) in _LESSON_IDS.rows(course=self.id)]

    def fitting(self, limit: int = MOST_AT_ONCE, words: str = "") -> list[Article | Answer]:
        """Published articles and best answers that fit it and are no lesson yet, most used first. `words`: of
        all that is known, what says each of them.
        """
        held = Lesson.select().where((Lesson.course == self) & Lesson.removed_at.is_null())
        articles, best = _known()
        if self.topic_id and not words:
            articles = articles.where(Article.on_topic(self.topic_id))
            best = best.where(Question.on_topic(self.topic_id))
        if self.product_id and not words:
            articles = articles.where(Article.product == self.product_id)
            best = best.where(Question.product == self.product_id)
        for word in words.split():
            articles = articles.where(Article.matching(word))
            best = best.where(Question.matching(word) | Answer.text.contains(word))
        with_article = held.select(Lesson.article).where(Lesson.article.is_null(False))
        with_answer = held.select(Lesson.answer).where(Lesson.answer.is_null(False))
        known = articles.where(Article.id.not_in(with_article)).order_by(Article.uses.desc(), Article.id)
        best = best.where(BestAnswer.answer.not_in(with_answer)).order_by(BestAnswer.id).limit(limit)
        chosen = Answer.select().where(Answer.id.in_([each.answer_id for each in best]))
        answers = list(
            along(chosen, Answer.question, whole=True).order_by(Answer.question, Answer.id).limit(limit)
        )
        read = list(known.limit(max(limit // 2, limit - len(answers))))
        return [*read, *answers[: limit - len(read)]]

    def teach(self, record: Article | Question, *, by: Person) -> bool:
        """Make lessons of an article, or of each best answer to a question; false when it has them. Raises
        Invalid where nobody reads it, or it has no best answer.
        """
        articles, best = _known()
        known: list[Article | Answer]
        if isinstance(record, Question):
            ids = [each.answer_id for each in best.where(BestAnswer.question == record.id)]
            found = Answer.select().where(Answer.id.in_(ids))
            known = list(along(found, Answer.question, whole=True).order_by(Answer.id))
        else:
            known = list(articles.where(Article.id == record.id))
        if not known:
            raise Invalid(
                Phrase("It has no best answer to teach.")
                if isinstance(record, Question)
                else Phrase("It is not published.")
            )
        return self.add_known(known, by=by) > 0

    def add_known(self, chosen: Iterable[Article | Answer], *, by: Person) -> int:
        """Make lessons of knowledge that is there, linked to its present version; gives how many."""
        known = [(each.article_id, each.answer_id) for each in self.lessons]
        count = 0
        with db.atomic():
            for one in chosen:
                facts = _of_article(one) if isinstance(one, Article) else _of_answer(one)
                if (facts.get("article"), facts.get("answer")) in known:
                    continue
                self._append(by=by, kind="reading", **facts)
                count += 1
            if count:
                self.track("lessons added", by=by, changes={"count": [None, count]})
        return count

    def add_lesson(self, *, by: Person, kind_of: str, title: str, **facts: Any) -> Lesson:
        """Add a lesson of one's own: a text, a link or video, a task. Raises Invalid."""
        others = {name for kind, name in OF_KIND.items() if kind != kind_of}
        facts = {name: value for name, value in facts.items() if value is not None and name not in others}
        if "questions" in facts:
            facts["sheet"] = facts.pop("questions")
        if faults := Lesson.faults({"kind_of": kind_of, "title": title, **facts}):
            raise Invalid(faults)
        with db.atomic():
            return self._append(by=by, kind=kind_of, title=title.strip(), **facts)

    def _append(self, *, by: Person, kind: str, **facts: Any) -> Lesson:
        mine = Lesson.select(fn.COALESCE(fn.MAX(Lesson.position), 0)).where(Lesson.course == self)
        lesson = Lesson.create(course=self, kind_of=kind, position=mine.scalar() + 1, **facts)
        Enclosure.note(lesson, lesson.link, by=by)
        lesson.track("added", by=by, changes={"title": [None, lesson.title]})
        return lesson


@step("renewal", "left", "owner")
def look_again(waiting: Clock) -> None:
    """Who was asked has left, or somebody else makes the course: someone else is."""
    course = Course.get_or_none(Course.id == waiting.subject)
    Clock.stop(("course", waiting.subject), "renewal")
    if course is not None:
        course.await_renewal()


def await_renewals() -> None:
    """Ask the owners of courses whose lessons teach what was changed since."""
    stale = Lesson.stale().select(Lesson.course)
    waiting = Clock.select(Clock.subject).where(
        (Clock.what == "renewal") & (Clock.subject_kind == Course.kind()) & Clock.running.is_null(False)
    )
    for course in Course.select().where(Course.id.in_(stale) | Course.id.in_(waiting)).limit(1000):
        course.await_renewal()


@undoes(Course, "topic set", right="editable_by")
def course_back_under(course: Course, event: Event, by: Person) -> None:
    """Back under the topic that it had, or under none."""
    before, topic = event.changes["topic"]
    if course.topic_id != topic:
        raise Invalid(MEANWHILE)
    course.write(topic=before)


def _of_article(article: Article) -> dict[str, Any]:
    facts = {"article": article.id, "number": article.text_number, "title": article.title}
    return facts | {"minutes": minutes_of(article.body)}


def _of_answer(answer: Answer) -> dict[str, Any]:
    """An answer that is best for some customers alone says for which: others of the question may be too."""
    title, types = answer.question.text, [each for each in best_for([answer])[answer.id] if each is not None]
    if types:
        who = i18n.join(map(i18n.label, types))
        words = Phrase("%(question)s (%(who)s)", question=title, who=who)
        title = i18n.gettext(words)
    facts = {"answer": answer.id, "number": answer.version, "title": title[:200], "text": answer.text}
    return facts | {"minutes": minutes_of(answer.text)}


def _known() -> tuple[ModelSelect[Article], ModelSelect[BestAnswer]]:
    """What lessons can be made of: published articles, and best answers to questions in use."""
    best = BestAnswer.whole().join_from(Answer, Question, on=(Answer.question == Question.id))
    return Article.select().where(Article.state == "published"), best.where(Question.archived_at.is_null())


def best_for(answers: Iterable[Answer]) -> dict[int, list[CustomerType | None]]:
    """For whom answers are the best, by their id: types of customers; None for everyone."""
    found: dict[int, list[CustomerType | None]] = {each.id: [] for each in answers}
    rows = BestAnswer.select().where(BestAnswer.answer.in_(list(found) or [0]))
    for row in along(rows, BestAnswer.customer_type, whole=True).order_by(BestAnswer.scope):
        found[row.answer_id].append(row.customer_type)
    return found


def known_among(names: Collection[str]) -> list[Article | Answer]:
    """What a form names that lessons can be made of: `article-7`, `answer-3`."""
    kinds: dict[str, list[int]] = {Article.kind(): [], Answer.kind(): []}
    for kind, _, number in (name.partition("-") for name in names):
        if kind in kinds and number.isdecimal() and len(number) <= 18:
            kinds[kind].append(int(number))
    articles, best = _known()
    ids = [each.answer_id for each in best.where(BestAnswer.answer.in_(kinds[Answer.kind()] or [0]))]
    answers = along(Answer.select().where(Answer.id.in_(ids)), Answer.question, whole=True)
    found = articles.where(Article.id.in_(kinds[Article.kind()] or [0])).order_by(Article.id)
    return [*found, *answers.order_by(Answer.question, Answer.id)]


def minutes_of(text: str) -> int:
    """How long a text takes to read, in whole minutes, at least one."""
    weight = sum(1.0 if sign > "\u2e80" else 1 / 3 for sign in text)
    return max(1, round(weight / SIGNS_A_MINUTE))


class Lesson(Editable, Indexed):
    """One step of a course: something to read in the version it was chosen in, to watch, or to do."""

    called = LESSON

    course = ForeignKeyField(Course, on_delete="CASCADE", index=False)
    course_id: int
    position = IntegerField()
    kind_of = CharField(20, column_name="kind", verbose_name=Phrase("Kind"))
    title = NameField(200, verbose_name=Phrase("Title"))
    minutes = IntegerField(default=5, verbose_name=Phrase("Minutes"))
    text = MarkdownField(default="", verbose_name=Phrase("Text"))
    """What was written for it; of an answer what it said in the version that it is."""
    link = CharField(500, default="", verbose_name=Phrase("Address"))
    task = CharField(60, default="", verbose_name=Phrase("Task"))
    """A key of TASKS."""
    sheet = TextField(default="", verbose_name=Phrase("What the observer looks at"))
    """A line for each criterion of a role play; the questions of a quiz."""
    article = ForeignKeyField(Article, null=True, on_delete="RESTRICT")
    article_id: int | None
    answer = ForeignKeyField(Answer, null=True, on_delete="RESTRICT")
    answer_id: int | None
    number = IntegerField(null=True)
    """The version of the article or answer that it is."""
    removed_at = UtcDateTimeField(null=True)

    class Meta:
        indexes = ((("course", "position", "id"), False),)
        constraints = [
            Check("kind IN ('reading', 'link', 'task', 'role_play', 'debate', 'quiz')"),
            Check("minutes BETWEEN 1 AND 600"),
            Check("article_id IS NULL OR answer_id IS NULL"),
        ]

    @property
    def name(self) -> str:
        """What it is called: nothing of what was put away since."""
        return i18n.gettext(PUT_AWAY) if self.is_put_away else str(self.title)

    @property
    def is_put_away(self) -> bool:
        """Whether what it is made of was put away since."""
        if self.article is not None:
            return bool(self.article.state != "published")
        return self.answer is not None and self.answer.question.archived_at is not None

    @classmethod
    def with_sources(cls, query: ModelSelect[Self]) -> ModelSelect[Self]:
        """The same, with what they are made of."""
        linked = along(query, cls.article, cls.answer, whole=True)
        best = BestAnswer.select(1).where(BestAnswer.answer == cls.answer)
        asked = linked.select_extend(Question, fn.EXISTS(best).alias("is_best"))
        return asked.join_from(Answer, Question, JOIN.LEFT_OUTER, on=(Answer.question == Question.id))

    def reindex(self) -> None:
        """It is found as its course."""
        SearchOutbox.note(Course.kind(), [self.course_id])

    @property
    def kind_words(self) -> Phrase:
        return KINDS[self.kind_of]

    @property
    def task_words(self) -> Phrase:
        return TASKS[self.task]

    @property
    def is_taught(self) -> bool:
        """Whether anything is done in it: it was not taken out, nor its course put away."""
        return self.removed_at is None and not self.course.is_archived

    @property
    def is_blind(self) -> bool:
        """Whether it counts only once an author is named."""
        return self.task == BLIND

    @property
    def is_observed(self) -> bool:
        """Whether others tick it."""
        return self.kind_of in OBSERVED

    @property
    def is_ticked(self) -> bool:
        """Whether it ticks itself, or others tick it: for all else the learner says that it is done."""
        return bool(self.task) or self.is_observed or self.kind_of == "quiz"

    @property
    def is_retaken(self) -> bool:
        """Whether its learners can take it once more when it has changed: it is read, watched or answered."""
        return not self.task and not self.is_observed

    @property
    def criteria(self) -> list[str | Phrase]:
        """What an observer of a role play scores: the maker's lines as they are, else those of the portal."""
        return [*(_lines(self.sheet) or SHEET)]

    @classmethod
    def visible_to(cls, person: Person) -> ModelSelect[Self]:
        """Lessons of the courses that a person may see, with their course."""
        return cls.select(cls, Course).join(Course).where(Course.is_visible_to(person))

    @classmethod
    def faults(cls, values: Mapping[str, Any]) -> dict[str, Phrase]:
        """What is wrong with these facts, by field."""
        found: dict[str, Phrase] = {}
        if "title" in values and not values["title"].strip():
            found["title"] = Phrase("A title is needed.")
        kind, link = values.get("kind_of"), values.get("link") or ""
        if kind == "link" and not is_link(link):
            found["link"] = Phrase("Write an address that begins with https://.")
        if kind is not None and (values.get("task") or "") not in (TASKS if kind == "task" else ("",)):
            found["task"] = Phrase("Choose what is to be done.")
        if kind in OBSERVED and not (values.get("text") or "").strip():
            found["text"] = Phrase("Write the scene that is played, or the sentence that is debated.")
        if kind == "quiz":
            if wrong := quizzes.faults(values.get("sheet") or ""):
                found["questions"] = wrong
        elif len(_lines(values.get("sheet") or "")) > MOST_CRITERIA:
            found["sheet"] = Phrase("At most %(most)s lines.", most=MOST_CRITERIA)
        if kind == "reading" and "text" in values and not (values["text"] or "").strip():
            found["text"] = Phrase("Write what there is to read.")
        return {**what_tells(values, "title", "text", "sheet"), **found}

    @property
    def words(self) -> str:
        """What there is to read, as Markdown: nothing of what was put away since."""
        if self.article is not None:
            read = self.version_read if self.article.state == "published" else None
            return read.body if read is not None else ""
        if self.answer is not None:
            return str(self.text) if self.answer.question.archived_at is None else ""
        return str(self.text)

    @property
    def source(self) -> Article | Answer | None:
        """What it is made of, if it was there before."""
        return self.article or self.answer

    @property
    def recording(self) -> Attachment | None:
        """The file that is played in it, where its address names one."""
        return Enclosure.held([self], [self.link]).get(self.link)

    def drop_recording(self, *, by: Person) -> None:
        """The file is gone for good; twice is harmless."""
        if (file := self.recording) is not None:
            with db.atomic():
                self.write(link="")
                Enclosure.take_out(self, file, by=by)

    @property
    def version_read(self) -> ArticleVersion | None:
        """The text of the article as it was chosen."""
        mine = (ArticleVersion.article == self.article_id) & (ArticleVersion.number == self.number)
        return ArticleVersion.get_or_none(mine) if self.article_id else None

    @property
    def is_outdated(self) -> bool:
        """Whether what it is made of says something else by now, which its owner may take."""
        if self.article is not None:
            return bool(self.article.text_number != self.number)
        if self.answer is None:
            return False
        return bool(self.answer.version != self.number and self.answer.text != self.text)

    @property
    def is_superseded(self) -> bool:
        """Whether the answer that it is made of is not the best for anyone any more."""
        if self.answer_id is None:
            return False
        known = getattr(self, "is_best", None)
        return not (
            BestAnswer.select().where(BestAnswer.answer == self.answer_id).exists()
            if known is None
            else known
        )

    @property
    def questions(self) -> str:
        """What a quiz asks, as it was typed."""
        return str(self.sheet) if self.kind_of == "quiz" else ""

    def edit(self, *, by: Any, version: int | None = None, **values: Any) -> dict[str, list[Any]]:
        """Change a lesson of one's own, or how long one takes that is made of knowledge. What learners did
        stays done. Raises Invalid and Stale.
        """
        own = (
            {"minutes"}
            if self.source is not None
            else {"title", "minutes", "text", OF_KIND.get(self.kind_of)}
        )
        values = {name: value for name, value in values.items() if name in own and value is not None}
        if "questions" in values:
            values["sheet"] = values.pop("questions")
        if self.source is None and (faults := self.faults({**self.told_so_far, **values})):
            raise Invalid(faults)
        with db.atomic():
            changes = super().edit(by=by, version=version, **values)
            if "link" in changes:
                Enclosure.note(self, self.link, by=by)
                Enclosure.keep_only(self, self.link)
        return changes

    @property
    def told_so_far(self) -> dict[str, Any]:
        """What it is of, as far as something may be wrong with it."""
        names = ("kind_of", "title", "text", "link", "task", "sheet")
        return {name: getattr(self, name) for name in names}

    def quiz(self, person: Person, sent: Callable[[int], Sequence[str]] | None = None) -> list[AskedQuestion]:
        """What it asks, as somebody sees it; with what they answered, whether that is right."""
        return quizzes.asked(self.questions, f"{self.id} {self.version} {person.id}", sent)

    @classmethod
    def stale(cls) -> ModelSelect[Self]:
        """Lessons made of an article with another text by now, or of an answer that says something else or is
        not the best any more; what was put away since is its learners' loss, and no renewal helps.
        """
        read = Article.select(1).where((Article.id == cls.article) & (Article.state == "published"))
        best = BestAnswer.select(1).where(BestAnswer.answer == Answer.id)
        other = (Answer.version != cls.number) & (Answer.text != cls.text)
        said = Answer.select(1).join(Question).where((Answer.id == cls.answer) & (other | ~fn.EXISTS(best)))
        said = said.where(Question.archived_at.is_null())
        moved = fn.EXISTS(read.where(Article.text_number != cls.number)) | fn.EXISTS(said)
        return cls.select().where(cls.removed_at.is_null() & moved)

    def bring_up_to_date(self, *, by: Person) -> bool:
        """Take the present version of what it is made of, or an answer that is best in its place and no
        lesson of the course yet; false when there is none. Twice is harmless.
        """
        known: Article | Answer | None = self.article or self.answer
        if self.answer is not None and self.is_superseded:
            taught = Lesson.select(Lesson.answer).where(Lesson.course == self.course_id)
            taught = taught.where(Lesson.removed_at.is_null() & Lesson.answer.is_null(False))
            best = BestAnswer.whole().where(BestAnswer.question == self.answer.question_id)
            first = (
                best.where(BestAnswer.answer.not_in(taught)).order_by(BestAnswer.scope, BestAnswer.id).first()
            )
            known = first.answer if first is not None else known
        elif not self.is_outdated:
            return False
        assert known is not None
        facts = _of_article(known) if isinstance(known, Article) else _of_answer(known)
        if is_new := bool(self.changed_fields(facts)):
            self.write(**facts)
            self.track("brought up to date", by=by)
            self.course.await_renewal()
        return is_new

    def move(self, *, by: Person, down: bool, seen: Sequence[int] = ()) -> None:
        """One place up or down among the lessons; at the end nothing happens. `seen`: their order as it was
        read, by id. Raises Invalid where it is another by now.
        """
        lessons = self._as_seen(seen)
        at = next((i for i, each in enumerate(lessons) if each.id == self.id), None)
        to = -1 if at is None else at + (1 if down else -1)
        if at is None or not 0 <= to < len(lessons):
            return
        lessons[at], lessons[to] = lessons[to], lessons[at]
        _number(lessons)

    def place(self, *, by: Person, before: int, seen: Sequence[int]) -> None:
        """Before the lesson with this id; last where there is none such. Raises Invalid as `move` does."""
        lessons = self._as_seen(seen)
        mine = [each for each in lessons if each.id == self.id]
        rest = [each for each in lessons if each.id != self.id]
        at = next((i for i, each in enumerate(rest) if each.id == before), len(rest))
        _number([*rest[:at], *mine, *rest[at:]])

    def _as_seen(self, seen: Sequence[int]) -> list[Lesson]:
        """The lessons in their order, while it is the one that was read."""
        lessons = list(self.course.lessons)
        if seen and list(seen) != [each.id for each in lessons]:
            raise Invalid(Phrase("Somebody else changed the lessons meanwhile. This is how they stand now."))
        return lessons

    def take_out(self, *, by: Person) -> None:
        """Out of the course; what learners did stays. Twice is harmless."""
        if self.removed_at is None:
            self.write(removed_at=clock.now())
            self.track("taken out", by=by, changes={"title": [self.title, None]})
            self._followed()

    def put_back(self, *, by: Person) -> None:
        """Into the course again, where it was. Twice is harmless."""
        if self.removed_at is not None:
            self.write(removed_at=None)
            self.track("put back", by=by, changes={"title": [None, self.title]})
            self._followed()

    def _followed(self) -> None:
        """Its owner may have nothing to renew any more, its learners nothing to take once more."""
        self.course.await_renewal()
        for follow in _FOLLOWS:
            follow(self.course)


def _number(lessons: Iterable[Lesson]) -> None:
    with db.atomic():
        for place, lesson in enumerate(lessons, start=1):
            if lesson.position != place:
                lesson.write(position=place)


def made_of(articles: Collection[int] = (), questions: Collection[int] = ()) -> list[int]:
    """Ids of the courses with a lesson made of one of these articles, or of an answer to these questions."""
    answers = Answer.select(Answer.id).where(Answer.question.in_(list(questions) or [0]))
    linked = Lesson.article.in_(list(articles) or [0]) | Lesson.answer.in_(answers)
    return sorted({each.course_id for each in Lesson.select(Lesson.course).where(linked)})


@copies
def in_lessons(record: Any, cleaned: Callable[[str], str]) -> None:
    """What is taken out of an article, a question or an answer is taken out of lessons made of it."""
    answers = Answer.select(Answer.id).where(Answer.question == getattr(record, "id", 0))
    linked = {"article": Lesson.article == record, "question": Lesson.answer.in_(answers)}
    linked["answer"] = Lesson.answer == record
    for lesson in Lesson.select().where(linked[record.kind()]) if record.kind() in linked else ():
        facts = {"title": cleaned(lesson.title), "text": cleaned(lesson.text)}
        if lesson.changed_fields(facts):
            lesson.write(**facts)
        Event.erase_words(lesson, cleaned)


_MADE = Prepared[Course](
    lambda person: (
        Course.select()
        .where((Course.owner == person) & Course.archived_at.is_null())
        .order_by(Course.id.desc())
        .limit(NEWEST)
    )
)


def _shown(course: Any) -> ModelSelect[Lesson]:
    mine = Lesson.select(Lesson, Article.id, Article.state, Answer.id, Question.id, Question.archived_at)
    mine = mine.join(Article, JOIN.LEFT_OUTER).join_from(Lesson, Answer, JOIN.LEFT_OUTER)
    mine = mine.join(Question, JOIN.LEFT_OUTER, on=(Answer.question == Question.id))
    there = (Lesson.course == course) & Lesson.removed_at.is_null()
    return mine.where(there).order_by(Lesson.position, Lesson.id)


_LESSONS = Prepared[Lesson](_shown)
_LESSON_IDS = Prepared[Any](
    lambda course: (
        Lesson.select(Lesson.id)
        .where((Lesson.course == course) & Lesson.removed_at.is_null())
        .order_by(Lesson.position, Lesson.id)
    )
)


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


@serves_elsewhere
def lessons_teach_it() -> ModelSelect[Lesson]:
    """What a lesson is made of is of use: it is read there."""
    return Lesson.select(1).where((Lesson.article == Article.id) & Lesson.removed_at.is_null())


def _present(article: Article) -> dict[str, Any]:
    """A lesson made of what was merged teaches what that was merged into, as it is now."""
    return {name: value for name, value in _of_article(article).items() if name != "article"}


goes_on(Lesson.article, _present)
