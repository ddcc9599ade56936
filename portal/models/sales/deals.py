"""Chances to sell, from lead to won or lost."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Self

from peewee import JOIN, CharField, Check, DateField, ForeignKeyField, ModelSelect, fn

from portal import clock
from portal.i18n import Phrase
from portal.models.base.database import db
from portal.models.base.fields import MoneyField, NameField, TextField, UtcDateTimeField
from portal.models.base.record import Editable, Invalid, Searchable, Stale, names_of
from portal.models.customers.customers import Customer
from portal.models.people.notices import Notice
from portal.models.people.people import Person
from portal.models.products.products import Product

if TYPE_CHECKING:
    from portal.models.sales.deal_lines import DealLine


class Stage(StrEnum):
    """How far a deal is. Won and lost end it."""

    LEAD = "lead"
    ENGAGED = "engaged"
    VIEWING = "viewing"
    NEGOTIATION = "negotiation"
    WON = "won"
    LOST = "lost"

    @property
    def label(self) -> Phrase:
        return STAGE_WORDS[self]


STAGE_WORDS = {
    Stage.LEAD: Phrase("Lead"),
    Stage.ENGAGED: Phrase("Engaged"),
    Stage.VIEWING: Phrase("Viewing"),
    Stage.NEGOTIATION: Phrase("Negotiation"),
    Stage.WON: Phrase("Won"),
    Stage.LOST: Phrase("Lost"),
}
OPEN_STAGES = (Stage.LEAD, Stage.ENGAGED, Stage.VIEWING, Stage.NEGOTIATION)
WHOLE = 1_000_000


class Deal(Editable, Searchable):
    """A chance to sell one product to one customer. Some imported deals have no customer."""

    code = NameField(60, null=True, unique=True)
    title = NameField(200)
    customer = ForeignKeyField(Customer, null=True, on_delete="RESTRICT", index=False)
    customer_id: int | None
    product = ForeignKeyField(Product, null=True, on_delete="RESTRICT", index=False)
    product_id: int | None
    owner = ForeignKeyField(Person, on_delete="RESTRICT", index=False)
    owner_id: int
    stage = CharField(20, default=Stage.LEAD)
    amount = MoneyField(null=True)
    """What was or may be sold, in minor units."""
    engaged_on = DateField(null=True)
    expected_on = DateField(null=True)
    closed_on = DateField(null=True)
    lost_reason = NameField(300, default="")
    competitor = NameField(200, default="")
    note = TextField(default="")
    archived_at = UtcDateTimeField(null=True)

    class Meta:
        # One index for each sort, alone and under each filter: a list costs the same at any size. Those that
        # end with more also count without reading a row.
        indexes = (
            (("updated_at", "id"), False),
            (("amount", "id"), False),
            (("expected_on", "id"), False),
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
    def visible_to(cls, person: Person) -> ModelSelect[Self]:
        """Everyone who works here knows them."""
        return cls.select()

    @classmethod
    def with_names(cls, query: ModelSelect[Self]) -> ModelSelect[Self]:
        """The same deals with the names of owner, customer and product, and the customer's type."""
        read = (*names_of(Person), *names_of(Customer), Customer.type, *names_of(Product))
        return (
            query.select_extend(*read)
            .join_from(cls, Person, on=cls.owner)
            .join_from(cls, Customer, JOIN.LEFT_OUTER, on=cls.customer)
            .join_from(cls, Product, JOIN.LEFT_OUTER, on=cls.product)
        )

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
        **fields: Any,
    ) -> Deal:
        """Begin a deal in an open stage; `by` owns it unless `owner` says otherwise. Raises Invalid."""
        owner = owner or by
        if owner is None:
            raise Invalid({"owner": Phrase("Someone must own the deal.")})
        fields = _tidy(fields)
        deal = cls(title=title.strip(), owner=owner, stage=_open_stage(stage), **fields)
        deal._check({"title": title, **fields})
        with db.atomic():
            deal.save(force_insert=True)
            deal.track("opened", by=by, changes={"title": [None, deal.title]})
        return deal

    def edit(self, *, by: Any, version: int | None = None, **values: Any) -> dict[str, list[Any]]:
        """Change fields; how it stands changes by `move`, `win` and `lose`. Raises Invalid and Stale."""
        values = _tidy(values)
        self._check(values)
        if "amount" in values and self.stage == Stage.WON and values["amount"] != self.amount:
            raise Invalid({"amount": Phrase("A won deal's amount stands. Reopen the deal to change it.")})
        return super().edit(by=by, version=version, **values)

    def _check(self, values: Mapping[str, Any]) -> None:
        errors: dict[str, str] = {}
        if "title" in values and not values["title"].strip():
            errors["title"] = Phrase("A title is needed.")
        if (values.get("amount") or 0) < 0:
            errors["amount"] = Phrase("An amount cannot be negative.")
        other = Deal.get_or_none(Deal.code == values["code"]) if values.get("code") else None
        if other is not None and other.id != self.id:
            errors["code"] = Phrase("Another deal has this code.")
        if errors:
            raise Invalid(errors)

    def move(self, to: str, *, by: Person) -> None:
        """Go to another open stage, forward or back. Raises Invalid when it is closed."""
        to = _open_stage(to)
        if self.stage == to:
            return
        if not self.is_open:
            raise Invalid(Phrase("This deal is closed. Reopen it to move it."))
        before = self.stage
        with db.atomic():
            self._set(stage=to)
            self.track("moved", by=by, changes={"stage": [before, to]})

    def win(self, *, by: Person, amount: int | None, on: date, paid_on: date | None = None) -> None:
        """It is sold for `amount` minor units, the contract dated `on`; paid in full on `paid_on`, if it is.

        Writes the contract line and, when paid, the payment line. A won deal stays as it is. Raises Invalid.
        """
        if self.stage == Stage.WON:
            return
        amount = self.amount if amount is None else amount
        errors = self._closing_errors(on)
        if amount is None or amount <= 0:
            errors["amount"] = Phrase("Say for how much it was sold.")
        if paid_on is not None and not (self.engaged_on or date.min) <= paid_on <= clock.today():
            errors["paid_on"] = Phrase("This day cannot be: it is in the future or before the deal began.")
        if errors or amount is None:
            raise Invalid(errors)
        if not self._close(Stage.WON, by, amount=amount, closed_on=on):
            return
        self.record_line("contract", amount, on, by=by)
        if paid_on is not None:
            self.record_line("payment", amount, paid_on, by=by)

    def lose(self, *, by: Person, reason: str, on: date, competitor: str = "") -> None:
        """It will not come to anything, for this reason. A lost deal stays as it is. Raises Invalid."""
        if self.stage == Stage.LOST:
            return
        errors = self._closing_errors(on)
        if not reason.strip():
            errors["reason"] = Phrase("Say why it was lost: others learn from it.")
        if errors:
            raise Invalid(errors)
        self._close(Stage.LOST, by, lost_reason=reason.strip(), competitor=competitor.strip(), closed_on=on)

    def _closing_errors(self, on: date) -> dict[str, str]:
        if not self.is_open:
            raise Invalid(Phrase("This deal is closed already. Reopen it first."))
        if on > clock.today():
            return {"on": Phrase("This day is still to come.")}
        if self.engaged_on and on < self.engaged_on:
            return {"on": Phrase("The deal began only on %(day)s.", day=self.engaged_on.isoformat())}
        return {}

    def _close(self, stage: Stage, by: Person, **facts: Any) -> bool:
        """One conditional update settles who closes it; false when someone did the same at this moment."""
        before = self.stage
        with db.atomic():
            try:
                self._set(stage=stage, **facts)
            except Stale as stale:
                if getattr(stale.current, "stage", "") != stage:
                    raise
                self.__data__.update(stale.current.__data__)
                return False
            changes: dict[str, Any] = {"stage": [before, stage]}
            changes |= {n: [None, v.isoformat() if isinstance(v, date) else v] for n, v in facts.items() if v}
            self.track(stage, by=by, changes=changes)
        return True

    def reopen(self, *, by: Person) -> None:
        """Take the closing back: to negotiation, its contract line reversed. Raises Invalid when paid."""
        if self.is_open:
            return
        lines = self.standing_lines()
        if any(line.trigger != "contract" for line in lines):
            raise Invalid(Phrase("Money was received for this deal. Reverse its payments first."))
        before = self.stage
        with db.atomic():
            for line in lines:
                line.reverse(by=by, reason="reopened")
            self._set(stage=Stage.NEGOTIATION, closed_on=None, lost_reason="", competitor="")
            self.track("reopened", by=by, changes={"stage": [before, Stage.NEGOTIATION]})

    def receive_payment(
        self, *, by: Person, amount: int | None, on: date, key: str | None = None
    ) -> DealLine:
        """Money came in for a won deal. Raises Invalid; a form sent twice is one payment."""
        return self.record_line("payment", amount or 0, on, by=by, key=key)

    def record_line(
        self, trigger: str, amount: int, on: date, *, by: Person | None, key: str | None = None
    ) -> DealLine:
        """Record commissionable minor units. The first line fixes who shares in it. Raises Invalid."""
        from portal.models.sales.deal_lines import DealLine

        return DealLine.record(self, trigger, amount, on, by=by, key=key)

    def hand_over(self, to: Person, *, by: Person) -> None:
        """Give it to a new owner, who is told. Shares in money already recorded stay. Raises Invalid."""
        if not to.is_active:
            raise Invalid({"to": Phrase("This person no longer works here.")})
        if self.owner_id == to.id:
            return
        before = self.owner_id
        with db.atomic():
            self._set(owner=to)
            self.track("handed over", by=by, changes={"owner": [before, to.id], "to": [None, to.name]})
            if to.id != by.id:
                told = Phrase("%(who)s handed the deal %(deal)s over to you.", who=by.name, deal=self.title)
                Notice.tell(to, told, url=f"/deals/{self.id}", about=self)

    def archive(self, *, by: Person) -> None:
        """Take it out of the lists; everything about it stays."""
        if self.archived_at is None:
            self._set(archived_at=clock.now())
            self.track("archived", by=by)

    def restore(self, *, by: Person) -> None:
        """Bring it back into the lists."""
        if self.archived_at is not None:
            self._set(archived_at=None)
            self.track("restored", by=by)

    def _set(self, **values: Any) -> None:
        before = dict(self.__data__)
        for name, value in values.items():
            setattr(self, name, value)
        try:
            self.touch(values)
        except Stale:
            self.__data__.update(before)
            raise

    def lines(self) -> ModelSelect[DealLine]:
        """All money of the deal, newest first, reversals among it."""
        from portal.models.sales.deal_lines import DealLine

        return DealLine.of(self)

    def standing_lines(self) -> list[DealLine]:
        """The lines that are neither reversed nor reversals."""
        from portal.models.sales.deal_lines import DealLine

        return DealLine.standing(self)

    def shares(self) -> dict[int, int]:
        """Who has which part of the commission: millionths by person id. All to the owner unless agreed."""
        from portal.models.sales.deal_lines import DealShare

        return DealShare.of(self) or {self.owner_id: WHOLE}

    def share_with(self, shares: Mapping[Person, int], *, by: Person) -> None:
        """Agree on who has which part, in millionths that sum to the whole. Raises Invalid."""
        from portal.models.sales.deal_lines import DealShare

        DealShare.agree(self, shares, by=by)

    @property
    def is_open(self) -> bool:
        return self.stage in OPEN_STAGES

    @property
    def is_won(self) -> bool:
        return self.stage == Stage.WON

    @property
    def is_archived(self) -> bool:
        return self.archived_at is not None

    @property
    def stage_label(self) -> Phrase:
        return Stage(self.stage).label

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


def _open_stage(name: str) -> Stage:
    if name not in OPEN_STAGES:
        raise Invalid(
            {"stage": Phrase("A deal goes to an open stage by moving, and ends by winning or losing.")}
        )
    return Stage(name)


def _tidy(values: Mapping[str, Any]) -> dict[str, Any]:
    return {**values, **({"code": values["code"] or None} if "code" in values else {})}
