"""Money of deals, dated: written down, confirmed by whoever is not paid by it, taken back (RULES 4.1)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from typing import Any, Self, TypeVar

from peewee import CharField, Check, DateField, ForeignKeyField, ModelSelect, chunked

from portal import clock, i18n
from portal.i18n import Phrase
from portal.models.base import bulk
from portal.models.base.database import db, is_sqlite
from portal.models.base.fields import MoneyField, NameField, UtcDateTimeField
from portal.models.base.record import Event, Invalid, Record
from portal.models.base.undoing import INSTEAD, hinders
from portal.models.customers.rights import of_open
from portal.models.people.approvals import Approval
from portal.models.people.notices import Notice
from portal.models.people.people import Person, Role
from portal.models.sales.confirming import Confirmer
from portal.models.sales.deals import Deal, DealShare
from portal.models.work.clocks import Clock

TRIGGERS = {
    "contract": Phrase("Contract signed"),
    "delivery": Phrase("Delivered"),
    "invoice": Phrase("Invoiced"),
    "payment": Phrase("Payment received"),
}
TAKEN_BACK = {"reopened": Phrase("reopened"), "undone": Phrase("undone")}
"""Reasons that the portal itself gives for taking a line back."""
RECORDED = ("payment", "delivery", "invoice")
"""What is written down by hand; the contract is, by winning."""
CONFIRMATION = "payment"
"""What an approval is asked for: that the money of a payment is there, or that happened what pays as well."""
TO_CONFIRM = {
    "contract": Phrase("Confirm that the contract of %(deal)s, %(amount)s, was signed on %(day)s."),
    "delivery": Phrase("Confirm that %(amount)s of %(deal)s was delivered on %(day)s."),
    "invoice": Phrase("Confirm that %(amount)s of %(deal)s was invoiced on %(day)s."),
    "payment": Phrase("Confirm that %(amount)s came in for %(deal)s on %(day)s."),
}
_OF_IMPORT = re.compile(r"import-(\d+)-")
L = TypeVar("L", bound="DealLine")
Paying = Callable[[str, date], bool]
_PAYING: list[Paying] = []


def tells_what_pays(paying: Paying) -> Paying:
    """Register who knows whether anyone may be paid for an event of a day, by its trigger."""
    _PAYING.append(paying)
    return paying


def pays(trigger: str, on: date) -> bool:
    """Whether an event of a day may pay commission, so that its payee's word alone is not enough for it.

    A payment always may (RULES 4.1: money that pays commission is confirmed).
    """
    return trigger == "payment" or any(paying(trigger, on) for paying in _PAYING)


class DealLine(Record):
    """Commissionable money of a deal, dated: contract signed, delivered, invoiced or paid.

    Append-only. A reversal is the mirrored row naming the row that it reverses (once: unique).
    """

    deal = ForeignKeyField(Deal, on_delete="RESTRICT", index=False)
    deal_id: int
    trigger = CharField(20)
    """Which of the events of RULES 4.1 (`earn trigger`) it is."""
    on = DateField()
    amount = MoneyField()
    reverses: ForeignKeyField[Any] = ForeignKeyField("self", null=True, unique=True, on_delete="RESTRICT")
    reverses_id: int | None
    reason = NameField(300, default="")
    recorded_by = ForeignKeyField(Person, null=True, on_delete="RESTRICT")
    recorded_by_id: int | None
    confirmed_by = ForeignKeyField(Person, null=True, on_delete="RESTRICT", backref="payments_confirmed")
    confirmed_by_id: int | None
    confirmed_at = UtcDateTimeField(null=True)
    """When someone who is not paid by it said that it is so; it counts from then on. What pays nobody on its
    day is asked of nobody, and counts at once.
    """
    key = NameField(60, null=True, unique=True)
    """The form it came from: sent twice, it is one payment."""

    class Meta:
        indexes = ((("trigger", "on", "id"), False), (("deal", "trigger"), False))
        constraints = [
            Check("trigger IN ('contract', 'delivery', 'invoice', 'payment')"),
            Check("(reverses_id IS NULL) = (amount >= 0)"),
            Check("confirmed_at IS NULL OR reverses_id IS NULL"),
        ]

    @classmethod
    def visible_to(cls, person: Person) -> ModelSelect[Self]:
        """As the deals themselves."""
        return of_open(cls.deal, person)

    @staticmethod
    def standing_among(lines: list[L]) -> list[L]:
        """Of all lines of a deal, those that are neither reversed nor reversals."""
        gone = {line.reverses_id for line in lines}
        return [line for line in lines if line.reverses_id is None and line.id not in gone]

    @classmethod
    def earned(cls, trigger: str, month: clock.Month) -> ModelSelect[Self]:
        """The lines that count for a month under an earn trigger: dated in it, reversals included."""
        dated = (cls.on >= month.first_day) & (cls.on < month.next.first_day)
        return cls.select().where((cls.trigger == trigger) & dated).order_by(cls.on, cls.id)

    @classmethod
    def of(cls, deal: Deal) -> ModelSelect[Self]:
        """All money of a deal, newest first, reversals among it."""
        return cls.select().where(cls.deal == deal).order_by(cls.id.desc())

    @classmethod
    def standing(cls, deal: Deal) -> list[Self]:
        """The lines of a deal that are neither reversed nor reversals."""
        return cls.standing_among(list(cls.of(deal)))

    @classmethod
    def receive(
        cls,
        deal: Deal,
        *,
        by: Person,
        amount: int | None,
        on: date,
        key: str | None = None,
        trigger: str | None = None,
    ) -> DealLine:
        """Money of a won deal came in, was delivered or invoiced. Raises Invalid; sent twice, it is one."""
        trigger = trigger or "payment"
        if trigger not in RECORDED:
            raise Invalid({"trigger": Phrase("Choose what the money is for.")})
        return cls.record(deal, trigger, amount or 0, on, by=by, key=key)

    @classmethod
    def record(
        cls, deal: Deal, trigger: str, amount: int, on: date, *, by: Person | None, key: str | None = None
    ) -> DealLine:
        """Write commissionable minor units down; the first line fixes who shares in it.

        What may pay commission waits for finance, unless finance writes it down and is not paid by it
        (RULES 4.1).
        A form sent twice (same key) is one line; sent again with something else in it, or after the line was
        taken back, it is refused. Raises Invalid and Stale.
        """
        if key and (known := cls.get_or_none(cls.key == key)):
            facts = (known.deal_id, known.trigger, known.amount, known.on, known.recorded_by_id)
            same = facts == (deal.id, trigger, amount, on, by.id if by else None)
            if not same or cls.select().where(cls.reverses == known).exists():
                raise Invalid(
                    Phrase(
                        "This form was sent already: %(amount)s of %(day)s was recorded for %(deal)s. "
                        "To record more, begin with a new form.",
                        amount=i18n.money(known.amount),
                        day=known.on.isoformat(),
                        deal=known.deal.title,
                    )
                )
            return known
        cls._check(deal, trigger, amount, on)
        with db.atomic():
            deal.touch({})  # two payments at one moment cannot both fit into what is still unpaid
            deal.fix_shares()
            line = cls.create(
                deal=deal,
                trigger=trigger,
                amount=amount,
                on=on,
                recorded_by=by,
                key=key or None,
                confirmed_at=None if pays(trigger, on) else clock.now(),
            )
            line.await_confirmation()
            verb = "paid" if trigger == "payment" else "recorded"
            changes = {"amount": [None, amount], "on": [None, on.isoformat()], "trigger": [None, trigger]}
            deal.track(verb, by=by, changes=changes)
        return line

    @classmethod
    def _check(cls, deal: Deal, trigger: str, amount: int, on: date) -> None:
        errors: dict[str, str] = {}
        if trigger not in TRIGGERS:
            errors["trigger"] = Phrase("Choose what the money is for.")
        if not deal.is_won:
            errors[""] = Phrase("Money belongs to a won deal. Win it first.")
        left = (deal.amount or 0) - sum(line.amount for line in cls.of(deal) if line.trigger == trigger)
        if amount <= 0:
            errors["amount"] = Phrase("The amount must be more than nothing.")
        elif deal.is_won and amount > left:
            errors["amount"] = Phrase(
                "That is more than what is still open: %(left)s.", left=i18n.money(left)
            )
        if on > clock.today():
            errors["on"] = Phrase("This day is still to come.")
        elif on < _begun(deal):
            errors["on"] = Phrase("This day cannot be: it is in the future or before the deal began.")
        if errors:
            raise Invalid(errors)

    def reverse(self, *, by: Person | None, reason: str, on: date | None = None) -> DealLine:
        """Take it back by a mirrored line, dated today unless said otherwise. Raises Invalid."""
        if self.reverses_id is not None:
            raise Invalid(Phrase("This line is a reversal. Record the money again instead."))
        if not reason.strip():
            raise Invalid({"reason": Phrase("Say why it is taken back.")})
        on = on or clock.today()
        if not self.on <= on <= clock.today():
            raise Invalid({"on": Phrase("This day cannot be: it is in the future or before the money came.")})
        values = {
            "deal": self.deal_id,
            "trigger": self.trigger,
            "amount": -self.amount,
            "on": on,
            "reverses": self,
            "reason": reason.strip(),
            "recorded_by": by,
            "created_at": clock.now(),
        }
        with db.atomic():
            DealLine.one_by_one([self.id])
            if DealLine.insert(values).on_conflict_ignore().execute():
                changes = {"amount": [self.amount, 0], "reason": [None, reason.strip()]}
                self.deal.track("reversed", by=by, changes=changes)
                Approval.withdraw(self, CONFIRMATION)
                DealLine.no_longer_awaited([self])
                if self.trigger == "payment":
                    self._tell_reversed(by, reason.strip())
        return DealLine.get(DealLine.reverses == self)

    def _tell_reversed(self, by: Person | None, reason: str) -> None:
        """Who wrote it down hears why it does not stand; once it was confirmed, so do those whom it paid."""
        paid = {person.id for person, _ in self.deal.sharers()} if self.confirmed_at else set()
        for each in sorted({self.recorded_by_id or 0, *paid} - {0, by.id if by else 0}):
            told = Phrase(
                "The payment of %(amount)s for %(deal)s was taken back: %(reason)s",
                amount=i18n.money(self.amount),
                deal=self.deal.title,
                reason=reason,
            )
            Notice.tell(each, told, about=self.deal)

    @property
    def why(self) -> str:
        """Why it was taken back: in words of its own where the portal gave them."""
        return TAKEN_BACK.get(self.reason, self.reason)

    def reversible_by(self, person: Person) -> bool:
        """Finance, and the managers of the deal's owner; who wrote it down, until it is confirmed."""
        mine = self.is_waiting and self.trigger != "contract" and self.recorded_by_id == person.id
        return mine or person.is_finance or person.leads(self.deal.owner_id)

    @property
    def is_waiting(self) -> bool:
        """Whether it may pay commission, and nobody confirmed it yet."""
        return self.reverses_id is None and self.confirmed_at is None

    def await_confirmation(self) -> None:
        """Ask finance whether it is so; who may say so is not asked twice."""
        by = self.recorded_by
        if not self.is_waiting or by is None:
            return
        payees = set(self.deal.shares())
        if by.does(Role.PAYMENTS) and by.id not in payees and DealLine.confirm_many([self], by=by):
            return
        asked = Phrase(
            TO_CONFIRM[self.trigger].msgid,
            amount=i18n.money(self.amount),
            deal=self.deal.title,
            day=self.on.isoformat(),
        )
        Approval.ask(self, CONFIRMATION, asked, by=by, who=Role.PAYMENTS, but=payees)

    @classmethod
    def await_import(cls, number: int) -> None:
        """Ask finance, once, for all payments that an import brought."""
        asked = Phrase("Confirm the payments that import %(number)s brought.", number=number)
        url = f"{cls.list_url}?import={number}"
        Clock.start(("import", number), CONFIRMATION, who=Role.PAYMENTS, text=asked, url=url)

    @classmethod
    def no_longer_awaited(cls, lines: Iterable[DealLine]) -> None:
        """Some were confirmed or taken back: an import of which none waits any more is not asked for."""
        brought = {found[1] for line in lines if (found := _OF_IMPORT.match(line.key or ""))}
        for number in brought:
            if not cls.waiting().where(cls.key.startswith(f"import-{number}-")).exists():
                Clock.stop(("import", int(number)), CONFIRMATION)

    def confirmable_by(self, person: Person) -> bool:
        """Finance, but nobody who is paid by it, nor who has that role lately from those (RULES 4.1)."""
        return Confirmer(person).may(self.deal.shares(), self.recorded_by_id)

    def confirm(self, *, by: Person, on: date | None = None) -> None:
        """The money is there, and came on its day, or on the one given. Raises Invalid.

        The day is confirmed with the amount: it decides in which month, and at which rate, it is paid.
        """
        if not self.confirmable_by(by):
            raise Invalid(
                Phrase(
                    "Someone else has to confirm this: not who is paid by it, nor who has that role from "
                    "them for less than a month."
                )
            )
        if on is not None and not _begun(self.deal) <= on <= clock.today():
            raise Invalid({"on": Phrase("This day cannot be: it is in the future or before the deal began.")})
        if not DealLine.confirm_many([self], by=by, on=on) and self.fresh().is_waiting:
            raise Invalid(Phrase("This money was taken back meanwhile."))

    @classmethod
    def confirm_many(cls, lines: Sequence[DealLine], *, by: Person, on: date | None = None) -> int:
        """Confirm those that still wait and are not `by`'s to leave to others; how many that are.

        Theirs to leave: what pays them, or pays or comes from whoever gave them their role lately. Twice is
        harmless.
        """
        confirmer = Confirmer(by)
        if confirmer.givers:
            lines = [line for line in lines if confirmer.may(line.deal.shares(), line.recorded_by_id)]
        mine = DealShare.select(DealShare.deal).where(DealShare.person == by)
        facts = {"confirmed_by": by, "confirmed_at": clock.now(), **({"on": on} if on else {})}
        done = 0
        for some in chunked(lines, 500):
            which = cls.is_standing() & cls.id.in_([line.id for line in some])
            open_still = which & cls.deal.not_in(mine) & cls.confirmed_at.is_null()
            with db.atomic():
                cls.one_by_one(line.id for line in some)
                taken = cls.update(facts).where(open_still).returning(cls.id)
                ids = {line.id for line in taken.execute()}
                confirmed = [line for line in some if line.id in ids]
                buyers = dict(
                    bulk.find((Deal.id, Deal.customer), Deal.id, {one.deal_id for one in confirmed})
                )
                told = [(line.deal_id, buyers[line.deal_id], line._confirmed(on)) for line in confirmed]
                Event.leave_many(Deal.kind(), told, "confirmed", by=by)
                Approval.approve_many(cls.kind(), ids, CONFIRMATION, by=by)
                cls.no_longer_awaited(confirmed)
            for line in confirmed:
                for name, fact in facts.items():
                    setattr(line, name, fact)
            done += len(confirmed)
        return done

    @classmethod
    def one_by_one(cls, lines: Iterable[int]) -> None:
        """Of who confirms money and who takes it back at one moment the second sees what the first did.
        SQLite has one writer at a time by itself.
        """
        if not is_sqlite():
            held: Any = cls.select(cls.id).where(cls.id.in_(sorted(lines))).order_by(cls.id)
            held.for_update("FOR NO KEY UPDATE").execute()

    def _confirmed(self, on: date | None) -> dict[str, Any]:
        return {
            "amount": [None, self.amount],
            "on": [self.on.isoformat() if on else None, (on or self.on).isoformat()],
        }

    @classmethod
    def is_asked(cls) -> Any:
        """The condition that finance is, or was, asked about a line: payments, and what else may pay."""
        asked = (cls.trigger == "payment") | cls.confirmed_at.is_null() | cls.confirmed_by.is_null(False)
        return cls.reverses.is_null() & asked

    @classmethod
    def is_standing(cls) -> Any:
        """The condition that a line was not taken back, and takes nothing back."""
        undo = cls.alias()
        gone = undo.select(undo.reverses).where(undo.reverses.is_null(False))
        return cls.reverses.is_null() & cls.id.not_in(gone)

    @classmethod
    def waiting(cls) -> ModelSelect[Self]:
        """What may pay commission, and nobody confirmed yet."""
        return cls.select().where(cls.is_standing() & cls.confirmed_at.is_null())

    @classmethod
    def ask_again(cls, trigger: str, since: date) -> None:
        """A first rule of pay begins in the past: what was on record under its trigger waits for finance."""
        unasked = cls.reverses.is_null() & cls.confirmed_by.is_null() & (cls.trigger == trigger)
        if trigger != "payment":
            cls.update(confirmed_at=None).where(unasked & (cls.on >= since)).execute()

    list_url = "/payments"
    """Where payments are confirmed."""

    @property
    def url(self) -> str:
        return self.list_url

    @property
    def told(self) -> Phrase:
        """What who wrote it down is told."""
        if self.is_waiting and self.trigger != "payment":
            return Phrase("Recorded. It pays commission once finance has confirmed it.")
        if self.is_waiting:
            return Phrase("The payment is recorded. It pays commission once finance has confirmed it.")
        return Phrase("Recorded.") if self.trigger != "payment" else Phrase("The payment is recorded.")

    @property
    def is_of_today(self) -> bool:
        """Whether its day is not over: whoever shares in the deal at its end has the credit."""
        return self.on == clock.today()

    @property
    def trigger_label(self) -> Phrase:
        return TRIGGERS[self.trigger]


def _begun(deal: Deal) -> date:
    """No money came before this day: where nobody noted the beginning, a year before it was won."""
    long_before = timedelta(days=366)
    return deal.engaged_on or (deal.closed_on - long_before if deal.closed_on else date.min)


@hinders(Deal, "won")
def money_stands(deal: Deal, event: Event) -> Phrase | None:
    """Money is nothing that a click takes back: whoever recorded or confirmed it does so, with a reason. What
    the winning itself wrote down, and nobody confirmed yet, goes with it.
    """
    lines = [line for line in DealLine.standing(deal) if line.trigger != "contract"]
    told = Event.about(deal).where((Event.verb == "paid") & (Event.request == event.request)) if lines else []
    own = len(lines) == len(list(told)) == 1 and event.request != "" and lines[0].is_waiting
    if not lines or (own and lines[0].recorded_by_id == event.actor):
        return None
    return Phrase(
        "Money was recorded for this deal: take it back first, under Money. Then this can be undone."
    )


INSTEAD.update(
    {
        ("deal", "paid"): Phrase("Money is taken back under Money on the deal's page, with a reason."),
        ("deal", "recorded"): Phrase("Money is taken back under Money on the deal's page, with a reason."),
        ("deal", "confirmed"): Phrase("A confirmed payment is taken back under Money on the deal's page."),
    }
)


# What waits for finance is little among all that was ever paid.
DealLine.add_index(
    DealLine.id,
    where=DealLine.confirmed_at.is_null() & DealLine.reverses.is_null(),
    name="deal_line_waiting",
)
