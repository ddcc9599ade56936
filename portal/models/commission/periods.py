"""The commission month: open, previewed, closed, paid. Once closed it never changes."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Self

from peewee import CharField, Check, ForeignKeyField, IntegerField, ModelSelect

from portal import clock
from portal.clock import Month
from portal.i18n import Phrase
from portal.models.base import guards
from portal.models.base.database import db, is_sqlite
from portal.models.base.fields import MoneyField, MonthField, UtcDateTimeField
from portal.models.base.record import Invalid, Record
from portal.models.company.calendar import Calendar
from portal.models.people.people import Person
from portal.models.work.jobs import Job

if TYPE_CHECKING:
    from portal.models.commission.policies import Rulebook

SETTLED = ("closed", "paid")
CLOSE_LOCK = 4_711_202


class Period(Record):
    """One month's commission for the whole company. A month nobody touched yet has no row: it is open."""

    month = MonthField(unique=True)
    state = CharField(10, default="open")
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
    total = MoneyField(default=0)
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

    def closable_by(self, person: Person) -> bool:
        """Finance; not who scores the experiences it depends on, nor who approved its policy (RULES 4.1)."""
        return person.is_finance and not person.is_reviewer and person.id not in self.approvers

    def payable_by(self, person: Person) -> bool:
        """Finance, but someone other than who closed it."""
        return person.is_finance and person.id != self.closed_by_id

    @property
    def approvers(self) -> set[int]:
        """Who approved the policies that hold in this month."""
        from portal.models.commission.policies import Policy, PolicyApproval

        found: dict[str, int] = {}
        rows = (
            PolicyApproval.select(PolicyApproval.scope, PolicyApproval.by)
            .join(Policy, on=PolicyApproval.policy)
            .where(PolicyApproval.effective_from <= self.month)
            .order_by(PolicyApproval.effective_from)
        )
        for row in rows:
            found[row.scope] = row.by_id
        return set(found.values())

    @property
    def is_closed(self) -> bool:
        """Whether its numbers stand for ever."""
        return self.state in SETTLED

    @property
    def url(self) -> str:
        return f"/commission/periods/{self.month}"

    def preview_due(self, book: Rulebook) -> datetime:
        """The end of the working day by which its policies promise everyone a preview (RULES 4.1)."""
        return Calendar.read().add(self._last_moment, book.working_days(self.month)[0])

    def close_due(self, book: Rulebook) -> datetime:
        """The end of the working day by which its policies want it closed (RULES 4.1)."""
        return Calendar.read().add(self._last_moment, book.working_days(self.month)[1])

    @property
    def _last_moment(self) -> datetime:
        return self.month.end - timedelta(seconds=1)

    @property
    def is_over(self) -> bool:
        """Whether the month has ended in the company's time zone."""
        return clock.now() >= self.month.end

    @property
    def running(self) -> Job | None:
        """The preview or close that is still at work."""
        job: Job | None = self.job if self.job_id else None
        return job if job and job.state in ("waiting", "running") else None

    def ask_preview(self, *, by: Person) -> Job:
        """Ask for everyone's statement to be reckoned and shown. Raises Invalid once it is closed."""
        return self._ask("preview", by)

    def ask_close(self, *, by: Person) -> Job:
        """Ask for the month to be closed; asked twice, it happens once. Raises Invalid before its end."""
        if not self.is_over:
            raise Invalid(Phrase("This month is not over yet. It can be closed from the first of the next."))
        return self._ask("close", by)

    def _ask(self, what: str, by: Person) -> Job:
        from portal.models.commission.policies import Rulebook

        period = Period.begun(self.month)
        if not Rulebook.read().triggers(self.month):
            raise Invalid(Phrase("No approved policy holds in this month. Approve one first."))
        if period.is_closed:
            raise Invalid(CLOSED)
        if period.running:
            return period.running
        with db.atomic():
            job = Job.enqueue(f"{what}_period", month=str(self.month), by=by.id)
            known = Period.job == period.job_id if period.job_id else Period.job.is_null()
            Period.update(job=job).where((Period.id == period.id) & known & ~Period.is_settled()).execute()
            period.track(f"{what}_asked", by=by)
        self.__data__.update(period.fresh().__data__)
        return job

    def pay(self, *, by: Person) -> None:
        """The money has gone out; twice is harmless. Raises Invalid before the month is closed."""
        if self.state == "paid":
            return
        if self.state != "closed":
            raise Invalid(Phrase("Close the month first: only closed months are paid."))
        if by.id == self.closed_by_id:
            raise Invalid(Phrase("Someone other than who closed the month has to confirm the payment."))
        with db.atomic():
            where = (Period.id == self.id) & (Period.state == "closed")
            if Period.update(state="paid", paid_at=clock.now(), paid_by=by).where(where).execute():
                self.track("paid", by=by, changes={"total": [None, self.total]})
        self.__data__.update(self.fresh().__data__)

    def export(self, *, by: Person) -> bytes:
        """The payroll file: same month, same bytes. Leaves an event. Raises Invalid before the close."""
        from portal.models.commission.statements import Statement

        if not self.is_closed:
            raise Invalid(Phrase("Close the month first: only closed months are exported."))
        rows = Statement.select().where(Statement.period == self)
        content = payroll_file(self.month, list(rows))
        self.track("exported", by=by, changes={"sha256": [None, checksum(content)]})
        return content


CLOSED = Phrase("This month is closed and never changes. What comes late goes into the next one.")


def hold_close() -> None:
    """Closes of different months follow one another; the lock ends with the transaction."""
    if not is_sqlite():
        db.execute_sql("SELECT pg_advisory_xact_lock(%s)", (CLOSE_LOCK,))


HEADER = ("employee_no", "name", "period", "currency", "amount", "checksum")


def payroll_file(month: Month, statements: Sequence[Any]) -> bytes:
    """Statements as CSV (UTF-8 with BOM, CRLF), by employee number; the last line seals the rest."""
    text = io.StringIO()
    write = csv.writer(text, lineterminator="\r\n")
    write.writerow(HEADER)
    for one in sorted(statements, key=lambda s: (s.payee_no, s.person_id)):
        cells = [one.payee_no, one.payee_name, str(month), "CNY", f"{one.total // 100}.{one.total % 100:02d}"]
        sealed = hashlib.sha256("|".join(cells).encode()).hexdigest()[:16]
        write.writerow([*map(_harmless, cells), sealed])
    body = text.getvalue().encode("utf-8-sig")
    return body + f"sha256,{hashlib.sha256(body).hexdigest()}\r\n".encode()


def _harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return "'" + cell if cell.lstrip().startswith(("=", "+", "-", "@", "\t", "\r")) else cell


def checksum(content: bytes) -> str:
    """The SHA-256 that a payroll file carries in its last line."""
    return content.decode("utf-8-sig").rstrip().rpartition(",")[2]
