"""A payee's objection to a line of a statement, and how it was answered."""

from __future__ import annotations

from typing import Any, Self

from peewee import CharField, Check, ForeignKeyField, ModelSelect

from portal import clock
from portal.i18n import Phrase
from portal.models.base.database import db
from portal.models.base.fields import StateField, TextField, UtcDateTimeField
from portal.models.base.record import Invalid, Record
from portal.models.commission.adjustments import Adjustment
from portal.models.commission.periods import Period
from portal.models.commission.statements import Line, Statement
from portal.models.commission.words import DISPUTE, DisputeState
from portal.models.company.calendar import Calendar
from portal.models.company.settings import Setting
from portal.models.experiences.experiences import Credit, Experience
from portal.models.experiences.reviews import Review
from portal.models.people.notices import Notice
from portal.models.people.people import Person, Role, RoleGrant
from portal.models.work.clocks import Clock

"""Working days: to object after the close, and to answer (RULES 4.1)."""
OPEN_STATES = ("open", "info needed")
ASKED = "dispute question"
"""What waits for the payee, whom finance asked for more."""


class Dispute(Record):
    """An objection to one line (or to what is not on the statement at all); its whole thread is kept."""

    called = DISPUTE

    statement = ForeignKeyField(Statement, on_delete="RESTRICT")
    statement_id: int
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
        """The payee's own, and finance and the auditor all."""
        found = cls.select(cls, Statement, Period).join(Statement).join(Period)
        if person.is_finance or person.is_auditor:
            return found
        return found.where(cls.opened_by == person)

    @staticmethod
    def openable_by(statement: Statement, person: Person) -> bool:
        return person.id == statement.person_id

    @classmethod
    def last_moment(cls, statement: Statement) -> Any:
        """Until when a statement may be objected to."""
        closed_at = statement.period.closed_at
        if not closed_at:
            return None
        return Calendar.read().add(closed_at, Setting.as_of("dispute.days", closed_at))

    @classmethod
    def open(cls, statement: Statement, line: Line | None, text: str, *, by: Person) -> Dispute:
        """Object. While one about the same line stands, it is that one. Raises Invalid."""
        if len(text.strip()) < 10:
            raise Invalid({"text": Phrase("Say what is wrong and what you expected.")})
        until = cls.last_moment(statement)
        if until is None or clock.now() > until:
            days = Setting.as_of("dispute.days", statement.period.closed_at)
            raise Invalid(
                Phrase("A statement can be disputed within %(days)s working days of its close.", days=days)
            )
        standing = f"{statement.id} {line.id if line else 0}"
        with db.atomic():
            at = clock.now()
            made = (
                cls.insert(
                    statement=statement,
                    line=line,
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
        grants = RoleGrant.select(RoleGrant, Person).join(Person).where(RoleGrant.role == Role.FINANCE)
        Clock.start(
            self,
            "dispute",
            who=Role.FINANCE,
            but=self._barred() | {one.person_id for one in grants if not self.resolvable_by(one.person)},
            text=Phrase("A dispute about %(month)s waits for an answer.", month=str(self.statement.month)),
            url=self.url,
            since=self.created_at,
            due_at=self.due_at,
        )

    def say(self, text: str, *, by: Person) -> None:
        """Add to the thread; the payee's answer to a question opens it again. Raises Invalid."""
        if not text.strip():
            raise Invalid({"text": Phrase("Write something first.")})
        if not self.is_open:
            raise Invalid(Phrase("This dispute is settled; its thread stays as it is."))
        with db.atomic():
            DisputeMessage.create(dispute=self, by=by, text=text.strip())
            if by.id == self.opened_by_id:
                if self._move("info needed", "open"):
                    self.track("answered", by=by)
                    Clock.stop(self, ASKED)
            else:
                note = Phrase(
                    "Finance wrote about your dispute of %(month)s.", month=str(self.statement.month)
                )
                Notice.tell(self.opened_by_id, note, about=self)

    def ask(self, text: str, *, by: Person) -> None:
        """Ask the payee for more; twice is harmless."""
        with db.atomic():
            self.say(text, by=by)
            if self._move("open", "info needed"):
                self.track("info_asked", by=by)
            self._await_payee()

    def _await_payee(self) -> None:
        asked = Phrase("Finance asks about your dispute of %(month)s.", month=str(self.statement.month))
        Clock.start(self, ASKED, who=f"person-{self.opened_by_id}", text=asked, url=self.url)

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
                payee, month = self.statement.person, self.statement.month
                adjustment = Adjustment.propose(
                    payee, month, amount, text.strip()[:500], by=by, key=f"dispute-{self.id}"
                )
            if self._settle(state, resolved_by=by, adjustment=adjustment):
                self.track(state, by=by, changes={"amount": [None, amount]} if amount else None)

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
        Clock.stop(self, "dispute")
        Clock.stop(self, ASKED)
        return True

    def resolvable_by(self, person: Person) -> bool:
        """Finance, but neither a reviewer of what it rests on, nor the payee's approver (RULES 4.1)."""
        return person.is_finance and not person.leads(self.opened_by_id) and person.id not in self._barred()

    def _barred(self) -> set[int]:
        """The payee, who closed the month, and whoever judged what the payee wrote in it, also what fell."""
        month = self.statement.month
        judged = [ident for ident, _, _ in self.statement.inputs.get("experiences", [])]
        theirs = Credit.select(Credit.experience).where(Credit.person == self.opened_by)
        written = (Experience.first_submitted_at >= month.start) & (Experience.first_submitted_at < month.end)
        fell = Experience.select(Experience.id).where(Experience.id.in_(theirs) & written)
        rests = Review.experience.in_(judged) | Review.experience.in_(fell)
        reviews = Review.select(Review.reviewer).where(rests).distinct()
        closed_by = self.statement.period.closed_by_id
        return {self.opened_by_id, *([closed_by] if closed_by else []), *(r.reviewer_id for r in reviews)}

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


class DisputeMessage(Record):
    """One thing said in a dispute. Never changed."""

    dispute = ForeignKeyField(Dispute, on_delete="RESTRICT")
    dispute_id: int
    by = ForeignKeyField(Person, on_delete="RESTRICT")
    by_id: int
    text = TextField()
