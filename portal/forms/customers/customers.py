"""Forms for customers, the people there, and contacts with them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from peewee import ModelSelect
from wtforms import fields, validators, widgets

from portal import clock, i18n
from portal.forms.base import (
    Choice,
    Day,
    Flag,
    Form,
    FormKey,
    Money,
    Pick,
    PickByName,
    TextArea,
    TextLine,
    Version,
    Whole,
)
from portal.i18n import Phrase
from portal.models.company.customer_types import CustomerType
from portal.models.customers.contacts import Contact
from portal.models.customers.customers import Customer
from portal.models.customers.interactions import KINDS, Interaction
from portal.models.people.people import Person
from portal.models.sales.deals import Deal

RESTRICTED = ("phone", "email", "address")
PROMPT = Phrase("What did you talk about? What did you promise?")


class CustomerForm(Form):
    """What is known of a customer."""

    name = TextLine(Phrase("Name"), required=True, longest=200)
    name_en = TextLine(Phrase("English name"), longest=200)
    form = Choice(
        Phrase("It is"),
        choices=[("organisation", Phrase("An organisation")), ("person", Phrase("A person or a family"))],
        required=True,
    )
    type = Pick(Phrase("Customer type"))
    phone = TextLine(Phrase("Phone"), longest=40, render_kw={"type": "tel"})
    email = TextLine(Phrase("E-mail"), longest=254, render_kw={"type": "email"})
    address = TextLine(Phrase("Address"), longest=300)
    city = TextLine(Phrase("City"), longest=120)
    sector = TextLine(Phrase("Sector"), longest=120)
    source = TextLine(Phrase("Source"), longest=120, description=Phrase("How they came to us."))
    website = TextLine(Phrase("Website"), longest=200)
    code = TextLine(Phrase("Code"), longest=60, description=Phrase("As other systems and imports know it."))
    revenue = Money(Phrase("Yearly revenue"))
    employees = Whole(Phrase("Employees"))
    founded = Whole(Phrase("Founded"), least=1000, most=2100)
    note = TextArea(Phrase("Note"), rows=4, longest=20_000)
    another = Flag(Phrase("It is another customer of this name"))
    key = FormKey()
    version = Version()

    def offering(self, person: Person, customer: Customer | None = None) -> CustomerForm:
        """Offer the types; who sees the restricted fields masked may only fill them (RULES 4.10)."""
        self.type.offer(CustomerType.visible_to(person))
        if customer is not None:
            del self["another"]
            _fill_only(self, customer, RESTRICTED, person)
        return self


def _fill_only(form: Form, record: Customer | Contact, names: Iterable[str], person: Person) -> None:
    """Whoever sees restricted fields masked may fill the empty ones. What they send for another is refused
    beside it, not lost without a word (RULES 4.10).
    """
    if record.open_to(person):
        return
    form.unshown = frozenset(names)
    for name in names:
        if getattr(record, name) and not any(form[name].raw_data or ()):
            del form[name]


class ContactForm(Form):
    """Someone at a customer."""

    name = TextLine(Phrase("Full name"), required=True, longest=120)
    title = TextLine(Phrase("Title"), longest=120)
    decides = Flag(Phrase("Decides whether they buy"))
    phone = TextLine(Phrase("Phone"), longest=40, render_kw={"type": "tel"})
    email = TextLine(Phrase("E-mail"), longest=254, render_kw={"type": "email"})
    reports_to = Pick(Phrase("Reports to"))
    note = TextArea(Phrase("Note"), rows=3, longest=20_000)
    key = FormKey()
    version = Version()

    def offering(self, person: Person, customer: Customer, contact: Contact | None = None) -> ContactForm:
        """Offer the others at the customer; restricted fields as with the customer."""
        others = Contact.of(customer)
        self.reports_to.offer(others.where(Contact.id != contact.id) if contact else others)
        if contact is not None:
            _fill_only(self, contact, ("phone", "email"), person)
        return self


class HandOverForm(Form):
    """Who looks after it from now on."""

    to = PickByName(Phrase("New owner"), required=True)
    with_deals = Flag(Phrase("Their open deals go along"), default=True)

    def offering(self, person: Person) -> HandOverForm:
        """Propose the colleagues of one's department; anyone active may be named."""
        active = Person.select().where(Person.deactivated_at.is_null())
        near = active.where(Person.department == person.department_id).order_by(Person.sort_name).limit(50)
        self.to.offer(active, near)
        return self


class InteractionForm(Form):
    """A call, a visit, a note: what happened, and what was promised."""

    customer = PickByName(Phrase("Customer"), required=True)
    kind_of = fields.RadioField(
        Phrase("What it was"), choices=[], default="call", validate_choice=True, widget=widgets.ListWidget()
    )
    text = TextArea(
        Phrase("What happened"),
        required=True,
        rows=2,
        longest=20_000,
    )
    on = Day(Phrase("Day"), past=True, description=Phrase("Today unless you say otherwise."))
    contact = Pick(Phrase("With"))
    deal = Pick(Phrase("About the deal"))
    about = Pick(Phrase("About the deal"))
    """The same in a correction: a conversation keeps the number of its deal alone."""
    follow_up_on = Day(Phrase("Follow up on"))
    key = FormKey(is_handed_on=True)
    version = Version()
    corrects = False

    def __init__(self, formdata: Any = None, **kwargs: Any):
        super().__init__(formdata, **kwargs)
        self.kind_of.choices = [(value, i18n.gettext(words)) for value, words in KINDS.items()]
        self.text.render_kw = {**self.text.render_kw, "placeholder": i18n.gettext(PROMPT)}

    def offering(self, person: Person, customer: Customer | None = None) -> InteractionForm:
        """For one customer its people and deals; without one, one's own customers last worked with."""
        if customer is None:
            mine = Customer.visible_to(person).where(Customer.owner == person)
            self.customer.offer(
                Customer.visible_to(person), mine.order_by(Customer.updated_at.desc()).limit(50)
            )
            customer = self.customer.data
        else:
            del self["customer"]
        self.contact.offer(Contact.of(customer) if customer else ())
        del self["about"]
        deals = list(_deals(customer, person)) if customer else []
        self.deal.offer(deals)
        if not self.sent:
            self._propose(deals)
        return self

    def _propose(self, deals: Iterable[Deal]) -> None:
        """A fresh form is about the one deal that is open, if one alone is; it can be said otherwise."""
        open_ = [deal for deal in deals if deal.is_open and not deal.is_archived]
        if len(open_) == 1:
            self.deal.data = open_[0]

    def correcting(self, interaction: Interaction, person: Person) -> InteractionForm:
        """What was written down, to say it better, and which deal of its customer it was about. What was said
        to a lead stays with it, and with a deal that who corrects it does not open.
        """
        self.corrects = True
        for name in ("customer", "deal", "key", *(["follow_up_on"] if interaction.followed_up_at else [])):
            del self[name]
        self.contact.offer(Contact.of(interaction.customer) if interaction.customer else ())
        offered = _deals(interaction.customer, person) if interaction.customer else ()
        deals = {deal.id: deal for deal in offered}
        if not deals or interaction.deal not in {None, *deals}:
            del self["about"]
        else:
            self.about.data = self.about.object_data = deals.get(interaction.deal or 0)
            self.about.offer(deals.values())
        return self

    def quick(self, deals: Sequence[Deal], *, proposes: bool = False) -> InteractionForm:
        """The short form on a page that already says which customer, and which deal it can be about."""
        for name in ("customer", "about"):
            del self[name]
        self.contact.offer(())
        self.deal.offer(deals)
        if proposes:
            self._propose(deals)
        return self

    def validate_follow_up_on(self, field: Any) -> None:
        """A promise is for today or later; one that was given stays as it was."""
        if field.data and field.data < clock.today() and field.data != field.object_data:
            raise validators.ValidationError(Phrase("This day has passed."))

    @property
    def logged(self) -> dict[str, Any]:
        """What `Interaction.log` takes beside the customer and the person."""
        facts = {name: value for name, value in super().facts.items() if name not in ("customer", "on")}
        return facts | {"at": _moment(self.on.data)}

    @property
    def facts(self) -> dict[str, Any]:
        """What a correction takes."""
        return self.logged if self.corrects else super().facts


def _deals(customer: Customer, person: Person) -> ModelSelect[Deal]:
    open_first = Deal.closed_on.is_null(False), Deal.updated_at.desc()
    return Deal.visible_to(person).where(Deal.customer == customer).order_by(*open_first).limit(50)


def _moment(day: date | None) -> datetime | None:
    if day is None or day == clock.today():
        return None
    return clock.start_of(day) + timedelta(hours=time(12).hour)
