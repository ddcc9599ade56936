"""The demo company at work: who is there, whom they serve, what they sell and what came of it."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from portal import clock
from portal.demo import shapes, story
from portal.demo.contacts_text import CONTACTS
from portal.demo.plot import Plot
from portal.demo.shapes import Moment
from portal.models.company.customer_types import CustomerType
from portal.models.company.departments import Department
from portal.models.company.settings import Setting
from portal.models.company.topics import Topic
from portal.models.customers.contacts import Contact
from portal.models.customers.customers import Customer
from portal.models.customers.interactions import Interaction
from portal.models.people.people import Person, Role
from portal.models.products.products import Product
from portal.models.sales.deals import OPEN_STAGES, Deal
from portal.models.sales.words import Stage

FOUNDED = Moment(-12, 1, 9)
"""When the company began to use the portal."""
STAGES = {"contacted": Stage.ENGAGED, "signing": Stage.NEGOTIATION}
"""Steps of the story that the portal's pipeline does not tell apart."""
HIRED = {person.key: person.hired for person in story.PEOPLE}
PREDECESSOR = "wu"
"""Whoever looked after the customers of someone not yet hired."""
HOMETOWNS = ("石家庄", "太原", "济南", "沈阳", "郑州", "合肥")
"""Where those who are new to the city come from."""
EXPECTED = timedelta(days=45)
"""How long a chance is thought to take."""


def tell_company(plot: Plot, password_hash: str) -> None:
    """Departments, words, people and what is sold."""
    plot.at(FOUNDED, lambda: _found(plot, password_hash))
    for person in story.PEOPLE:
        if person.hired > FOUNDED:
            plot.at(person.hired, partial(_take_in, plot, person, password_hash))


def _found(plot: Plot, password_hash: str) -> None:
    administrator = next(person for person in story.PEOPLE if "administrator" in person.roles)
    _departments(plot)
    _topics(plot)
    _take_in(plot, administrator, password_hash)
    by = plot.people[administrator.key]
    for name, value in (("name", story.COMPANY.name), ("name_en", story.COMPANY.name_en)):
        Setting.choose(f"company.{name}", value, by=by)
    for person in story.PEOPLE:
        if person.hired <= FOUNDED and person is not administrator:
            _take_in(plot, person, password_hash, by=by)
    chief = _manager_of(plot, administrator)
    if chief is not None:
        by.edit(by=by, manager=chief)
    for position, kind in enumerate(story.CUSTOMER_TYPES):
        plot.types[kind.key] = CustomerType.create(name=kind.name, name_en=kind.name_en, position=position)
    for product in story.PRODUCTS:
        plot.products[product.key] = _product(product, by)


def _departments(plot: Plot) -> None:
    for one in story.DEPARTMENTS:
        parent = plot.departments[one.parent] if one.parent else None
        plot.departments[one.key] = Department.create(name=one.name, name_en=one.name_en, parent=parent)


def _topics(plot: Plot) -> None:
    for position, one in enumerate(story.TOPICS):
        parent = plot.topics[one.parent] if one.parent else None
        plot.topics[one.key] = Topic.create(
            name=one.name, name_en=one.name_en, parent=parent, position=position
        )


def _take_in(plot: Plot, one: shapes.Person, password_hash: str, by: Person | None = None) -> None:
    person = Person.add(
        by=by,
        email=one.email,
        name=one.name,
        name_en=one.name_en,
        title=one.title,
        title_en=one.title_en,
        phone=one.phone,
        employee_no=one.employee_no,
        department=plot.departments[one.department],
        manager=_manager_of(plot, one),
        hired_on=plot.day(one.hired),
        password_hash=password_hash,
    )
    for role in one.roles:
        if role == "reviewer":
            for topic in one.topics:
                person.grant(Role.REVIEWER, by=by, topic=plot.topics[topic])
        elif role == "manager":
            for department in story.DEPARTMENTS:
                if department.manager == one.key:
                    person.grant(Role.MANAGER, by=by, department=plot.departments[department.key])
        elif role != "member":
            person.grant(Role(role), by=by)
    plot.people[one.key] = person


def _manager_of(plot: Plot, one: shapes.Person) -> Person | None:
    """Who leads their department; for who leads it, the one above."""
    departments = {department.key: department for department in story.DEPARTMENTS}
    department = departments[one.department]
    if department.manager == one.key and department.parent:
        department = departments[department.parent]
    return plot.people.get(department.manager) if department.manager != one.key else None


def _product(one: shapes.Product, by: Person) -> Product:
    told = (one.description, one.environment, one.layout, one.schools, one.price_note)
    headings = ("", "环境", "户型", "学区", "价格")
    parts = [
        f"### {heading}\n\n{text}" if heading else text
        for heading, text in zip(headings, told, strict=True)
        if text
    ]
    return Product.add(
        by=by,
        code=one.code,
        name=one.name,
        name_en=one.name_en,
        series=one.kind,
        description="\n\n".join(parts),
    )


def tell_customers(plot: Plot) -> None:
    """Whom the company serves, each from the first day on."""
    for index, customer in enumerate(story.CUSTOMERS):
        plot.at(
            max(customer.since, FOUNDED),
            partial(_customer, plot, index, customer),
        )
        hired = HIRED[customer.owner]
        if customer.since < hired:
            plot.at(hired.later(3, 11), partial(_hand_over, plot, index, customer))


def _customer(plot: Plot, index: int, one: shapes.Customer) -> None:
    owner = plot.people.get(one.owner) or plot.people[PREDECESSOR]
    area = plot.products[one.area]
    made = Customer.add(
        by=owner,
        name=one.name,
        name_en=one.name_en,
        form="organisation" if one.kind == "company" else "person",
        type=plot.types[one.type],
        source=one.source,
        city=HOMETOWNS[index % len(HOMETOWNS)] if one.type == "newcomer" else "北京",
        phone=one.phone,
        note=f"{one.note}\n\n关注小区：{area.name}",
    )
    plot.customers[index] = made
    for contact in CONTACTS.get(one.name, ()):
        Contact.add(
            made,
            by=owner,
            name=contact.name,
            title=contact.title,
            phone=contact.phone,
            decides=contact.decides,
        )


def _hand_over(plot: Plot, index: int, one: shapes.Customer) -> None:
    plot.customers[index].hand_over(plot.people[one.owner], by=plot.people[PREDECESSOR])


def tell_deals(plot: Plot) -> None:
    """Every lead, what was said, how it ended, and the money that came of it."""
    for deal in story.DEALS:
        plot.at(deal.contacted, partial(_open, plot, deal))
        if deal.customer is not None:
            for turn, talk in enumerate(deal.interactions):
                plot.at(talk.on, partial(_talk, plot, deal, turn))
        if deal.closed is not None:
            plot.at(deal.closed, partial(_close, plot, deal))
    for payment in story.PAYMENTS:
        plot.at(payment.on, partial(_pay, plot, payment))


def _open(plot: Plot, one: shapes.Deal) -> None:
    stage = STAGES.get(one.stage) or Stage.of(one.stage)
    told_at_length = len(one.interactions) > 1
    began = plot.day(one.contacted)
    plot.deals[one.key] = Deal.open(
        by=plot.people[one.owner],
        title=one.title,
        customer=plot.customers[one.customer] if one.customer is not None else None,
        product=plot.products[one.product],
        stage=stage if stage in OPEN_STAGES else Stage.LEAD if told_at_length else Stage.ENGAGED,
        amount=one.commission,
        engaged_on=began,
        expected_on=began + EXPECTED,
        note=one.interactions[0].text if one.customer is None else "",
    )


def _talk(plot: Plot, one: shapes.Deal, turn: int) -> None:
    talk, last = one.interactions[turn], turn == len(one.interactions) - 1
    deal, by = plot.deals[one.key], plot.people[one.owner]
    customer = plot.customers[one.customer or 0]
    promised = None
    if last and deal.is_open and one.closed is None:
        promised = clock.local(plot.now).date() + timedelta(days=_days_ahead(one))
    Interaction.log(customer, by=by, kind_of=talk.kind, text=talk.text, deal=deal, follow_up_on=promised)
    if one.closed is not None and len(one.interactions) > 1:
        deal.move(_stage_after(one, turn), by=by)


def _days_ahead(one: shapes.Deal) -> int:
    """Every seller has something to come back to today, the rest in the coming days."""
    mine = [
        d.key for d in story.DEALS if d.owner == one.owner and d.closed is None and d.customer is not None
    ]
    return mine.index(one.key) * 2


def _stage_after(one: shapes.Deal, turn: int) -> Stage:
    kinds = [talk.kind for talk in one.interactions[: turn + 1]]
    if turn and turn == len(one.interactions) - 1 and "viewing" in kinds[:-1]:
        return Stage.NEGOTIATION
    return Stage.VIEWING if "viewing" in kinds else Stage.ENGAGED


def _close(plot: Plot, one: shapes.Deal) -> None:
    deal, by, on = plot.deals[one.key], plot.people[one.owner], clock.today()
    if one.stage == "won":
        deal.win(by=by, amount=one.commission, on=on)
        return
    rivals = {rival.key: rival.name for rival in story.COMPETITORS}
    deal.lose(by=by, reason=one.lost_reason, on=on, competitor=rivals.get(one.competitor or "", ""))


def _pay(plot: Plot, one: shapes.Payment) -> None:
    plot.deals[one.deal].receive_payment(by=plot.people["sun"], amount=one.amount, on=clock.today())
