"""Who opens which customer and deal in full, and who knows only that it exists (RULES 4.10)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Self

from peewee import ForeignKeyField, ModelSelect, fn

from portal.i18n import Phrase, names
from portal.models.base.database import db
from portal.models.base.record import Record
from portal.models.company.settings import Setting
from portal.models.people.notices import Notice
from portal.models.people.people import Person, Role, active_with

BY_NEED = "rights.need"
"""The setting: whether what is opened follows from need; else everyone who works here opens everything."""
FULL = {"customer": "rights.customers", "deal": "rights.deals"}
"""The settings that name, by noun, who opens all of it although no need of theirs says so."""
COLLEAGUES = "department"
WHO = {
    COLLEAGUES: Phrase("Colleagues of the owner's department"),
    Role.REVIEWER.value: Phrase("Reviewers"),
    Role.FINANCE.value: Phrase("Finance"),
    Role.AUDITOR.value: Phrase("Auditors"),
}
"""Whom a company may let open more than they need. Who administers configures, and does not read."""
ALWAYS = {("deal", Role.FINANCE.value)}
"""What is not to choose: finance confirms and pays the money of every deal."""
FEW = 100
"""So many people's customers are few."""
WATCHING = (Role.ADMINISTRATOR, Role.AUDITOR, Role.MANAGER)
"""The roles that are told when the rights change."""

Needs = Callable[[Person, Collection[int]], tuple[Any, Any]]
"""Of who asks and those whose records are theirs too (`keepers`): the field that names the customers whom
they need, and the condition on its rows.
"""
_NEEDS: list[Needs] = []
_LENT: list[Needs] = []
_DEALS: list[Callable[[Person], Any]] = []


def needs(look: Needs) -> Needs:
    """Let a wing name the customers whom a person needs."""
    _NEEDS.append(look)
    return look


def lends(look: Needs) -> Needs:
    """The same for customers who are open to a person for a while."""
    _LENT.append(look)
    return look


def opens_deals(look: Callable[[Person], Any]) -> Callable[[Person], Any]:
    """Let the wing of deals say which open for a person: customers know no deals."""
    _DEALS.append(look)
    return look


def deals_open_to(person: Person) -> Any:
    """A query for the ids of the deals that open for a person."""
    return _DEALS[0](person)


def by_need() -> bool:
    """Whether the company opens customers and deals by need alone."""
    return bool(Setting.read(BY_NEED))


def lets_open(noun: str, who: str) -> bool:
    """Whether a row of the matrix opens a noun."""
    return (noun, who) in ALWAYS or who in Setting.read(FULL[noun])


def opens_all(person: Person, noun: str) -> bool:
    """Whether a person opens every customer, or every deal: all do in an open company."""
    return not by_need() or any(lets_open(noun, role) and person.holds(Role(role)) for role in _roles())


def keepers(person: Person) -> list[int]:
    """Those whose records are opened as one's own: oneself, and whom one leads."""
    return [person.id, *sorted(person.team)]


def colleagues(person: Person, noun: str) -> Any:
    """The ids of those of one's department, where its members open each other's; None where not."""
    if person.department_id is None or not lets_open(noun, COLLEAGUES):
        return None
    return Person.select(Person.id).where(Person.department == person.department_id)


def needed(customer: Any, person: Person, kept: Sequence[int], *, lent: bool = True) -> list[Any]:
    """The conditions under which a person needs a customer, by its id, whom nobody of theirs owns; `lent`:
    also when it is open to them for a while.
    """
    found = [look(person, kept) for look in (*_NEEDS, *(_LENT if lent else ()))]
    return [named_by(customer, field, which, kept) for field, which in found]


def named_by(ident: Any, field: Any, which: Any, kept: Sequence[int]) -> Any:
    """The condition that rows for which `which` holds name an id by their field.

    What few people have is found by the few rows that name it. Of what a large team has, most opens by its
    owner already: the rest is asked one by one, else each page would read all the rows of the whole team.
    """
    rows = field.model
    if len(kept) > FEW:
        return fn.EXISTS(rows.select(1).where((field == ident) & which))
    return ident.in_(rows.select(field).where(which))


def matrix() -> dict[str, dict[str, bool]]:
    """Who opens what in full by their row alone: {row: {noun: whether}}."""
    return {who: {noun: lets_open(noun, who) for noun in FULL} for who in WHO}


def choose(*, by: Person, need: bool, full: Mapping[str, Collection[str]]) -> bool:
    """Set who opens what; `full`: the rows that open all, by noun. Those who watch are told of it."""
    before = _chosen()
    with db.atomic():
        Setting.choose(BY_NEED, need, by=by)
        for noun, name in FULL.items():
            fixed = {who for of, who in ALWAYS if of == noun}
            Setting.choose(name, [who for who in WHO if who in full[noun] and who not in fixed], by=by)
        if _chosen() != before:
            _tell(by)
    return True


def _chosen() -> list[Any]:
    return [Setting.read(name) for name in (BY_NEED, *FULL.values())]


def _tell(by: Person) -> None:
    told = Phrase("%(who)s changed who opens which customers and deals.", who=names(by))
    changed = Setting.get(Setting.name.in_([BY_NEED, *FULL.values()]))
    for person in active_with(*WATCHING):
        if person.id != by.id:
            Notice.tell(person, told, about=changed, url="/rights")


def _roles() -> list[str]:
    return [who for who in WHO if who != COLLEAGUES]


def of_open(field: ForeignKeyField[Any], person: Person) -> ModelSelect[Any]:
    """What belongs, by this field, to a customer or a deal that opens for a person."""
    owner: Any = field.rel_model
    found: ModelSelect[Any] = field.model.select()
    all_of_it = opens_all(person, owner.kind())
    return found if all_of_it else found.where(field.in_(owner.visible_to(person).select(owner.id)))


class ByNeed(Record):
    """A record that not everybody opens: `visible_to` finds those that open, `known_to` all that exist."""

    @classmethod
    def known_to(cls, person: Person) -> ModelSelect[Self]:
        """All: that a customer or a deal exists, what it is called and who looks after it, everyone knows."""
        return cls.select()

    @classmethod
    def opening_for(cls, person: Person) -> Any:
        """The condition that a record opens for a person in a company that opens by need."""
        raise NotImplementedError(f"{cls.__name__} has to say for whom it opens")

    @classmethod
    def visible_to(cls, person: Person) -> ModelSelect[Self]:
        """What opens in full for a person (RULES 4.10)."""
        found = cls.known_to(person)
        return found if opens_all(person, cls.kind()) else found.where(cls.opening_for(person))

    def opens_for(self, person: Person) -> bool:
        """Whether this one opens in full."""
        noun = type(self)
        return opens_all(person, noun.kind()) or noun.visible_to(person).where(noun.id == self.id).exists()
