"""Chances to sell, from lead to won or lost."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, Self, TypeVar

from peewee import CharField, Check, DateField, ForeignKeyField, ModelSelect, chunked, fn

from portal import clock, i18n
from portal.i18n import Phrase, names
from portal.models.base import bulk
from portal.models.base.database import among, db, is_sqlite
from portal.models.base.fields import (
    MoneyField,
    NameField,
    RateField,
    StateField,
    TextField,
    UtcDateTimeField,
)
from portal.models.base.record import (
    Archivable,
    Event,
    Invalid,
    Record,
    Searchable,
    Stale,
    Stateful,
    along,
)
from portal.models.base.undoing import INSTEAD, MEANWHILE, hinders, undoes
from portal.models.company.settings import Setting
from portal.models.customers.customers import Customer
from portal.models.customers.interactions import Interaction
from portal.models.customers.rights import (
    ByNeed,
    by_need,
    colleagues,
    keepers,
    named_by,
    needs,
    of_open,
    opens_deals,
)
from portal.models.customers.traits import weigh_debriefs_of
from portal.models.people.approvals import Approval
from portal.models.people.notices import Notice
from portal.models.people.ownership import LOOKS, Owned
from portal.models.people.people import Person, Role
from portal.models.products.products import Product
from portal.models.sales.close_reasons import CloseReason
from portal.models.sales.confirming import Confirmer
from portal.models.sales.words import DEAL, Stage
from portal.models.work.clocks import Clock
from portal.text.naming import is_titled

CLOSED_STAGES = (Stage.WON, Stage.LOST)
OPEN_STAGES = (Stage.LEAD, Stage.ENGAGED, Stage.VIEWING, Stage.NEGOTIATION)
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
WHOLE = 1_000_000
AT_ONCE = timedelta(seconds=10)
"""What happens in one act is this near."""
MOST_REASONS = 3
"""Of so many reasons at most a deal was won or lost: who names all of them says nothing."""
CONFIRMATION = "payment"
"""What an approval is asked for: that the money of a payment is there, or that happened what pays as well."""
TO_CONFIRM = {
    "contract": Phrase("Confirm that the contract of %(deal)s, %(amount)s, was signed on %(day)s."),
    "delivery": Phrase("Confirm that %(amount)s of %(deal)s was delivered on %(day)s."),
    "invoice": Phrase("Confirm that %(amount)s of %(deal)s was invoiced on %(day)s."),
    "payment": Phrase("Confirm that %(amount)s came in for %(deal)s on %(day)s."),
}
PART = "part in a deal"
"""What whoever was named by somebody else is asked to say yes to."""
_OF_IMPORT = re.compile(r"import-(\d+)-")
L = TypeVar("L", bound="DealLine")
Following = Callable[["Deal"], None]
_FOLLOWS: list[Following] = []
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


def follows_its_end(follow: Following) -> Following:
    """Let a module say what comes of it that a deal was closed, opened again, or is shared otherwise."""
    _FOLLOWS.append(follow)
    return follow


class Deal(ByNeed, Owned, Archivable, Stateful, Searchable):
    """A chance to sell one product to one customer. Some imported deals have no customer."""

    called = DEAL

    code = NameField(60, null=True, unique=True, verbose_name=Phrase("Code"))
    title = NameField(200, verbose_name=Phrase("Title"))
    customer = ForeignKeyField(
        Customer, null=True, on_delete="RESTRICT", index=False, verbose_name=Phrase("Customer")
    )
    customer_id: int | None
    product = ForeignKeyField(
        Product, null=True, on_delete="RESTRICT", index=False, verbose_name=Phrase("Product")
    )
    product_id: int | None
    owner = ForeignKeyField(Person, on_delete="RESTRICT", index=False, verbose_name=Phrase("Owner"))
    owner_id: int
    stage = StateField(Stage, max_length=20, default=Stage.LEAD, verbose_name=Phrase("Stage"))
    amount = MoneyField(null=True, verbose_name=Phrase("Amount"))
    """What was or may be sold, in minor units."""
    engaged_on = DateField(null=True, verbose_name=Phrase("Begun on"))
    expected_on = DateField(null=True, verbose_name=Phrase("Expected on"))
    closed_on = DateField(null=True, verbose_name=Phrase("Closed on"))
    lost_reason = NameField(300, default="", verbose_name=Phrase("Reason"))
    competitor = NameField(200, default="", verbose_name=Phrase("Competitor"))
    source = NameField(120, default="", verbose_name=Phrase("Source"))
    """Where a lead came from; its customer's, once it has one."""
    note = TextField(default="", verbose_name=Phrase("Note"))
    archived_at = UtcDateTimeField(null=True)
    why: Sequence[CloseReason] = ()
    """Its reasons, where many deals were read with theirs."""
    state_field = "stage"

    class Meta:
        # One index for each sort, alone and under each filter: a list costs the same at any size. Those that
        # end with more also count without reading a row.
        indexes = (
            (("updated_at", "id"), False),
            (("amount", "id"), False),
            (("expected_on", "id"), False),
            (("engaged_on", "id"), False),
            (("stage", "updated_at", "id", "archived_at"), False),
            (("stage", "amount", "id"), False),
            (("owner", "updated_at", "id"), False),
            (("customer", "updated_at", "id"), False),
            (("product", "updated_at", "id", "stage", "closed_on"), False),
        )
        constraints = [
            Check("stage IN ('lead', 'engaged', 'viewing', 'negotiation', 'won', 'lost')"),
            Check("(stage IN ('won', 'lost')) = (closed_on IS NOT NULL)"),
            Check("amount IS NULL OR amount >= 0"),
        ]

    @classmethod
    def opening_for(cls, person: Person) -> Any:
        """A person's own and their team's, what they share in, and all with the customers whom they serve."""
        kept, shared = keepers(person), DealShare.select(DealShare.deal).where(DealShare.person == person)
        served = named_by(cls.customer, Customer.id, Customer.needed_by(person), kept)
        opening = cls.owner.in_(kept) | cls.id.in_(shared) | served
        near = colleagues(person, cls.kind())
        return opening if near is None else opening | cls.owner.in_(near)

    @classmethod
    def shared_by(cls, person: Person) -> list[int]:
        """The ids of the deals that a person has a part in."""
        rows: Any = DealShare.select(DealShare.deal).where(DealShare.person == person).tuples()
        return [deal for (deal,) in rows]

    @classmethod
    def with_names(cls, query: ModelSelect[Self]) -> ModelSelect[Self]:
        """The same deals with the names of owner, customer and product, and the customer's type."""
        return along(query, cls.owner, cls.customer, cls.product).select_extend(Customer.type)

    @classmethod
    def matching(cls, text: str) -> Any:
        """The condition that a deal's title or code, or its customer's name, holds this text."""
        named = Customer.select(Customer.id).where(Customer.matching(text))
        return (
            cls.title.contains(text) | cls.customer.in_(named) | fn.LOWER(cls.code).startswith(text.lower())
        )

    @classmethod
    def open(
        cls,
        *,
        by: Person | None,
        title: str,
        owner: Person | None = None,
        stage: str = Stage.LEAD,
        another: bool = True,
        **fields: Any,
    ) -> Deal:
        """Begin a deal in an open stage; `by` owns it unless `owner` says otherwise. Raises Invalid.

        Unless it is said to be `another`, one of the same title with the same customer is not made beside one
        of `by` that is still open.
        """
        if not another and cls.of_title(title, fields.get("customer"), by) is not None:
            raise Invalid({"title": Phrase("You have an open deal of this title with this customer.")})
        owner = owner or by
        if owner is None:
            raise Invalid({"owner": Phrase("Someone must own the deal.")})
        fields = _tidy(fields)
        deal = cls(title=title.strip(), owner=owner, stage=_open_stage(stage), **fields)
        deal._check({"title": title, **fields}, by)
        with db.atomic():
            deal.save(force_insert=True)
            deal.track("opened", by=by, changes={"title": [None, deal.title]})
        return deal

    @classmethod
    def of_title(cls, title: str, customer: Customer | None, owner: Person | None) -> Deal | None:
        """The open deal of this title that a person has with a customer."""
        mine = (cls.title == title.strip()) & (cls.owner == owner) & (cls.customer == customer)
        current = cls.closed_on.is_null() & cls.archived_at.is_null()
        found: Deal | None = cls.select().where(mine & current).first() if customer and owner else None
        return found

    def edit(self, *, by: Any, version: int | None = None, **values: Any) -> dict[str, list[Any]]:
        """Change fields; how it stands changes by `move`, `win` and `lose`. Raises Invalid and Stale."""
        values = _tidy(values)
        self._check(values, by)
        if self.stage == Stage.WON:
            self._check_standing(values)
        before = self.customer_id
        with db.atomic():
            changes = super().edit(by=by, version=version, **values)
            if self.customer_id != before:
                weigh_debriefs_of([before, self.customer_id])
        return changes

    def _check_standing(self, values: Mapping[str, Any]) -> None:
        """What commission was reckoned on stands while the deal is won; a product may still be filled in."""
        errors = {}
        if values.get("amount", self.amount) != self.amount:
            errors["amount"] = Phrase("A won deal's amount stands. Reopen the deal to change it.")
        if self.product_id is not None and "product" in self.changed_fields(values):
            errors["product"] = Phrase("A won deal's product stands. Reopen the deal to change it.")
        if errors:
            raise Invalid(errors)

    @classmethod
    def faults(cls, values: Mapping[str, Any]) -> dict[str, Phrase]:
        """What is wrong with these facts, by field: a closed deal needs its day, a won one its amount."""
        errors: dict[str, Phrase] = {}
        if "title" in values and not values["title"].strip():
            errors["title"] = Phrase("A title is needed.")
        if (values.get("amount") or 0) < 0:
            errors["amount"] = Phrase("An amount cannot be negative.")
        stage = values.get("stage")
        if stage in CLOSED_STAGES:
            fault = _closing_fault(values.get("closed_on"), values.get("engaged_on"))
            errors |= {"closed_on": fault} if fault is not None else {}
            if stage == Stage.WON and (values.get("amount") or 0) <= 0:
                errors["amount"] = Phrase("A won deal needs its amount. Say for how much it was sold.")
        return errors

    def _check(self, values: Mapping[str, Any], by: Person | None) -> None:
        errors = self.faults(values)
        if by is not None and not self._may_join(values.get("customer"), by):
            errors["customer"] = Phrase("Ask whoever looks after this customer to begin the deal.")
        other = Deal.get_or_none(Deal.code == values["code"]) if values.get("code") else None
        if other is not None and other.id != self.id:
            errors["code"] = Phrase("Another deal has this code.")
        if errors:
            raise Invalid(errors)

    def make_customer(self, *, by: Person) -> Customer:
        """Whoever it is becomes a customer of the deal's owner, under its title, with its note, its source
        and what was said: a person where the title says so (吕先生). Twice is harmless. Raises Invalid where
        there is one of that name: is it the same?
        """
        if self.customer is not None:
            return self.customer
        with db.atomic():
            form = "person" if is_titled(self.title) else "organisation"
            told = {"note": self.note, "source": self.source, "form": form}
            customer = self._customer_again(told, by) or Customer.add(
                by=by, name=self.title, another=False, owner=self.owner, **told
            )
            self._check({"customer": customer}, by)
            self.write(customer=customer)
            Interaction.bring(self.id, customer)
            weigh_debriefs_of([customer.id])
            # Last: whatever happens to the customer from here on keeps this from being undone.
            self.track("customer made", by=by, changes={"customer": [None, customer.id]})
        return customer

    def _customer_again(self, told: dict[str, Any], by: Person) -> Customer | None:
        """The customer that it was made once and that an undoing put away: not a second one beside it. Where
        somebody went on with that one, it stays as they left it.
        """
        made = Event.about(self).where(Event.verb == "customer made").order_by(Event.id.desc()).first()
        if made is None or customer_in_use(self, made) is not None:
            return None
        found = Customer.get_or_none(Customer.id == made.changes["customer"][1])
        same = found is not None and found.is_archived and found.owner_id == self.owner_id
        if found is None or not same or Customer.of_name(self.title):
            return None
        found.bring_back(by=by)
        found.edit(by=by, name=self.title, **told)
        found.track("added", by=by, changes={"name": [None, found.name]})
        return found

    def _may_join(self, customer: Customer | None, by: Person) -> bool:
        """A deal of one's own opens its customer for good: not for whom they are lent to (RULES 4.10)."""
        if not by_need() or customer is None or (self.id and customer.id == self.customer_id):
            return True
        return Customer.dealt_with_by(by).where(Customer.id == customer.id).exists()

    def move(self, to: str, *, by: Person) -> None:
        """Go to another open stage, forward or back. Raises Invalid when it is closed."""
        to = _open_stage(to)
        if self.stage == to:
            return
        if not self.is_open:
            raise Invalid(Phrase("This deal is closed. Reopen it to move it."))
        before = self.stage
        with db.atomic():
            if self.step(to, since=OPEN_STAGES):
                self.track("moved", by=by, changes={"stage": [before, to]})

    def win(
        self,
        *,
        by: Person,
        amount: int | None,
        on: date,
        paid_on: date | None = None,
        reasons: Collection[CloseReason] = (),
    ) -> None:
        """It is sold for `amount` minor units, the contract dated `on`; paid in full on `paid_on`, if it is.

        Writes the contract line and, when paid, the payment line. A won deal stays as it is. Raises Invalid.
        """
        if self.stage == Stage.WON:
            return
        amount = self.amount if amount is None else amount
        errors = self._closing_errors(Stage.WON, on, amount) | faults_of(reasons, Stage.WON)
        if paid_on is not None and not (self.engaged_on or date.min) <= paid_on <= clock.today():
            errors["paid_on"] = Phrase("This day cannot be: it is in the future or before the deal began.")
        if errors or amount is None:
            raise Invalid(errors)
        # The contract's line writes down who shares in it, if nobody did: to undo the win takes that back.
        default = None if self._agreed() else {self.owner_id: WHOLE}
        if not self._close(Stage.WON, by, reasons, shares=default, amount=amount, closed_on=on):
            return
        self.record_line("contract", amount, on, by=by)
        if paid_on is not None:
            self.record_line("payment", amount, paid_on, by=by)

    def lose(
        self,
        *,
        by: Person,
        on: date,
        reason: str = "",
        competitor: str = "",
        reasons: Collection[CloseReason] = (),
    ) -> None:
        """It will not come to anything, for these reasons of the company's list, or in one's own words. A
        lost deal stays as it is. Raises Invalid.
        """
        if self.stage == Stage.LOST:
            return
        errors = self._closing_errors(Stage.LOST, on) | faults_of(reasons, Stage.LOST)
        if not reason.strip() and not reasons:
            errors["reason"] = Phrase("Say why it was lost: others learn from it.")
        if errors:
            raise Invalid(errors)
        said: dict[str, Any] = {"lost_reason": reason.strip(), "competitor": competitor.strip()}
        self._close(Stage.LOST, by, reasons, **said, closed_on=on)

    def _closing_errors(self, stage: Stage, on: date, amount: int | None = None) -> dict[str, Phrase]:
        if not self.is_open:
            raise Invalid(Phrase("This deal is closed already. Reopen it first."))
        facts = {"stage": stage, "closed_on": on, "engaged_on": self.engaged_on, "amount": amount}
        return {"on" if field == "closed_on" else field: why for field, why in self.faults(facts).items()}

    def _close(
        self,
        stage: Stage,
        by: Person,
        reasons: Collection[CloseReason],
        shares: dict[int, int] | None = None,
        **facts: Any,
    ) -> bool:
        """False when someone else closed it so at this moment."""
        before, was = self.stage, {name: getattr(self, name) or None for name in facts}
        with db.atomic():
            if not self.step(stage, since=OPEN_STAGES, **facts):
                return False
            changes: dict[str, Any] = {"stage": [before, stage]}
            if shares:
                changes["shares"] = [{}, _keys(shares)]
            for name, value in facts.items():
                if value or was[name]:
                    changes[name] = [was[name], value.isoformat() if isinstance(value, date) else value]
            if reasons:
                changes["reasons"] = [[], [names(each) for each in self.keep_reasons(reasons)]]
            self.track(stage, by=by, changes=changes)
            self._await_debrief()
            self.follow_end()
        return True

    @property
    def reasons(self) -> list[CloseReason]:
        """Why it was won or lost, of the company's list, in its order; none where nobody said."""
        return reasons_of([self]).get(self.id, [])

    def asks_why(self, reasons: Collection[CloseReason]) -> bool:
        """Whether one may say why it ended: it has these reasons, or the company offers some for its like."""
        return not self.is_open and (bool(reasons) or CloseReason.offered_for(self.stage).exists())

    def say_why(self, *, by: Person, reasons: Collection[CloseReason], version: int | None = None) -> None:
        """Say, or correct, why it was won or lost: what was said before stays in its history. Raises Invalid
        and Stale.
        """
        before = self.reasons
        if {*reasons} == {*before}:
            return
        if self.is_open:
            raise Invalid(Phrase("This deal is open: why it ended is said when it is closed."))
        errors = faults_of([each for each in reasons if each not in before], self.stage)
        if not reasons or len(reasons) > MOST_REASONS:
            errors["reasons"] = CHOOSE
        if errors:
            raise Invalid(errors)
        if version is not None and version != self.version:
            raise Stale(self)
        with db.atomic():
            self.touch({})
            told = [[names(each) for each in some] for some in (before, self.keep_reasons(reasons))]
            self.track("said why", by=by, changes={"reasons": told})

    def keep_reasons(self, reasons: Iterable[CloseReason]) -> list[CloseReason]:
        """Write these down in the place of what was said before; gives them in the company's order."""
        DealReason.delete().where(DealReason.deal == self).execute()
        found = sorted(set(reasons), key=lambda each: (each.position, each.id))
        at = clock.now()
        if found:
            rows = [{"deal": self, "reason": each, "created_at": at} for each in found]
            DealReason.insert_many(rows).execute()
        return found

    def follow_end(self) -> None:
        """What comes of it that it was closed, opened again, or is shared otherwise."""
        for follow in _FOLLOWS:
            follow(self)

    def reopen(self, *, by: Person) -> None:
        """Take the closing back: to negotiation, its contract line reversed. Raises Invalid when paid.

        Who shared in it still does, also after a hand-over: credit moves by an agreement on shares alone.
        """
        if self.is_open:
            return
        lines = self.standing_lines()
        if any(line.trigger != "contract" for line in lines):
            raise Invalid(Phrase("Money was received for this deal. Reverse its payments first."))
        before = self.stage
        with db.atomic():
            for line in lines:
                line.reverse(by=by, reason="reopened")
            opened = {"closed_on": None, "lost_reason": "", "competitor": ""}
            if self.step(Stage.NEGOTIATION, since=CLOSED_STAGES, **opened):
                DealReason.delete().where(DealReason.deal == self).execute()
                self.track("reopened", by=by, changes={"stage": [before, Stage.NEGOTIATION]})
                self._await_debrief()
                self.follow_end()

    def take_closing_back(self, event: Event, *, by: Person) -> None:
        """It was closed by mistake: it stands as before, and earned nothing in the month it was closed for.

        Who shared in it because of that shares no longer. Raises Invalid and Stale.
        """
        changes = event.changes
        if (self.stage, self.closed_on) != (event.verb, date.fromisoformat(changes["closed_on"][1])):
            raise Invalid(MEANWHILE)
        with db.atomic():
            DealLine.one_by_one(line.id for line in self.standing_lines())
            standing = self.standing_lines()
            if not all(line.is_waiting or line.trigger == "contract" for line in standing):
                raise Invalid(MEANWHILE)
            for line in standing:
                line.reverse(by=by, reason="undone", on=line.on)
            opened: dict[str, Any] = {"closed_on": None}
            if event.verb == Stage.WON:
                opened["amount"] = changes["amount"][0]
            else:
                opened |= {
                    name: before or ""
                    for name in ("lost_reason", "competitor")
                    for before, said in (changes.get(name, ["", ""]),)
                    if getattr(self, name) == (said or "")  # what somebody wrote since stays
                }
            if not self.step(changes["stage"][0], since=[event.verb], **opened):
                raise Invalid(MEANWHILE)
            DealReason.delete().where(DealReason.deal == self).execute()
            self._await_debrief()
            self._unfix_shares(changes.get("shares", [{}, {}])[1])
            self.follow_end()

    def _unfix_shares(self, fixed: Mapping[str, int]) -> None:
        """The default that this win wrote down falls with its line; what stood before, or was agreed since,
        stays.
        """
        if fixed and _keys(self._agreed()) == fixed and not self.standing_lines():
            LineShare.keep(self, self._agreed())
            DealShare.delete().where(DealShare.deal == self).execute()

    def touch(self, values: Mapping[str, Any]) -> None:
        super().touch(values)
        waits = {"title", "owner", "archived_at"} & set(values) and Clock.of(self, "debrief")
        if "closed_on" in values or waits or ("archived_at" in values and self._was_asked_until_put_away):
            self._await_debrief()

    @property
    def _was_asked_until_put_away(self) -> bool:
        """Whether the debrief was waited for until it was archived: nobody had begun it."""
        away = Event.about(self).where(Event.verb == "archived").first()
        latest = Clock.latest(self, "debrief")
        if self.is_archived or away is None or latest is None or latest.stopped_at is None:
            return False
        return bool(abs(latest.stopped_at - away.at) < AT_ONCE)

    def _await_debrief(self) -> None:
        Clock.stop(self, "debrief")
        if not self.is_archived:
            self.await_debriefs({self.id: self.closed_on})

    @classmethod
    def await_debriefs(cls, closed: Mapping[int, date | None]) -> None:
        """Ask the owners for the debriefs of deals, given the day on which each was closed: at once, and once
        more a week later (S10).

        What was closed long ago is left in peace.
        """
        remind, until = Setting.read("debrief.remind_days"), Setting.read("debrief.until_days")
        since = clock.today() - timedelta(days=until)
        lately = {ident: on for ident, on in closed.items() if on is not None and on >= since}
        for deal in (
            cls.select(cls.id, cls.title, cls.owner).where(cls.id.in_(list(lately))) if lately else ()
        ):
            after = partial(_days_after, lately[deal.id])
            Clock.start(
                deal,
                "debrief",
                who=f"person-{deal.owner_id}",
                text=Phrase("Write the debrief: %(title)s", title=deal.title),
                url=f"/experiences/new?deal={deal.id}",
                steps={"remind": after(remind), "forget": after(until + 1)},
            )

    def receive_payment(
        self, *, by: Person, amount: int | None, on: date, key: str | None = None, trigger: str | None = None
    ) -> DealLine:
        """Money of a won deal came in, was delivered or invoiced. Raises Invalid; sent twice, it is one."""
        trigger = trigger or "payment"
        if trigger not in RECORDED:
            raise Invalid({"trigger": Phrase("Choose what the money is for.")})
        return self.record_line(trigger, amount or 0, on, by=by, key=key)

    def record_line(
        self, trigger: str, amount: int, on: date, *, by: Person | None, key: str | None = None
    ) -> DealLine:
        """Write commissionable minor units down; the first line fixes who shares in it.

        What may pay commission waits for finance, unless finance writes it down and is not paid by it
        (RULES 4.1).
        A form sent twice (same key) is one line; sent again with something else in it, or after the line was
        taken back, it is refused. Raises Invalid and Stale.
        """
        if key and (known := DealLine.get_or_none(DealLine.key == key)):
            facts = (known.deal_id, known.trigger, known.amount, known.on, known.recorded_by_id)
            same = facts == (self.id, trigger, amount, on, by.id if by else None)
            if not same or DealLine.select().where(DealLine.reverses == known).exists():
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
        self._check_line(trigger, amount, on)
        with db.atomic():
            self.touch({})  # two payments at one moment cannot both fit into what is still unpaid
            self.fix_shares()
            line = DealLine.create(
                deal=self,
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
            self.track(verb, by=by, changes=changes)
        return line

    def _check_line(self, trigger: str, amount: int, on: date) -> None:
        errors: dict[str, str] = {}
        if trigger not in TRIGGERS:
            errors["trigger"] = Phrase("Choose what the money is for.")
        if not self.is_won:
            errors[""] = Phrase("Money belongs to a won deal. Win it first.")
        left = (self.amount or 0) - sum(line.amount for line in self.lines() if line.trigger == trigger)
        if amount <= 0:
            errors["amount"] = Phrase("The amount must be more than nothing.")
        elif self.is_won and amount > left:
            errors["amount"] = Phrase(
                "That is more than what is still open: %(left)s.", left=i18n.money(left)
            )
        if on > clock.today():
            errors["on"] = Phrase("This day is still to come.")
        elif on < self._begun:
            errors["on"] = Phrase("This day cannot be: it is in the future or before the deal began.")
        if errors:
            raise Invalid(errors)

    @property
    def _begun(self) -> date:
        """No money came before this day: where nobody noted the beginning, a year before it was won."""
        long_before = timedelta(days=366)
        return self.engaged_on or (self.closed_on - long_before if self.closed_on else date.min)

    def handed_over(self, by: Person) -> Phrase:
        return Phrase("%(who)s handed the deal %(deal)s over to you.", who=names(by), deal=self.title)

    @classmethod
    def many_handed_over(cls, count: int, by: Person) -> Phrase:
        return Phrase("%(who)s handed deals over to you: %(count)s.", who=names(by), count=count)

    def lines(self) -> ModelSelect[DealLine]:
        """All money of the deal, newest first, reversals among it."""
        return DealLine.select().where(DealLine.deal == self).order_by(DealLine.id.desc())

    def standing_lines(self) -> list[DealLine]:
        """The lines that are neither reversed nor reversals."""
        return DealLine.standing_among(list(self.lines()))

    def shares(self) -> dict[int, int]:
        """Who has which part of the commission: millionths by person id. All to the owner unless agreed."""
        return self._agreed() or {self.owner_id: WHOLE}

    def fix_shares(self) -> None:
        """Write the default down, all to the owner, where nothing was agreed."""
        if not self._agreed():
            DealShare.insert(deal=self, person=self.owner_id, share=WHOLE).on_conflict_ignore().execute()

    def _agreed(self) -> dict[int, int]:
        rows = DealShare.select().where(DealShare.deal == self).order_by(DealShare.id)
        return {row.person_id: row.share for row in rows}

    def sharers(self) -> list[tuple[Person, int]]:
        """Who shares and in how many millionths; all to the owner unless agreed."""
        agreed = along(DealShare.select().where(DealShare.deal == self), DealShare.person, whole=True)
        return [(each.person, each.share) for each in agreed.order_by(DealShare.id)] or [(self.owner, WHOLE)]

    def share_with(self, shares: Mapping[Person, int], *, by: Person | None) -> None:
        """Agree on who has which part, in millionths. Raises Invalid unless they sum to the whole, and while
        money stands: credit stays with whoever had it on the day it was earned (RULES 4.1).

        A contract alone may stand, as long as its month runs. What was recorded on an earlier day keeps the
        shares it had, also when it was taken back.
        """
        wanted = {person.id: share for person, share in shares.items() if share}
        if any(share < 0 for share in wanted.values()) or sum(wanted.values()) != WHOLE:
            raise Invalid({"shares": Phrase("The shares must add up to the whole.")})
        before = self._agreed()
        if before == wanted:
            return
        self._check_shareable(wanted.keys() - before.keys())
        with db.atomic():
            self.touch({})  # a payment that came in between makes this stale
            LineShare.keep(self, before)
            DealShare.write(self, wanted, by=by)
            self.track("shared", by=by, changes={"shares": [_keys(before), _keys(wanted)]})
            self.follow_end()

    def _check_shareable(self, joining: Collection[int]) -> None:
        standing = self.standing_lines()
        if any(line.confirmed_by_id in joining for line in standing):
            words = Phrase("Who confirmed the contract is not paid by it: they cannot share in the deal.")
            raise Invalid({"shares": words})
        if any(line.trigger != "contract" for line in standing):
            raise Invalid(
                {"shares": Phrase("Money came in for this deal: its shares stay. Take the money back first.")}
            )
        if any(line.on < clock.Month.of(clock.today()).first_day for line in standing):
            raise Invalid(
                {
                    "shares": Phrase(
                        "The contract is of an earlier month: its shares stay. Reopen the deal first."
                    )
                }
            )

    @property
    def is_late(self) -> bool:
        """Whether it was expected to be closed before today."""
        return self.is_open and self.expected_on is not None and self.expected_on < clock.today()

    @property
    def is_open(self) -> bool:
        return self.stage in OPEN_STAGES

    @property
    def is_won(self) -> bool:
        return bool(self.stage == Stage.WON)

    @classmethod
    def addable_by(cls, person: Person) -> bool:
        """As with customers."""
        return Customer.addable_by(person)

    def editable_by(self, person: Person) -> bool:
        """Its owner and their managers: editing, moving, winning, losing."""
        return self.owner_id == person.id or person.leads(self.owner_id)

    def reopenable_by(self, person: Person) -> bool:
        """Taking a closing back touches money: the owner's managers, and finance."""
        return person.leads(self.owner_id) or person.is_finance

    def payable_by(self, person: Person) -> bool:
        """Who may write down that money came in: owner, managers and finance."""
        return self.editable_by(person) or person.is_finance


@opens_deals
def open_to(person: Person) -> ModelSelect[Deal]:
    """The ids of the deals that open for a person."""
    return Deal.visible_to(person).select(Deal.id)


@needs
def customers_of_deals(person: Person, kept: Collection[int]) -> tuple[ForeignKeyField[Any], Any]:
    """Whoever works on a deal, or leads who does, serves its customer."""
    shared = DealShare.select(DealShare.deal).where(DealShare.person == person)
    return Deal.customer, Deal.owner.in_(kept) | Deal.id.in_(shared)


CHOOSE = Phrase("Choose one to three reasons.")


class DealReason(Record):
    """One of the reasons for which a closed deal was won or lost, of the company's list."""

    deal = ForeignKeyField(Deal, on_delete="CASCADE", index=False)
    deal_id: int
    reason = ForeignKeyField(CloseReason, on_delete="RESTRICT", index=False, backref="closings")
    reason_id: int

    class Meta:
        indexes = ((("deal", "reason"), True), (("reason", "deal"), False))


def faults_of(reasons: Collection[CloseReason], stage: str) -> dict[str, Phrase]:
    """What is wrong with these as the reasons of a deal that ends so."""
    if len(set(reasons)) > MOST_REASONS:
        return {"reasons": CHOOSE}
    if not all(each.fits(stage) for each in reasons):
        return {"reasons": Phrase("One of these reasons is not offered for a deal that ended so.")}
    return {}


def reasons_of(deals: Iterable[Deal]) -> dict[int, list[CloseReason]]:
    """Why these deals were won or lost, by the deal's id, each in the company's order."""
    ids = [deal.id for deal in deals]
    found: dict[int, list[CloseReason]] = {}
    rows: Any = along(
        DealReason.select().where(DealReason.deal.in_(among(ids))), DealReason.reason, whole=True
    )
    for row in sorted(rows, key=lambda each: (each.reason.position, each.reason_id)):
        found.setdefault(row.deal_id, []).append(row.reason)
    return found


class DealShare(Record):
    """A person's part in a deal's commission, in millionths; a deal's shares sum to the whole."""

    deal = ForeignKeyField(Deal, on_delete="CASCADE", index=False)
    deal_id: int
    person = ForeignKeyField(Person, on_delete="RESTRICT")
    person_id: int
    share = RateField()
    agreed_at = UtcDateTimeField(null=True, default=clock.now)
    """When they said that they worked on it. Until then it keeps them from judging nothing: nobody bars a
    reviewer by a share that they never asked for (RULES 4.2). They are paid by it all the same.
    """

    class Meta:
        indexes = ((("deal", "person"), True),)
        constraints = [Check("share > 0 AND share <= 1000000")]

    @classmethod
    def is_agreed(cls) -> Any:
        """The condition that the person agreed."""
        return cls.agreed_at.is_null(False)

    @classmethod
    def write(cls, deal: Deal, shares: Mapping[int, int], *, by: Person | None) -> None:
        """These in the place of what was there, in millionths by person. Each whom another names is asked
        whether they worked on it.
        """
        held = list(cls.select().where(cls.deal == deal))
        known, at = {row.person_id: row for row in held}, clock.now()
        Clock.stop_many(cls.kind(), PART, [row.id for row in held])
        cls.delete().where(cls.deal == deal).execute()
        for person, share in shares.items():
            before = known.get(person)
            agreed = before.agreed_at if before is not None else None
            own = by is None or person in (by.id, deal.owner_id)
            row = cls.create(
                deal=deal,
                person=person,
                share=share,
                created_at=at,
                agreed_at=at if agreed is None and own else agreed,
            )
            if row.agreed_at is None and by is not None:
                row.ask(by, tell=before is None)

    def ask(self, by: Person, *, tell: bool) -> None:
        """Whether they worked on it."""
        words = Phrase(
            "%(name)s names you as sharing in a deal, with %(share)s %%. Did you work on it? %(title)s",
            name=names(by),
            share=f"{self.share / 10_000:g}",
            title=self.deal.title,
        )
        url, who = f"{self.deal.url}?tab=money", f"person-{self.person_id}"
        Clock.start(self, PART, who=who, text=words, url=url)
        if tell:
            Notice.tell(self.person_id, words, about=self.deal, url=url, waits=f"{self} {PART}")

    def agree(self, *, by: Person) -> None:
        """They worked on it, and judge nothing that is written of it. Twice is harmless."""
        with db.atomic():
            mine = (DealShare.id == self.id) & DealShare.agreed_at.is_null()
            if DealShare.update(agreed_at=clock.now()).where(mine).execute():
                Clock.stop(self, PART)
                self.deal.track("part agreed", by=by)

    def deny(self, *, by: Person) -> None:
        """They had no part in it: its owner is told, and sets who shares. Twice is harmless."""
        with db.atomic():
            if Clock.of(self, PART) is None:
                return
            Clock.stop(self, PART)
            self.deal.track("part denied", by=by)
            words = Phrase(
                "%(name)s had no part in your deal: %(title)s", name=names(by), title=self.deal.title
            )
            Notice.tell(self.deal.owner_id, words, about=self.deal, url=f"{self.deal.url}?tab=money")


def _keys(shares: Mapping[int, int]) -> dict[str, int]:
    return {str(person): share for person, share in shares.items()}


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
        if on is not None and not self.deal._begun <= on <= clock.today():
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


class LineShare(Record):
    """Who had which part of a line on the day it was earned, where the deal was shared anew since then."""

    line = ForeignKeyField(DealLine, on_delete="CASCADE", index=False)
    line_id: int
    person = ForeignKeyField(Person, on_delete="RESTRICT")
    person_id: int
    share = RateField()

    class Meta:
        indexes = ((("line", "person"), True),)
        constraints = [Check("share > 0 AND share <= 1000000")]

    @classmethod
    def keep(cls, deal: Deal, shares: Mapping[int, int]) -> None:
        """Note the shares so far for what was taken back and for lines of earlier days: theirs stay."""
        kept = {row.line_id for row in cls.select(cls.line).join(DealLine).where(DealLine.deal == deal)}
        all_lines = list(deal.lines())
        open_lines = {line.id for line in DealLine.standing_among(all_lines) if line.is_of_today}
        lines = [line for line in all_lines if line.id not in kept | open_lines]
        at, had = clock.now(), shares or {deal.owner_id: WHOLE}
        rows = [
            {"line": line, "person": person, "share": share, "created_at": at}
            for line in lines
            for person, share in had.items()
        ]
        if rows:
            cls.insert_many(rows).execute()


@undoes(Deal, "won", "lost", ends=["moved", "reopened"], right="editable_by")
def open_again(deal: Deal, event: Event, by: Person) -> None:
    """Neither won nor lost: as it was before."""
    deal.take_closing_back(event, by=by)


@undoes(Deal, "customer made", ends=["won", "lost"], right="editable_by", goes_to_record=True)
def lead_again(deal: Deal, event: Event, by: Person) -> None:
    """A lead as before, with what was said to it; the customer is put away, so that no word of it is lost."""
    customer = deal.customer
    if customer is None or customer.id != event.changes["customer"][1]:
        raise Invalid(MEANWHILE)
    deal.write(customer=None)
    Interaction.take_back(deal.id, customer)
    weigh_debriefs_of([customer.id])
    customer.write(archived_at=clock.now())  # as undoing puts away: no act of its own, to be undone in turn


@hinders(Deal, "customer made")
def customer_in_use(deal: Deal, event: Event) -> Phrase | None:
    """Somebody went on with the customer: what they wrote is not taken off its page."""
    customer = event.changes["customer"][1]
    own = (Event.subject_kind == "customer") & (Event.subject == customer)
    of_it = (Event.customer == customer) & (Event.subject_kind != deal.kind()) | own
    others = (Event.customer == customer) & (Event.subject_kind == deal.kind()) & (Event.subject != deal.id)
    written = Event.actor.is_null(False) & Event.verb.not_in(LOOKS)
    later = Event.select().where((Event.id > event.id) & (of_it | others) & written)
    if (first := later.order_by(Event.id).first()) is None:
        return None
    return Phrase(
        "%(who)s has written on this customer since. Change or archive it on its page.",
        who=names(Person.get_by_id(first.actor)),
    )


@undoes(Deal, "moved", ends=["won", "lost", "reopened"], right="editable_by")
def move_back(deal: Deal, event: Event, by: Person) -> None:
    """To the stage that it came from."""
    before, after = event.changes["stage"]
    if deal.stage != after or not deal.step(before, since=[after]):
        raise Invalid(MEANWHILE)


@hinders(Deal, "won")
def money_stands(deal: Deal, event: Event) -> Phrase | None:
    """Money is nothing that a click takes back: whoever recorded or confirmed it does so, with a reason. What
    the winning itself wrote down, and nobody confirmed yet, goes with it.
    """
    lines = [line for line in deal.standing_lines() if line.trigger != "contract"]
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
        ("deal", "said why"): Phrase("Say it anew on the deal's page, beside its reasons."),
        ("deal", "reopened"): Phrase("Close the deal again on its page, as won or lost."),
    }
)


# What waits for finance is little among all that was ever paid.
DealLine.add_index(
    DealLine.id,
    where=DealLine.confirmed_at.is_null() & DealLine.reverses.is_null(),
    name="deal_line_waiting",
)


# Most deals of an old company are closed: the open ones, shown first, have indexes of their own. The indexes
# by day of closing leave them out, or SQLite would take one to find them, and sort.
Deal.add_index(Deal.closed_on, Deal.id, where=Deal.closed_on.is_null(False), name="deal_closed_by_closed_on")
Deal.add_index(
    Deal.stage, Deal.closed_on, Deal.id, where=Deal.closed_on.is_null(False), name="deal_closed_by_stage"
)
for _column in (Deal.updated_at, Deal.amount, Deal.expected_on):
    _name, _open = f"deal_open_by_{_column.name}", Deal.closed_on.is_null()
    Deal.add_index(_column, Deal.id, Deal.archived_at, where=_open, name=_name)
Deal.add_index(Deal.owner, Deal.updated_at, Deal.id, Deal.archived_at, where=_open, name="deal_open_by_owner")
for _column in (Deal.updated_at, Deal.amount, Deal.expected_on, Deal.closed_on):
    _name = f"deal_archived_by_{_column.name}"
    Deal.add_index(_column, Deal.id, Deal.archived_at, where=Deal.archived_at.is_null(False), name=_name)


def _closing_fault(on: date | None, begun: date | None) -> Phrase | None:
    if on is None:
        return Phrase("A closed deal needs the day on which it was closed.")
    if on > clock.today():
        return Phrase("This day is still to come.")
    if begun is not None and on < begun:
        return Phrase("It cannot have been closed before it was begun on %(day)s.", day=begun.isoformat())
    return None


def _days_after(day: date, days: int) -> datetime:
    return clock.start_of(day + timedelta(days=days))


def _open_stage(name: str) -> Stage:
    if name not in OPEN_STAGES:
        raise Invalid(
            {"stage": Phrase("A deal goes to an open stage by moving, and ends by winning or losing.")}
        )
    return Stage.of(name)


def _tidy(values: Mapping[str, Any]) -> dict[str, Any]:
    return {**values, **({"code": values["code"] or None} if "code" in values else {})}
