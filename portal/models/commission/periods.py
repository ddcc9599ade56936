"""The commission month: open, previewed, closed, paid. Once closed it never changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from peewee import CharField, Check, ForeignKeyField, IntegerField, ModelSelect

from portal import clock
from portal.clock import Month
from portal.i18n import Phrase, month_in_each
from portal.models.base import guards
from portal.models.base.database import db
from portal.models.base.fields import MoneyField, MonthField, StateField, UtcDateTimeField
from portal.models.base.record import Event, Invalid, Record
from portal.models.base.undoing import hinders
from portal.models.commission.words import PERIOD, PeriodState, StatementState
from portal.models.people.people import Person, Role
from portal.models.sales.deals import Deal
from portal.models.sales.lines import DealLine
from portal.models.work.clocks import Clock
from portal.models.work.jobs import Job

SETTLED = ("closed", "paid")


class Period(Record):
    """One month's commission for the whole company. A month nobody touched yet has no row: it is open."""

    called = PERIOD

    month = MonthField(unique=True)
    state = StateField(PeriodState, max_length=10, default=PeriodState.OPEN, verbose_name=Phrase("State"))
    job = ForeignKeyField(Job, null=True, on_delete="SET NULL")
    """The preview or close that was asked for last."""
    job_id: int | None
    previewed_at = UtcDateTimeField(null=True)
    previewed_by = ForeignKeyField(Person, null=True, on_delete="RESTRICT", backref="periods_previewed")
    previewed_by_id: int | None
    closed_at = UtcDateTimeField(null=True)
    closed_by = ForeignKeyField(Person, null=True, on_delete="RESTRICT", backref="periods_closed")
    closed_by_id: int | None
    paid_at = UtcDateTimeField(null=True)
    paid_by = ForeignKeyField(Person, null=True, on_delete="RESTRICT", backref="periods_paid")
    paid_by_id: int | None
    people = IntegerField(default=0)
    """How many statements it has."""
    total = MoneyField(default=0, verbose_name=Phrase("Total"))
    bonus = MoneyField(default=0)
    digest = CharField(64, default="")
    """SHA-256 over the digests of its statements."""

    class Meta:
        constraints = [
            Check("state IN ('open', 'preview', 'closed', 'paid')"),
            Check("(state IN ('closed', 'paid')) = (closed_at IS NOT NULL)"),
            Check("(state = 'paid') = (paid_at IS NOT NULL)"),
            Check("paid_by_id IS NULL OR paid_by_id <> closed_by_id"),
        ]

    @classmethod
    def create_table(cls, safe: bool = True, **options: Any) -> Any:
        super().create_table(safe, **options)
        kept = ("month", "closed_at", "closed_by_id", "people", "total", "bonus", "digest")
        same = " AND ".join(f"NEW.{name} = OLD.{name}" for name in kept)
        guards.forbid_updates(
            "period",
            when=f"OLD.state = 'paid' OR (OLD.state = 'closed' AND NOT (NEW.state = 'paid' AND {same}))",
        )
        guards.forbid_deletion("period", when="OLD.state IN ('closed', 'paid')")

    @classmethod
    def of(cls, month: Month) -> Period:
        """The month's period, also when nobody touched it yet (then it is not stored)."""
        return cls.get_or_none(cls.month == month) or cls(month=month)

    @classmethod
    def begun(cls, month: Month) -> Period:
        """The month's stored period; however many ask at once, there is one."""
        cls.insert(month=month, created_at=clock.now()).on_conflict_ignore().execute()
        return cls.get(cls.month == month)

    @classmethod
    def is_settled(cls) -> Any:
        """The condition that a month is closed or paid."""
        return cls.state.in_(SETTLED)

    @classmethod
    def known(cls) -> dict[Month, Self]:
        """Every month that anyone previewed or closed."""
        return {p.month: p for p in cls.select()}

    @classmethod
    def settled(cls) -> dict[Month, Self]:
        """The closed and paid months."""
        return {month: period for month, period in cls.known().items() if period.is_closed}

    @classmethod
    def visible_to(cls, person: Person) -> ModelSelect[Self]:
        return cls.select() if cls.listed_for(person) else cls.select().where(False)

    @classmethod
    def listed_for(cls, person: Person) -> bool:
        """Who sees a month as a whole."""
        return person.is_finance or person.is_auditor

    def previewable_by(self, person: Person) -> bool:
        return person.is_finance

    def payable_by(self, person: Person) -> bool:
        """The payer, but someone other than who closed it."""
        return person.does(Role.PAYER) and person.id != self.closed_by_id

    @property
    def is_closed(self) -> bool:
        """Whether its numbers stand for ever."""
        return self.state in SETTLED

    @property
    def statement_state(self) -> StatementState:
        """How final the month's statements are."""
        return StatementState.FINAL if self.state == PeriodState.CLOSED else StatementState.of(self.state)

    @property
    def url(self) -> str:
        return f"/commission/periods/{self.month}"

    @property
    def waiting(self) -> tuple[str, int]:
        """What waits to be closed and paid: the month, also when nobody touched it yet."""
        return "month", self.month.year * 100 + self.month.number

    @property
    def is_over(self) -> bool:
        """Whether the month has ended in the company's time zone."""
        return clock.now() >= self.month.end

    @property
    def was_previewed(self) -> bool:
        """Whether everyone was reckoned since the month ended."""
        return self.previewed_at is not None and self.previewed_at >= self.month.end

    @property
    def running(self) -> Job | None:
        """The preview or close that is still at work."""
        job: Job | None = self.job if self.job_id else None
        return job if job and job.state in ("waiting", "running") else None

    def pay(self, *, by: Person, unpaid: Mapping[int, int] | None = None) -> None:
        """The money has gone out, but for those whom the payroll file left out (`unpaid`: minor units by
        person); twice is harmless. Raises Invalid before the month is closed.
        """
        if self.state == "paid":
            return
        if self.state != "closed":
            raise Invalid(Phrase("Close the month first: only closed months are paid."))
        if by.id == self.closed_by_id:
            raise Invalid(Phrase("Someone other than who closed the month has to confirm the payment."))
        with db.atomic():
            where = (Period.id == self.id) & (Period.state == "closed")
            if Period.update(state="paid", paid_at=clock.now(), paid_by=by).where(where).execute():
                out = {"unpaid": [None, sorted(unpaid)]} if unpaid else {}
                total = self.total - sum((unpaid or {}).values())
                self.track("paid", by=by, changes={"total": [None, total], **out})
                Clock.stop(self.waiting, "period")
        self.__data__.update(self.fresh().__data__)


@hinders(Deal, "won")
def month_is_closed(deal: Deal, event: Event) -> Phrase | None:
    """What was reckoned stands: a closed month never changes (RULES 4.1)."""
    months = {Month.of(line.on) for line in DealLine.standing(deal)}
    closed = Period.select().where(Period.month.in_(sorted(months)) & Period.is_settled())
    if not months or (first := closed.order_by(Period.month).first()) is None:
        return None
    return Phrase(
        "%(month)s is closed and never changes. Ask your manager or finance to reopen the deal: "
        "the open month takes it back.",
        month=month_in_each(first.month),
    )
