"""The exam of a course and its bank of questions: whoever may read the bank takes no exam from it.

It gives evidence and points once a reviewer of its topic has released it, apart from who makes it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from random import Random
from typing import Any, Self

from peewee import BooleanField, CharField, Check, ForeignKeyField, IntegerField, ModelSelect, fn

from portal import clock
from portal.i18n import Phrase
from portal.models.base.database import db
from portal.models.base.fields import StateField, TextField, UtcDateTimeField
from portal.models.base.listing import LARGEST
from portal.models.base.prepared import Prepared
from portal.models.base.published import what_tells
from portal.models.base.record import Editable, Event, Invalid, Record, Stale, along
from portal.models.company.settings import Setting
from portal.models.company.topics import Topic
from portal.models.knowledge.articles import Article
from portal.models.knowledge.merging import goes_on
from portal.models.knowledge.questions import Answer, BestAnswer, Question
from portal.models.learning import marking
from portal.models.learning.courses import Course, Lesson, returns_with_it
from portal.models.learning.words import EXAM, EXAM_QUESTION, QuestionUse
from portal.models.people.hands import Hands
from portal.models.people.people import Person, Role, active_with, reviewers_of
from portal.models.work.clocks import Clock, step

DRAFT, READY, CHECK, GONE = QuestionUse
DIFFICULTIES = {1: Phrase("Easy"), 2: Phrase("Medium"), 3: Phrase("Hard")}
LONGEST_QUESTION = 1000
SHORT = 160
WITHDRAWN = Phrase("What it asks about was put away: take it out, or choose another article.")
SUPERSEDED = Phrase(
    "What it calls right is no best answer any more: write what is right now, or take it out."
)
SourceAsked = tuple[int | None, int | None, str | None, bool]
"""Of which article or answer a question is, for whom that is best, and whether it is a further one of it."""
KEY = ("sort", "text", "answers")
"""The fields that say what is right."""
MADE = (
    "added",
    "edited",
    "opened",
    "closed",
    "drafts made",
    "file brought in",
    "put to use",
    "checked",
    "taken out",
    "brought back",
    "published",
)
"""What somebody does who makes a course, its exam or a question of it."""
READ = ("released", "read to release", "read")
"""Who knows the bank without making it."""


class Exam(Editable):
    """The exam of one course."""

    called = EXAM

    course = ForeignKeyField(Course, unique=True, on_delete="CASCADE")
    course_id: int
    draws = IntegerField(default=10, verbose_name=Phrase("Questions in an exam"))
    pass_mark = IntegerField(default=80, verbose_name=Phrase("Right answers to pass, in percent"))
    minutes = IntegerField(default=20, verbose_name=Phrase("Minutes"))
    is_open = BooleanField(default=False, verbose_name=Phrase("Open to learners"))

    class Meta:
        constraints = [
            Check("draws BETWEEN 1 AND 100"),
            Check("pass_mark BETWEEN 1 AND 100"),
            Check("minutes BETWEEN 1 AND 300"),
        ]

    @property
    def name(self) -> str:
        return self.course.title

    @classmethod
    def visible_to(cls, person: Person) -> ModelSelect[Self]:
        """Exams of the courses that a person may see, with their course."""
        return cls.select(cls, Course).join(Course).where(Course.is_visible_to(person))

    @classmethod
    def seen_by(cls, person: Person, ident: int) -> Exam | None:
        """One of a course that a person may see, with its course."""
        found = _SEEN.first(ident=ident) if 0 < ident <= LARGEST else None
        return found if found is not None and found.course.is_open_to(person) else None

    def editable_by(self, person: Person) -> bool:
        """Whoever makes the course reads and writes the bank."""
        return self.course.editable_by(person)

    def takeable_by(self, person: Person) -> bool:
        """Whoever may take the course, and does not know the bank."""
        return self.course.takeable_by(person) and not self.is_known_to(person)

    def is_known_to(self, person: Person) -> bool:
        """Whether they may read the bank, have read it, wrote any of it, or once had the course with it."""
        if self.editable_by(person):
            return True
        if _KNEW.rows(exam=self.id, person=person.id):
            return True
        gone = _GIVEN_AWAY(course=self.course_id, since=self.created_at)
        return any(person.id in event.changes["owner"] for event in gone)

    @classmethod
    def of(cls, course: Course) -> Exam | None:
        """The exam of a course, if it has one."""
        return _OF.first(course=course.id)

    @classmethod
    def add(cls, course: Course, *, by: Person) -> Exam:
        """Give a course an exam, as RULES 4.13 has it; the one that it has already, if it has one."""
        if (known := cls.of(course)) is not None:
            return known
        with db.atomic():
            rules = {"draws": "questions", "pass_mark": "pass", "minutes": "minutes"}
            exam = cls.create(
                course=course, **{field: Setting.read(f"exam.{name}") for field, name in rules.items()}
            )
            exam.track("added", by=by)
        return exam

    @classmethod
    def faults(cls, values: Mapping[str, Any]) -> dict[str, Phrase]:
        """What is wrong with these facts, by field."""
        limits = {"draws": 100, "pass_mark": 100, "minutes": 300}
        return {
            name: Phrase("From %(least)s to %(most)s is possible.", least=1, most=most)
            for name, most in limits.items()
            if name in values and not 1 <= (values[name] or 0) <= most
        }

    def edit(self, *, by: Any, version: int | None = None, **values: Any) -> dict[str, list[Any]]:
        """Change its rules; attempts that were begun keep theirs. Raises Invalid and Stale."""
        if faults := self.faults(values):
            raise Invalid(faults)
        if values.get("is_open") and not self.is_open:
            self._check_bank(values.get("draws", self.draws))
        with db.atomic():
            changes = super().edit(by=by, version=version, **values)
            if changes:
                self.await_release()
        return changes

    def _check_bank(self, draws: int) -> None:
        ready = self.questions.where(ExamQuestion.state == READY).count()
        if ready < draws:
            words = Phrase(
                "Questions in use: %(ready)s. An exam draws %(draws)s: put more to use first.",
                ready=ready,
                draws=draws,
            )
            raise Invalid({"is_open": words})

    @property
    def questions(self) -> ModelSelect[ExamQuestion]:
        """The bank, without what was taken out."""
        mine = (ExamQuestion.exam == self) & (ExamQuestion.state != GONE)
        return ExamQuestion.select().where(mine)

    def used(self, use: str) -> ModelSelect[ExamQuestion]:
        """Those of one use; what was taken out is found here alone."""
        return ExamQuestion.select().where((ExamQuestion.exam == self) & (ExamQuestion.state == use))

    def shown(self, use: str, words: str, *, start: int, size: int) -> list[ExamQuestion]:
        """Some of the bank with their topics, the newest first: all but what was taken out, or those of one
        use, that say these words.
        """
        uses = [use] if use else [each.value for each in QuestionUse if each != GONE]
        if not words:
            return _BANK(exam=self.id, uses=uses, start=start, size=size)
        says = ExamQuestion.text.contains(words) | ExamQuestion.answers.contains(words)
        return list(_bank(self.id, uses, start, size).where(says))

    @property
    def uses(self) -> dict[str, int]:
        """How many there are of each use."""
        return {use.value: 0 for use in QuestionUse} | dict(_USES.rows(exam=self.id))

    def put_to_use(self, read: Mapping[int, int], *, by: Person) -> int:
        """Let exams draw those drafts that somebody has read, by id, each with the version that they read;
        gives how many. What was changed since, or cannot be asked, stays a draft. Twice is harmless.
        """
        count = 0
        with db.atomic():
            for question in self.used(DRAFT).where(ExamQuestion.id.in_(list(read) or [0])):
                question.exam = self
                if question.version == read[question.id] and question.why_unusable is None:
                    question._use(by=by)
                    count += 1
            if count:
                self.unrelease()
        return count

    def draw(self, by_chance: Random) -> list[ExamQuestion]:
        """So many questions as an exam has, by chance, by topic and difficulty as the bank has them.

        None whose article has changed. Raises Invalid when there are too few.
        """
        ready = list(self.questions.where((ExamQuestion.state == READY) & ~ExamQuestion.is_outdated()))
        if len(ready) < self.draws:
            raise Invalid(Phrase("The questions of this exam are being checked. Try again in a day or two."))
        return drawn(ready, self.draws, by_chance)

    def best_answers(self, question: ExamQuestion | None = None) -> list[Answer]:
        """The best answers to the questions that its lessons answer, and the one that a question has already:
        what one may be about.
        """
        taught = Lesson.select(Answer.question).join(Answer, on=Lesson.answer)
        taught = taught.where((Lesson.course == self.course_id) & Lesson.removed_at.is_null())
        best = BestAnswer.select(BestAnswer.answer).where(BestAnswer.question.in_(taught))
        held = (question and question.answer_id) or 0
        found = Answer.select().where(Answer.id.in_(best) | (Answer.id == held))
        return list(along(found, Answer.question, whole=True).order_by(Answer.question, Answer.id))

    # -------------------------------------------------------------- its release

    @property
    def release(self) -> ExamRelease | None:
        """The release under which it gives evidence and points, while it is as it was released."""
        if (given := _RELEASE.first(exam=self.id)) is None:
            return None
        return given if given.is_of(self) and not self.shortcomings else None

    @property
    def shortcomings(self) -> list[Phrase]:
        """Why it cannot be released: it gives evidence of no topic, or asks less than the company does."""
        draws, mark = Setting.read("exam.questions"), Setting.read("exam.pass")
        found = []
        if not self.course.topic_id:
            found.append(Phrase("The course has no topic."))
        if self.draws < draws:
            found.append(Phrase("It asks fewer questions than the company’s rules: %(least)s.", least=draws))
        if self.pass_mark < mark:
            found.append(
                Phrase("It is passed with less than the company’s rules ask: %(least)s%%.", least=mark)
            )
        return found

    @property
    def makers(self) -> set[int]:
        """Whose course it is, and whoever wrote on it, on the exam or on a question."""
        questions = ExamQuestion.select(ExamQuestion.id).where(ExamQuestion.exam == self)
        of_it = (Event.subject_kind == self.kind()) & (Event.subject == self.id)
        of_it |= (Event.subject_kind == ExamQuestion.kind()) & Event.subject.in_(questions)
        of_it |= (Event.subject_kind == Course.kind()) & (Event.subject == self.course_id)
        rows: Any = Event.select(Event.actor).where(of_it & Event.verb.in_(MADE)).distinct().tuples()
        return {self.course.owner_id, *(actor for (actor,) in rows if actor is not None)}

    def releasable_by(self, person: Person) -> bool:
        """A reviewer of its topic who had no hand in it, and lately got their role from nobody who had; where
        there is none, an administrator.
        """
        if not self.is_open or not (person.is_reviewer or person.is_administrator):
            return False
        return person.id in self._releasers()[1]

    def _releasers(self) -> tuple[Topic | Role | None, set[int]]:
        """Of whom its release is asked, and who of them may; where no reviewer may, of administrators."""
        topic, makers = self.course.topic, self.makers
        if topic is None:
            return None, set()
        hands = Hands({Role.REVIEWER, Role.ADMINISTRATOR}, clock.now())
        reviewers = _apart(hands, makers, {one.id for one in reviewers_of([topic.id])})
        if reviewers:
            return topic, reviewers
        others = {one.id for one in active_with(Role.ADMINISTRATOR)}
        return Role.ADMINISTRATOR, _apart(hands, makers, others)

    @property
    def bank_seen(self) -> str:
        """What it and its bank are like now: it differs after every change."""
        used: Any = self.questions.where(ExamQuestion.state.in_([READY, CHECK]))
        rows = used.select(ExamQuestion.id, ExamQuestion.version).order_by(ExamQuestion.id).tuples()
        held = ",".join(f"{ident}:{version}" for ident, version in rows)
        text = f"{self.version} {self.course.topic_id} {held}"
        return sha256(text.encode()).hexdigest()[:16]

    def is_read_by(self, person: Person) -> bool:
        """Whether it is noted already that somebody has read the bank."""
        return bool(_READ_BY.rows(exam=self.id, person=person.id))

    def note_read(self, by: Person) -> None:
        """Who reads the bank takes no exam from it, also when it is no longer theirs. Twice is harmless."""
        if not self.is_read_by(by):
            self.track("read" if self.editable_by(by) else "read to release", by=by)

    def release_it(self, *, by: Person, seen: str) -> None:
        """Let who passes it from now on have evidence and points; twice is harmless. Raises Invalid."""
        if self.release is not None:
            return
        if found := self.shortcomings:
            raise Invalid(found[0])
        if seen != self.bank_seen:
            raise Invalid(Phrase("The exam was changed meanwhile: read it again."))
        facts = {"exam": self, "by": by, "topic": self.course.topic_id}
        with db.atomic():
            ExamRelease.delete().where(ExamRelease.exam == self).execute()
            ExamRelease.create(**facts, draws=self.draws, pass_mark=self.pass_mark)
            self.track("released", by=by)
            self.await_release()

    def unrelease(self) -> None:
        """What is right has changed: somebody has to read it again."""
        if ExamRelease.delete().where(ExamRelease.exam == self).execute():
            self.track("release void")
        self.await_release()

    def await_release(self) -> None:
        """While it is open and could give evidence, reviewers of its topic are asked to release it."""
        course, running, who = self.course, Clock.of(self, "exam release"), None
        waits = self.is_open and course.state == "published" and not course.is_archived
        waits = waits and not self.shortcomings and self.release is None
        if waits:
            who, _ = self._releasers()
        if running is not None and running.who != str(who):
            Clock.stop(self, "exam release")
        if who is not None:
            Clock.start(
                self,
                "exam release",
                about=course,
                who=who,
                but=self.makers,
                text=Phrase("Read and release the exam: %(course)s", course=course.title),
                url=f"{self.url}/release",
            )

    # -------------------------------------------------------------- knowledge changes

    def await_check(self) -> None:
        """While questions have to be checked, its owner is asked; once they left, any manager."""
        if not self.questions.where(ExamQuestion.state == CHECK).exists():
            return Clock.stop(self, "exam check")
        owner = self.course.owner
        Clock.start(
            self,
            "exam check",
            about=self.course,
            who=owner if owner.is_active else Role.MANAGER,
            text=Phrase(
                "Check the questions whose knowledge has changed: %(course)s", course=self.course.title
            ),
            url=f"{self.url}/questions?show=check",
        )


@returns_with_it
def wait_again(course: Course) -> None:
    """A course is back: its exam waits for whoever releases and checks it."""
    exam = Exam.of(course)
    if exam is not None:
        exam.await_release()
        exam.await_check()


@step("exam check", "left", "owner")
def look_again(waiting: Clock) -> None:
    """Who was asked has left, or somebody else makes the course: someone else is."""
    exam = Exam.get_or_none(Exam.id == waiting.subject)
    Clock.stop(("exam", waiting.subject), "exam check")
    if exam is not None:
        exam.await_check()


def drawn(bank: Sequence[ExamQuestion], many: int, by_chance: Random) -> list[ExamQuestion]:
    """So many of a bank by chance: of each topic and difficulty its share, within one."""
    kinds: defaultdict[tuple[Any, int], list[ExamQuestion]] = defaultdict(list)
    for question in bank:
        kinds[question.topic_id, question.difficulty].append(question)
    shares = {kind: many * len(held) / len(bank) for kind, held in kinds.items()}
    places = {kind: int(share) for kind, share in shares.items()}
    order = list(kinds)
    by_chance.shuffle(order)
    order.sort(key=lambda kind: shares[kind] - places[kind], reverse=True)
    for kind in order[: many - sum(places.values())]:
        places[kind] += 1
    found = [each for kind, held in kinds.items() for each in by_chance.sample(held, places[kind])]
    by_chance.shuffle(found)
    return found


def _apart(hands: Hands, makers: set[int], able: set[int]) -> set[int]:
    """Who of these made nothing of it, and has their role from nobody who did."""
    able = able - makers
    return {
        one
        for one in able
        if not any(maker in hands.behind(one) or hands.bars(maker, one, able) for maker in makers)
    }


class ExamRelease(Record):
    """A reviewer has read an exam with what is right, as it was then. It goes when a key changes."""

    exam = ForeignKeyField(Exam, unique=True, on_delete="CASCADE")
    exam_id: int
    by = ForeignKeyField(Person, on_delete="RESTRICT", index=False)
    by_id: int
    topic = ForeignKeyField(Topic, on_delete="CASCADE", index=False)
    topic_id: int
    draws = IntegerField()
    pass_mark = IntegerField()

    def is_of(self, exam: Exam) -> bool:
        """Whether the exam is still the one that was read."""
        released = (self.topic_id, self.draws, self.pass_mark)
        return released == (exam.course.topic_id, exam.draws, exam.pass_mark)


class ExamQuestion(Editable):
    """A question of the bank of one exam. What its answers are stands in no event, notice or index."""

    called = EXAM_QUESTION

    exam = ForeignKeyField(Exam, on_delete="CASCADE", index=False)
    exam_id: int
    sort = CharField(20, default="single", verbose_name=Phrase.among("exams", "Sort"))
    """A key of marking.SORTS."""
    text = TextField(verbose_name=Phrase.among("exams", "Question"))
    answers = TextField(verbose_name=Phrase("Answers"))
    """As marking reads them: the right ones among them."""
    reason = TextField(default="", verbose_name=Phrase("Why it is so"))
    topic = ForeignKeyField(Topic, null=True, on_delete="SET NULL", index=False, verbose_name=Phrase("Topic"))
    topic_id: int | None
    difficulty = IntegerField(default=2, verbose_name=Phrase("Difficulty"))
    article = ForeignKeyField(Article, null=True, on_delete="RESTRICT", verbose_name=Phrase("Article"))
    article_id: int | None
    answer = ForeignKeyField(Answer, null=True, on_delete="RESTRICT", index=False)
    answer_id: int | None
    scope = CharField(40, null=True)
    """For whom the answer has to be the best, as BestAnswer has it; null: for anyone."""
    number = IntegerField(null=True)
    """The version of the article or answer that it was last checked against."""
    state = StateField(QuestionUse, max_length=20, default=DRAFT, verbose_name=Phrase("State"))
    writer = ForeignKeyField(Person, on_delete="RESTRICT")
    writer_id: int
    renewed_at = UtcDateTimeField(null=True)
    """When it was checked after its knowledge had changed: who was certified before is asked anew."""

    class Meta:
        indexes = ((("exam", "state", "id"), False), (("exam", "renewed_at"), False))
        constraints = [
            Check("sort IN ('single', 'multiple', 'true_false', 'order', 'match', 'numeric', 'text')"),
            Check("state IN ('draft', 'ready', 'check', 'gone')"),
            Check("difficulty BETWEEN 1 AND 3"),
        ]

    @property
    def name(self) -> str:
        """Where it is only named."""
        return self.text if len(self.text) <= SHORT else f"{self.text[: SHORT - 1]}…"

    @property
    def sort_words(self) -> Phrase:
        return marking.SORTS[self.sort]

    @property
    def difficulty_words(self) -> Phrase:
        return DIFFICULTIES[self.difficulty]

    @classmethod
    def open_to(cls, person: Person) -> ModelSelect[Self]:
        """Questions of the banks that a person may read, with exam and course."""
        return cls.select(cls, Exam, Course).join(Exam).join(Course).where(Course.is_made_by(person))

    @classmethod
    def with_sources(cls, ids: Sequence[int]) -> dict[int, ExamQuestion]:
        """Questions by id, whatever has become of them, with what they ask about."""
        if not ids:
            return {}
        found = list(along(cls.select().where(cls.id.in_(ids)), cls.article, whole=True))
        wanted = Answer.select().where(Answer.id.in_([each.answer_id for each in found if each.answer_id]))
        answers = {each.id: each for each in along(wanted, Answer.question, whole=True)}
        for each in found:
            each.answer = answers.get(each.answer_id) if each.answer_id else None
        return {each.id: each for each in found}

    @classmethod
    def best_instead(cls, many: Iterable[ExamQuestion]) -> dict[int, Answer | None]:
        """By id, those that call an answer right which is not the best any more, with what is."""
        asking = [each for each in many if each.answer is not None]
        best = BestAnswer.whole().where(
            BestAnswer.question.in_([each.answer.question_id for each in asking if each.answer])
        )
        now = defaultdict[int, dict[str, Answer]](dict)
        for row in best if asking else ():
            now[row.question_id][row.scope] = row.answer
        found: dict[int, Answer | None] = {}
        for each in asking:
            held = now[each.answer.question_id] if each.answer else {}
            fine = held.values() if each.scope is None else [held.get(each.scope)]
            if each.answer not in fine:
                found[each.id] = held.get(each.scope or "")
        return found

    @classmethod
    def is_outdated(cls) -> Any:
        """The condition that what it asks about has changed since it was last checked, was put away, or is
        no longer the best answer.
        """
        moved = (Article.text_number != cls.number) | (Article.state != "published")
        articles = Article.select(1).where((Article.id == cls.article) & moved)
        for_whom = cls.scope.is_null() | (BestAnswer.scope == cls.scope)
        best = BestAnswer.select(1).where((BestAnswer.answer == Answer.id) & for_whom)
        moved = (Answer.version != cls.number) | Question.archived_at.is_null(False) | ~fn.EXISTS(best)
        answers = Answer.select(1).join(Question).where((Answer.id == cls.answer) & moved)
        return fn.EXISTS(articles) | fn.EXISTS(answers)

    @property
    def is_withdrawn(self) -> bool:
        """Whether what it asks about was put away: to be taken out, or asked without it."""
        if self.article is not None:
            return bool(self.article.state != "published")
        return self.answer is not None and self.answer.question.archived_at is not None

    @property
    def is_superseded(self) -> bool:
        """Whether the answer that it calls right is not the best any more."""
        if self.answer_id is None:
            return False
        best = BestAnswer.select().where(BestAnswer.answer == self.answer_id)
        return not (best if self.scope is None else best.where(BestAnswer.scope == self.scope)).exists()

    @property
    def best_now(self) -> Answer | None:
        """What is the best answer in the place of the one that it calls right."""
        if self.answer is None:
            return None
        best = BestAnswer.whole().where(BestAnswer.question == self.answer.question_id)
        found = best.where(BestAnswer.scope == (self.scope or "")).first()
        return found.answer if found is not None else None

    @property
    def source(self) -> Article | Answer | None:
        """What it asks about: to be read again by who was wrong."""
        return self.article or self.answer

    @property
    def source_asked(self) -> SourceAsked:
        """What it asks about: of an article or an answer one question is drafted, and one of another sort."""
        is_further = self.sort == ("order" if self.article_id else "true_false")
        return self.article_id, self.answer_id, self.scope, is_further

    @property
    def source_name(self) -> str:
        """What that is called."""
        known = self.source
        return known.question.text if isinstance(known, Answer) else known.title if known else ""

    @property
    def present_number(self) -> int | None:
        """The present version of what it asks about."""
        return self.article.text_number if self.article else self.answer.version if self.answer else None

    @classmethod
    def faults(cls, values: Mapping[str, Any]) -> dict[str, Phrase]:
        """What is wrong with these facts, by field."""
        found: dict[str, Phrase] = {}
        if "text" in values and not (values["text"] or "").strip():
            found["text"] = Phrase("Write the question.")
        if "sort" in values and "answers" in values and values["sort"] in marking.SORTS:
            fault = marking.faults(values["sort"], values["answers"] or "")
            found |= {"answers": fault} if fault else {}
        return {**what_tells(values, "text", "answers", "reason"), **found}

    @classmethod
    def add(
        cls,
        exam: Exam,
        *,
        by: Person,
        sort: str,
        text: str,
        answers: str,
        **facts: Any,
    ) -> ExamQuestion:
        """Write a question into the bank, as a draft. Raises Invalid."""
        if faults := cls.faults({"sort": sort, "text": text, "answers": answers, **facts}):
            raise Invalid(faults)
        made = cls(exam=exam, sort=sort, text=text.strip(), answers=answers, writer=by, **facts)
        made.number = made.present_number
        with db.atomic():
            made.save(force_insert=True)
            made.track("added", by=by)
        return made

    def edit(self, *, by: Any, version: int | None = None, **values: Any) -> dict[str, list[Any]]:
        """Change it; its event says which fields, never what is right. Raises Invalid and Stale."""
        sort, answers = values.get("sort", self.sort), values.get("answers", self.answers)
        if faults := self.faults({**values, "sort": sort, "answers": answers}):
            raise Invalid(faults)
        changes = self.changed_fields(values)
        if changes:
            if version is not None and version != self.version:
                raise Stale(self)
            if not changes.keys().isdisjoint({"article", "answer"}):
                values |= self._of_another({"article": self.article, "answer": self.answer} | values)
            elif "answers" in changes and self.is_superseded:
                values |= self._of_what_is_best()
            with db.atomic():
                self.write(**values)
                self.track("edited", by=by, changes={name: [None, None] for name in changes})
                if self.state in (READY, CHECK) and not changes.keys().isdisjoint(KEY):
                    self.exam.unrelease()
                if self.state == CHECK:
                    self.exam.await_check()
        return changes

    def _of_another(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """It asks about another article or answer: as that is now, for whomever it is the best. Where what it
        called right is the best no more, it is checked all the same.
        """
        article, answer = values["article"], values["answer"]
        if article is not None and article != self.article:
            answer = None
        elif answer is not None:
            article = None
        number = article.text_number if article else answer.version if answer else None
        found = {"article": article, "answer": answer, "scope": None, "number": number}
        return found | ({"state": CHECK} if self.state == READY and self.is_superseded else {})

    def _of_what_is_best(self) -> dict[str, Any]:
        """Its key is written anew because another answer is best: it asks about that one, and who was
        certified before hears of it once it is checked.
        """
        best = self.best_now
        found = {"answer": best, "scope": self.scope if best else None, "number": best and best.version}
        return found | ({"state": CHECK} if self.state == READY else {})

    def put_to_use(self, *, by: Person) -> None:
        """Let exams draw it; twice is harmless. Raises Invalid."""
        if self.state in (READY, CHECK):
            return
        if (why := self.why_unusable) is not None:
            raise why
        with db.atomic():
            self._use(by=by)
            self.exam.unrelease()

    def _use(self, *, by: Person) -> None:
        self.write(state=READY, number=self.present_number)
        self.track("put to use", by=by)

    @property
    def why_unusable(self) -> Invalid | None:
        """Why no exam can ask it."""
        if faults := self.faults({"text": self.text, "sort": self.sort, "answers": self.answers}):
            return Invalid(faults)
        return Invalid(self._gone) if self._gone is not None else None

    @property
    def _gone(self) -> Phrase | None:
        """What has become of that which it asks about."""
        return WITHDRAWN if self.is_withdrawn else SUPERSEDED if self.is_superseded else None

    def take_out(self, *, by: Person) -> None:
        """No exam draws it any more; exams that drew it keep it: without what was drawn so far an exam is
        another one than was released. Twice is harmless.
        """
        if self.state == GONE:
            return
        was_drawn = self.state == READY
        with db.atomic():
            self.write(state=GONE)
            self.track("taken out", by=by)
            if was_drawn:
                self.exam.unrelease()
            self.exam.await_check()

    def bring_back(self, *, by: Person) -> None:
        """Into the bank again, as a draft that is read before an exam draws it. Twice is harmless."""
        if self.state == GONE:
            with db.atomic():
                self.write(state=DRAFT)
                self.track("brought back", by=by)

    def check(self, *, by: Person, is_minor: bool) -> bool:
        """It is right again after its knowledge changed; false when it was already.

        Unless the change is minor, who was certified before is asked it anew. Raises Invalid when that
        knowledge was put away, or is no longer the best answer.
        """
        if self.state != CHECK:
            return False
        if (why := self._gone) is not None:
            raise Invalid(why)
        renewed = self.renewed_at if is_minor else clock.now()
        self.write(state=READY, number=self.present_number, renewed_at=renewed)
        self.track("checked", by=by)
        self.exam.await_check()
        return True


def note_changed() -> int:
    """Mark the questions whose article or answer has a new version: their owner checks them (RULES 4.13)."""
    changed = ExamQuestion.select(ExamQuestion, Exam, Course).join(Exam).join(Course)
    changed = changed.where((ExamQuestion.state == READY) & ExamQuestion.is_outdated()).limit(1000)
    found = list(changed)
    with db.atomic():
        for question in found:
            question.write(state=CHECK)
            question.track("to be checked")
        for exam in {question.exam_id: question.exam for question in found}.values():
            exam.await_check()
    return len(found)


def await_releases() -> None:
    """Ask for the release of what was opened, or whose course was published or has another topic since."""
    for exam in Exam.select(Exam, Course).join(Course).where(Exam.is_open).order_by(Exam.id).limit(1000):
        exam.await_release()


def _knew(exam: Any, person: Any) -> ModelSelect[Exam]:
    """Whether somebody did or read anything of an exam or of a question in it, or wrote one."""
    questions = ExamQuestion.select(ExamQuestion.id).where(ExamQuestion.exam == exam)
    of_it = (Event.subject_kind == Exam.kind()) & (Event.subject == exam)
    of_them = (Event.subject_kind == ExamQuestion.kind()) & Event.subject.in_(questions)
    knew = Event.select(1).where((Event.actor == person) & (of_it | of_them) & Event.verb.in_(MADE + READ))
    wrote = ExamQuestion.select(1).where((ExamQuestion.exam == exam) & (ExamQuestion.writer == person))
    return Exam.select(Exam.id).where((Exam.id == exam) & (fn.EXISTS(knew) | fn.EXISTS(wrote)))


def _given_away(course: Any, since: Any) -> ModelSelect[Event]:
    of_it = (Event.subject_kind == Course.kind()) & (Event.subject == course)
    return Event.select().where(of_it & (Event.verb == "handed over") & (Event.at >= since))


_KNEW, _GIVEN_AWAY = Prepared[Any](_knew), Prepared[Event](_given_away)
_SEEN = Prepared[Exam](lambda ident: Exam.select(Exam, Course).join(Course).where(Exam.id == ident))
_OF = Prepared[Exam](lambda course: Exam.select(Exam, Course).join(Course).where(Exam.course == course))


def _bank(exam: Any, uses: Any, start: Any, size: Any) -> ModelSelect[ExamQuestion]:
    mine = ExamQuestion.select().where((ExamQuestion.exam == exam) & ExamQuestion.state.in_(uses))
    return along(mine, ExamQuestion.topic).order_by(ExamQuestion.id.desc()).limit(size).offset(start)


_BANK = Prepared[ExamQuestion](_bank)
_READ_BY = Prepared[Any](
    lambda exam, person: (
        Event.select(Event.id)
        .where((Event.subject_kind == Exam.kind()) & (Event.subject == exam) & (Event.actor == person))
        .where(Event.verb.in_(READ))
        .limit(1)
    )
)
_USES = Prepared[Any](
    lambda exam: (
        ExamQuestion.select(ExamQuestion.state, fn.COUNT(ExamQuestion.id))
        .where(ExamQuestion.exam == exam)
        .group_by(ExamQuestion.state)
    )
)
_RELEASE = Prepared[ExamRelease](lambda exam: ExamRelease.select().where(ExamRelease.exam == exam))


UNSEEN = {"number": 0}
"""Of which version a question is whose text lies in another article now: its owner looks at it again."""


def _seen_since(question: ExamQuestion) -> dict[str, int]:
    """What its owner made fit the text that it went on with fits the one it comes back to no more."""
    return {} if question.number == UNSEEN["number"] else UNSEEN


goes_on(ExamQuestion.article, lambda article: UNSEEN, since=_seen_since)
