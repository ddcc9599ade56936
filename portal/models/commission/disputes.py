"""A payee's objection to a line of a statement, and how it was answered."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any, Self

from peewee import JOIN, CharField, Check, ForeignKeyField, ModelSelect

from portal import clock, i18n
from portal.clock import Month
from portal.i18n import Phrase, month_in_each
from portal.models.base.database import db
from portal.models.base.fields import MonthField, StateField, TextField, UtcDateTimeField
from portal.models.base.record import Event, Invalid, Record
from portal.models.commission.adjustments import Adjustment, AdjustmentDecision, follows_decision
from portal.models.commission.periods import Period
from portal.models.commission.statements import Line, Statement
from portal.models.commission.words import DISPUTE, DisputeState
from portal.models.company.calendar import Calendar
from portal.models.company.settings import Setting
from portal.models.experiences.experiences import Credit, Experience
from portal.models.experiences.reviews import Acceptance, Review, Revocation
from portal.models.people.notices import Notice
from portal.models.people.people import Person, Role, RoleGrant
from portal.models.sales.deals import Deal
from portal.models.sales.lines import DealLine
from portal.models.work.clocks import Clock, step

"""Working days: to object after the close, and to answer (RULES 4.1)."""
OPEN_STATES = ("open", "info needed")
ASKED = "dispute question"
"""What waits for the payee, whom finance asked for more."""
LATE = "dispute late"
"""What waits for administrators, once finance did not answer in time."""


class Dispute(Record):
    """An objection to one line, to what is not on the statement at all, or to a closed month in which one was
    forgotten wholly and has no statement; its whole thread is kept.
    """

    called = DISPUTE

    statement = ForeignKeyField(Statement, null=True, on_delete="RESTRICT")
    statement_id: int | None
    month = MonthField()
    line = ForeignKeyField(Line, null=True, on_delete="RESTRICT")
    line_id: int | None
    opened_by = ForeignKeyField(Person, on_delete="RESTRICT", backref="disputes")
    opened_by_id: int
    state = StateField(DisputeState, max_length=20, default=DisputeState.OPEN, verbose_name=Phrase("State"))
    due_at = UtcDateTimeField()
    resolved_by = ForeignKeyField(Person, null=True, on_delete="RESTRICT", backref="disputes_resolved")
    resolved_by_id: int | None
    resolved_at = UtcDateTimeField(null=True)
    adjustment = ForeignKeyField(Adjustment, null=True, on_delete="RESTRICT")
    adjustment_id: int | None
    standing = CharField(60, null=True, unique=True)
    """Set while it is not settled: one at a time for each line."""

    class Meta:
        indexes = ((("state", "due_at"), False),)
        constraints = [Check("state IN ('open', 'info needed', 'upheld', 'rejected', 'withdrawn')")]

    @classmethod
    def visible_to(cls, person: Person) -> ModelSelect[Self]:
        """The payee's own, and finance and the auditor all; administrators what they are asked to answer."""
        found = (
            cls.select(cls, Statement, Period).join(Statement, JOIN.LEFT_OUTER).join(Period, JOIN.LEFT_OUTER)
        )
        if person.is_finance or person.is_auditor:
            return found
        seen = cls.opened_by == person
        return found.where(seen | cls.id.in_(_asked()) if person.is_administrator else seen)

    @staticmethod
    def openable_by(statement: Statement, person: Person) -> bool:
        return person.id == statement.person_id

    @classmethod
    def last_moment(cls, period: Period) -> datetime | None:
        """Until when a month's statements may be objected to; None while it is open."""
        closed_at = period.closed_at
        if not closed_at:
            return None
        return Calendar.read().add(closed_at, Setting.as_of("dispute.days", closed_at))

    @classmethod
    def open(cls, statement: Statement, line: Line | None, text: str, *, by: Person) -> Dispute:
        """Object. While one about the same line stands, it is that one. Raises Invalid."""
        standing = f"{statement.id} {line.id if line else 0}"
        return cls._open(statement.period, text, by, standing, statement=statement, line=line)

    @classmethod
    def open_month(cls, period: Period, text: str, *, by: Person) -> Dispute:
        """Object to a closed month in which one has no statement at all. While one stands, it is that one.
        Raises Invalid.
        """
        return cls._open(period, text, by, f"{period.month} {by.id}")

    @classmethod
    def of_month(cls, person: Person, month: Month) -> Dispute | None:
        """The last objection to a month in which someone has no statement."""
        without = cls.statement.is_null() & (cls.opened_by == person) & (cls.month == month)
        found: Dispute | None = cls.select().where(without).order_by(cls.id.desc()).first()
        return found

    @classmethod
    def _open(cls, period: Period, text: str, by: Person, standing: str, **about: Any) -> Dispute:
        if len(text.strip()) < 10:
            raise Invalid({"text": Phrase("Say what is wrong and what you expected.")})
        until = cls.last_moment(period)
        if until is None or clock.now() > until:
            days = Setting.as_of("dispute.days", period.closed_at)
            raise Invalid(
                Phrase("A statement can be disputed within %(days)s working days of its close.", days=days)
            )
        with db.atomic():
            at = clock.now()
            made = (
                cls.insert(
                    **about,
                    month=period.month,
                    opened_by=by,
                    due_at=Calendar.read().add(at, Setting.read("dispute.answer_days")),
                    standing=standing,
                    created_at=at,
                )
                .on_conflict_ignore()
                .execute()
            )
            found: Dispute = cls.get(cls.standing == standing)
            if made:
                found.say(text, by=by)
                found.track("opened", by=by)
                found._await_answer()
        return found

    def _await_answer(self) -> None:
        """Ask finance; where nobody of them may answer, administrators, who are told so."""
        who, barred = Role.FINANCE, self.barred()
        able, unable = self._told_apart(who, barred)
        text = Phrase("A dispute about %(month)s waits for an answer.", month=month_in_each(self.month))
        if not able:
            who = Role.ADMINISTRATOR
            able, unable = self._told_apart(who, barred)
        Clock.start(
            self,
            "dispute",
            who=who,
            but=barred | unable,
            text=text,
            url=self.url,
            since=self.created_at,
            due_at=self.due_at,
            steps={"late": self.due_at},
        )
        for person in able if who == Role.ADMINISTRATOR else ():
            Notice.tell(person, NOBODY_IN_FINANCE, about=self)

    def _told_apart(self, role: Role, barred: set[int]) -> tuple[set[int], set[int]]:
        """Of those who have a role: who may answer, and who may not."""
        grants = RoleGrant.select(RoleGrant, Person).join(Person).where(RoleGrant.role == role)
        people = [grant.person for grant in grants if grant.person.is_active]
        able = {one.id for one in people if one.id not in barred and not one.leads(self.opened_by_id)}
        return able, {one.id for one in people} - able

    def run_late(self) -> None:
        """It was not answered in time: administrators are asked too, finance and the payee are told."""
        if not self.is_open:
            return
        barred, text = (
            self.barred(),
            Phrase("A dispute about %(month)s is late.", month=month_in_each(self.month)),
        )
        able, unable = self._told_apart(Role.ADMINISTRATOR, barred)
        Clock.start(self, LATE, who=Role.ADMINISTRATOR, but=barred | unable, text=text, url=self.url)
        for person in able | self._told_apart(Role.FINANCE, barred)[0]:
            Notice.tell(person, text, about=self)
        told = Phrase(
            "The answer to your dispute of %(month)s is late: administrators were asked as well.",
            month=month_in_each(self.month),
        )
        Notice.tell(self.opened_by_id, told, about=self)

    def say(self, text: str, *, by: Person) -> None:
        """Add to the thread; the payee's answer to a question opens it again. Raises Invalid."""
        if not text.strip():
            raise Invalid({"text": Phrase("Write something first.")})
        if not self.is_open:
            raise Invalid(Phrase("This dispute is settled; its thread stays as it is."))
        with db.atomic():
            DisputeMessage.create(dispute=self, by=by, text=text.strip())
            if by.id == self.opened_by_id:
                asked = Clock.of(self, ASKED)
                if self._move("info needed", "open"):
                    self.track("answered", by=by)
                    Clock.stop(self, ASKED)
                    if asked is not None:
                        self._go_on(asked.since, clock.now())
            else:
                note = Phrase(
                    "Finance wrote about your dispute of %(month)s.", month=month_in_each(self.month)
                )
                Notice.tell(self.opened_by_id, note, about=self)

    def ask(self, text: str, *, by: Person) -> None:
        """Ask the payee for more, who has as long to answer as finance has (RULES 4.1); the first time,
        finance is not waited for while that runs: question upon question puts no answer off. Asked again in
        that time, it runs on.
        """
        with db.atomic():
            if not self._stood_still():
                Clock.stop(self, "dispute")
            self.say(text, by=by)
            if self._move("open", "info needed"):
                self.track("info_asked", by=by)
            until = self.reply_due_at
            if until is None or until < clock.now():
                Clock.stop(self, ASKED)
                self._await_payee()

    def _stood_still(self) -> bool:
        """Whether finance asked already since it was opened, or opened again."""
        turns = Event.about(self).where(Event.verb.in_(("info_asked", "reopened")))
        last = turns.order_by(Event.id.desc()).first()
        return last is not None and last.verb == "info_asked"

    def _await_payee(self) -> None:
        asked = Phrase("Finance asks about your dispute of %(month)s.", month=month_in_each(self.month))
        until = Calendar.read().add(clock.now(), Setting.read("dispute.answer_days"))
        who = f"person-{self.opened_by_id}"
        steps = {"silent": until}
        Clock.start(self, ASKED, who=who, text=asked, url=self.url, due_at=until, steps=steps)

    def _go_on(self, asked_at: datetime, until: datetime) -> None:
        """Finance is waited for again: as many working days later as it waited for the payee, tomorrow at the
        earliest.
        """
        if Clock.of(self, "dispute") is not None:
            return
        calendar, waited = Calendar.read(), 0
        while calendar.add(asked_at, waited) < until:
            waited += 1
        self.due_at = max(calendar.add(self.due_at, waited), calendar.add(clock.now(), 1))
        Dispute.update(due_at=self.due_at).where(Dispute.id == self.id).execute()
        self._await_answer()

    def run_silent(self, asked: Clock) -> None:
        """The payee did not reply in time: finance answers on what there is, unless the reply still comes."""
        if self.state == DisputeState.INFO_NEEDED:
            self._go_on(asked.since, asked.due_at or clock.now())

    @property
    def reply_due_at(self) -> datetime | None:
        """Until when the payee is asked to reply; None where nothing is asked."""
        return self.replies_due([self]).get(self.id)

    @classmethod
    def replies_due(cls, disputes: Iterable[Dispute]) -> dict[int, datetime]:
        """Of those whose payees are asked for more: until when."""
        asked = [f"{one} {ASKED}" for one in disputes if one.state == DisputeState.INFO_NEEDED]
        running = Clock.select(Clock.subject, Clock.due_at).where(Clock.running.in_(asked)) if asked else ()
        return {each.subject: each.due_at for each in running if each.due_at is not None}

    @property
    def is_due(self) -> bool:
        """Whether finance is waited for, also while the payee is."""
        return Clock.of(self, "dispute") is not None

    @classmethod
    def answers_due(cls, disputes: Iterable[Dispute]) -> dict[int, datetime]:
        """Of those that are open: until when finance answers, or the payee where only they are waited for."""
        dues = {one.id: one.due_at for one in disputes if one.is_open}
        replies = cls.replies_due(disputes)
        keys = [f"{cls.kind()}-{ident} dispute" for ident in replies]
        both = Clock.select(Clock.subject).where(Clock.running.in_(keys)) if keys else ()
        return dues | replies | {each.subject: dues[each.subject] for each in both}

    def withdraw(self, *, by: Person) -> None:
        """The payee lets it go; twice is harmless."""
        with db.atomic():
            if self._settle("withdrawn"):
                self.track("withdrawn", by=by)

    def reject(self, text: str, *, by: Person) -> None:
        """The statement stands, and this is why; the first answer counts. Raises Invalid."""
        self._resolve("rejected", text, by)

    def uphold(self, text: str, amount: int, *, by: Person) -> None:
        """The payee is right: an adjustment is proposed, which a second person approves. Raises Invalid."""
        if not amount:
            raise Invalid({"amount": Phrase("Say how much the statement is short, or too much.")})
        self._resolve("upheld", text, by, amount)

    def _resolve(self, state: str, text: str, by: Person, amount: int = 0) -> None:
        if not self.is_open:
            return
        if not text.strip():
            raise Invalid({"text": Phrase("Say why: the payee reads it.")})
        if amount and len(text.strip()) < 5:
            raise Invalid({"text": Phrase("Say why, in a sentence that the payee will read.")})
        with db.atomic():
            self.say(text, by=by)
            adjustment = None
            if amount:
                adjustment = Adjustment.propose(
                    self.opened_by, self.month, amount, text.strip()[:500], by=by, key=self._key
                )
            if self._settle(state, resolved_by=by, adjustment=adjustment):
                self.track(state, by=by, changes={"amount": [None, amount]} if amount else None)

    @property
    def _key(self) -> str:
        """The key of the adjustment that settles it: another one after each that was refused."""
        of_it = (Adjustment.key == f"dispute-{self.id}") | Adjustment.key.startswith(f"dispute-{self.id}-")
        refused = Adjustment.select().where(of_it).count()
        return f"dispute-{self.id}-{refused + 1}" if refused else f"dispute-{self.id}"

    def hear(self, approved: bool) -> None:
        """A second person decided about the adjustment that upheld it; refused, it is open again."""
        if self.state != DisputeState.UPHELD or self.adjustment is None:
            return
        month, resolver = month_in_each(self.month), self.resolved_by_id
        if approved:
            money = i18n.money(self.adjustment.amount)
            told = Phrase("Your dispute of %(month)s: %(money)s was approved.", month=month, money=money)
            Notice.tell(self.opened_by_id, told, about=self)
            return
        at, standing = clock.now(), f"{self.month} {self.opened_by_id}"
        if self.statement_id:
            standing = f"{self.statement_id} {self.line_id or 0}"
        if Dispute.select().where(Dispute.standing == standing).exists():
            standing = f"again {self.id}"
        again: dict[str, Any] = {"state": DisputeState.OPEN, "standing": standing}
        again |= dict.fromkeys(("adjustment", "resolved_by", "resolved_at"))
        again["due_at"] = Calendar.read().add(at, Setting.read("dispute.answer_days"))
        Dispute.update(again).where(Dispute.id == self.id).execute()
        self.__data__.update(self.fresh().__data__)
        self.track("reopened", by=None)
        self._await_answer()
        told = Phrase(
            "What was to settle your dispute of %(month)s was refused: it is open again.", month=month
        )
        Notice.tell(self.opened_by_id, told, about=self)
        asked = Phrase("The dispute about %(month)s is open again: its adjustment was refused.", month=month)
        if resolver:
            Notice.tell(resolver, asked, about=self)

    @property
    def outcome(self) -> tuple[str, Month | None]:
        """What became of the adjustment that upheld it: waiting, refused, approved, or paid and when."""
        decided = AdjustmentDecision.get_or_none(AdjustmentDecision.adjustment == self.adjustment_id)
        if decided is None:
            return "waiting", None
        if not decided.approved:
            return "refused", None  # before a refusal opened it again
        paid = Line.adjustment == self.adjustment_id
        line = Line.select(Line, Statement).join(Statement).where(paid).first()
        return ("paid", line.statement.month) if line else ("approved", None)

    def _move(self, before: str, after: str) -> bool:
        where = (Dispute.id == self.id) & (Dispute.state == before)
        if Dispute.update(state=after).where(where).execute():
            self.state = after
            return True
        return False

    def _settle(self, state: str, **values: Any) -> bool:
        values |= {"state": state, "resolved_at": clock.now(), "standing": None}
        where = (Dispute.id == self.id) & Dispute.state.in_(OPEN_STATES)
        if not Dispute.update(values).where(where).execute():
            self.state = self.fresh().state
            return False
        self.__data__.update(self.fresh().__data__)
        for what in ("dispute", ASKED, LATE):
            Clock.stop(self, what)
        return True

    def resolvable_by(self, person: Person, barred: Collection[int] | None = None) -> bool:
        """Finance, but neither a reviewer of what it rests on, nor the payee's approver (RULES 4.1); and
        administrators who are asked, as nobody in finance may, or did in time. `barred` (`barred()`) spares
        reading it again.
        """
        asked = person.is_finance or (
            person.is_administrator and _asked().where(Clock.subject == self.id).exists()
        )
        if not asked or person.leads(self.opened_by_id):
            return False
        return person.id not in (self.barred() if barred is None else barred)

    def is_unanswerable(self, barred: set[int]) -> bool:
        """Whether neither finance nor an administrator has anyone who may answer it."""
        return not any(self._told_apart(role, barred)[0] for role in (Role.FINANCE, Role.ADMINISTRATOR))

    @property
    def period(self) -> Period:
        """The month that it is about."""
        return self.statement.period if self.statement else Period.of(self.month)

    @property
    def statement_url(self) -> str:
        """Where the statement stands, or that there is none."""
        return Statement.page_of(self.month, self.opened_by_id)

    def barred(self) -> set[int]:
        """The payee, who closed the month, and whoever judged what the payee wrote in it, or in the months
        that it corrects, also what fell, or took an acceptance of it back.
        """
        inputs = self.statement.inputs if self.statement else {}
        judged = [ident for ident, _, _ in inputs.get("experiences", [])]
        theirs = Credit.select(Credit.experience).where(Credit.person == self.opened_by)
        first = Experience.first_submitted_at
        written = reduce(or_, ((first >= month.start) & (first < month.end) for month in self._months()))
        fell = Experience.select(Experience.id).where(Experience.id.in_(theirs) & written)
        rests = Review.experience.in_(judged) | Review.experience.in_(fell)
        reviews = Review.select(Review.reviewer).where(rests).distinct()
        about = Acceptance.experience.in_(judged) | Acceptance.experience.in_(fell)
        revoked = Revocation.select(Revocation.by).join(Acceptance).where(about).distinct()
        closed_by = self.period.closed_by_id
        judges = {*(review.reviewer_id for review in reviews), *(each.by_id for each in revoked)}
        return {self.opened_by_id, *([closed_by] if closed_by else []), *judges}

    def _months(self) -> set[Month]:
        """The month of the statement, and those that what it is about corrects."""
        if self.statement_id is None:
            return {self.month}
        mine = Line.id == self.line_id if self.line_id else Line.statement == self.statement_id
        return {self.month, *(line.about for line in Line.select(Line.about).where(mine).distinct())}

    @property
    def item(self) -> Line | None:
        """The line that it is about, with its deal."""
        of_it = Line.select(Line, DealLine, Deal).join(DealLine, JOIN.LEFT_OUTER).join(Deal, JOIN.LEFT_OUTER)
        found: Line | None = of_it.where(Line.id == self.line_id).first() if self.line_id else None
        return found

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES

    @property
    def thread(self) -> list[DisputeMessage]:
        """What was said, oldest first, with who said it."""
        return list(
            DisputeMessage.select(DisputeMessage, Person)
            .join(Person)
            .where(DisputeMessage.dispute == self)
            .order_by(DisputeMessage.id)
        )


NOBODY_IN_FINANCE = Phrase("Nobody in finance may answer this dispute: it waits for an administrator.")


def _asked() -> ModelSelect[Clock]:
    """The disputes that administrators are, or were, asked to answer."""
    of_them = (Clock.subject_kind == Dispute.kind()) & (Clock.who == str(Role.ADMINISTRATOR))
    return Clock.select(Clock.subject).where(of_them)


@step("dispute", "late")
def run_late(found: Clock) -> None:
    """Finance did not answer in time."""
    dispute = Dispute.get_or_none(Dispute.id == found.subject)
    if dispute is not None:
        dispute.run_late()


@step(ASKED, "silent")
def run_silent(found: Clock) -> None:
    """The payee did not reply in time."""
    dispute = Dispute.get_or_none(Dispute.id == found.subject)
    if dispute is not None:
        dispute.run_silent(found)


@follows_decision
def hear_decision(adjustment: Adjustment, approved: bool) -> None:
    """What was upheld pays only once a second person approved it: refused, it is as open as before."""
    dispute = Dispute.get_or_none(Dispute.adjustment == adjustment)
    if dispute is not None:
        dispute.hear(approved)


class DisputeMessage(Record):
    """One thing said in a dispute. Never changed."""

    dispute = ForeignKeyField(Dispute, on_delete="RESTRICT")
    dispute_id: int
    by = ForeignKeyField(Person, on_delete="RESTRICT")
    by_id: int
    text = TextField()
