"""What someone has proven, until when, and what they prove anew because knowledge has changed."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Self

from peewee import CharField, Check, ForeignKeyField, IntegerField, ModelSelect, fn

from portal import clock, i18n
from portal.i18n import Phrase
from portal.models.base.database import db
from portal.models.base.fields import UtcDateTimeField
from portal.models.base.prepared import Prepared
from portal.models.base.record import Event, Record, along
from portal.models.company.settings import Setting
from portal.models.expertise.expertise import Evidence
from portal.models.expertise.points import PointEntry
from portal.models.knowledge.articles import Article
from portal.models.knowledge.questions import Answer, Question
from portal.models.learning.courses import Course
from portal.models.learning.exams import READ, Exam, ExamQuestion
from portal.models.learning.words import CERTIFICATE, CertificateState
from portal.models.people.notices import Notice, title_of
from portal.models.people.people import Person
from portal.models.work.clocks import Clock, step

LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Without those that are read as others."""
MOST_HELD = 12
"""So many of a person's are shown to them."""
MOST_NAMED = 3


class Certificate(Record):
    """One person has passed one exam: it holds until its day, and passing once more renews it."""

    called = CERTIFICATE

    exam = ForeignKeyField(Exam, on_delete="CASCADE", index=False)
    exam_id: int
    person = ForeignKeyField(Person, on_delete="RESTRICT")
    person_id: int
    number = CharField(20, unique=True)
    """By which anyone here can check it."""
    score = IntegerField()
    """The best one, in hundredths of a percent."""
    issued_at = UtcDateTimeField(default=clock.now)
    confirmed_at = UtcDateTimeField(default=clock.now)
    """What was renewed in the bank before that was known to them."""
    expires_at = UtcDateTimeField()
    delta_due_at = UtcDateTimeField(null=True)
    """Until then the short test is due, after knowledge has changed."""
    lapsed_at = UtcDateTimeField(null=True)

    class Meta:
        indexes = ((("exam", "person"), True),)
        constraints = [Check("score >= 0 AND score <= 10000")]

    @property
    def name(self) -> str:
        return str(self.number)

    @classmethod
    def visible_to(cls, person: Person) -> ModelSelect[Self]:
        """Everyone here: what somebody has proven is evidence. With exam, course and person."""
        found = cls.select(cls, Exam, Course).join(Exam).join(Course)
        return along(found, cls.person, whole=True)

    @classmethod
    def held_by(cls, person: Person) -> list[Certificate]:
        """What a person has proven, the last first."""
        return _HELD(person=person.id)

    @classmethod
    def of(cls, exam: Exam, person: Person) -> Certificate | None:
        """What a person holds of an exam, valid or not."""
        return _OF.first(exam=exam.id, person=person.id)

    @classmethod
    def is_held(cls, course: int, person: int) -> bool:
        """Whether a person has passed the exam of a course, where it has one that is open. Who finishes the
        course while it is closed has it open again once the exam is.
        """
        exam = Exam.get_or_none((Exam.course == course) & Exam.is_open)
        return exam is None or cls.select().where((cls.exam == exam) & (cls.person == person)).exists()

    @property
    def state(self) -> CertificateState:
        if self.lapsed_at is not None:
            return CertificateState.LAPSED
        if self.expires_at <= clock.now():
            return CertificateState.EXPIRED
        return CertificateState.VALID if self.delta_due_at is None else CertificateState.CHANGED

    @property
    def holds(self) -> bool:
        """Whether it counts now."""
        return self.state in (CertificateState.VALID, CertificateState.CHANGED)

    @classmethod
    def is_in_force(cls) -> Any:
        """The condition that one counts now."""
        return cls.lapsed_at.is_null() & (cls.expires_at > clock.now())

    # -------------------------------------------------------------- its life

    @classmethod
    def issue(
        cls, exam: Exam, person: Person, *, score: int, asked_at: datetime, counts: bool = False
    ) -> Certificate:
        """The exam is passed: certified, or certified anew, with the best score so far. Points come once.

        `asked_at`: when its questions were drawn: what was renewed since was not among them.
        `counts`: the exam was released, so that it is evidence. What is evidence already and still holds is
        not renewed by passing an exam that was not.
        """
        now = clock.now()
        days = Setting.read("exam.valid_days")
        with db.atomic():
            facts: dict[str, Any] = {"exam": exam, "person": person, "number": _number(), "score": score}
            facts |= {"expires_at": now, "issued_at": now, "confirmed_at": now, "created_at": now}
            cls.insert(facts).on_conflict_ignore().execute()
            mine = cls.get((cls.exam == exam) & (cls.person == person))
            if not counts and mine.holds and mine.is_evidence:
                return mine
            mine.score, mine.issued_at, mine.confirmed_at = max(mine.score, score), now, asked_at
            mine.expires_at, mine.delta_due_at, mine.lapsed_at = now + timedelta(days=days), None, None
            mine.save()
            mine.track("issued", by=person)
            mine._count(counts)
            if counts:
                points, key = Setting.read("points.exam"), f"exam:{exam}:{person}"
                PointEntry.award(person, points, "exam passed", subject=exam.course, key=key)
        return mine

    @property
    def is_evidence(self) -> bool:
        """Whether it counts in the directory of experts now."""
        rests = (Evidence.subject_kind == self.kind()) & (Evidence.subject == self.id)
        return Evidence.select().where(rests & Evidence.withdrawn_at.is_null()).exists()

    def _count(self, counts: bool) -> None:
        """If it counts it is evidence until it expires, of its topic only as that is now."""
        topic = self.exam.course.topic_id if counts else None
        Evidence.withdraw(self, kind="certificate", but=topic)
        if topic:
            Evidence.record(self.person_id, topic, "certificate", self)
        for what in ("certificate", "delta"):
            Clock.stop(self, what)
        Clock.start(self, "certificate", steps={"expiry": self.expires_at})

    def _no_longer_counts(self) -> None:
        Evidence.withdraw(self, kind="certificate")
        for what in ("certificate", "delta"):
            Clock.stop(self, what)

    # -------------------------------------------------------------- when knowledge changes

    def changed(self) -> ModelSelect[ExamQuestion]:
        """The questions that were renewed since they proved that they know them."""
        since = ExamQuestion.renewed_at > self.confirmed_at
        return self.exam.questions.where(since & (ExamQuestion.state == "ready")).order_by(ExamQuestion.id)

    def to_read_again(self) -> list[Article | Question]:
        """The articles and questions of these, each once."""
        found: dict[str, Article | Question] = {}
        for each in along(self.changed(), ExamQuestion.article, ExamQuestion.answer, whole=True):
            known = each.source
            read = known.question if isinstance(known, Answer) else known
            if read is not None:
                found.setdefault(str(read), read)
        return list(found.values())

    def ask_again(self) -> bool:
        """What it certifies has changed: a short test is due within 14 days, and its holder hears why.

        False when that was said already.
        """
        if not self.holds or self.delta_due_at is not None or self._is_beyond():
            return False
        due = clock.now() + timedelta(days=Setting.read("exam.delta_days"))
        course, url = self.exam.course.title, self.exam.url
        with db.atomic():
            self.delta_due_at = due
            self.save()
            Clock.start(
                self,
                "delta",
                who=self.person,
                text=Phrase("Short test, because knowledge has changed: %(course)s", course=course),
                url=url,
                due_at=due,
                steps={"lapse": due},
            )
            told = Phrase(
                "What you are certified for has changed: %(changes)s. A short test keeps your certificate "
                "“%(course)s”: pass it by %(day)s.",
                changes=_titles([title_of(each) for each in self.to_read_again()]),
                course=course,
                day=clock.local(due).date().isoformat(),
            )
            Notice.tell(self.person, told, about=self, url=url, waits=f"{self} delta")
        return True

    def _is_beyond(self) -> bool:
        """Whether its holder knows the bank by now, and so owes no short test that they could not take."""
        if not self.exam.is_known_to(self.person):
            return False
        self._owe_nothing()
        return True

    def _owe_nothing(self) -> None:
        self.confirmed_at, self.delta_due_at = clock.now(), None
        self.save()
        self.track("short test not needed")

    def confirm(self, *, asked_at: datetime) -> None:
        """The short test is passed: it holds as before, and its day stays. `asked_at`: when it was drawn."""
        self.confirmed_at, self.delta_due_at = asked_at, None
        self.save()
        self.track("confirmed", by=self.person_id)
        Clock.stop(self, "delta")

    def look_again(self) -> bool:
        """Whether the short test can be taken still. While its questions wait for their owner, or the course
        is put away, it is not due, and is asked for anew afterwards; when none is left, or its holder has
        come to know the bank, nothing is owed.
        """
        waits = self.exam.questions.where((ExamQuestion.state == "check") | ExamQuestion.is_outdated())
        if self.exam.course.is_archived or waits.exists():
            self.delta_due_at = None
            self.save()
            self.track("short test put off")
        elif not self.changed().exists():
            self._owe_nothing()
        elif not self._is_beyond():
            return True
        Clock.stop(self, "delta")
        return False

    def lapse(self) -> None:
        """The short test was not passed in time, though it could be taken. Twice is harmless."""
        if self.delta_due_at is None or self.lapsed_at is not None or not self.look_again():
            return
        self.lapsed_at = clock.now()
        self.save()
        self._no_longer_counts()
        self.track("lapsed")
        told = Phrase(
            "Your certificate “%(course)s” has lapsed. Pass the exam once more.",
            course=self.exam.course.title,
        )
        Notice.tell(self.person, told, about=self)

    def expire(self) -> None:
        """Its time is over: it is no evidence any more."""
        self._no_longer_counts()
        self.track("expired")
        told = Phrase(
            "Your certificate “%(course)s” has expired. Pass the exam once more.",
            course=self.exam.course.title,
        )
        Notice.tell(self.person, told, about=self, key=f"{self} expired {self.expires_at.date()}")


@step("certificate", "expiry")
def expire(waiting: Clock) -> None:
    """Its day has come."""
    mine = Certificate.get_or_none(Certificate.id == waiting.subject)
    if mine is not None and mine.expires_at <= clock.now():
        mine.expire()


@step("delta", "lapse")
def lapse(waiting: Clock) -> None:
    """Nobody took the short test."""
    mine = Certificate.get_or_none(Certificate.id == waiting.subject)
    if mine is not None:
        mine.lapse()


@step("delta", "left")
def gone(waiting: Clock) -> None:
    """Who left takes no test."""
    Clock.stop(("certificate", waiting.subject), "delta")


def ask_certified() -> int:
    """Ask those certified who have not proven what was renewed since (RULES 4.13); gives how many.

    While questions of an exam still wait for their check, nobody is asked: then one test is about all of it.
    """
    waiting = ExamQuestion.select(ExamQuestion.exam).where(ExamQuestion.state == "check")
    renewed = ExamQuestion.select(1).where(
        (ExamQuestion.exam == Certificate.exam)
        & (ExamQuestion.state == "ready")
        & (ExamQuestion.renewed_at > Certificate.confirmed_at)
    )
    held = Certificate.select(Certificate, Exam, Course).join(Exam).join(Course)
    owed = held.where(Certificate.is_in_force() & Certificate.delta_due_at.is_null(False))
    for each in owed.where(
        Course.archived_at.is_null(False)
        | Certificate.exam.in_(waiting)
        | ~fn.EXISTS(renewed)
        | fn.EXISTS(_has_read())
        | (Course.owner == Certificate.person)
    ).limit(1000):
        each.look_again()
    due = held.where(
        Certificate.is_in_force()
        & Certificate.delta_due_at.is_null()
        & Course.archived_at.is_null()
        & Certificate.exam.not_in(waiting)
    )
    due = due.join_from(Certificate, Person, on=(Certificate.person == Person.id))
    active = due.where(Person.deactivated_at.is_null() & fn.EXISTS(renewed))
    return sum(each.ask_again() for each in active.limit(1000))


def _has_read() -> Any:
    """A query for the words that the holder of a certificate has read the bank of its exam."""
    of_it = (Event.subject_kind == Exam.kind()) & (Event.subject == Certificate.exam)
    return Event.select(1).where(of_it & Event.verb.in_(READ) & (Event.actor == Certificate.person))


def _titles(titles: Sequence[str]) -> str:
    named = [f"“{title}”" for title in titles]
    return i18n.join(named[:MOST_NAMED]) + ("…" if len(named) > MOST_NAMED else "")


def _number() -> str:
    drawn = "".join(secrets.choice(LETTERS) for _ in range(8))
    return f"{drawn[:4]}-{drawn[4:]}"


_OF = Prepared[Certificate](
    lambda exam, person: Certificate.select().where(
        (Certificate.exam == exam) & (Certificate.person == person)
    )
)
_HELD = Prepared[Certificate](
    lambda person: (
        along(
            Certificate.select(Certificate, Exam, Course).join(Exam).join(Course),
            Certificate.person,
            whole=True,
        )
        .where(Certificate.person == person)
        .order_by(Certificate.issued_at.desc())
        .limit(MOST_HELD)
    )
)
