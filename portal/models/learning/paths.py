"""The path of a post: what somebody new does by day 1, 7, 30, 90, from their first day on (RULES 4.13)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache, reduce
from itertools import pairwise
from operator import or_
from typing import Any, Self
from urllib.parse import quote

from peewee import JOIN, CharField, Check, ForeignKeyField, IntegerField, ModelSelect, Value, fn

from portal import clock
from portal.i18n import Phrase
from portal.models.base import bulk
from portal.models.base.database import db
from portal.models.base.fields import NameField, UtcDateTimeField
from portal.models.base.prepared import Prepared
from portal.models.base.record import Archivable, Invalid, Record, SearchOutbox
from portal.models.knowledge.articles import Article, ArticleTopic
from portal.models.knowledge.merging import goes_on
from portal.models.knowledge.questions import MOST_TOPICS, Question
from portal.models.learning.courses import BLIND, TASKS, Course, Lesson, last_done, minutes_of
from portal.models.learning.enrolments import Enrolment
from portal.models.learning.post_needs import JobTitle
from portal.models.learning.words import PATH_STEP, CourseState
from portal.models.people.people import SETTLED, Person

DAYS = (1, 7, 30, 90)
"""By which day of somebody's time here a step is to be done; the first day is day 1."""
LEARNS_FOR = DAYS[-1]
"""So many days their search begins with what is for who is new."""
NEW_FOR = SETTLED
"""So many days somebody is new: what is late of their path waits for them that long."""
MOST_CLOSED = 3
"""So many of the paths before are shown."""
MOST = 20
"""So many steps one post has by one day."""
UNTOLD = (BLIND, "question.asked")
"""Tasks that may be done without a name: others never read that they are not done."""
TASK_MINUTES = 15
"""How long a task takes while nobody said otherwise."""


def first_day(person: Person) -> date:
    """The first day of their path: on which they came, or went over to the post that they have."""
    went_over = person.in_post_since
    return max(person.joined_on, clock.local(went_over).date()) if went_over else person.joined_on


def is_new(person: Person) -> bool:
    """Whether they began so lately that their path is shown: here, or in a post that has a path."""
    if not person.is_active or (clock.today() - first_day(person)).days >= NEW_FOR:
        return False
    if (clock.today() - person.joined_on).days < NEW_FOR:
        return True
    return PathStep.select().where((PathStep.post == person.title) & PathStep.archived_at.is_null()).exists()


def is_learning(person: Person) -> bool:
    """Whether the days of their path are not over."""
    return is_new(person) and (clock.today() - first_day(person)).days < LEARNS_FOR


def began_lately() -> Any:
    """The condition that somebody is new, as `is_new` says."""
    since = clock.today() - timedelta(days=NEW_FOR)
    begun = clock.start_of(since + timedelta(days=1))
    taken_in = Person.hired_on.is_null() & (Person.created_at >= begun)
    paths = PathStep.select(PathStep.post).where(PathStep.archived_at.is_null())
    went_over = (Person.in_post_since >= begun) & Person.title.in_(paths)
    return Person.deactivated_at.is_null() & ((Person.hired_on > since) | taken_in | went_over)


def newcomers(among: Any) -> ModelSelect[Person]:
    """Those of whom this condition holds who are new: who began last first."""
    found = Person.select().where(among & began_lately())
    began = fn.COALESCE(Person.in_post_since, Person.hired_on, Person.created_at)
    return found.order_by(began.desc(), Person.id.desc())


class PathStep(Archivable):
    """One step of the path: an article to read, a course to finish, or a task that ticks itself."""

    called = PATH_STEP

    post = NameField(120, verbose_name=Phrase("Job title"))
    """The job title whose holders take it, as their accounts say it."""
    day = IntegerField(verbose_name=Phrase("By day"))
    title = NameField(200, verbose_name=Phrase("What is to be done"))
    title_en = NameField(200, default="", verbose_name=Phrase("In English"))
    minutes = IntegerField(default=TASK_MINUTES, verbose_name=Phrase("Minutes"))
    position = IntegerField(default=0)
    article = ForeignKeyField(Article, null=True, on_delete="SET NULL", verbose_name=Phrase("Article"))
    article_id: int | None
    course = ForeignKeyField(Course, null=True, on_delete="SET NULL", verbose_name=Phrase("Course"))
    course_id: int | None
    task = CharField(60, default="", verbose_name=Phrase("Task"))
    """A key of TASKS."""
    archived_at = UtcDateTimeField(null=True)

    class Meta:
        indexes = ((("post", "day", "position", "id"), False),)
        constraints = [Check("day IN (1, 7, 30, 90)"), Check("minutes BETWEEN 1 AND 6000")]

    @property
    def name(self) -> str:
        """What it is called where it is only named."""
        return str(self.title)

    @property
    def name_en(self) -> str:
        return str(self.title_en)

    @property
    def list_url(self) -> str:
        """Where it stands among the steps of its post."""
        return f"/paths?post={quote(self.post)}"

    # -------------------------------------------------------------- who may

    @classmethod
    def visible_to(cls, person: Person) -> ModelSelect[Self]:
        """What somebody new does is no secret."""
        return cls.select()

    @classmethod
    def whole(cls, query: ModelSelect[Self]) -> ModelSelect[Self]:
        """The same, with what they link."""
        return (
            query.select(cls, Article, Course)
            .join_from(cls, Article, JOIN.LEFT_OUTER, on=cls.article)
            .join_from(cls, Course, JOIN.LEFT_OUTER, on=cls.course)
        )

    @staticmethod
    def posts_kept_by(person: Person) -> list[JobTitle]:
        """The posts whose path a person keeps: a manager's are those of the people they lead; an
        administrator's are all, those that have a path before anybody holds them too.
        """
        if not person.is_active or person.is_auditor or not (person.is_administrator or person.team):
            return []
        held = Person.deactivated_at.is_null() & (Person.title != "")
        if not person.is_administrator:
            held &= bulk.among(Person.id, [*person.team] or [0])
        rows: Any = Person.select(Person.title, Person.title_en).where(held).order_by(Person.id).tuples()
        english: dict[str, str] = {}
        if person.is_administrator:
            written: Any = PathStep.select(PathStep.post).distinct().tuples()
            english = {post: "" for (post,) in written}
        for title, title_en in rows:
            english[title] = english.get(title) or title_en
        return [JobTitle(post, english[post]) for post in sorted(english)]

    def editable_by(self, person: Person) -> bool:
        """Administrators, and managers who lead somebody in the post."""
        return self.post in {each.name for each in self.posts_kept_by(person)}

    def taken_by(self, person: Person) -> bool:
        """Whether it is a step of theirs, who is new."""
        return is_new(person) and person.title == self.post and not self.is_archived

    @staticmethod
    def askable_by(person: Person) -> bool:
        """Whoever may ask a question."""
        return person.is_active and not person.is_auditor

    # -------------------------------------------------------------- what it is

    @classmethod
    def posts(cls) -> list[JobTitle]:
        """The posts that have a path."""
        written: Any = cls.select(cls.post).where(cls.archived_at.is_null()).distinct().tuples()
        names = sorted(post for (post,) in written)
        known: Any = Person.select(Person.title, fn.MAX(Person.title_en)).where(
            Person.title.in_(names or [""])
        )
        english = dict(known.group_by(Person.title).tuples())
        return [JobTitle(post, english.get(post, "")) for post in names]

    @classmethod
    def of(cls, *posts: str, archived: bool | None = False) -> list[PathStep]:
        """The steps of these posts in their order, with what they link; None: archived or not."""
        return _STEPS[archived](posts=list(posts or [""]))

    @property
    def link(self) -> Article | Course | None:
        """What is read or taken, while everyone may: a published article, a published course."""
        if self.article is not None:
            return self.article if self.article.state == "published" else None
        course = self.course
        is_open = course is not None and course.state == CourseState.PUBLISHED and not course.is_archived
        return course if is_open else None

    @property
    def is_there(self) -> bool:
        """Whether it can be done: what it links was not put away."""
        return bool(self.task) or self.link is not None

    @property
    def is_told(self) -> bool:
        """Whether the person says that it is done: all else ticks itself."""
        return not self.task and self.course_id is None

    @property
    def is_untold(self) -> bool:
        """Whether it may be done without a name."""
        return self.task in UNTOLD

    @property
    def task_words(self) -> Phrase:
        return TASKS[self.task]

    # -------------------------------------------------------------- its life

    def track(
        self, verb: str, *, by: Any = None, customer: Any = None, changes: Mapping[str, Any] | None = None
    ) -> None:
        """What a step links, and what it linked until now, is found by what the step says of it."""
        super().track(verb, by=by, customer=customer, changes=changes)
        for noun, now in (("article", self.article_id), ("course", self.course_id)):
            linked = {now, *(changes or {}).get(noun, ())} - {None}
            SearchOutbox.note(noun, sorted(linked))

    @classmethod
    def add(cls, *, by: Person, minutes: int | None = None, **facts: Any) -> PathStep:
        """Write down a step, last of its day; `minutes` are reckoned where nobody says. Raises Invalid."""
        cls._check(facts)
        with db.atomic():
            place = cls._room(facts["post"], facts["day"])
            made = cls.create(**facts, minutes=minutes or _minutes(facts), position=place)
            made.track("added", by=by, changes={"title": [None, made.title]})
        return made

    def change(
        self, *, by: Person, version: int | None = None, minutes: int | None = None, **facts: Any
    ) -> dict[str, list[Any]]:
        """Say it better, link another thing, or move it behind the last of another day. Who read what was
        linked before has not read what is linked now. Raises Invalid and Stale.
        """
        self._check(facts)
        post, day = facts.get("post", self.post), facts.get("day", self.day)
        if (post, day) != (self.post, self.day):
            facts["position"] = self._room(post, day)
        with db.atomic():
            changes = self.edit(by=by, version=version, minutes=minutes or _minutes(facts), **facts)
            if "article" in changes:  # in a path that is closed it stays done
                theirs = Person.select(Person.id).where(Person.title == self.post)
                StepDone.delete().where((StepDone.path_step == self) & StepDone.person.in_(theirs)).execute()
        return changes

    def bring_back(self, *, by: Any) -> None:
        """Into its path again, where there is room. Raises Invalid."""
        self._room(self.post, self.day)
        super().bring_back(by=by)

    @classmethod
    def _room(cls, post: str, day: int) -> int:
        """The place behind the last step of a day. Raises Invalid where the day is full."""
        there = (cls.post == post) & (cls.day == day)
        if cls.select().where(there & cls.archived_at.is_null()).count() >= MOST:
            raise Invalid(
                Phrase("%(count)s steps stand there already: what is more is a course.", count=MOST)
            )
        last: int | None = cls.select(fn.MAX(cls.position)).where(there).scalar()
        return 0 if last is None else last + 1

    @classmethod
    def faults(cls, values: Mapping[str, Any]) -> dict[str, Phrase]:
        faults = super().faults(values)
        if "post" in values and not str(values["post"] or "").strip():
            faults["post"] = Phrase("Say for which job title.")
        if "title" in values and not str(values["title"] or "").strip():
            faults["title"] = Phrase("Say what is to be done.")
        if "day" in values and values["day"] not in DAYS:
            faults["day"] = Phrase("Choose a day.")
        return faults

    @classmethod
    def _check(cls, facts: Mapping[str, Any]) -> None:
        faults = cls.faults(facts)
        linked = [name for name in ("article", "course", "task") if facts.get(name)]
        if len(linked) != 1:
            where = linked[1] if linked else "article"
            faults[where] = Phrase("Choose one thing: an article, a course or a task.")
        elif linked == ["task"] and facts["task"] not in TASKS:
            faults["task"] = Phrase("Choose what is to be done.")
        if faults:
            raise Invalid(faults)

    # -------------------------------------------------------------- what people do there

    def tell_done(self, *, by: Person) -> None:
        """Somebody has read it; twice is harmless. Raises Invalid for what ticks itself."""
        if not self.is_told:
            raise Invalid(Phrase("This ticks itself once you have done it."))
        if not self.is_there:
            raise Invalid(Phrase("This was put away meanwhile. Go on with the next step."))
        StepDone.insert(path_step=self, person=by, created_at=clock.now()).on_conflict_ignore().execute()

    def take_back(self, *, by: Person) -> None:
        """It is not read after all; twice is harmless."""
        StepDone.delete().where((StepDone.path_step == self) & (StepDone.person == by)).execute()

    def ask(self, *, by: Person, text: str, **facts: Any) -> Question:
        """Ask a question that came up here: whoever comes here later finds it. Raises Invalid."""
        about = topics_of(PathStep.id == self.id)
        with db.atomic():
            question = Question.ask(by=by, text=text, further_topics=about[:MOST_TOPICS], **facts)
            row = {"path_step": self, "question": question, "created_at": clock.now()}
            StepQuestion.insert(row).on_conflict_ignore().execute()
        return question

    def questions(self, person: Person) -> list[Question]:
        """What was asked here, the latest first, as far as somebody may see it."""
        here = StepQuestion.select(StepQuestion.question).where(StepQuestion.path_step == self)
        found = Question.visible_to(person).where(Question.id.in_(here) & Question.archived_at.is_null())
        return list(found.order_by(Question.id.desc()).limit(MOST))


def topics_of(which: Any) -> list[int]:
    """Ids of the topics that what some steps link is about; `which` is the condition on the steps."""
    articles = PathStep.select(PathStep.article).where(which & PathStep.article.is_null(False))
    courses = PathStep.select(PathStep.course).where(which & PathStep.course.is_null(False))
    read: Any = ArticleTopic.select(ArticleTopic.topic).where(ArticleTopic.article.in_(articles))
    taught: Any = Course.select(Course.topic).where(Course.id.in_(courses) & Course.topic.is_null(False))
    return sorted(topic for (topic,) in read.union(taught).tuples())


def _minutes(facts: Mapping[str, Any]) -> int:
    """How long a step takes: what an article or the lessons of a course add up to."""
    if facts.get("article") is not None:
        return minutes_of(facts["article"].body)
    if facts.get("course") is not None:
        mine = (Lesson.course == facts["course"]) & Lesson.removed_at.is_null()
        return min(max(int(Lesson.select(fn.SUM(Lesson.minutes)).where(mine).scalar() or 0), 1), 6000)
    return TASK_MINUTES


def _steps(archived: bool | None) -> Prepared[PathStep]:
    def asked(posts: Any) -> ModelSelect[PathStep]:
        found = PathStep.whole(PathStep.select()).where(PathStep.post.in_(posts))
        if archived is not None:
            found = found.where(PathStep.archived_at.is_null(not archived))
        return found.order_by(PathStep.post, PathStep.day, PathStep.position, PathStep.id)

    return Prepared[PathStep](asked)


_STEPS = {archived: _steps(archived) for archived in (False, True, None)}


class StepDone(Record):
    """Somebody said that they have read what a step links."""

    path_step = ForeignKeyField(PathStep, on_delete="CASCADE", index=False)
    path_step_id: int
    person = ForeignKeyField(Person, on_delete="CASCADE")
    person_id: int

    class Meta:
        indexes = ((("path_step", "person"), True),)


class StepQuestion(Record):
    """A question came up at a step."""

    path_step = ForeignKeyField(PathStep, on_delete="CASCADE")
    question = ForeignKeyField(Question, unique=True, on_delete="CASCADE")


@dataclass(frozen=True)
class PathPlace:
    """A step as it stands for one person."""

    step: PathStep
    is_done: bool
    due_on: date
    is_untold: bool = False
    """Whether another reads it, who is not to know whether it is done."""

    @property
    def is_late(self) -> bool:
        return not self.is_done and not self.is_untold and self.due_on < clock.today()


@dataclass(frozen=True)
class Path:
    """The path of one person, step by step."""

    person: Person
    places: list[PathPlace]
    since: date
    """The day that is its first."""
    post: JobTitle | None = None
    """Whose it was, of one that is closed."""
    until: date | None = None
    """The day on which it was closed."""

    @classmethod
    def of(cls, person: Person, *, to: Person) -> Path:
        """Where somebody stands, as `to` may know it."""
        return cls.of_many([person], to=to)[0]

    @classmethod
    def running(cls, person: Person) -> Path | None:
        """The path of somebody whose day of joining is known, in its days, also one that nobody has written
        down; None for all others.
        """
        return cls.of(person, to=person) if person.hired_on is not None and is_learning(person) else None

    @classmethod
    def of_many(cls, people: Collection[Person], *, to: Person) -> list[Path]:
        """Where each of these people stands, as `to` may know it: what they said is read, courses finished,
        tasks done since their first day. Another reads nothing of what is done without a name. What was put
        away asks nobody any more; who did it before has done it.
        """
        steps = PathStep.of(*{each.title for each in people if each.title})
        by_post = defaultdict[str, list[PathStep]](list)
        for step in steps:
            by_post[step.post].append(step)
        done = _done(people, steps, to)
        return [
            cls._laid_out(person, by_post[person.title], done[person.id], first_day(person), to)
            for person in people
        ]

    @classmethod
    def closed(cls, person: Person, *, to: Person) -> list[Path]:
        """The paths of the posts that somebody had before, the latest first: as they stood on the day they
        went over to another, of the steps that there were by then.
        """
        begun = [datetime.fromisoformat(at) if at else None for _, _, at in person.posts]
        found = [
            (JobTitle(title, english), since or clock.start_of(person.joined_on), until)
            for (title, english, _), (since, until) in zip(person.posts, pairwise(begun), strict=False)
            if until is not None
        ]
        last, paths = found[-MOST_CLOSED:], list[Path]()
        names = {post.name for post, _, _ in last}
        steps = PathStep.of(*names, archived=None) if names else []
        for post, since, until in reversed(last):
            there = [
                each
                for each in steps
                if each.post == post.name and each.created_at < until <= (each.archived_at or until)
            ]
            if there:
                done = _done([person], there, to, until=until)[person.id]
                path = cls._laid_out(person, there, done, clock.local(since).date(), to, whole=True)
                paths.append(replace(path, post=post, until=clock.local(until).date()))
        return paths

    @staticmethod
    def had_one_before(person: Person) -> bool:
        """Whether `closed` gives something: a post of theirs before had a path when they left it."""
        left = [(held[0], datetime.fromisoformat(later[2])) for held, later in pairwise(person.posts)]
        there = [
            (PathStep.post == post)
            & (PathStep.created_at < until)
            & (PathStep.archived_at.is_null() | (PathStep.archived_at >= until))
            for post, until in left[-MOST_CLOSED:]
        ]
        return bool(there) and PathStep.select().where(reduce(or_, there)).exists()

    @classmethod
    def _laid_out(
        cls,
        person: Person,
        steps: Iterable[PathStep],
        done: set[str],
        since: date,
        to: Person,
        *,
        whole: bool = False,
    ) -> Path:
        places = [
            PathPlace(
                step,
                is_done,
                since + timedelta(days=step.day - 1),
                is_untold=not is_done and step.is_untold and person.id != to.id,
            )
            for step in steps
            if (is_done := _key(step) in done) or whole or step.is_there
        ]
        return cls(person, places, since)

    @property
    def day(self) -> int:
        """Which day of theirs today is; before they begin it is 0 or less."""
        return (clock.today() - self.since).days + 1

    @property
    def days(self) -> list[tuple[int, list[PathPlace]]]:
        """The steps by the day they are due, without days that ask nothing."""
        found = [(day, [each for each in self.places if each.step.day == day]) for day in DAYS]
        return [(day, places) for day, places in found if places]

    @property
    def next(self) -> PathPlace | None:
        """What comes first of what is not done."""
        return next((each for each in self.places if not each.is_done and not each.is_untold), None)

    @property
    def done(self) -> int:
        return sum(each.is_done for each in self.places)

    @property
    def late(self) -> int:
        return sum(each.is_late for each in self.places)

    @property
    def is_partly_untold(self) -> bool:
        return any(each.is_untold for each in self.places)

    @property
    def minutes_left(self) -> int:
        return sum(each.step.minutes for each in self.places if not each.is_done)


def _key(step: PathStep) -> str:
    """What makes a step done, as `_done` names it."""
    return step.task or (f"course {step.course_id}" if step.course_id else f"step {step.id}")


def _done(
    people: Collection[Person], steps: Iterable[PathStep], to: Person, *, until: datetime | None = None
) -> dict[int, set[str]]:
    """What each of these people has done, by their id, as `to` may know it, whatever post they had then; up
    to a moment, where one is given. In one question, since a page asks much else.
    """
    found, steps, ids = defaultdict[int, set[str]](set), list(steps), [each.id for each in people] or [0]
    if not steps:
        return found
    end = until or clock.now() + timedelta(days=1)
    tasks = {each.task for each in steps if each.task}
    courses = {each.course_id for each in steps if each.course_id}
    begun = {each.id: clock.start_of(each.joined_on) for each in people}
    facts: dict[str, Any] = {
        "people": ids,
        "steps": [each.id for each in steps],
        "courses": sorted(courses) or [0],
        "since": min(begun.values(), default=end),
        "end": end,
        "to": to.id,
    }
    rows: Any = _acts(tuple(sorted(tasks)))(**facts)
    for person, what, number, at in rows:
        if number:
            found[person].add(f"{what} {number}")
        elif what in tasks and at is not None and at >= begun[person]:
            found[person].add(what)
    return found


@cache
def _acts(tasks: tuple[str, ...]) -> Prepared[Any]:
    """What each of these people said that they read, finished, asked, and did of these tasks: who, what, of
    which step or course, and when.
    """

    def asked(people: Any, *given: Any) -> Any:
        steps, courses, since, end, to = given
        asked = Person.select(Person.id).where(Person.id.in_(people)).cte("asked")
        people = asked.select(asked.c.id)
        told: Any = StepDone.select(StepDone.person, Value("step"), StepDone.path_step, StepDone.created_at)
        told = told.where(StepDone.person.in_(people) & StepDone.path_step.in_(steps))
        told = told.where(StepDone.created_at < end)
        through: Any = Enrolment.select(
            Enrolment.person, Value("course"), Enrolment.course, Enrolment.finished_at
        )
        finished = Enrolment.course.in_(courses) & (Enrolment.finished_at < end)
        through = through.where(Enrolment.person.in_(people) & finished)
        unnamed: Any = Question.select(
            Question.asker, Value("question.asked"), Value(0), fn.MAX(Question.created_at)
        )
        own = (Question.asker == to) & Question.asker.in_(people) & (Question.created_at < end)
        every = told.union_all(through).union_all(unnamed.where(own).group_by(Question.asker))
        for task in tasks:
            last = last_done(task, since=since, until=end, to=to)
            acts: Any = Person.select(Person.id, Value(task), Value(0), last).where(Person.id.in_(people))
            every = every.union_all(acts)
        return every.with_cte(asked).tuples()

    return Prepared[Any](asked, ["people", "steps", "courses", "since", "end", "to"])


goes_on(PathStep.article)
