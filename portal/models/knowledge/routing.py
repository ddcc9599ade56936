"""Asking experts: who is asked a question, who next, and what happens while nobody answers (RULES 4.5).

Three people at once; who leaves it to others is stood in for by the next. Three more after 4 working hours,
the alarm after 12. It ends with an answer, or when the question is put away or asked no more.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, Self

from peewee import JOIN, BooleanField, ForeignKeyField, IntegerField, JSONField

from portal import clock
from portal.i18n import Phrase, names
from portal.models.base.database import db
from portal.models.base.fields import UtcDateTimeField
from portal.models.base.record import Event, Invalid, Record, names_of
from portal.models.base.undoing import MEANWHILE
from portal.models.company.calendar import Calendar
from portal.models.company.settings import Setting
from portal.models.knowledge.asks import WAITS, Ask, check_handing_on
from portal.models.knowledge.experts import ASKED, Knower, may_answer, whom_to_ask
from portal.models.knowledge.questions import Question, when_brought_back, when_settled
from portal.models.knowledge.topic_rules import TopicRule
from portal.models.people.absences import Absence
from portal.models.people.notices import Notice
from portal.models.people.people import Person, Role, active_with, reviewers_of
from portal.models.work.clocks import Clock, ClockStep, step

ROUTING, ALARM = "routing", "ask alarm"
"""What goes on by itself while experts are asked, and what waits for whom the topic belongs to."""
MOST_LIKE = 50
"""So many questions like it say who may know."""


class Routing(Record):
    """How asking experts goes on for one question."""

    question = ForeignKeyField(Question, unique=True, on_delete="CASCADE")
    question_id: int
    like = JSONField(default=list)
    """Ids of questions like it, as search found them when it was asked, the likest first."""
    is_urgent = BooleanField(default=False)
    """Whether a customer holds the line."""
    round = IntegerField(default=1)
    """How many groups were asked."""
    since = UtcDateTimeField(default=clock.now)
    alarmed_at = UtcDateTimeField(null=True)
    ended_at = UtcDateTimeField(null=True)

    @classmethod
    def of(cls, question: Question) -> Self | None:
        """How it goes on for a question, if experts were ever asked."""
        return cls.get_or_none(cls.question == question)

    @classmethod
    def hold(cls, question: Question) -> Self | None:
        """As `of`, held until the transaction ends, so that nobody is asked while somebody else ends it; None
        where it does not go on.
        """
        running = (cls.question == question) & cls.ended_at.is_null()
        if not cls.update(round=cls.round).where(running).execute():
            return None
        found = cls.get(running)
        found.question = question
        return found

    @property
    def next_at(self) -> datetime | None:
        """When the next step is taken while nobody answers: further people, or the alarm."""
        mine = (
            Clock.running == f"{Question.kind()}-{self.question_id} {ROUTING}"
        ) & ClockStep.fired_at.is_null()
        steps = ClockStep.select().join(Clock).where(mine).order_by(ClockStep.due_at)
        found = steps.first() if self.is_running else None
        return found.due_at if found is not None else None

    @property
    def is_running(self) -> bool:
        return self.ended_at is None

    # -------------------------------------------------------------- its life

    @classmethod
    def put(
        cls, question: Question, *, by: Person, like: Sequence[int] = (), is_urgent: bool = False
    ) -> Self:
        """Ask experts; while they are asked, it is that. Raises Invalid for what has an answer or put away.

        `like`: ids of questions like it, the likest first. Withdrawn and asked again, those who were asked
        before are asked again.
        """
        if question.is_archived:
            raise Invalid(Phrase("This question is archived: bring it back first."))
        if question.state != "open":
            raise Invalid(Phrase("It has an answer already."))
        now, likes = clock.now(), [one for one in like if one != question.id][:MOST_LIKE]
        facts: dict[str, Any] = {"like": likes, "is_urgent": is_urgent, "round": 1, "since": now}
        facts |= {"alarmed_at": None, "ended_at": None}
        with db.atomic():
            # who answers, or puts it away, at the same moment waits for this, or was first
            still = (Question.id == question.id) & (Question.state == "open") & Question.archived_at.is_null()
            if not Question.update(version=Question.version).where(still).execute():
                raise Invalid(MEANWHILE)
            made = (
                cls.insert(question=question, created_at=now, **facts)
                .on_conflict_ignore()
                .as_rowcount()
                .execute()
            )
            mine = cls.question == question
            if made or cls.update(facts).where(mine & cls.ended_at.is_null(False)).execute():
                question.track("put to experts", by=by, changes={"urgent": [None, is_urgent]})
                cls.get(mine)._begin(question)
        return cls.get(mine)

    def _begin(self, question: Question) -> None:
        self.question, calendar = question, Calendar.read()
        self._ask_next(ASKED)
        hours = {"widen": "ask.widen_hours", "alarm": "ask.alarm_hours"}
        steps = {n: calendar.add_minutes(self.since, 60 * Setting.read(rule)) for n, rule in hours.items()}
        if self._urgent_by is not None:
            steps |= {"widen": self._urgent_by, "widen again": steps["widen"]}
        Clock.start(question, ROUTING, steps=steps)

    @property
    def _due_at(self) -> datetime:
        """From when on who is asked now, and says nothing, ignores it: urgent or not, in working hours."""
        return Calendar.read().add_minutes(clock.now(), 60 * Setting.read("ask.widen_hours"))

    @property
    def _urgent_by(self) -> datetime | None:
        minutes = Setting.read("ask.urgent_minutes")
        return Calendar.read().add_minutes(clock.now(), minutes) if self.is_urgent else None

    def _ask_next(self, size: int) -> None:
        """Ask so many: first those whom an earlier asking left, then who was not asked yet, the best first;
        fewer where nobody else is here. Who is away is not asked: who stands in for them is, if anybody.
        """
        size -= self._ask_again(size)
        due_at, urgent_by, away = self._due_at, self._urgent_by, Absence.away()
        rows: Any = Ask.select(Ask.person).where(Ask.question == self.question).tuples()
        asked, found = {ident for (ident,) in rows}, list[tuple[Person, dict[str, Any]]]()
        while len(found) < size and (more := self._knowing(asked, size - len(found))):
            for each in more:
                person: Person | None = each.person
                why = _why(each)
                asked.add(each.person.id)
                if each.person.id in away:
                    why = {"stands in for": names(each.person)}
                    person = self._standing_in(away[each.person.id], asked)
                if person is not None:
                    asked.add(person.id)
                    found.append((person, why))
        for person, why in found:
            facts: dict[str, Any] = {"due_at": due_at, "urgent_by": urgent_by, "why": why}
            Ask.put(self.question, person, round=self.round, **facts)

    def _ask_instead_of(self, person: Person) -> None:
        """Who was asked is not here: who stands in for them is asked, else the next."""
        asked = {each.person_id for each in Ask.of(self.question)}
        substitute = self._standing_in(Absence.away().get(person.id), asked)
        if substitute is None:
            return self._ask_next(1)
        facts: dict[str, Any] = {"due_at": self._due_at, "urgent_by": self._urgent_by}
        Ask.put(self.question, substitute, round=self.round, why={"stands in for": names(person)}, **facts)
        return None

    def _ask_again(self, size: int) -> int:
        """Ask so many anew who were asked until it ended; how many."""
        again = list(Ask.reopenable(self.question).limit(size))
        for ask in again:
            ask.question = self.question
        return sum(ask.reopen(due_at=self._due_at, urgent_by=self._urgent_by) for ask in again)

    def _knowing(self, without: Collection[int], size: int) -> list[Knower]:
        question = self.question
        facts: dict[str, Any] = {"like": self.like, "but": question.asker, "without": without, "size": size}
        return whom_to_ask(question.topic_ids, present=False, **facts)

    def _standing_in(self, substitute: int | None, asked: Collection[int]) -> Person | None:
        if substitute is None:
            return None
        may = may_answer({*asked, self.question.asker_id}, self.question.topic_ids)
        found = Person.get_or_none((Person.id == substitute) & may)
        return found if found is not None and found.speaks(self.question.asker.locale) else None

    # -------------------------------------------------------------- while nobody answers

    def widen_to(self, round: int) -> None:
        """Ask three more, until so many groups were asked: twice is harmless."""
        if not self.is_running or self.round >= round:
            return
        mine = (Routing.id == self.id) & (Routing.round == self.round) & Routing.ended_at.is_null()
        with db.atomic():
            if not Routing.update(round=self.round + 1).where(mine).execute():
                return
            self.round += 1
            Ask.note_ignored(self.question)
            self._ask_next(ASKED)
            self.question.track("widened")
        self.widen_to(round)

    def alarm(self) -> None:
        """Nobody answered for too long: whom the topic belongs to is told and asked, once."""
        self.widen_to(3 if self.is_urgent else 2)
        mine = (Routing.id == self.id) & Routing.alarmed_at.is_null() & Routing.ended_at.is_null()
        with db.atomic():
            Ask.note_ignored(self.question)
            if Routing.update(alarmed_at=clock.now()).where(mine).execute():
                self.raise_alarm()
                self.question.track("alarmed")

    def raise_alarm(self) -> None:
        """It waits for the topic's owner, else the deputy, else its reviewers, else administrators, who are
        here. Of an unnamed asker's it waits for administrators, and all of them are told: whoever is passed
        by because they asked would be known by it.
        """
        question = self.question
        told = Phrase(
            "Nobody has answered “%(question)s” in time: see to it that somebody does.",
            question=question.text,
        )
        who, people = self._alarmed()
        but = [question.asker_id]
        Clock.start(question, ALARM, who=who, but=but, text=told, url=question.url, since=self.since)
        for person in people:
            key = f"{question} {ALARM} {self.since:%Y%m%d%H%M%S} {person.id}"
            Notice.tell(person, told, about=question, key=key, waits=f"{question} {ALARM}")

    def _alarmed(self) -> tuple[str, list[Person]]:
        question, out = self.question, {self.question.asker_id, *Absence.away()}
        others = [one for one in active_with(Role.ADMINISTRATOR) if one.id != question.asker_id]
        rules = [rule for topic in question.topic_ids if (rule := TopicRule.of(topic)) is not None]
        named = [person for rule in rules for person in (rule.owner, rule.deputy) if person is not None]
        if question.is_anonymous:
            all_told = [*named, *reviewers_of(question.topic_ids), *others]
            told = {one.id: one for one in all_told if one.is_active and one.id not in out}
            return str(Role.ADMINISTRATOR), list(told.values())
        for person in named:
            if person.is_active and person.id not in out:
                return str(person), [person]
        for topic in question.topic_ids:
            reviewing = [one for one in reviewers_of([topic]) if one.id not in out]
            if reviewing:
                return f"topic-{topic}", reviewing
        return str(Role.ADMINISTRATOR), others

    def end(self) -> bool:
        """Nobody is asked any more; false where that was so already."""
        running = (Routing.id == self.id) & Routing.ended_at.is_null()
        with db.atomic():
            done = bool(Routing.update(ended_at=clock.now()).where(running).execute())
            Ask.end_all(self.question)
            Clock.stop(self.question, ROUTING)
            Clock.stop(self.question, ALARM)
        return done


def _why(knower: Knower) -> dict[str, Any]:
    return {
        "evidence": [[str(words.msgid), count] for words, count in knower.evidence],
        "answered": list(knower.answered),
        "precedence": knower.precedence.kept if knower.precedence is not None else None,
        "instead": knower.instead,
    }


def standing(question: Question, person: Person) -> tuple[Routing | None, list[Ask]]:
    """How asking goes on, and who was asked: all of them for whoever asked, oneself for everyone else."""
    mine = Ask.question == question
    if question.asker_id != person.id:
        mine &= Ask.person == person
    asked: Any = Person.alias("asked")
    handing: Any = Person.alias("handing")
    rows: Any = Routing.select(Routing, Ask, *names_of(asked), *names_of(handing))
    rows = rows.join(Ask, JOIN.LEFT_OUTER, on=(Ask.question == Routing.question) & mine, attr="ask")
    rows = rows.join(asked, JOIN.LEFT_OUTER, on=(Ask.person == asked.id), attr="person")
    rows = rows.join_from(Ask, handing, JOIN.LEFT_OUTER, on=(Ask.handed_by == handing.id), attr="handed_by")
    found = list(rows.where(Routing.question == question).order_by(Ask.id))
    asks = [each.ask for each in found if getattr(each, "ask", None) is not None]
    running = found[0] if asks or (found and question.asker_id == person.id) else None
    for each in [*asks, *([running] if running is not None else ())]:
        each.question = question
    return running, asks


# ------------------------------------------------------------------ what people do


def puttable_by(question: Question, person: Person) -> bool:
    """Whoever asked may ask experts, while it is open."""
    mine = person.is_active and question.asker_id == person.id
    return mine and question.state == "open" and not question.is_archived


def withdraw(question: Question, *, by: Person) -> None:
    """Stop asking experts: nobody is asked any more. Twice is harmless."""
    with db.atomic():
        running = Routing.of(question)
        if running is not None and running.end():
            question.track("asking withdrawn", by=by)


def decline(ask: Ask, *, by: Person) -> bool:
    """They leave it to others, which costs nothing: the next is asked. False where it was over already."""
    with db.atomic():
        running = Routing.hold(ask.question)
        if (done := ask.decline(by=by)) and running is not None:
            running._ask_next(1)
    return done


def hand_on(ask: Ask, *, by: Person, to: Person | None) -> bool:
    """A colleague is asked instead. False where it was over already. Raises Invalid for whom it cannot be."""
    to = check_handing_on(ask, to, by)
    with db.atomic():
        running = Routing.hold(ask.question)
        if not (done := ask.give_away(by=by)) or running is None:
            return done
        question = ask.question
        facts: dict[str, Any] = {"handed_by": by, "due_at": running._due_at}
        if to.id == question.asker_id:
            # who asked stays unnamed, also to whoever tries names
            Ask.pass_over(question, to, **facts)
            running._ask_next(1)
        elif not Ask.put(question, to, round=running.round, urgent_by=running._urgent_by, **facts):
            running._ask_next(1)
    return done


@when_settled
def end_of_routing(questions: Iterable[Question]) -> None:
    """An answer is there, or the question was put away."""
    for question in questions:
        if (running := Routing.of(question)) is None:
            continue
        running.question = question
        running.end()


@when_brought_back
def asked_on(questions: Iterable[Question]) -> None:
    """What was put away by mistake is asked on, unless whoever asked had ended it."""
    for question in questions:
        ended = Routing.of(question)
        if ended is None or ended.is_running or question.state != "open":
            continue
        said = Event.about(question).where(Event.verb.in_(["put to experts", "asking withdrawn"])).first()
        if said is not None and said.verb == "put to experts":
            Routing.put(question, by=question.asker, like=ended.like, is_urgent=ended.is_urgent)


# ------------------------------------------------------------------ what happens on the way


def _running(waiting: Clock) -> Routing | None:
    found = Routing.get_or_none(Routing.question == waiting.subject)
    return found if found is not None and found.is_running else None


@step(ROUTING, "widen")
def widen(waiting: Clock) -> None:
    """Nobody answered in time."""
    if (running := _running(waiting)) is not None:
        running.widen_to(2)


@step(ROUTING, "widen again")
def widen_again(waiting: Clock) -> None:
    """Nobody answered for hours although a customer held the line."""
    if (running := _running(waiting)) is not None:
        running.widen_to(3)


@step(ROUTING, "alarm")
def alarm(waiting: Clock) -> None:
    """Nobody answered at all."""
    if (running := _running(waiting)) is not None:
        running.alarm()


@step(ALARM, "left", "role")
def alarm_anew(waiting: Clock) -> None:
    """Whom the alarm waited for has left: it waits for who stands in."""
    if (running := _running(waiting)) is not None:
        Clock.stop(running.question, ALARM)
        running.raise_alarm()


@step(WAITS[0], "left", "away")
@step(WAITS[1], "left", "away")
def pass_on(waiting: Clock) -> None:
    """Who was asked has left, or is away: who stands in, or the next, is asked at once."""
    ask = Ask.get_or_none(Ask.id == waiting.subject)
    if ask is None or (ask.person.is_active and ask.person_id not in Absence.away()):
        return
    running = Routing.hold(ask.question)
    if ask.leave() and running is not None:
        running._ask_instead_of(ask.person)
