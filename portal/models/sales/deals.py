"""Chances to sell, from lead to won or lost."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, Self

from peewee import Check, DateField, ForeignKeyField, ModelSelect, fn

from portal import clock
from portal.i18n import Phrase, names
from portal.models.base.database import among, db
from portal.models.base.fields import (
    MoneyField,
    NameField,
    RateField,
    StateField,
    TextField,
    UtcDateTimeField,
)
from portal.models.base.record import Archivable, Event, Invalid, Record, Searchable, Stale, Stateful, along
from portal.models.base.undoing import INSTEAD, MEANWHILE, hinders, undoes
from portal.models.company.settings import Setting
from portal.models.customers.customers import Customer
from portal.models.customers.interactions import Interaction
from portal.models.customers.rights import ByNeed, by_need, colleagues, keepers, named_by, needs, opens_deals
from portal.models.customers.traits import weigh_debriefs_of
from portal.models.people.notices import Notice
from portal.models.people.ownership import LOOKS, Owned
from portal.models.people.people import Person
from portal.models.products.products import Product
from portal.models.sales.close_reasons import CHOOSE, MOST_REASONS, CloseReason, faults_of
from portal.models.sales.words import DEAL, Stage
from portal.models.work.clocks import Clock
from portal.text.naming import is_titled

CLOSED_STAGES = (Stage.WON, Stage.LOST)
OPEN_STAGES = (Stage.LEAD, Stage.ENGAGED, Stage.VIEWING, Stage.NEGOTIATION)
WHOLE = 1_000_000
AT_ONCE = timedelta(seconds=10)
"""What happens in one act is this near."""
PART = "part in a deal"
"""What whoever was named by somebody else is asked to say yes to."""
Following = Callable[["Deal"], None]
_FOLLOWS: list[Following] = []


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

    def touch(self, values: Mapping[str, Any]) -> None:
        super().touch(values)
        waits = {"title", "owner", "archived_at"} & set(values) and Clock.of(self, "debrief")
        if "closed_on" in values or waits or ("archived_at" in values and self._was_asked_until_put_away):
            self.await_debrief()

    @property
    def _was_asked_until_put_away(self) -> bool:
        """Whether the debrief was waited for until it was archived: nobody had begun it."""
        away = Event.about(self).where(Event.verb == "archived").first()
        latest = Clock.latest(self, "debrief")
        if self.is_archived or away is None or latest is None or latest.stopped_at is None:
            return False
        return bool(abs(latest.stopped_at - away.at) < AT_ONCE)

    def await_debrief(self) -> None:
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

    def handed_over(self, by: Person) -> Phrase:
        return Phrase("%(who)s handed the deal %(deal)s over to you.", who=names(by), deal=self.title)

    @classmethod
    def many_handed_over(cls, count: int, by: Person) -> Phrase:
        return Phrase("%(who)s handed deals over to you: %(count)s.", who=names(by), count=count)

    def shares(self) -> dict[int, int]:
        """Who has which part of the commission: millionths by person id. All to the owner unless agreed."""
        return self.agreed() or {self.owner_id: WHOLE}

    def fix_shares(self) -> None:
        """Write the default down, all to the owner, where nothing was agreed."""
        if not self.agreed():
            DealShare.insert(deal=self, person=self.owner_id, share=WHOLE).on_conflict_ignore().execute()

    def agreed(self) -> dict[int, int]:
        rows = DealShare.select().where(DealShare.deal == self).order_by(DealShare.id)
        return {row.person_id: row.share for row in rows}

    def sharers(self) -> list[tuple[Person, int]]:
        """Who shares and in how many millionths; all to the owner unless agreed."""
        agreed = along(DealShare.select().where(DealShare.deal == self), DealShare.person, whole=True)
        return [(each.person, each.share) for each in agreed.order_by(DealShare.id)] or [(self.owner, WHOLE)]

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


class DealReason(Record):
    """One of the reasons for which a closed deal was won or lost, of the company's list."""

    deal = ForeignKeyField(Deal, on_delete="CASCADE", index=False)
    deal_id: int
    reason = ForeignKeyField(CloseReason, on_delete="RESTRICT", index=False, backref="closings")
    reason_id: int

    class Meta:
        indexes = ((("deal", "reason"), True), (("reason", "deal"), False))


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


INSTEAD["deal", "said why"] = Phrase("Say it anew on the deal's page, beside its reasons.")


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
