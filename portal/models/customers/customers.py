"""The organisations and persons served, and the kinds that share doubts and wishes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import reduce
from operator import or_
from typing import Any, Self

from peewee import JOIN, CharField, Check, ForeignKeyField, IntegerField, ModelSelect, fn

from portal.i18n import Phrase, names
from portal.models.base.database import db
from portal.models.base.fields import MarkdownField, MoneyField, NameField, UtcDateTimeField
from portal.models.base.record import Archivable, Invalid, Searchable, Tree, names_of
from portal.models.company.customer_types import CustomerType
from portal.models.customers.masks import Restricted
from portal.models.customers.rights import ByNeed, by_need, colleagues, keepers, needed, opens_all
from portal.models.customers.words import CUSTOMER
from portal.models.people.ownership import Owned
from portal.models.people.people import Person
from portal.models.work.clocks import Clock
from portal.tables.names import key
from portal.text.addresses import is_email
from portal.text.pinyin import name_sort_key, sort_key

LONGEST_KEY = 400


class Customer(ByNeed, Restricted, Owned, Archivable, Tree, Searchable):
    """An organisation or a person that the company serves or would like to."""

    called = CUSTOMER

    name = NameField(200, index=True, verbose_name=Phrase("Name"))
    name_en = NameField(200, default="", verbose_name=Phrase("English name"))
    sort_name = NameField(LONGEST_KEY, default="")
    """Pinyin of the name, for sorting."""
    code = NameField(60, null=True, unique=True, verbose_name=Phrase("Code"))
    """The key under which other systems and imports know it."""
    form = CharField(20, default="organisation", verbose_name=Phrase("Form"))
    type = ForeignKeyField(
        CustomerType, null=True, on_delete="RESTRICT", index=False, verbose_name=Phrase("Customer type")
    )
    type_id: int | None
    owner = ForeignKeyField(
        Person, null=True, on_delete="RESTRICT", index=False, verbose_name=Phrase("Owner")
    )
    owner_id: int | None
    parent: ForeignKeyField[Any] = ForeignKeyField(
        "self", null=True, on_delete="SET NULL", verbose_name=Phrase("Belongs to")
    )
    parent_id: int | None
    sector = NameField(120, default="", verbose_name=Phrase("Sector"))
    source = NameField(120, default="", verbose_name=Phrase("Source"))
    city = NameField(120, default="", verbose_name=Phrase("City"))
    website = NameField(200, default="", verbose_name=Phrase("Website"))
    phone = NameField(40, default="", verbose_name=Phrase("Phone"))
    """L3: for the owner; masked for others (RULES 4.10)."""
    email = NameField(254, default="", verbose_name=Phrase("E-mail"))
    """L3, as the phone."""
    address = NameField(300, default="", verbose_name=Phrase("Address"))
    """L3, as the phone."""
    revenue = MoneyField(null=True, verbose_name=Phrase("Yearly revenue"))
    employees = IntegerField(null=True, verbose_name=Phrase("Employees"))
    founded = IntegerField(null=True, verbose_name=Phrase("Founded"))
    note = MarkdownField(default="", verbose_name=Phrase("Note"))
    archived_at = UtcDateTimeField(null=True)
    accesses: Any
    """To whom it was opened for a while (`access.Access`)."""

    class Meta:
        # One index for each sort, alone and under each filter: a list costs the same at any size. Those that
        # end with archived_at also count what is not archived without reading a row.
        indexes = (
            (("sort_name", "id"), False),
            (("updated_at", "id"), False),
            (("owner", "sort_name", "id"), False),
            (("owner", "updated_at", "id", "archived_at"), False),
            (("type", "sort_name", "id"), False),
            (("type", "updated_at", "id", "archived_at"), False),
        )
        constraints = [Check("form IN ('organisation', 'person')")]

    def save(self, *args: Any, **kwargs: Any) -> Any:
        self.sort_name = self.derived(self.__data__)["sort_name"]
        return super().save(*args, **kwargs)

    def touch(self, values: Mapping[str, Any]) -> None:
        super().touch(values)
        if "name" in values:
            Clock.rename(self, customer=names(self))

    @classmethod
    def derived(cls, values: Mapping[str, Any]) -> dict[str, Any]:
        """The name that lists sort by: a person's by how their family name is read."""
        if "name" not in values:
            return {}
        read = name_sort_key if values.get("form") == "person" else sort_key
        return {"sort_name": read(values["name"])[:LONGEST_KEY]}

    @classmethod
    def needed_by(cls, person: Person, *, lent: bool = True) -> Any:
        """The condition that a customer is a person's to serve: theirs, their team's, of a deal of theirs,
        `lent` to them for a while; a manager's where nobody looks after it.
        """
        kept = keepers(person)
        theirs = cls.owner.in_(kept)
        if person.is_manager:
            theirs |= cls.owner.is_null()
        return reduce(or_, needed(cls.id, person, kept, lent=lent), theirs)

    @classmethod
    def needed_beside(cls, person: Person) -> list[int]:
        """The ids of those whom a person needs although nobody of theirs owns them."""
        kept = keepers(person)
        others = cls.owner.is_null() | cls.owner.not_in(kept)
        found: Any = cls.select(cls.id).where(others & reduce(or_, needed(cls.id, person, kept))).tuples()
        return [ident for (ident,) in found]

    @classmethod
    def opening_for(cls, person: Person, *, lent: bool = True) -> Any:
        near, opening = colleagues(person, cls.kind()), cls.needed_by(person, lent=lent)
        return opening if near is None else opening | cls.owner.in_(near)

    @classmethod
    def dealt_with_by(cls, person: Person) -> ModelSelect[Self]:
        """With whom a person may begin a deal: not with those who are lent to them, since a deal of one's own
        opens its customer for good.
        """
        found = cls.known_to(person)
        return found if opens_all(person, cls.kind()) else found.where(cls.opening_for(person, lent=False))

    @classmethod
    def with_parent(cls, query: ModelSelect[Self]) -> ModelSelect[Self]:
        """The same customers with what they belong to read along."""
        above: Any = cls.alias()
        found: ModelSelect[Self] = query.select_extend(above)
        return found.join_from(cls, above, JOIN.LEFT_OUTER, on=(cls.parent == above.id), attr="parent")

    @classmethod
    def with_people(cls, query: ModelSelect[Self]) -> ModelSelect[Self]:
        """The same customers with the names of owner and type read along."""
        return (
            query.select_extend(*names_of(Person), *names_of(CustomerType))
            .join_from(cls, Person, JOIN.LEFT_OUTER, on=cls.owner)
            .join_from(cls, CustomerType, JOIN.LEFT_OUTER, on=cls.type)
        )

    @classmethod
    def matching(cls, text: str) -> Any:
        """The condition that a customer's name, pinyin or code holds this text."""
        return (
            cls.name.contains(text)
            | cls.name_en.contains(text)
            | cls.sort_name.contains(text)
            | fn.LOWER(cls.code).startswith(text.lower())
        )

    @classmethod
    def add(cls, *, by: Person | None, name: str, another: bool = True, **fields: Any) -> Customer:
        """Take a customer in; `by` owns it unless `owner` says otherwise. Raises Invalid.

        Unless it is said to be `another`, one with the name of a known customer is not made.
        """
        if not another and (known := cls.of_name(name)):
            told = Phrase("There is a customer of this name already: %(name)s.", name=names(known))
            raise Invalid({"name": told})
        fields.setdefault("owner", by)
        with db.atomic():
            customer = cls(name=name.strip())
            customer._check({"name": name, **fields})
            for field, value in customer._tidy(fields).items():
                setattr(customer, field, value)
            customer.save(force_insert=True)
            customer.track("added", by=by, changes={"name": [None, customer.name]})
        return customer

    @classmethod
    def of_name(cls, name: str) -> Customer | None:
        """The customer whose name is the same whatever the case and width of its letters."""
        read = [spelt(name.strip())[:LONGEST_KEY] for spelt in (sort_key, name_sort_key)]
        alike = cls.select().where(cls.sort_name.in_(read) & cls.archived_at.is_null())
        return next((each for each in alike.limit(100) if key(each.name) == key(name)), None)

    def edit(self, *, by: Any, version: int | None = None, **values: Any) -> dict[str, list[Any]]:
        """Change fields. Raises Invalid, and Stale when version is old."""
        values = self.own_values(values, by=by)
        self._check(self.but_for_its_number(values))
        values = self._tidy(values)
        derived = self.derived({**self.__data__, **values})
        return super().edit(by=by, version=version, **values, **derived)

    def _tidy(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return {**values, **({"code": values["code"] or None} if "code" in values else {})}

    @classmethod
    def faults(cls, values: Mapping[str, Any]) -> dict[str, Phrase]:
        """What is wrong with these facts, by field."""
        errors = super().faults(values)
        website, email = values.get("website"), values.get("email")
        if "name" in values and not values["name"].strip():
            errors["name"] = Phrase("A name is needed.")
        if website and not re.match(r"(https?://)?(?=[^\s:/@]+\.[^\s:/@])[^\s:/@]++(:\d+)?(/\S*)?$", website):
            errors["website"] = Phrase("Write a web address such as www.example.com.")
        if email and not is_email(email) and "email" not in errors:
            errors["email"] = Phrase("This is not an e-mail address. Write one such as name@example.com.")
        return errors

    def _check(self, values: Mapping[str, Any]) -> None:
        errors, code = self.faults(values), values.get("code")
        taken = Customer.get_or_none((Customer.code == code) & (Customer.id != self.id)) if code else None
        if code and (taken if self.id else Customer.get_or_none(Customer.code == code)):
            errors["code"] = Phrase("Another customer has this code.")
        if values.get("parent") is not None and self.is_above(values["parent"]):
            errors["parent"] = Phrase("A customer cannot belong to itself.")
        if errors:
            raise Invalid(errors)

    def handed_over(self, by: Person) -> Phrase:
        return Phrase("%(who)s handed %(customer)s over to you.", who=names(by), customer=names(self))

    @classmethod
    def many_handed_over(cls, count: int, by: Person) -> Phrase:
        return Phrase("%(who)s handed customers over to you: %(count)s.", who=names(by), count=count)

    def reveal(self, *, by: Person, why: str = "asked") -> None:
        """Someone who may asks to see restricted fields in full: it is logged (RULES 4.10)."""
        if not self.open_to(by):
            self.track("revealed", by=by, changes={"why": [None, why]})

    def open_to(self, person: Person) -> bool:
        """The owner reads the restricted fields in full; others see them masked (RULES 4.10)."""
        return self.owner_id is not None and self.owner_id == person.id and person.is_active

    def revealable_to(self, person: Person) -> bool:
        """The owner's managers may ask to see them, and to whom it is lent; that leaves an event."""
        return self.open_to(person) or person.leads(self.owner_id) or self._is_lent_to(person)

    def _is_lent_to(self, person: Person) -> bool:
        lent = self.accesses.model
        return by_need() and self.accesses.where((lent.person == person) & lent.open_now()).exists()

    def editable_by(self, person: Person) -> bool:
        """Its owner and their managers; a customer without owner is any manager's."""
        return (
            self.owner_id == person.id
            or person.leads(self.owner_id)
            or (self.owner_id is None and person.is_manager)
        )

    @classmethod
    def addable_by(cls, person: Person) -> bool:
        """Everyone who works with customers: not an auditor, who changes nothing."""
        return person.is_active and not person.is_auditor

    def loggable_by(self, person: Person) -> bool:
        """Whoever may add customers may write down a contact with one."""
        return self.addable_by(person)

    @property
    def website_href(self) -> str:
        """The website as a link."""
        return self.website if self.website.startswith(("http://", "https://")) else f"https://{self.website}"


# What is rarely asked for still costs the same at any size.
for _column in (Customer.sort_name, Customer.updated_at):
    for _which, _where in (
        ("archived", Customer.archived_at.is_null(False)),
        ("unowned", Customer.owner.is_null()),
    ):
        _name = f"customer_{_which}_by_{_column.name}"
        Customer.add_index(_column, Customer.id, Customer.archived_at, where=_where, name=_name)
