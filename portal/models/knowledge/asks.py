"""A colleague who is asked a question: what they make of it, each once."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Self

from peewee import Check, ForeignKeyField, IntegerField, JSONField, ModelSelect, fn

from portal import clock
from portal.i18n import Phrase, names
from portal.models.base.database import db
from portal.models.base.fields import StateField, UtcDateTimeField
from portal.models.base.record import Invalid, Record, along
from portal.models.knowledge.precedence import INSTEAD, Precedence
from portal.models.knowledge.questions import Answer, Question
from portal.models.knowledge.words import ASK, AskState
from portal.models.people.absences import Absence
from portal.models.people.needs import URGENT
from portal.models.people.notices import Notice
from portal.models.people.people import Person, auditors
from portal.models.work.clocks import Clock

WAITS = ("ask", URGENT)
"""What waits for who is asked: as it comes, or at once."""


class Ask(Record):
    """One person who is asked one question."""

    called = ASK

    question = ForeignKeyField(Question, on_delete="CASCADE", index=False)
    question_id: int
    person = ForeignKeyField(Person, on_delete="RESTRICT", index=False, backref="asks")
    person_id: int
    handed_by = ForeignKeyField(
        Person, null=True, on_delete="RESTRICT", index=False, backref="asks_handed_on"
    )
    """The colleague who named them; none where the portal did."""
    handed_by_id: int | None
    round = IntegerField()
    """With the how manieth group they were asked."""
    state = StateField(AskState, max_length=20, default=AskState.OPEN, verbose_name=Phrase("State"))
    why = JSONField(default=dict)
    """Why they were asked: `evidence`, [[msgid, how many]]; `answered`, the ids of questions like it."""
    due_at = UtcDateTimeField()
    """From when on it is ignored."""
    ended_at = UtcDateTimeField(null=True)
    ignored_at = UtcDateTimeField(null=True)
    """When others were asked because this one had said nothing."""

    class Meta:
        indexes = (
            (("question", "person"), True),
            (("person", "state"), False),
            (("person", "ignored_at"), False),
        )
        constraints = [
            Check("state IN ('open', 'answered', 'declined', 'handed on', 'over', 'left')"),
            Check("(state = 'open') = (ended_at IS NULL)"),
            Check("handed_by_id IS NULL OR handed_by_id <> person_id"),
        ]

    # -------------------------------------------------------------- who may

    @classmethod
    def of(cls, question: Question) -> list[Self]:
        """All who were asked a question, in that order, with their names."""
        asked = along(cls.select().where(cls.question == question), cls.person, cls.handed_by)
        return list(asked.order_by(cls.id))

    @classmethod
    def mine(cls, question: Question, person: Person) -> Self | None:
        """That this person was asked, if they were."""
        return cls.get_or_none((cls.question == question) & (cls.person == person))

    @property
    def url(self) -> str:
        return f"/questions/{self.question_id}#your-answer"

    @property
    def name(self) -> str:
        """What is asked: in the words of the question."""
        return self.question.name

    @property
    def is_open(self) -> bool:
        return bool(self.state == AskState.OPEN)

    def answerable_by(self, person: Person) -> bool:
        """Whoever is asked, while they are."""
        return person.is_active and self.is_open and self.person_id == person.id

    def may_hand_on(self, person: Person) -> bool:
        """Whoever is asked, once: what a colleague handed on is not handed on further, nor back."""
        return self.answerable_by(person) and self.handed_by_id is None

    @property
    def reason(self) -> Phrase:
        """Why they were asked, in a sentence."""
        known = [
            Phrase("%(kind)s: %(count)s", kind=Phrase(kind), count=count)
            for kind, count in self.why.get("evidence", ())
        ]
        answered = len(self.why.get("answered", ()))
        if self.handed_by is not None:
            return Phrase("%(who)s handed it on to them.", who=names(self.handed_by))
        if self.why.get("stands in for"):
            return Phrase("Stands in for %(who)s, who is away.", who=self.why["stands in for"])
        if known and answered:
            return Phrase(
                "Knows its topics (%(evidence)s) and answered questions like it: %(count)s.",
                evidence=known,
                count=answered,
            )
        if known:
            return Phrase("Knows its topics (%(evidence)s).", evidence=known)
        if answered:
            return Phrase("Answered questions like it: %(count)s.", count=answered)
        return INSTEAD.get(self.why.get("instead", ""), INSTEAD["here"])

    @property
    def precedence(self) -> Precedence | None:
        """Why they came before others as they were asked, term by term; None of whom nothing was known."""
        kept = self.why.get("precedence")
        return Precedence.read(kept) if kept else None

    # -------------------------------------------------------------- for the order in which people are asked

    @classmethod
    def open_by_person(cls, people: Collection[int]) -> dict[int, int]:
        """How many questions each of these people is asked and has not said anything to; those with some."""
        return cls._counted(people, cls.state == AskState.OPEN)

    @classmethod
    def ignored_by_person(cls, people: Collection[int], since: datetime) -> dict[int, int]:
        """How many questions each of these people ignored since a moment; those with some (RULES 4.5)."""
        return cls._counted(people, cls.ignored_at >= since)

    @classmethod
    def _counted(cls, people: Collection[int], which: Any) -> dict[int, int]:
        rows: Any = cls.select(cls.person, fn.COUNT(cls.id)).where(cls.person.in_(sorted(people)) & which)
        return dict(rows.group_by(cls.person).tuples()) if people else {}

    # -------------------------------------------------------------- its life

    @classmethod
    def put(
        cls,
        question: Question,
        person: Person,
        *,
        round: int,
        due_at: datetime,
        why: Mapping[str, Any] | None = None,
        urgent_by: datetime | None = None,
        handed_by: Person | None = None,
    ) -> bool:
        """Ask someone, once: false where they were asked before. They are told, and it waits for them, until
        `urgent_by` while a customer holds the line.
        """
        facts = {"question": question, "person": person, "round": round, "due_at": due_at}
        facts |= {"why": dict(why or {}), "handed_by": handed_by, "state": AskState.OPEN}
        facts |= {"created_at": clock.now()}
        with db.atomic():
            if not cls.insert(facts).on_conflict_ignore().execute():
                return False
            made = cls.get((cls.question == question) & (cls.person == person))
            made.question = question
            made._wait(urgent_by)
            made.track("asked", by=handed_by, changes={"person": [None, person.id]})
        return True

    @classmethod
    def pass_over(cls, question: Question, person: Person, *, handed_by: Person, due_at: datetime) -> None:
        """Somebody is named who is not asked all the same: they cannot be named again."""
        facts = {"question": question, "person": person, "handed_by": handed_by, "due_at": due_at, "round": 1}
        facts |= {"state": AskState.DECLINED, "ended_at": clock.now(), "created_at": clock.now(), "why": {}}
        cls.insert(facts).on_conflict_ignore().execute()

    def _wait(self, urgent_by: datetime | None) -> None:
        what, question = WAITS[urgent_by is not None], self.question
        told = Phrase("Can you answer “%(question)s”?", question=question.text)
        if urgent_by is not None:
            told = Phrase("The customer is on the phone: “%(question)s”", question=question.text)
        if self.handed_by is not None:
            who = names(self.handed_by)
            handed = Phrase("%(who)s hands “%(question)s” on to you.", who=who, question=question.text)
            told = handed if urgent_by is None else told
        Clock.start(
            self,
            what,
            about=question,
            who=self.person,
            text=told,
            url=self.url,
            due_at=urgent_by or self.due_at,
        )
        key = f"{self} asked {clock.now():%Y%m%d%H%M%S}"
        Notice.tell(self.person, told, about=question, url=self.url, key=key, waits=f"{self} {what}")

    def decline(self, *, by: Person) -> bool:
        """They leave it to others: it costs nothing. False where it was over already."""
        return self._end(AskState.DECLINED, by=by)

    def leave(self) -> bool:
        """Who was asked works here no longer, or is away."""
        return self._end(AskState.LEFT, by=None)

    def give_away(self, *, by: Person) -> bool:
        """They named a colleague instead. False where it was over already."""
        return self._end(AskState.HANDED_ON, by=by)

    @classmethod
    def reopenable(cls, question: Question) -> ModelSelect[Self]:
        """Who was asked until asking ended, and is here today to be asked again, in their old order."""
        here = Person.deactivated_at.is_null() & Person.id.not_in(auditors())
        here &= Person.id.not_in(sorted(Absence.away()))
        over = (cls.question == question) & (cls.state == AskState.OVER)
        return cls.select().join(Person, on=cls.person).where(over & here).order_by(cls.id)

    def reopen(self, *, due_at: datetime, urgent_by: datetime | None) -> bool:
        """It was over, and is asked again."""
        mine = (Ask.id == self.id) & (Ask.state == AskState.OVER)
        with db.atomic():
            again = {"state": AskState.OPEN, "ended_at": None, "due_at": due_at}
            if done := bool(Ask.update(again).where(mine).execute()):
                self.due_at = due_at
                self._wait(urgent_by)
        return done

    def _end(self, state: AskState, *, by: Person | None) -> bool:
        """Of two who end it, one did."""
        open_still = (Ask.id == self.id) & (Ask.state == AskState.OPEN)
        now = clock.now()
        ended = {"state": state, "ended_at": now}
        with db.atomic():
            if done := bool(Ask.update(ended).where(open_still).execute()):
                self.state, self.ended_at = state, now
                for what in WAITS:
                    Clock.stop(self, what)
                self.track(str(state), by=by)
        return done

    @classmethod
    def note_ignored(cls, question: Question) -> int:
        """Others are asked as well: who had their time, is here and said nothing ignored it. How many."""
        late = (cls.question == question) & (cls.state == AskState.OPEN) & (cls.due_at <= clock.now())
        late &= cls.person.not_in(sorted(Absence.away()))
        return int(cls.update(ignored_at=clock.now()).where(late & cls.ignored_at.is_null()).execute())

    @classmethod
    def end_all(cls, question: Question) -> None:
        """Nobody is asked any more; who did answer has answered, however late."""
        now, mine = clock.now(), cls.question == question
        answered = cls.person.in_(Answer.select(Answer.author).where(Answer.question == question))
        waits = cls.state.in_([AskState.OPEN, AskState.OVER])
        with db.atomic():
            open_still = [ask.id for ask in cls.select(cls.id).where(mine & (cls.state == AskState.OPEN))]
            said = {"state": AskState.ANSWERED, "ended_at": now}
            cls.update(said).where(mine & waits & answered).execute()
            over = {"state": AskState.OVER, "ended_at": now}
            cls.update(over).where(mine & (cls.state == AskState.OPEN)).execute()
            for what in WAITS:
                Clock.stop_many(cls.kind(), what, open_still)


def handing_on(question: Question, by: Person) -> ModelSelect[Person]:
    """To whom somebody may hand a question on: whoever may answer it and was not asked. Whether its asker is
    among them tells nothing where they stay unnamed.
    """
    asked = Ask.select(Ask.person).where(Ask.question == question)
    here = Person.deactivated_at.is_null() & (Person.id != by.id) & Person.id.not_in(asked)
    here &= Person.id.not_in(auditors()) & Person.id.not_in(sorted(Absence.away()))
    if not question.is_anonymous:
        here &= Person.id != question.asker_id
    return Person.select().where(here).order_by(Person.sort_name, Person.id)


def check_handing_on(ask: Ask, to: Person | None, by: Person) -> Person:
    """Raises Invalid for whom it cannot be handed on to."""
    if to is None or not handing_on(ask.question, by).where(Person.id == to.id).exists():
        raise Invalid({"to": Phrase("Choose a colleague who was not asked yet.")})
    if ask.handed_by_id is not None:
        raise Invalid(Phrase("A colleague handed this on to you: answer it, or leave it to others."))
    return to
