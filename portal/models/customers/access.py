"""Opening a customer whom one does not look after: asked for with a purpose, for seven days (RULES 4.10)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Any, Self

from peewee import BooleanField, CharField, Check, ForeignKeyField, ModelSelect

from portal import clock
from portal.i18n import Phrase, names
from portal.models.base.database import db
from portal.models.base.fields import StateField, TextField, UtcDateTimeField
from portal.models.base.record import Invalid, Record, along
from portal.models.company.settings import Setting
from portal.models.customers.customers import Customer
from portal.models.customers.rights import lends, of_open
from portal.models.customers.words import ACCESS, AccessState
from portal.models.people.notices import Notice
from portal.models.people.people import Person, Role, active_with
from portal.models.work.clocks import Clock, step

LONGEST = 500
ASKED, GRANTED, REFUSED, ENDED = AccessState
WAITS = "access"
"""What a clock waits for while nobody has answered."""


class Access(Record):
    """One person's wish to open one customer, and the answer. One stands at a time."""

    called = ACCESS

    customer = ForeignKeyField(
        Customer, on_delete="CASCADE", backref="accesses", index=False, verbose_name=Phrase("Customer")
    )
    customer_id: int
    person = ForeignKeyField(Person, on_delete="CASCADE", backref="accesses_asked", index=False)
    person_id: int
    purpose = TextField(verbose_name=Phrase("Purpose"))
    emergency = BooleanField(default=False)
    """Whether it was opened before anyone was asked."""
    state = StateField(AccessState, max_length=20, default=ASKED, verbose_name=Phrase("State"))
    until = UtcDateTimeField(null=True, verbose_name=Phrase("Until"))
    answered_by = ForeignKeyField(Person, null=True, on_delete="RESTRICT", backref="accesses_answered")
    answered_by_id: int | None
    standing = CharField(60, null=True, unique=True)
    """Set while it is asked or open."""

    class Meta:
        indexes = ((("customer", "state"), False), (("person", "state", "until"), False))
        constraints = [
            Check("state IN ('asked', 'granted', 'refused', 'ended')"),
            Check("(state IN ('asked', 'granted')) = (standing IS NOT NULL)"),
            Check("state <> 'granted' OR until IS NOT NULL"),
        ]

    # -------------------------------------------------------------- who may

    @classmethod
    def visible_to(cls, person: Person) -> ModelSelect[Self]:
        """One's own, and those of the customers that open for one."""
        opening = of_open(cls.customer, person).select(cls.id)
        return cls.select().where((cls.person == person) | cls.id.in_(opening))

    @classmethod
    def askable_by(cls, person: Person) -> bool:
        """Everyone who works with customers: not an auditor, for whom the company opens all or nothing."""
        return Customer.addable_by(person)

    def answerable_by(self, person: Person) -> bool:
        """Whoever looks after the customer, but nobody for themselves."""
        return self.person_id != person.id and self.customer.editable_by(person)

    def endable_by(self, person: Person) -> bool:
        """Who has it, and whoever looks after the customer."""
        return self.person_id == person.id or self.customer.editable_by(person)

    # -------------------------------------------------------------- what is found of it

    @classmethod
    def open_now(cls) -> Any:
        """The condition that it opens the customer at this moment."""
        return (cls.state == GRANTED) & (cls.until > clock.now())

    @classmethod
    def of(cls, customer: Customer) -> list[Access]:
        """What is asked and what is open of a customer, with whose it is."""
        mine = (cls.customer == customer) & ((cls.state == ASKED) | cls.open_now())
        return list(along(cls.select().where(mine), cls.person, whole=True).order_by(cls.state, cls.id))

    @classmethod
    def standing_for(cls, customer: Customer, person: Person) -> Access | None:
        """What a person asked for and was not answered yet."""
        return cls.get_or_none((cls.standing == _key(customer, person)) & (cls.state == ASKED))

    @property
    def told(self) -> Phrase:
        """What whoever asked is told."""
        if self.state == GRANTED:
            return Phrase(
                "It is open to you for %(days)s days. Whoever looks after it was told.",
                days=Setting.read("access.days"),
            )
        return Phrase("Asked. You are told as soon as there is an answer.")

    @property
    def url(self) -> str:
        """It stands on the customer's page."""
        return self.customer.url

    # -------------------------------------------------------------- its life

    @classmethod
    def ask(cls, customer: Customer, *, by: Person, purpose: str, emergency: bool = False) -> Access:
        """Ask who looks after the customer, or in an emergency open it at once and say so. Raises Invalid.

        While one stands it is that: asked twice, it is asked once.
        """
        purpose = purpose.strip()
        if not purpose:
            raise Invalid({"purpose": Phrase("Say what you need it for: whoever looks after it reads this.")})
        if customer.opens_for(by):
            raise Invalid(Phrase("This customer is open to you already."))
        with db.atomic():
            cls._end_what_ran_out(customer, by)
            facts = {"customer": customer, "person": by, "purpose": purpose, "created_at": clock.now()}
            made = cls.insert({**facts, "standing": _key(customer, by)}).on_conflict_ignore().execute()
            access = cls.get(cls.standing == _key(customer, by))
            if emergency:
                access._open_at_once(purpose)
            elif made:
                access._wait()
                access.track("asked", by=by, changes={"purpose": [None, purpose]})
        return access

    @classmethod
    def _end_what_ran_out(cls, customer: Customer, person: Person) -> None:
        over = (cls.standing == _key(customer, person)) & (cls.state == GRANTED) & (cls.until <= clock.now())
        cls.update(state=ENDED, standing=None).where(over).execute()

    def _wait(self) -> None:
        """Ask the owner, or where they left the one above; of nobody's customer all managers."""
        customer = self.customer
        asked = Phrase(
            "%(who)s asks to open %(customer)s: %(purpose)s",
            who=names(self.person),
            customer=names(customer),
            purpose=self.purpose[:80],
        )
        near = (customer.owner, customer.owner.manager) if customer.owner is not None else ()
        who = next((each for each in near if each is not None and each.is_active), Role.MANAGER)
        Clock.stop(self, WAITS)
        Clock.start(self, WAITS, about=customer, who=who, but=[self.person_id], text=asked, url=customer.url)

    def _open_at_once(self, purpose: str) -> None:
        facts = {"state": GRANTED, "emergency": True, "purpose": purpose, "until": _until()}
        if not self._turn(ASKED, **facts):
            return
        person, customer = self.person, self.customer
        self.track("entered", by=person, changes={"purpose": [None, purpose]})
        told = Phrase(
            "%(who)s opened %(customer)s in an emergency: %(purpose)s",
            who=names(person),
            customer=names(customer),
            purpose=purpose[:80],
        )
        for each in self._answering():
            Notice.tell(each, told, about=customer)

    def _answering(self) -> list[Person]:
        """The owner and the one above; of nobody's customer every manager."""
        owner = self.customer.owner
        found = [owner, owner.manager] if owner is not None else active_with(Role.MANAGER)
        return [each for each in found if each is not None and each.is_active and each.id != self.person_id]

    def grant(self, *, by: Person) -> None:
        """Open it for a while, seven days as usual; whoever answers first has answered."""
        with db.atomic():
            if self._turn(ASKED, state=GRANTED, until=_until(), answered_by=by):
                self.track("granted", by=by, changes={"to": [None, names(self.person)]})
                told = Phrase(
                    "%(who)s opened %(customer)s to you for %(days)s days.",
                    who=names(by),
                    customer=names(self.customer),
                    days=Setting.read("access.days"),
                )
                Notice.tell(self.person, told, about=self.customer)

    def refuse(self, *, by: Person) -> None:
        """It stays closed."""
        with db.atomic():
            if self._turn(ASKED, state=REFUSED, standing=None, answered_by=by):
                self.track("refused", by=by, changes={"to": [None, names(self.person)]})
                told = Phrase(
                    "%(who)s did not open %(customer)s to you. Talk to them if you still need it.",
                    who=names(by),
                    customer=names(self.customer),
                )
                Notice.tell(self.person, told, about=self.customer)

    def end(self, *, by: Person) -> None:
        """It is closed again, or not asked for any more; twice is harmless."""
        with db.atomic():
            if self._turn(ASKED, GRANTED, state=ENDED, standing=None):
                self.track("ended", by=by, changes={"to": [None, names(self.person)]})

    def _turn(self, *before: AccessState, **facts: Any) -> bool:
        """From one of these states, once, whoever else tries."""
        mine = (Access.id == self.id) & Access.state.in_(before)
        if not Access.update(facts).where(mine).execute():
            return False
        Clock.stop(self, WAITS)
        for name, value in facts.items():
            setattr(self, name, value)
        return True


def _key(customer: Customer, person: Person) -> str:
    return f"{customer} {person}"


def _until() -> Any:
    return clock.now() + timedelta(days=Setting.read("access.days"))


@lends
def opened(person: Person, kept: Collection[int]) -> tuple[ForeignKeyField[Any], Any]:
    """Customers that are open to a person for a while."""
    return Access.customer, (Access.person == person) & Access.open_now()


@step(WAITS, "left", "owner")
def ask_again(waiting: Clock) -> None:
    """Who was asked left, or the customer has a new owner: it waits for whoever looks after it now."""
    access = Access.get_or_none((Access.id == waiting.subject) & (Access.state == ASKED))
    if access is not None:
        access._wait()
