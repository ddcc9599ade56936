"""What someone holds who leaves, and who takes it over: in one step with the account, or later."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from peewee import ForeignKeyField, ModelSelect, fn

from portal.i18n import Phrase, gettext, names
from portal.models.base.database import db
from portal.models.base.record import Invalid, along
from portal.models.company.settings import Setting
from portal.models.customers.customers import Customer
from portal.models.customers.interactions import Interaction
from portal.models.customers.requests import CustomerRequest
from portal.models.customers.words import RequestState
from portal.models.learning.courses import Course
from portal.models.people.notices import Notice
from portal.models.people.people import Person, Role, RoleGrant
from portal.models.people.rule_changes import RuleChange
from portal.models.people.sessions import close_account
from portal.models.products.products import Product
from portal.models.sales.deals import OPEN_STAGES, Deal
from portal.models.work.clocks import Clock

FEW = 4
"""So many are named."""
LEAD, NOBODY = "review.panel_lead", 0
PASSED = (Role.REVIEWER, Role.MANAGER)
"""The roles that go along. Duties of finance, and who administers or audits, are given anew and by hand."""

Give = Callable[[Person, Person, Person], int]
"""From one person to another, by a third: how many went."""


@dataclass(frozen=True)
class HeldSort:
    """One sort of what people hold, and how it is handed over."""

    words: Phrase
    held: Callable[[Person], ModelSelect[Any]]
    named: Callable[[Any], Any]
    give: Give
    note: Phrase | None = None
    beside: tuple[ForeignKeyField[Any], ...] = ()
    """By what its names are called."""


@dataclass(frozen=True)
class Holding:
    """How much of it someone holds, and what some of it is called, as far as who looks may read it."""

    key: str
    words: Phrase
    note: Phrase | None
    count: int
    names: list[Any]


def holdings(person: Person, to: Person) -> list[Holding]:
    """What a person holds, as `to` may see it: who administers sees how much, and reads no more than their
    rights open (RULES 4.10). Reviews are not among it: not even how many wait may tell who judges what
    (RULES 4.2).
    """
    counts = Person.select(
        *(group.held(person).select(fn.COUNT(1)).alias(key) for key, group in GROUPS.items())
    )
    found: Any = counts.where(Person.id == person.id).dicts()
    row: dict[str, int] = dict(next(iter(found)))
    row["roles"] += Setting.read(LEAD) == person.id
    return [
        Holding(key, group.words, group.note, row[key], _names(group, person, to) if row[key] else [])
        for key, group in GROUPS.items()
    ]


def _names(group: HeldSort, person: Person, to: Person) -> list[Any]:
    query = group.held(person)
    model: Any = query.model
    if hasattr(model, "visible_to"):
        query = query.where(model.id.in_(model.visible_to(to).select(model.id)))
    return [group.named(each) for each in along(query, *group.beside).order_by(model.id).limit(FEW)]


def leave(
    person: Person, *, by: Person, to: Person | None, groups: Collection[str], left_on: date | None = None
) -> int:
    """Hand over what was chosen, and close the account if it is open still, with the last day of employment;
    how many records went.

    All of it or nothing. Twice is harmless: what went is not held any more. Raises Invalid.
    """
    with db.atomic():
        gone = hand_over(person, by=by, to=to, groups=groups) if groups else 0
        if person.is_active and left_on is not None:
            person.end(left_on, by=by)
        close_account(person, by=by)
    return gone


def hand_over(person: Person, *, by: Person, to: Person | None, groups: Collection[str]) -> int:
    """Give what someone holds to one person, who is told once. Raises Invalid."""
    if to is None:
        raise Invalid({"to": Phrase("Say who takes it over, or hand nothing over.")})
    if to.id == person.id or not Customer.addable_by(to):
        raise Invalid({"to": Phrase("Choose someone else who works here and does not audit.")})
    if to.id == by.id and person.manager_id != by.id:
        words = Phrase("You cannot hand this to yourself: who administers does not read what others hold.")
        raise Invalid({"to": words})
    count = sum(GROUPS[key].give(person, to, by) for key in GROUPS if key in groups)
    if count:
        person.track("handed on", by=by, changes={"to": [None, names(to)], "count": [None, count]})
        if to.id != by.id:
            told = Phrase(
                "You take over what %(name)s held: %(count)s records.", name=names(person), count=count
            )
            Notice.tell(to, told, about=person)
    return count


def _claimed(query: ModelSelect[Any]) -> list[Any]:
    """The rows as they are once nobody else writes them: what went to someone meanwhile is not among them."""
    model: Any = query.model
    model.update(version=model.version).where(model.id.in_(query.select(model.id))).execute()
    return list(query)


def _customers_of(person: Person) -> ModelSelect[Customer]:
    return Customer.select().where((Customer.owner == person) & Customer.archived_at.is_null())


def _deals_of(person: Person) -> ModelSelect[Deal]:
    """The open ones: what was won or lost stays with whom it was credited to (RULES 4.1)."""
    return Deal.select().where(
        (Deal.owner == person) & Deal.stage.in_(OPEN_STAGES) & Deal.archived_at.is_null()
    )


def _promises_of(person: Person) -> ModelSelect[Interaction]:
    waiting = (Clock.what == "follow-up") & (Clock.who == str(person)) & Clock.stopped_at.is_null()
    return Interaction.select().where(Interaction.id.in_(Clock.select(Clock.subject).where(waiting)))


def _requests_of(person: Person) -> ModelSelect[CustomerRequest]:
    mine = (CustomerRequest.taken_by == person) & (CustomerRequest.state == RequestState.TAKEN)
    return CustomerRequest.select().where(mine)


def _courses_of(person: Person) -> ModelSelect[Course]:
    return Course.select().where((Course.owner == person) & Course.archived_at.is_null())


def _products_of(person: Person) -> ModelSelect[Product]:
    return Product.select().where((Product.owner == person) & Product.archived_at.is_null())


def _reports_of(person: Person) -> ModelSelect[Person]:
    return Person.select().where((Person.manager == person) & Person.deactivated_at.is_null())


def _roles_of(person: Person) -> ModelSelect[RoleGrant]:
    return RoleGrant.select().where((RoleGrant.person == person) & RoleGrant.role.in_(list(PASSED)))


def _give_owned(held: Callable[[Person], ModelSelect[Any]]) -> Give:
    def give(person: Person, to: Person, by: Person) -> int:
        return sum(each.hand_over(to, by=by, told=False) for each in _claimed(held(person)))

    return give


def _give_promises(person: Person, to: Person, by: Person) -> int:
    """To whoever looks after the customer, or works on the lead, where the chosen one does not: they may say
    what became of it.
    """
    count = 0
    for promise in _promises_of(person):
        whose = promise.customer or Deal.get_by_id(promise.deal)
        heir = to if whose.editable_by(to) else whose.owner
        if heir is not None and heir.is_active and heir.id != person.id:
            count += promise.hand_over(heir, since=person, by=by)
    return count


def _give_requests(person: Person, to: Person, by: Person) -> int:
    return sum(each.hand_over(to, by=by) for each in _claimed(_requests_of(person)))


def _give_reports(person: Person, to: Person, by: Person) -> int:
    """Who is above the chosen one, or is that one, gets the manager of who leaves: nobody leads oneself."""
    above, each = {to.id}, to.manager
    while each is not None and each.id not in above:
        above.add(each.id)
        each = each.manager
    reports = _claimed(_reports_of(person))
    for report in reports:
        leads = person.manager if report.id in above else to
        report.edit(by=by, manager=leads)
        if leads is not None and report.id not in (by.id, to.id):
            told = Phrase("You report to %(name)s from now on.", name=names(leads))
            Notice.tell(report, told, about=leads)
    return len(reports)


def _give_roles(person: Person, to: Person, by: Person) -> int:
    grants = list(_roles_of(person))
    for grant in grants:
        to.grant(Role(grant.role), by=by, topic=grant.topic, department=grant.department)
        person.withdraw(Role(grant.role), by=by, scope=grant.scope)
    return len(grants) + _give_lead(person, to, by)


def _give_lead(person: Person, to: Person, by: Person) -> bool:
    """Nobody leads panels until a second person agrees to the heir: merit hangs on who decides."""
    if Setting.read(LEAD) != person.id:
        return False
    Setting.choose(LEAD, NOBODY, by=by)
    if RuleChange.waiting("review") is None:
        why = gettext(Phrase("%(name)s led the panels and hands that on.", name=names(person)))
        RuleChange.propose("review", {LEAD: to.id}, by=by, reason=why)
    return True


def _role(grant: RoleGrant) -> Any:
    """What it is for, or what it is called where it is for all."""
    return grant.topic or grant.department or gettext(Role(grant.role).label)


GROUPS: dict[str, HeldSort] = {
    "customers": HeldSort(Phrase("Customers"), _customers_of, lambda each: each, _give_owned(_customers_of)),
    "deals": HeldSort(Phrase("Deals still open"), _deals_of, lambda each: each.title, _give_owned(_deals_of)),
    "promises": HeldSort(
        Phrase("Promises to customers"),
        _promises_of,
        lambda each: each.text[:60],
        _give_promises,
        Phrase("To a customer of someone else: they go to whoever looks after that customer."),
    ),
    "requests": HeldSort(
        Phrase("Requests taken"),
        _requests_of,
        lambda each: each.name,
        _give_requests,
        Phrase("Left here, they wait for someone again."),
    ),
    "courses": HeldSort(
        Phrase("Courses"),
        _courses_of,
        lambda each: each.title,
        _give_owned(_courses_of),
        Phrase("Who takes over a course reads its questions, and cannot take its exam."),
    ),
    "products": HeldSort(
        Phrase("Products"),
        _products_of,
        lambda each: each,
        _give_owned(_products_of),
        Phrase("What is suggested about them is answered by who takes them over."),
    ),
    "reports": HeldSort(
        Phrase("People who report to them"),
        _reports_of,
        lambda each: each,
        _give_reports,
        Phrase("The new manager does not judge what these people wrote."),
    ),
    "roles": HeldSort(
        Phrase("Topics reviewed, departments led"),
        _roles_of,
        _role,
        _give_roles,
        Phrase("Duties of finance, administering and auditing are given anew, by hand."),
        (RoleGrant.topic, RoleGrant.department),
    ),
}
"""By the name of each in the form, in the order in which they are handed over."""
