"""Attempts at an exam: begun once, kept by the portal, answered question by question until their deadline.

All of it stands in the database before the first question is shown: which questions, in which order, what is
right, and until when. The browser is told none of the last two that could be of use: only how long there is.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import SystemRandom
from typing import Any, Self

from peewee import BooleanField, CharField, Check, ForeignKeyField, IntegerField, JSONField, ModelSelect, fn

from portal import clock, i18n
from portal.i18n import Phrase
from portal.models.base import guards
from portal.models.base.database import db
from portal.models.base.fields import TextField, UtcDateTimeField
from portal.models.base.prepared import Prepared
from portal.models.base.record import Invalid, Record
from portal.models.company.settings import Setting
from portal.models.learning import marking
from portal.models.learning.certificates import Certificate
from portal.models.learning.courses import Course
from portal.models.learning.enrolments import Enrolment
from portal.models.learning.exams import Exam, ExamQuestion
from portal.models.learning.words import ATTEMPT, AttemptState
from portal.models.people.notices import Notice
from portal.models.people.people import Person
from portal.models.work.clocks import Clock, step

DAY = timedelta(hours=24)
DELTA_QUESTIONS = 5
SETTLED = "OLD.passed IS NOT NULL"
OVER = Phrase("This exam is over: nothing is taken any more.")


class Attempt(Record):
    """One person's try at an exam, or at the short test after a change (`is_delta`)."""

    called = ATTEMPT

    exam = ForeignKeyField(Exam, on_delete="RESTRICT", index=False)
    exam_id: int
    person = ForeignKeyField(Person, on_delete="RESTRICT")
    person_id: int
    number = IntegerField()
    """1 for their first at this exam: of two that are begun at one moment the database refuses one."""
    is_delta = BooleanField(default=False)
    started_at = UtcDateTimeField()
    deadline_at = UtcDateTimeField()
    ended_at = UtcDateTimeField(null=True)
    pass_mark = IntegerField()
    """In percent, as it was when it began."""
    asked = IntegerField()
    """So many questions."""
    right_ones = IntegerField(null=True)
    passed = BooleanField(null=True)
    saves = IntegerField(default=0)
    """How often an answer was saved: counted to take turns with the end."""
    running = CharField(60, null=True, unique=True)
    """Set while it runs: one at a time."""

    class Meta:
        indexes = (
            (("exam", "person", "number"), True),
            (("exam", "ended_at", "id"), False),
        )
        constraints = [
            Check("asked > 0"),
            Check("right_ones IS NULL OR (right_ones >= 0 AND right_ones <= asked)"),
            Check("(passed IS NULL) = (ended_at IS NULL)"),
            Check("(running IS NULL) = (ended_at IS NOT NULL)"),
        ]

    @classmethod
    def create_table(cls, safe: bool = True, **options: Any) -> Any:
        super().create_table(safe, **options)
        guards.forbid_changes("attempt", when=SETTLED)

    # -------------------------------------------------------------- who may

    @classmethod
    def own(cls, person: Person) -> ModelSelect[Self]:
        """A person's own attempts, with exam and course: nobody opens another's."""
        found = cls.select(cls, Exam, Course).join(Exam).join(Course)
        return found.where(cls.person == person)

    @classmethod
    def running_of(cls, person: Person) -> list[Attempt]:
        """The attempts that a person has begun, and whose time is not over."""
        return _RUNNING(person=person.id)

    @classmethod
    def of(cls, exam: Exam, person: Person) -> list[Attempt]:
        """A person's attempts at an exam, newest first."""
        return _OF(exam=exam.id, person=person.id)

    @classmethod
    def counts_and_best(cls, exam: Exam, people: Sequence[int]) -> tuple[dict[int, int], dict[int, int]]:
        """How often each of these people has tried an exam to its end, and their best result in hundredths of
        a percent (RULES 4.13).
        """
        over = (cls.exam == exam) & cls.person.in_(people or [0]) & cls.ended_at.is_null(False)
        best = fn.MAX(cls.right_ones * 10_000 / cls.asked)
        rows: Any = cls.select(cls.person, fn.COUNT(cls.id), best).where(over & ~cls.is_delta)
        found = list(rows.group_by(cls.person).tuples())
        return {person: many for person, many, _ in found}, {person: result for person, _, result in found}

    @property
    def name(self) -> str:
        return str(self.exam.course.title)

    # -------------------------------------------------------------- how it stands

    @property
    def is_over(self) -> bool:
        """Whether nothing is taken any more: it was handed in, or its time has passed."""
        return self.ended_at is not None or self.deadline_at <= clock.now()

    @property
    def state(self) -> AttemptState:
        if self.passed is None:
            return AttemptState.RUNNING
        return AttemptState.PASSED if self.passed else AttemptState.FAILED

    @property
    def score(self) -> int:
        """In hundredths of a percent."""
        return (self.right_ones or 0) * 10_000 // self.asked

    @property
    def seconds_left(self) -> int:
        """By the portal's clock."""
        return max(0, int((self.deadline_at - clock.now()).total_seconds()))

    @property
    def questions(self) -> list[AttemptQuestion]:
        """In the order in which they are asked."""
        return list(
            AttemptQuestion.select().where(AttemptQuestion.attempt == self).order_by(AttemptQuestion.place)
        )

    # -------------------------------------------------------------- its life

    @classmethod
    def begin(cls, exam: Exam, *, by: Person) -> Attempt:
        """Begin an exam; while one runs, it is that: in another tab, after a reload, on another device.

        Raises Invalid, with the moment from which on another attempt is possible.
        """
        running = cls.get_or_none(cls.running == f"{exam} {by}")
        if running is not None and not running.is_over:
            return running
        with db.atomic():
            if running is not None:
                running.end()
            certificate = Certificate.of(exam, by)
            is_delta = certificate is not None and certificate.holds and certificate.delta_due_at is not None
            if (free_at := cls.free_at(exam, by, is_delta=is_delta)) is not None:
                at = i18n.moment(free_at)
                raise Invalid(
                    Phrase(
                        "You have used your attempts for now. The next one is possible from %(at)s on.", at=at
                    )
                )
            by_chance = SystemRandom()
            if is_delta:
                assert certificate is not None
                changed = list(certificate.changed().where(~ExamQuestion.is_outdated()))
                questions = by_chance.sample(changed, min(len(changed), DELTA_QUESTIONS))
                return cls._begin(exam, by, questions, Setting.read("exam.delta_minutes"), is_delta=True)
            cls._check(exam, by)
            return cls._begin(exam, by, exam.draw(by_chance), exam.minutes, is_delta=False)

    @staticmethod
    def _check(exam: Exam, by: Person) -> None:
        if not exam.is_open:
            raise Invalid(Phrase("This exam is not open yet."))
        if (mine := Enrolment.of(exam.course, by)) is None:
            raise Invalid(Phrase("Enrol in the course first."))
        mine.check_begun()

    @classmethod
    def delta_of(cls, certificate: Certificate) -> tuple[int, int]:
        """How many questions the short test of a certificate asks, and how many of them have to be right."""
        asked = min(certificate.changed().count(), DELTA_QUESTIONS)
        return asked, -(-asked * certificate.exam.pass_mark // 100)

    @classmethod
    def free_at(cls, exam: Exam, person: Person, *, is_delta: bool) -> datetime | None:
        """From when on another attempt is possible; None when it is now: two in 24 hours (RULES 4.13)."""
        most = Setting.read("exam.attempts")
        since = clock.now() - DAY
        recent = _RECENT(exam=exam.id, person=person.id, is_delta=is_delta, since=since)[:most]
        return recent[-1].started_at + DAY if len(recent) == most else None

    @classmethod
    def _begin(
        cls, exam: Exam, by: Person, questions: Sequence[ExamQuestion], minutes: int, *, is_delta: bool
    ) -> Attempt:
        if not questions:
            raise Invalid(Phrase("The questions of this exam are being checked. Try again in a day or two."))
        mine = (cls.exam == exam) & (cls.person == by)
        number = (cls.select(fn.MAX(cls.number)).where(mine).scalar() or 0) + 1
        now = clock.now()
        attempt = cls.create(
            exam=exam,
            person=by,
            number=number,
            is_delta=is_delta,
            started_at=now,
            deadline_at=now + timedelta(minutes=minutes),
            pass_mark=exam.pass_mark,
            asked=len(questions),
            running=f"{exam} {by}",
        )
        AttemptQuestion.insert_many(
            [_snapshot(attempt, question, place) for place, question in enumerate(questions, start=1)]
        ).execute()
        attempt.track("started", by=by)
        Clock.start(attempt, "attempt", steps={"deadline": attempt.deadline_at})
        return attempt

    def answer(
        self, place: int, sent: Sequence[str], *, by: Person, seen: str = "", is_changed: bool = False
    ) -> bool:
        """Keep what was answered to a question, as it is given; what was sent later counts. What was there
        and is sent empty is taken back.

        `seen`: what the page had shown as the answer, as `kept` has it: what a page only shows again is no
        answer, and another tab's stays; `is_changed`: it was changed on that page all the same. Raises
        Invalid when the time is over, whatever the browser's clock says, and for what cannot be marked.
        False when nothing was answered.
        """
        now = clock.now()
        with db.atomic():
            # Who ends it writes this row too: an answer is kept before, or not at all.
            running = (Attempt.id == self.id) & Attempt.ended_at.is_null() & (Attempt.deadline_at > now)
            if not Attempt.update(saves=Attempt.saves + 1).where(running).execute():
                raise Invalid(OVER)
            asked = AttemptQuestion.get_or_none(
                (AttemptQuestion.attempt == self) & (AttemptQuestion.place == place)
            )
            if asked is None:
                raise Invalid(Phrase("There is no such question."))
            given = marking.read(asked.sort, sent, len(asked.options), len(asked.lefts))
            if not is_changed and ",".join(given or ()) == seen:
                return given is not None
            if (why := marking.unread(asked.sort, given)) is not None:
                raise Invalid({"answer": why})
            if given is not None or not any(each.strip() for each in sent):
                kept: dict[str, Any] = {"given": given, "answered_at": now if given else None}
                AttemptQuestion.update(kept).where(AttemptQuestion.id == asked.id).execute()
        return given is not None

    def end(self, *, by: Person | None = None) -> bool:
        """Hand it in, or let its time be over: it is marked, once, and what it gives is given once.

        False when it was over already.
        """
        with db.atomic():
            open_still = (Attempt.id == self.id) & Attempt.ended_at.is_null()
            if not Attempt.update(saves=Attempt.saves + 1).where(open_still).execute():
                self.__data__.update(self.fresh().__data__)
                return False
            self._mark()
            in_time = by is not None and self.deadline_at > clock.now()
            self.track("handed in" if in_time else "time over", by=self.person_id)
            Clock.stop(self, "attempt")
            self._give()
        return True

    def _mark(self) -> None:
        right = [each.id for each in self.questions if marking.is_right(each.sort, each.right, each.given)]
        AttemptQuestion.update(is_right=AttemptQuestion.id.in_(right or [0])).where(
            AttemptQuestion.attempt == self
        ).execute()
        self.right_ones, self.ended_at = len(right), min(clock.now(), self.deadline_at)
        self.passed, self.running = len(right) * 100 >= self.pass_mark * self.asked, None
        names = ("right_ones", "ended_at", "passed", "running")
        Attempt.update({name: getattr(self, name) for name in names}).where(Attempt.id == self.id).execute()

    def _give(self) -> None:
        if not self.passed:
            return
        if self.is_delta:
            certificate = Certificate.of(self.exam, self.person)
            if certificate is not None and certificate.lapsed_at is None:
                certificate.confirm(asked_at=self.started_at)
            return
        facts: dict[str, Any] = {"score": self.score, "asked_at": self.started_at, "counts": self._counts}
        Certificate.issue(self.exam, self.person, **facts)
        if (enrolment := Enrolment.of(self.exam.course, self.person)) is not None:
            enrolment.look()

    @property
    def _counts(self) -> bool:
        """Whether it was begun under the release that its exam still has, and asked as much."""
        release = self.exam.release
        if release is None or release.created_at > self.started_at:
            return False
        return (self.asked, self.pass_mark) == (release.draws, release.pass_mark)


class AttemptQuestion(Record):
    """A question as it was asked in one attempt, and what was answered."""

    attempt = ForeignKeyField(Attempt, on_delete="CASCADE", index=False)
    attempt_id: int
    place = IntegerField()
    question = ForeignKeyField(ExamQuestion, on_delete="RESTRICT", index=False)
    question_id: int
    question_version = IntegerField()
    sort = CharField(20)
    text = TextField()
    lefts = JSONField(default=list)
    options = JSONField(default=list)
    right = JSONField()
    """By the numbers of the options as they are shown. It leaves this row once the attempt is over."""
    given = JSONField(null=True)
    answered_at = UtcDateTimeField(null=True)
    is_right = BooleanField(null=True)

    class Meta:
        indexes = ((("attempt", "place"), True), (("question", "is_right"), False))

    @property
    def choices(self) -> list[tuple[str, str]]:
        """What can be chosen: value and words."""
        words = [i18n.gettext(each) for each in marking.TRUTHS] if self.sort == "true_false" else self.options
        return [(str(number), text) for number, text in enumerate(words, start=1)]

    @property
    def kept(self) -> str:
        """What is kept as its answer, for a page to send back as `seen`."""
        return ",".join(self.given or ())

    @property
    def is_answered(self) -> bool:
        return self.given is not None

    def chose(self, value: str, at: int = 0) -> bool:
        """Whether this was given, among several or at one place."""
        given = self.given or []
        if self.sort in ("order", "match"):
            return at < len(given) and given[at] == value
        return value in given

    @property
    def given_words(self) -> list[str]:
        """What was answered, in words."""
        return self._told(self.given)

    @property
    def right_words(self) -> list[str]:
        """What is right, in words: for an attempt that is over."""
        if self.is_right is None:
            raise ValueError(f"{self}: what is right is told once the attempt is over")
        return self._told(self.right)

    def _told(self, answer: Sequence[str] | None) -> list[str]:
        return [i18n.gettext(each) for each in marking.told(self.sort, self.lefts, self.options, answer)]


def _snapshot(attempt: Attempt, question: ExamQuestion, place: int) -> dict[str, Any]:
    shown = marking.shown(question.sort, question.answers, SystemRandom())
    return {
        "attempt": attempt,
        "place": place,
        "question": question,
        "question_version": question.version,
        "sort": question.sort,
        "text": question.text,
        "lefts": shown.lefts,
        "options": shown.options,
        "right": shown.right,
        "created_at": attempt.started_at,
    }


@step("attempt", "deadline")
def time_over(waiting: Clock) -> None:
    """Whoever left in the middle has what they answered marked, and hears of it."""
    attempt = Attempt.get_or_none(Attempt.id == waiting.subject)
    if attempt is not None and attempt.deadline_at <= clock.now() and attempt.end():
        told = Phrase("The time for “%(course)s” is over: see your result.", course=attempt.exam.course.title)
        Notice.tell(attempt.person, told, about=attempt)


_OF = Prepared[Attempt](
    lambda exam, person: (
        Attempt.select()
        .where((Attempt.exam == exam) & (Attempt.person == person))
        .order_by(Attempt.number.desc())
        .limit(50)
    )
)


def _recent(exam: Any, person: Any, is_delta: Any, since: Any) -> ModelSelect[Attempt]:
    mine = (Attempt.exam == exam) & (Attempt.person == person) & (Attempt.is_delta == is_delta)
    found = Attempt.select(Attempt.id, Attempt.started_at).where(mine & (Attempt.started_at > since))
    return found.order_by(Attempt.started_at.desc(), Attempt.id.desc())


_RECENT = Prepared[Attempt](_recent)
_RUNNING = Prepared[Attempt](
    lambda person: (
        Attempt.select(Attempt, Exam, Course)
        .join(Exam)
        .join(Course)
        .where((Attempt.person == person) & Attempt.running.is_null(False))
        .limit(3)
    )
)
