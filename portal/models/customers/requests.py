"""What a customer asked for: written down once, taken by one person, done or no longer wanted."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any, Self

from peewee import Check, ForeignKeyField, ModelSelect

from portal import clock
from portal.i18n import Phrase, names
from portal.models.base.database import db
from portal.models.base.fields import NameField, StateField, TextField, UtcDateTimeField
from portal.models.base.record import Event, Invalid, Resent, Searchable, Stale, Stateful, along
from portal.models.base.undoing import undoes
from portal.models.customers.customers import Customer
from portal.models.customers.words import CUSTOMER_REQUEST, RequestState
from portal.models.people.notices import Notice
from portal.models.people.people import Person, Role
from portal.models.work.clocks import Clock, step

OPEN, TAKEN, CLOSED, WITHDRAWN = RequestState
LONGEST = 2000
SHORT = 80
"""So much of a request is said where it is only named."""


RequestFollowing = Callable[["CustomerRequest"], None]
_FOLLOWS: list[RequestFollowing] = []


def follows_its_end(follow: RequestFollowing) -> RequestFollowing:
    """Let a wing say what comes of it that a request is done, or is not after all."""
    _FOLLOWS.append(follow)
    return follow


class CustomerRequest(Stateful, Searchable):
    """Something a customer asked for."""

    called = CUSTOMER_REQUEST

    customer = ForeignKeyField(Customer, on_delete="CASCADE", index=False, verbose_name=Phrase("Customer"))
    customer_id: int
    text = TextField(verbose_name=Phrase("Request"))
    due_at = UtcDateTimeField(null=True, verbose_name=Phrase("By when"))
    """When the customer wishes it done."""
    writer = ForeignKeyField(Person, on_delete="RESTRICT", backref="requests_written")
    writer_id: int
    state = StateField(RequestState, max_length=20, default=OPEN, verbose_name=Phrase("State"))
    taken_by = ForeignKeyField(Person, null=True, on_delete="RESTRICT", index=False, backref="requests_taken")
    taken_by_id: int | None
    taken_at = UtcDateTimeField(null=True)
    result = TextField(default="", verbose_name=Phrase("What was done"))
    ended_at = UtcDateTimeField(null=True)
    key = NameField(60, null=True, unique=True)
    """The form it came from: sent twice, it is written once."""

    class Meta:
        # One for a customer's page, one for each sort of the list, alone and under what is shown of it.
        indexes = (
            (("customer", "state", "id"), False),
            (("created_at", "id"), False),
            (("state", "created_at", "id"), False),
            (("taken_by", "state", "created_at", "id"), False),
        )
        constraints = [
            Check("state IN ('open', 'taken', 'closed', 'withdrawn')"),
            Check("(taken_by_id IS NULL) = (taken_at IS NULL)"),
            Check("state <> 'open' OR taken_by_id IS NULL"),
            Check("state NOT IN ('taken', 'closed') OR taken_by_id IS NOT NULL"),
            Check("(state = 'closed') = (result <> '')"),
            Check("(state IN ('closed', 'withdrawn')) = (ended_at IS NOT NULL)"),
        ]

    # -------------------------------------------------------------- who may

    @classmethod
    def visible_to(cls, person: Person) -> ModelSelect[Self]:
        """Everyone: what a customer asks for is L1 (RULES 4.10), and is done by whoever can."""
        return cls.select()

    def takeable_by(self, person: Person) -> bool:
        """Whoever may write one down: not an auditor."""
        return self.customer.loggable_by(person)

    def releasable_by(self, person: Person) -> bool:
        """Whoever took it. Where nobody has it, handing it back changes nothing."""
        return self.taken_by_id in (None, person.id) and self.takeable_by(person)

    def closable_by(self, person: Person) -> bool:
        """Whoever took it, and who looks after the customer."""
        return self.releasable_by(person) or self.customer.editable_by(person)

    def withdrawable_by(self, person: Person) -> bool:
        """Whoever wrote it down, and who looks after the customer."""
        mine = self.writer_id == person.id and self.takeable_by(person)
        return mine or self.customer.editable_by(person)

    def addressed_to(self, person: Person) -> bool:
        """Whether it needs the customer's address: whoever took what someone else wrote down goes there
        (RULES 4.10). One's own note is no such need.
        """
        mine = self.state == TAKEN and self.taken_by_id == person.id and self.writer_id != person.id
        return mine and bool(self.customer.address)

    # -------------------------------------------------------------- what is found of it

    @classmethod
    def of(cls, customer: Customer) -> ModelSelect[Self]:
        """What a customer still waits for: what nobody has taken first, then as it was asked for."""
        waiting = (cls.customer == customer) & cls.state.in_([OPEN, TAKEN])
        return cls.with_people(cls.select().where(waiting)).order_by(cls.state, cls.id)

    @classmethod
    def with_people(cls, query: ModelSelect[Self]) -> ModelSelect[Self]:
        """The same requests with who wrote and who took them read along."""
        return along(query, cls.writer, cls.taken_by, whole=True)

    @classmethod
    def matching(cls, text: str) -> Any:
        """The condition that a request or its customer's name holds this text."""
        return cls.text.contains(text) | cls.customer.in_(
            Customer.select(Customer.id).where(Customer.matching(text))
        )

    @property
    def name(self) -> str:
        """What it is called where it is only named."""
        return self.text if len(self.text) <= SHORT else f"{self.text[: SHORT - 1]}…"

    @property
    def is_free(self) -> bool:
        """Whether someone may take it: nobody has, or who had has left the company."""
        return self.state == OPEN or (self.state == TAKEN and not self._taker.is_active)

    @property
    def is_over(self) -> bool:
        return self.state in (CLOSED, WITHDRAWN)

    @property
    def _taker(self) -> Person:
        assert self.taken_by is not None
        return self.taken_by

    # -------------------------------------------------------------- its life

    @classmethod
    def add(
        cls,
        customer: Customer,
        *,
        by: Person,
        text: str,
        due_at: datetime | None = None,
        key: str | None = None,
    ) -> CustomerRequest:
        """Write down what a customer asks for. With the key of a form already sent: the one it wrote, if that
        says the same. Raises Invalid.
        """
        if key and (made := cls.get_or_none(cls.key == key)):
            facts = (made.customer_id, made.writer_id, made.text, made.due_at)
            if facts != (customer.id, by.id, text.strip(), due_at):
                raise Resent()
            return made
        cls._check(customer, text, due_at)
        with db.atomic():
            made = cls.create(customer=customer, text=text.strip(), due_at=due_at, writer=by, key=key or None)
            made._track("added", by)
            made._wait()
        return made

    @classmethod
    def _check(cls, customer: Customer, text: str, due_at: datetime | None) -> None:
        errors: dict[str, str] = {}
        if not text.strip():
            errors["text"] = Phrase("Write what the customer asks for.")
        if due_at is not None and due_at < clock.now() - timedelta(minutes=5):
            errors["due_at"] = Phrase("This time has passed.")
        if customer.is_archived:
            errors[""] = Phrase("This customer is archived: bring it back first.")
        if errors:
            raise Invalid(errors)

    def take(self, *, by: Person) -> bool:
        """See to it; false when they do already. Of two who try one succeeds; the other learns who has it."""
        if self.state == TAKEN and self.taken_by_id == by.id:
            return False
        if not self.is_free:
            raise Invalid(self._told)
        with db.atomic():
            if self._go(TAKEN, [OPEN, TAKEN], taken_by=by, taken_at=clock.now()):
                self._track("taken", by)
                self._tell([self.writer_id], self._said("taken", by), by)
            elif self.taken_by_id != by.id:
                raise Invalid(self.fresh()._told)
        return True

    def release(self, *, by: Person | None) -> None:
        """Hand it back: it waits for someone again. Without `by`: who had taken it has left."""
        if self.state == OPEN:
            return
        with db.atomic():
            if self._go(OPEN, [TAKEN], taken_by=None, taken_at=None):
                self._track("released" if by else "freed", by)
                self._tell([self.writer_id, self.customer.owner_id], self._said("released", by), by)

    def hand_over(self, to: Person, *, by: Person) -> bool:
        """Whoever had taken it leaves, and someone else sees to it: its writer is told. Raises Invalid."""
        with db.atomic():
            if gone := self.taken_by_id != to.id and self._go(
                TAKEN, [TAKEN], taken_by=to, taken_at=clock.now()
            ):
                self._track("handed over", by, to=[None, names(to)])
                told = Phrase("%(who)s took “%(request)s” for %(customer)s.", who=names(to), **self._names)
                self._tell([self.writer_id], told, by)
        return gone

    def close(self, *, by: Person, result: str, version: int | None = None) -> None:
        """It is done: say what was done. Raises Stale when version is old."""
        if not result.strip():
            raise Invalid({"result": Phrase("Write what was done.")})
        if self.state == CLOSED and self.result == result.strip():
            return
        if self.state == OPEN:
            raise Invalid(Phrase("Nobody has taken it: take it first."))
        if self.is_over:
            raise Invalid(self._told)
        if version is not None and version != self.version:
            raise Stale(self)
        with db.atomic():
            if self._go(CLOSED, [TAKEN], result=result.strip(), ended_at=clock.now()):
                self._track("closed", by, result=[None, self.result])
                self._tell([self.writer_id], self._said("closed", by), by)

    def withdraw(self, *, by: Person) -> bool:
        """It is no longer wanted; false when it was not before. Who had taken it is told."""
        if self.state == WITHDRAWN:
            return False
        with db.atomic():
            if self._go(WITHDRAWN, [OPEN, TAKEN], ended_at=clock.now()):
                self._track("withdrawn", by)
                self._tell([self.writer_id, self.taken_by_id], self._said("withdrawn", by), by)
        return True

    def _said(self, verb: str, by: Person | None) -> Phrase:
        """What those whom it concerns are told of an act."""
        if verb == "taken":
            return Phrase("%(who)s took “%(request)s” for %(customer)s.", who=by and names(by), **self._names)
        if verb == "released":
            return Phrase("“%(request)s” for %(customer)s waits for someone again.", **self._names)
        if verb == "closed":
            return Phrase("“%(request)s” for %(customer)s is done: %(result)s", **self._names)
        return Phrase("“%(request)s” for %(customer)s is no longer wanted.", **self._names)

    def go_back(self, event: Event, *, by: Person) -> None:
        """An act was a mistake: it stands as before, and waits for whom it waited for. Raises Invalid."""
        told = self._said(event.verb, by)
        taker = self.taken_by if self.taken_by_id and self._taker.is_active else None
        if event.verb == "taken":
            self._must(self.taken_by_id == by.id and self._go(OPEN, [TAKEN], taken_by=None, taken_at=None))
        elif event.verb == "released":
            self._must(self._go(TAKEN, [OPEN], taken_by=by, taken_at=event.at))
        elif event.verb == "closed":
            self._must(self._go(TAKEN, [CLOSED], result="", ended_at=None))
        elif taker is not None:
            self._must(self._go(TAKEN, [WITHDRAWN], ended_at=None))
        else:
            self._must(self._go(OPEN, [WITHDRAWN], ended_at=None, taken_by=None, taken_at=None))
        Notice.take_back(self, told, since=event.at, by=by)

    def _must(self, gone: bool) -> None:
        if not gone:
            raise Invalid(self.fresh()._told)

    def _go(self, to: RequestState, since: Iterable[RequestState], **facts: Any) -> bool:
        """Step on, and wait for whom it is now for. Where someone was faster, Invalid says how it stands."""
        try:
            gone = self.step(to, since=since, **facts)
        except Stale as stale:
            raise Invalid(self.fresh()._told) from stale
        if gone:
            self._wait()
            for follow in _FOLLOWS:
                follow(self)
        return gone

    @property
    def _told(self) -> Phrase:
        """How it stands, for someone who thought otherwise."""
        if self.state == TAKEN:
            return Phrase("%(who)s has taken it.", who=names(self._taker))
        if self.state == CLOSED:
            return Phrase("%(who)s has done it: %(result)s", who=names(self._taker), result=self.result)
        if self.state == WITHDRAWN:
            return Phrase("It is no longer wanted.")
        return Phrase("It was handed back meanwhile.")

    def _track(self, verb: str, by: Person | None, **more: Any) -> None:
        self.track(verb, by=by, changes={"text": [None, self.name], **more})

    @property
    def _names(self) -> dict[str, str]:
        return {"request": self.name, "customer": names(self.customer), "result": self.result}

    def _tell(self, people: Iterable[int | None], told: Phrase, by: Person | None) -> None:
        """Tell those whom it concerns, but not who did it."""
        for one in {person for person in people if person is not None} - {by.id if by else 0}:
            Notice.tell(one, told, about=self, undoable=True)

    # -------------------------------------------------------------- whom it waits for

    def _wait(self) -> None:
        """Until it is over it waits for its taker, else for the owner; with a time to keep it asks them.

        Without a time it waits for a taker all the same, so that it is free again once they leave.
        """
        Clock.stop(self, "request")
        if self.is_over or (self.state == OPEN and self.due_at is None):
            return
        asked = Phrase("%(customer)s: %(text)s", customer=names(self.customer), text=self.name)
        Clock.start(
            self,
            "request",
            about=self.customer,
            who=self._asked,
            text=asked if self.due_at else None,
            url=self.url,
            since=self.taken_at or self.created_at,
            due_at=self.due_at,
        )

    @property
    def _asked(self) -> Person | Role:
        """A customer whom nobody looks after is any manager's."""
        if self.state == TAKEN:
            return self._taker
        owner = self.customer.owner
        return owner if owner is not None and owner.is_active else Role.MANAGER


@step("request", "left", "owner")
def look_again(waiting: Clock) -> None:
    """Someone left, or the customer has a new owner: nobody's request hangs on them in silence."""
    found = CustomerRequest.get_or_none(CustomerRequest.id == waiting.subject)
    if found is None:
        return
    if found.state == TAKEN and found.is_free:
        found.release(by=None)
    else:
        found._wait()


ACTS = {
    "taken": "releasable_by",
    "released": "takeable_by",
    "closed": "closable_by",
    "withdrawn": "withdrawable_by",
}
"""What is done to a request by a click, and who may."""
for _verb, _right in ACTS.items():
    undoes(CustomerRequest, _verb, ends=[*ACTS, "freed"], right=_right)(
        lambda found, event, by: found.go_back(event, by=by)
    )
