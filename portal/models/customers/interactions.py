"""Every contact with a customer, and what was promised for later."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Self

from peewee import (
    JOIN,
    BigIntegerField,
    BooleanField,
    CharField,
    Check,
    DateField,
    ForeignKeyField,
    ModelSelect,
)

from portal import clock
from portal.i18n import Phrase, names
from portal.models.base.database import db
from portal.models.base.fields import NameField, TextField, UtcDateTimeField
from portal.models.base.record import Archivable, Event, Invalid, Resent
from portal.models.base.undoing import MEANWHILE, undoes
from portal.models.customers.contacts import Contact
from portal.models.customers.customers import Customer
from portal.models.customers.rights import deals_open_to, opens_all
from portal.models.customers.words import INTERACTION
from portal.models.people.people import Person
from portal.models.work.clocks import Clock

KINDS = {
    "call": Phrase("Call"),
    "visit": Phrase("Visit"),
    "message": Phrase("Message"),
    "mail": Phrase("Mail"),
    "viewing": Phrase("Viewing"),
    "note": Phrase("Note"),
}

TalkChanged = Callable[["Interaction"], None]
_FOLLOWED: list[TalkChanged] = []


def followed(look: TalkChanged) -> TalkChanged:
    """Let what rests on a conversation follow when it is taken back, brought back or moved to another day."""
    _FOLLOWED.append(look)
    return look


class Interaction(Archivable):
    """A call, visit, message, viewing or note: what happened between us and a customer."""

    called = INTERACTION

    customer = ForeignKeyField(
        Customer, null=True, on_delete="CASCADE", index=False, verbose_name=Phrase("Customer")
    )
    customer_id: int | None
    """None while the deal it was about is a lead."""
    contact = ForeignKeyField(Contact, null=True, on_delete="SET NULL")
    contact_id: int | None
    person = ForeignKeyField(Person, on_delete="RESTRICT", index=False)
    person_id: int
    deal = BigIntegerField(null=True, verbose_name=Phrase("About the deal"))
    """The deal's id, when it was about one."""
    kind_of = CharField(20, column_name="kind")
    text = TextField(default="")
    at = UtcDateTimeField(default=clock.now)
    follow_up_on = DateField(null=True)
    """The day for which the person promised to come back to it."""
    followed_up_at = UtcDateTimeField(null=True)
    """When someone said what became of the promise."""
    kept = BooleanField(null=True)
    """Whether it was kept, once that is said."""
    key = NameField(60, null=True, unique=True)
    """The form it came from: sent twice, it is written once."""
    archived_at = UtcDateTimeField(null=True)
    """When whoever wrote it down took it back: that there was something stays, what it said does not show."""

    class Meta:
        indexes = (
            (("customer", "at", "id"), False),
            (("person", "at"), False),
            (("at",), False),
            (("deal", "at", "id"), False),
            (("person", "followed_up_at", "follow_up_on"), False),
        )
        constraints = [
            Check("kind IN ('call', 'visit', 'message', 'mail', 'viewing', 'note')"),
            Check("customer_id IS NOT NULL OR deal IS NOT NULL"),
        ]

    @classmethod
    def visible_to(cls, person: Person) -> ModelSelect[Self]:
        """Whoever opens the customer, or the lead, knows what was said to them."""
        if opens_all(person, Customer.kind()) and opens_all(person, "deal"):
            return cls.select()
        said = cls.customer.in_(Customer.visible_to(person).select(Customer.id))
        return cls.select().where(said | (cls.customer.is_null() & cls.deal.in_(deals_open_to(person))))

    @classmethod
    def log(
        cls,
        customer: Customer | None,
        *,
        by: Person,
        kind_of: str,
        text: str,
        at: datetime | None = None,
        contact: Contact | None = None,
        deal: Any = None,
        follow_up_on: date | None = None,
        key: str | None = None,
    ) -> Interaction:
        """Write down a contact; with a lead, of whom no customer is made yet, it is about the deal alone.

        What was promised before stays promised until someone says what became of it.

        With the key of a form already sent: the contact it wrote, if that says the same. Raises Invalid.
        """
        said_at, at = at, at or clock.now()
        deal_id = getattr(deal, "id", deal)
        cls._check(customer, kind_of, text, at=at, contact=contact, deal=deal)
        with db.atomic():
            values = {
                "customer": customer,
                "person": by,
                "contact": contact,
                "deal": deal_id,
                "kind_of": kind_of,
                "text": text.strip(),
                "at": at,
                "follow_up_on": follow_up_on,
                "key": key or None,
                "created_at": clock.now(),
            }
            made = cls.insert(values).on_conflict_ignore().execute()
            if key and not made:
                known = cls.get(cls.key == key)
                known._check_same(values, said_at)
                return known
            interaction = cls.get(cls.key == key) if key else cls.get_by_id(made)
            interaction.track("logged", by=by, changes={"kind": [None, kind_of]})
            interaction._await_follow_up()
        return interaction

    def _check_same(self, values: Mapping[str, Any], at: datetime | None) -> None:
        """A form sent again with other words is refused: what was typed would be lost. Raises Invalid."""
        facts = {name: getattr(value, "id", value) for name, value in values.items()}
        same = ("kind_of", "text", "follow_up_on", "deal")
        whom = (self.customer_id, self.person_id, self.contact_id)
        on = clock.local(at or self.created_at).date()
        if (
            any(getattr(self, name) != facts[name] for name in same)
            or whom != (facts["customer"], facts["person"], facts["contact"])
            or clock.local(self.at).date() != on
        ):
            raise Resent()

    def _await_follow_up(self, who: str | None = None) -> None:
        if self.follow_up_on is None:
            return
        told = Phrase("Follow up: %(text)s", text=self.text[:80])
        if (customer := self.customer) is not None:
            told = Phrase(
                "Follow up with %(customer)s: %(text)s", customer=names(customer), text=self.text[:80]
            )
        Clock.start(
            self,
            "follow-up",
            about=customer,
            who=who or f"person-{self.person_id}",
            text=told,
            url=self.url,
            since=self.at,
            shown_at=clock.start_of(self.follow_up_on),
            due_at=clock.start_of(self.follow_up_on + timedelta(days=1)),
        )

    @classmethod
    def _check(
        cls,
        customer: Customer | None,
        kind_of: str,
        text: str,
        *,
        at: datetime,
        contact: Contact | None,
        deal: Any,
    ) -> None:
        errors: dict[str, str] = {}
        if kind_of not in KINDS:
            errors["kind_of"] = Phrase("Choose what it was.")
        if not text.strip():
            errors["text"] = Phrase("Write what happened in a few words.")
        if at > clock.now() + timedelta(minutes=5):
            errors["at"] = Phrase("This is in the future. Use the follow-up date for what is still to come.")
        whose = customer.id if customer is not None else None
        if contact is not None and contact.customer_id != whose:
            errors["contact"] = Phrase("Choose someone at this customer.")
        if getattr(deal, "customer_id", whose) != whose:
            errors["deal"] = Phrase("Choose a deal of this customer.")
        if errors:
            raise Invalid(errors)

    def correct(self, *, by: Person, version: int | None = None, **values: Any) -> dict[str, list[Any]]:
        """Say it better: what it said before stays in the history. Another day, `at` None for today, moves
        it; on its own day it keeps its time. `about`: the deal of its customer that it was about, or none.
        Raises Invalid and Stale.

        Once it is said what became of a promise, its day stands.
        """
        if self.followed_up_at is not None:
            values.pop("follow_up_on", None)
        at = (values.pop("at") or clock.now()) if "at" in values else self.at
        if clock.local(at).date() != clock.local(self.at).date():
            values["at"] = at
        said = {**self.__data__, **values, "at": at}
        deal = values.pop("about", None) if "about" in values else self.deal
        self._check(
            self.customer, said["kind_of"], said["text"], at=at, contact=values.get("contact"), deal=deal
        )
        if self.customer is not None:  # what was said to a lead is about the lead
            values["deal"] = getattr(deal, "id", deal)
        values["text"] = said["text"].strip()
        with db.atomic():
            changes = self.edit(by=by, version=version, **values)
            self._await_anew()
        return changes

    def touch(self, values: Mapping[str, Any]) -> None:
        """What was promised by what was taken back is no longer awaited."""
        super().touch(values)
        if "archived_at" in values:
            self._await_anew()
        if values.keys() & {"archived_at", "at"}:
            for look in _FOLLOWED:
                look(self)

    def _await_anew(self) -> None:
        keeper = self._keeper
        Clock.stop(self, "follow-up")
        if self.is_promise_open:
            self._await_follow_up(keeper)

    @property
    def _keeper(self) -> str | None:
        """Whom the promise waits for, or waited for last: it may have been passed on."""
        latest = Clock.latest(self, "follow-up", about=self.customer) or Clock.of(self, "follow-up")
        return latest.who if latest is not None else None

    @property
    def is_promise_open(self) -> bool:
        """Whether something was promised of which nobody said what became of it."""
        return self.follow_up_on is not None and self.followed_up_at is None and not self.is_archived

    def follow_up(self, *, by: Person, kept: bool = True) -> None:
        """The promise was kept, or it was not; who says it first has said it."""
        open_still = (
            (Interaction.id == self.id)
            & Interaction.followed_up_at.is_null()
            & Interaction.follow_up_on.is_null(False)
            & Interaction.archived_at.is_null()
        )
        with db.atomic():
            if Interaction.update(followed_up_at=clock.now(), kept=kept).where(open_still).execute():
                Clock.stop(self, "follow-up")
                self.track("followed up" if kept else "let down", by=by)

    def hand_over(self, to: Person, *, since: Person, by: Person) -> bool:
        """The promise waits for someone else from now on; who gave it stays written. False where it does not
        wait for `since` any more.
        """
        with db.atomic():
            if gone := Clock.pass_on(self, "follow-up", since=since, to=to):
                self.track("promise passed on", by=by, changes={"to": [None, names(to)]})
        return gone

    def take_follow_up_back(self, *, kept: bool) -> None:
        """Nothing was said of the promise: it waits again. Raises Invalid when it was said otherwise."""
        said = (Interaction.id == self.id) & (Interaction.kept == kept) & Interaction.archived_at.is_null()
        if not Interaction.update(followed_up_at=None, kept=None).where(said).execute():
            raise Invalid(MEANWHILE)
        self.followed_up_at, self.kept = None, None
        self._await_anew()

    def editable_by(self, person: Person) -> bool:
        """Whoever wrote it down, and nobody for them: these are their words."""
        return self.person_id == person.id and not person.is_auditor

    def followable_by(self, person: Person) -> bool:
        """Who promised it, and who looks after the customer; of a lead, who leads them or keeps it now."""
        if self.customer is None:
            return str(person) == self._keeper or self.person_id == person.id or person.leads(self.person_id)
        return self.person_id == person.id or self.customer.editable_by(person)

    @property
    def url(self) -> str:
        """It stands on the page of the customer, or of the lead."""
        return self.customer.url if self.customer is not None else f"/deals/{self.deal}"

    @classmethod
    def bring(cls, deal: int, customer: Customer) -> None:
        """A lead has become a customer: what was said to them is the customer's too."""
        said = list(cls.select().where((cls.deal == deal) & cls.customer.is_null()))
        for each in said:
            each.write(customer=customer)
            each._await_anew()

    @classmethod
    def take_back(cls, deal: int, customer: Customer) -> None:
        """The customer is a lead again: what was said is about the deal alone."""
        for each in list(cls.select().where((cls.deal == deal) & (cls.customer == customer))):
            each.write(customer=None)
            each._await_anew()

    def earlier(self) -> list[tuple[datetime, str]]:
        """What it said before, newest first, and until when."""
        edited = Event.about(self).where(Event.verb == "edited")
        return [(event.at, event.changes["text"][0]) for event in edited if "text" in event.changes]

    @classmethod
    def promised(cls, customer: Customer) -> ModelSelect[Self]:
        """What was promised to a customer and is still open, soonest first."""
        return (
            cls.select(cls, Person)
            .join(Person, JOIN.INNER, on=cls.person)
            .where(
                (cls.customer == customer)
                & cls.follow_up_on.is_null(False)
                & cls.followed_up_at.is_null()
                & cls.archived_at.is_null()
            )
            .order_by(cls.follow_up_on, cls.id)
            .limit(10)
        )


@undoes(Interaction, "followed up", "let down", ends=["archived"], right="followable_by")
def await_again(said: Interaction, event: Event, by: Person) -> None:
    """The promise is open again, and asked for on its day."""
    said.take_follow_up_back(kept=event.verb == "followed up")


@undoes(
    Interaction,
    "logged",
    ends=["archived", "followed up", "let down", "promise passed on"],
    right="archivable_by",
)
def withdraw(said: Interaction, event: Event, by: Person) -> None:
    """It is withdrawn: what it said does not show, nothing is awaited, and it can be brought back."""
    if not said.archive(by=by):
        raise Invalid(MEANWHILE)
